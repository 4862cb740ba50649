from collections import defaultdict
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import models

from odoo.addons.cae_base.engine import statement as engine
from odoo.addons.cae_base.engine.money import ZERO

#: Late customers who are named; all are counted.
LATE_SHOWN = 5
ROWS = ("turnover", "gross_margin", "contribution", "result")


class CaeActivity(models.Model):
    _inherit = "cae.activity"

    def _coaching_figures(self, day: date) -> dict:
        """What a coach looks at before an interview, of one company.

        A fixed number of queries for any number of activities; JSON-plain, amounts are
        texts. Income counts from the start of the fiscal year to ``day``, ``before``
        to the same day of the year before.

        :return: ``{activity id: {"code", "name", "since", "turnover", "before",
            "gross_margin", "contribution", "result", "treasury", "available",
            "future", "late", "late_count", "late_rows", "pay"}}``
        """
        company = self.company_id[:1] or self.env.company
        here = self.with_company(company)
        span = here._coaching_span(day)
        read, accounts = here.env["cae.ledger"], here.analytic_account_id.ids
        layout = here.env["cae.account.row"]._layout_of("statement")
        now, before = (
            read._prefix_balances(company, accounts, *period)
            for period in ((span.year, day), span.before)
        )
        money = here._treasury_at(day)
        late = read._open_invoices(company, accounts, day)
        pay = here._statement_pay(span)
        result = {}
        for activity in here:
            account = activity.analytic_account_id.id
            amounts = layout.amounts(now.get(account, {}))
            last = layout.amounts(before.get(account, {}))
            result[activity.id] = {
                "code": activity.code,
                "name": activity.name,
                "since": span.year.isoformat(),
                **{key: engine.text(amounts.get(key, ZERO)) for key in ROWS},
                "before": engine.text(last.get("turnover", ZERO)),
                **{key: engine.text(money[activity.id][key]) for key in engine.GROUPS},
                **here._coaching_late(late.get(account, ()), day),
                "pay": pay.get(activity.id, {}).get("to_date", False),
            }
        return result

    def _coaching_span(self, day):
        year = self.env.company.compute_fiscalyear_dates(day)["date_from"]
        before = self.env.company.compute_fiscalyear_dates(year - timedelta(days=1))
        return engine.Span(
            kind="month",
            first=day.replace(day=1),
            last=day,
            year=year,
            before=(before["date_from"], day - relativedelta(years=1)),
        )

    def _coaching_late(self, rows, day):
        """Customers who owe something past its term, the oldest first.

        A credit note lessens what its customer owes; who owes nothing is not late.
        """
        past = defaultdict(list)
        for row in rows:
            if row["due"] and row["due"] < day:
                past[row["customer"] or row["number"]].append(row)
        late = [
            {
                "customer": customer,
                # Rows come by due date: the first invoice is the oldest.
                "days": next((day - r["due"]).days for r in own if r["open"] > 0),
                "open": sum((row["open"] for row in own), ZERO),
            }
            for customer, own in past.items()
            if sum(row["open"] for row in own) > 0
        ]
        late.sort(key=lambda row: -row["days"])
        return {
            "late": engine.text(sum((row["open"] for row in late), ZERO)),
            "late_count": len(late),
            "late_rows": [
                {**row, "open": engine.text(row["open"])} for row in late[:LATE_SHOWN]
            ],
        }
