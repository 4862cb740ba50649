"""Pay in the statements of accounts."""

from collections import defaultdict
from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.engine.statement import text

from .cae_exchange import WITHHELD

AMOUNTS = ("cost", "gross", "net")


class CaeActivity(models.Model):
    _inherit = "cae.activity"

    def _statement_pay(self, span):
        """Posted pay; of an activity of several people only the cost (design §6)."""
        shares = self._statement_pay_shares(span)
        together = self._statement_together(span, shares)
        payslips = self._statement_payslips(span)
        result = super()._statement_pay(span)
        for activity in self:
            own = [*shares.get(activity.id, []), *payslips.get(activity.id, [])]
            several = activity.id in together
            if own or several:
                result[activity.id] = {
                    "shared": several,
                    "amount": _total((s for s in own if s[1] >= span.first), several),
                    "to_date": _total(own, several),
                }
        return result

    def _statement_pay_shares(self, span):
        """``{activity id: [(person, month, amounts)]}`` of the year to date.

        The cost is that of the accounts: with what is set aside for leave.
        """
        # sudo: a statement says what the activity paid; whoever computes statements
        # needs no right on the pay of people, and sees totals only.
        rows = (
            self.env["cae.pay.share"]
            .sudo()
            ._read_group(
                [
                    ("activity_id", "in", self.ids),
                    ("state", "=", "posted"),
                    ("month", ">=", span.year),
                    ("month", "<=", span.last),
                ],
                ["activity_id", "entrepreneur_id", "month:day"],
                [f"{name}:sum" for name in (*AMOUNTS, "leave_wage", "leave_charges")],
            )
        )
        result = defaultdict(list)
        for activity, person, month, cost, gross, net, *leave in rows:
            spent = sum(decimal(amount or 0) for amount in (cost, *leave))
            amounts = [float(spent), gross, net]
            if any(amounts):
                result[activity.id].append((person.id, month, amounts))
        return result

    def _statement_payslips(self, span):
        """What true payslips added to the estimates, as :meth:`_statement_pay_shares`.

        By the month of their entries, so that it agrees with the accounts.
        """
        column = self.env["cae.ledger"]._column()
        # sudo: as for the shares, totals of the activity alone.
        items = self.env["account.analytic.line"].sudo()
        rows = items._read_group(
            [
                (column, "in", self.analytic_account_id.ids),
                ("move_line_id.move_id.cae_payslip_ids", "!=", False),
                ("date", ">=", span.year),
                ("date", "<=", span.last),
            ],
            [column, "general_account_id", "date:month"],
            ["amount:sum"],
        )
        company = self.company_id[:1]
        activities = {a.analytic_account_id.id: a.id for a in self}
        result = defaultdict(list)
        for analytic, account, month, amount in rows:
            amounts = company._cae_pay_amounts(account, -decimal(amount))
            result[activities[analytic.id]].append((False, month, amounts))
        return result

    def _statement_sources(self, span):
        """Also the pay that is posted; payslips are items of the accounts."""
        yield from super()._statement_sources(span)
        yield SQL(
            """
            SELECT a.analytic_account_id,
                   hashtextextended(ROW(s.entrepreneur_id, s.month, s.cost, s.gross,
                                        s.net, s.leave_wage, s.leave_charges)::text, 4)
              FROM cae_pay_share s JOIN cae_activity a ON a.id = s.activity_id
             WHERE a.id = ANY(%s) AND s.state = 'posted'
               AND s.month BETWEEN %s AND %s
            """,
            self.ids,
            span.year,
            span.last,
        )

    def _statement_together(self, span, shares):
        """Ids of the activities of several people, now or in the year."""
        holders = self._statement_holders(span)
        return {
            key
            for key, held in holders.items()
            if len(set(held) | {person for person, *_rest in shares.get(key, ())}) > 1
        }


class ResCompany(models.Model):
    _inherit = "res.company"

    def _cae_statement_settings(self):
        """Also the accounts that tell the parts of a payslip."""
        accounts = (self.cae_pay_wage_account_id.id, self.cae_pay_net_account_id.id)
        return (*super()._cae_statement_settings(), *accounts)

    def _cae_pay_amounts(self, account, balance):
        """``(cost, gross, net)`` that a balance on an account of pay stands for."""
        code = account.with_company(self).code or ""
        charge = code.startswith("6")
        # Net before what is withheld from it, as the estimates'.
        net = account == self.cae_pay_net_account_id or code.startswith(WITHHELD)
        return (
            balance if charge else 0,
            balance if account == self.cae_pay_wage_account_id else 0,
            -balance if net else 0,
        )


class CaePeriod(models.Model):
    _inherit = "cae.period"

    def _statement_waiting(self, activities):
        """Also the activities of people whose pay is not posted or refused yet."""
        waiting = super()._statement_waiting(activities)
        if self.state == "locked":
            return waiting
        # sudo: whose pay waits decides what is published; nothing of it is shown.
        period = self.sudo()
        lines = period.env["cae.pay.line"].search(
            [*period._pay_domain(), ("state", "!=", "cancelled")]
        )
        pending = lines.filtered(lambda line: line.state in ("draft", "approved"))
        treated = lines.filtered(lambda line: not line.settlement_id)
        people = pending.entrepreneur_id | period._unpaid(treated.entrepreneur_id)
        return waiting | set(people.share_ids.activity_id.ids)

    def _unpaid(self, treated):
        """People with a fixed part for whom nothing was proposed yet."""
        terms = self.env["cae.entrepreneur"]._pay_terms(
            self.company_id, self.date, self.date_end
        )
        fixed = [person for person, each in terms.items() if each.fixed]
        return self.env["cae.entrepreneur"].browse(fixed) - treated


def _total(rows, several):
    """Amounts of several shares; the cost only when they are of several people."""
    names = AMOUNTS[:1] if several else AMOUNTS
    totals = dict.fromkeys(names, Decimal(0))
    for _person, _month, amounts in rows:
        for name, amount in zip(AMOUNTS, amounts, strict=True):
            if name in totals:
                totals[name] += Decimal(str(amount))
    return {name: text(amount) for name, amount in totals.items()}
