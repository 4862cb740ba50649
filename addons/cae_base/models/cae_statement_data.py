from datetime import timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, models

from ..engine import statement as engine
from ..engine.money import ZERO, plain


class CaeStatement(models.Model):
    """What a statement says: read for any number of activities at once."""

    _inherit = "cae.statement"

    @api.model
    def _data(self, activities, kind, month):
        """``{activity id: data}``, in a fixed number of queries.

        Labels are in the language of the company; amounts are texts.

        :param kind: ``month`` or ``year``
        :param month: first day of the month, or of the last month of the year
        """
        company = activities.company_id[:1] or self.env.company
        here = activities.with_company(company).with_context(
            lang=company._cae_statement_lang()
        )
        span = self._span(company, kind, month)
        ledger, accounts = here.env["cae.ledger"], here.analytic_account_id.ids
        layouts = here.env["cae.account.row"]._layouts()
        movements = ledger._month_balances(company, accounts, span.start, span.last)
        closing = ledger._prefix_balances(company, accounts, None, span.last)
        parts = {
            "header": here._statement_headers(span),
            "contribution": here._statement_contributions(span),
            "invoices": here._statement_invoices(span, closing),
            "pay": here._statement_pay(span),
        }
        together = layouts.together()
        several = {key for key, pay in parts["pay"].items() if pay["shared"]}
        return {
            activity.id: {
                **engine.figures(
                    span,
                    together if activity.id in several else layouts,
                    movements[activity.analytic_account_id.id],
                    closing[activity.analytic_account_id.id],
                ),
                **{key: part.get(activity.id, False) for key, part in parts.items()},
            }
            for activity in here
        }

    @api.model
    def _span(self, company, kind, month):
        last = month + relativedelta(months=1, days=-1)
        year = company.compute_fiscalyear_dates(last)["date_from"]
        before = company.compute_fiscalyear_dates(year - timedelta(days=1))
        end = last.replace(day=1) - relativedelta(years=1)
        return engine.Span(
            kind=kind,
            first=year if kind == "year" else month,
            last=last,
            year=year,
            before=(before["date_from"], end + relativedelta(months=1, days=-1)),
        )


class CaeAccountRow(models.Model):
    _inherit = "cae.account.row"

    @api.model
    def _layouts(self):
        """The reports of a statement, as the engine takes them."""
        return engine.Layouts(
            income=self._rows("statement")._layout(),
            balance=self._rows("balance")._layout(),
            treasury=self._rows("treasury")._layout(),
            words={
                "result": self.env._("Result of the fiscal year"),
                "carried": self.env._("Result carried from earlier years"),
                "unplaced": self.env._("Other accounts"),
                "pay": self.env._("Pay and social contributions"),
            },
        )


class CaeActivity(models.Model):
    """Sections of a statement, each ``{activity id: JSON-plain data}``."""

    _inherit = "cae.activity"

    def _statement_headers(self, span):
        people = self.env["cae.entrepreneur"]
        holders = self._statement_holders(span)
        names = people.browse({p for held in holders.values() for p in held})
        names = {person.id: person.name for person in names}
        return {
            activity.id: {
                "kind": span.kind,
                "first": span.first.isoformat(),
                "last": span.last.isoformat(),
                "year": span.year.isoformat(),
                "code": activity.code,
                "name": activity.name,
                "trade": activity.trade or "",
                "holders": [
                    {"name": names[person], "share": plain(share, 3)}
                    for person, share in holders[activity.id].items()
                ],
            }
            for activity in self
        }

    def _statement_holders(self, span):
        """Who holds these activities at the end of a statement, or of the activity."""
        days = self.grouped(lambda a: min(span.last, a.date_end or span.last))
        return {
            key: held
            for day, activities in days.items()
            for key, held in activities._holders_at(day).items()
        }

    def _statement_contributions(self, span):
        charged = self._contributions(span.year, span.last)
        lines = self.env["cae.contribution.line"].search(
            [
                ("activity_id", "in", self.ids),
                ("month", ">=", span.first),
                ("month", "<=", span.last),
            ],
            order="month, activity_id, rule_id, revision",
        )
        # A year shows its months; how each was computed is in their statements.
        lines = lines.grouped("activity_id") if span.kind == "month" else {}
        months = sorted({month for _activity, month in charged})
        result = {}
        for activity in self:
            amounts = {m: charged.get((activity.id, m), ZERO) for m in months}
            in_span = (a for m, a in amounts.items() if m >= span.first)
            result[activity.id] = {
                "amount": engine.text(sum(in_span, ZERO)),
                "to_date": engine.text(sum(amounts.values(), ZERO)),
                "months": [
                    {"month": f"{m:%Y-%m}", "amount": engine.text(a)}
                    for m, a in amounts.items()
                ],
                "lines": [line._statement_line() for line in lines.get(activity, ())],
            }
        return result

    def _statement_invoices(self, span, closing):
        ledger = self.env["cae.ledger"]
        accounts = self.analytic_account_id.ids
        found = ledger._open_invoices(self.env.company, accounts, span.last)
        result = {}
        for activity in self:
            account = activity.analytic_account_id.id
            rows = found.get(account, [])
            late = [row for row in rows if row["due"] and row["due"] < span.last]
            open_amount = sum((row["open"] for row in rows), ZERO)
            balance = ledger._customer_balance(closing[account])
            result[activity.id] = {
                "rows": [self._statement_invoice(row, span.last) for row in rows],
                "open": engine.text(open_amount),
                "late": engine.text(sum((row["open"] for row in late), ZERO)),
                "other": engine.text(balance - open_amount),
                "balance": engine.text(balance),
            }
        return result

    @api.model
    def _statement_invoice(self, row, day):
        due = row["due"] or row["date"]
        return {
            "number": row["number"],
            "customer": row["customer"] or "",
            "date": row["date"].isoformat(),
            "due": due.isoformat(),
            "late": max(0, (day - due).days),
            "total": engine.text(row["total"]),
            "open": engine.text(row["open"]),
        }

    def _statement_pay(self, span):
        """Hook: pay drawn from these activities; nothing without payroll.

        :return: ``{activity id: {"shared", "amount": {"cost", "gross", "net"},
            "to_date": {…}}}``; of several holders the cost only, never one person's
        """
        return {}


class CaeContributionLine(models.Model):
    _inherit = "cae.contribution.line"

    def _statement_line(self):
        return {
            "rule": self.rule_id.display_name,
            "amount": engine.text(Decimal(str(self.amount))),
            "text": (self.explanation_text or "").split("\n"),
        }
