"""Pay that waits follows what it depends on; nobody approves old figures."""

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.engine.money import decimal

from ..engine.monthly import to_cents

#: What is approved: other figures, or other reasons to look at them, are another pay.
AMOUNTS = (
    "cost",
    "fixed_part",
    "gross",
    "leave_aside",
    "leave_used",
    "net",
    "withheld",
)
TERMS = ("contract_id", "flags", "request_id", "target_id")


class CaePayLine(models.Model):
    _inherit = "cae.pay.line"

    @api.model
    def _follow(self, months):
        """Compute the pay of some months that waits again, of these people alone.

        Whoever approves it meanwhile finds another pay than the one on the screen.

        :param months: ``{(person, first day of the month, or False for all)}``
        """
        if not months:
            return
        people = self.env["cae.entrepreneur"].union(*(who for who, _month in months))
        # sudo: an own request is followed by the own pay, whoever may read or write
        # that; nothing of it is shown.
        waiting = self.sudo().search(
            [
                ("entrepreneur_id", "in", people.ids),
                ("state", "=", "draft"),
                ("settlement_id", "=", False),
            ]
        )
        keys = {(who.id, month) for who, month in months}
        waiting = waiting.filtered(
            lambda line: (
                {(line.entrepreneur_id.id, m) for m in (line.month, False)} & keys
            )
        )
        waiting._compute_pay_again()

    def _check_current(self):
        """Compute these again: what is approved is what was read.

        :raises UserError: ``CAE-PAY-STALE`` when a figure or a finding is another one,
            or an overdraft is larger
        """
        before = {line: line._decided_on() for line in self}
        gone = self._without_contract()
        # sudo: the elements of an amount, see _follow.
        self.sudo()._compute_pay_again()
        gone |= self.filtered(lambda line: line.state != "draft")
        stale = self.filtered(lambda line: line._differs_from(*before[line])) | gone
        if stale:
            raise UserError(
                self.env._(
                    "CAE-PAY-STALE: what this pay depends on has changed since it was "
                    "computed (contract, request, elements of pay, balance): "
                    "%(pay)s. Compute it again and look at it; then approve it, or "
                    "refuse it when no contract pays any more.",
                    pay=", ".join(stale[:20].mapped("display_name")),
                )
            )

    def _without_contract(self):
        """Those of people whom no contract pays in the month any more."""
        # sudo: contracts decide, whoever may read them.
        people, gone = self.env["cae.entrepreneur"].sudo(), self.browse()
        for (company, month), lines in self._by_month():
            terms = people._pay_terms(company, month, self._last_day(month))
            two = {person for person, each in terms.items() if each.second}
            paying = {False: set(terms), True: two}
            gone |= lines.filtered(
                lambda line, known=paying: (
                    line.entrepreneur_id.id not in known[line.second_contract]
                )
            )
        return gone

    def _decided_on(self):
        """``(what is approved, cents that are there for it)``."""
        # sudo: compared, and not shown.
        line = self.sudo()
        amounts = [to_cents(decimal(line[name])) for name in AMOUNTS]
        there = to_cents(decimal(line.available) - decimal(line.committed))
        return [*amounts, *(line[name] for name in TERMS)], there

    def _differs_from(self, decided, there):
        now, left = self._decided_on()
        return now != decided or (self.is_overdraft and left < there)
