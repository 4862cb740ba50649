from odoo import fields, models

from odoo.addons.cae_base.models.cae_entrepreneur_anonymous import (
    KEPT,
    Part,
    delete,
    wipe,
)
from odoo.addons.cae_base.models.ir_attachment import FREEZING
from odoo.addons.cae_base.tools import format_date

from .cae_pay_decision import PAYING

KEPT["cae.entrepreneur"].add("payslips_handed_over")


class CaeEntrepreneur(models.Model):
    """Figures of pay stay with the accounts; payslips and words on pay go."""

    _inherit = "cae.entrepreneur"

    payslips_handed_over = fields.Date(
        groups="cae_base.group_payroll",
        help="Payslips given on line stay within reach of the person for 50 years, or "
        "until six years after the age of retirement (Code du travail D.3243-8): the "
        "day on which you gave the files, or put them in a digital safe. Without it "
        "nobody with payslips here is anonymised.",
    )

    def _anonymity_obstacles(self):
        found = super()._anonymity_obstacles()
        payslips = self._anonymity_payslips()
        kept = [slip._kept_until() for slip in payslips if slip.delivered_on]
        last = max(kept, default=False)
        if last and last >= fields.Date.context_today(self):
            found.append(
                self.env._(
                    "Payslips are kept until %s (Code du travail L.3243-4).",
                    format_date(self.env, last),
                )
            )
        if payslips.attachment_ids and not self.payslips_handed_over:
            found.append(
                self.env._(
                    "Say on the person's file when the payslips were handed over "
                    "(Code du travail D.3243-8)."
                )
            )
        waiting = self.pay_line_ids.filtered(lambda p: p.state in ("draft", "approved"))
        if waiting:
            found.append(
                self.env._("Pay waits: %s.", ", ".join(waiting.mapped("display_name")))
            )
        return found

    def _anonymity_payslips(self):
        return self.env["cae.payslip"].search([("entrepreneur_id", "=", self.id)])

    def _anonymity_words(self):
        """Records with words on the pay of the person."""
        names = ("cae.pay.request", "cae.pay.element", "cae.pay.target")
        found = [
            self.env[name].search([("entrepreneur_id", "=", self.id)]) for name in names
        ]
        return [records.with_context(cae_paying=PAYING) for records in found]

    def _anonymity_parts(self):
        files = self._anonymity_payslips().attachment_ids
        files = files.with_context(cae_freezing=FREEZING)
        requests, elements, targets = self._anonymity_words()
        pay = self.pay_line_ids.with_context(cae_paying=PAYING)
        settlements = self._anonymity_settlements()
        return [
            Part(self.env._("files of payslips"), files, delete),
            Part(self.env._("words on requests of pay"), requests, wipe("note")),
            Part(
                self.env._("words and creditors of elements of pay"),
                elements,
                wipe("note", "creditor_id"),
            ),
            Part(self.env._("words on targets of pay"), targets, wipe("note")),
            Part(self.env._("reasons of pay"), pay, wipe("reason")),
            Part(
                self.env._("reasons of settlements"),
                settlements,
                wipe("reason", "left_reason"),
            ),
            *super()._anonymity_parts(),
        ]

    def _anonymity_settlements(self):
        settlements = self.env["cae.settlement"].with_context(cae_paying=PAYING)
        return settlements.search([("entrepreneur_id", "=", self.id)])

    def _anonymity_threads(self):
        return [
            *super()._anonymity_threads(),
            *(self.pay_line_ids, self._anonymity_settlements()),
            *self._anonymity_words(),
        ]

    def _anonymity_kept(self):
        kept = super()._anonymity_kept()
        if self.pay_line_ids:
            kept.append(
                self.env._(
                    "Figures of pay by month, without their words: they explain "
                    "entries (Code de commerce L.123-22)."
                )
            )
        return kept
