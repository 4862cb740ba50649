from odoo import fields, models

from ..engine.money import ZERO, decimal
from ..tools import siren


class AccountMove(models.Model):
    """Mentions of the invoices of an activity (methods of the printed report)."""

    _inherit = "account.move"

    def _cae_invoice_activity(self):
        """Activity of a customer document, empty for all others."""
        self.ensure_one()
        # sudo: whoever prints an invoice prints the mentions of its activity.
        activity = self.sudo().cae_activity_id
        return activity if self.is_sale_document() else activity.browse()

    def _cae_customer_siren(self):
        """First nine digits of the customer's SIRET or SIREN (décret 2022-1299)."""
        return siren(self.partner_id.commercial_partner_id)

    def _cae_operation_kind(self):
        """``goods``, ``services`` or ``both`` (décret 2022-1299)."""
        lines = self.invoice_line_ids.filtered(lambda ln: ln.display_type == "product")
        kinds = {line._cae_is_service() for line in lines}
        if len(kinds) > 1:
            return "both"
        return "goods" if kinds == {False} else "services"

    def _cae_vat_on_debits(self):
        """Whether services of this document bear VAT on debits: an option.

        Goods bear it by law, which needs no mention.
        """
        services = self.invoice_line_ids.filtered(
            lambda ln: ln.display_type == "product" and ln._cae_is_service()
        )
        taxes = services.tax_ids.flatten_taxes_hierarchy()
        return any(t.amount and t.tax_exigibility == "on_invoice" for t in taxes)

    def _cae_terms(self):
        """What is due of a document, and when: several rows where it is in parts."""
        return self.line_ids.filtered(lambda ln: ln.display_type == "payment_term")

    def _cae_due(self):
        """The first day on which something is due that is not paid; else the last."""
        open_terms = self._cae_terms().filtered(lambda ln: not ln.reconciled)
        days = filter(None, open_terms.mapped("date_maturity"))
        return min(days, default=self.invoice_date_due)

    def _cae_due_at_once(self):
        """The day on which all of it is due; False when it is due in parts."""
        return len(self._cae_terms()) == 1 and self.invoice_date_due

    def _cae_overdue(self):
        """What is due since yesterday or before, and not paid."""
        today = fields.Date.context_today(self)
        late = (
            decimal(line.amount_residual_currency)
            for line in self._cae_terms()
            if line.date_maturity and line.date_maturity < today
        )
        return float(sum(late, ZERO))

    def _cae_invoice_mentions(self):
        """Mentions at the end of a document of an activity, one text each."""
        activity = self._cae_invoice_activity()
        day = self.invoice_date or fields.Date.context_today(self)
        mentions = activity._cae_mentions(day, self.env)
        if self.cae_deposit:
            mentions.insert(0, self.env._("Deposit: the final invoice deducts it."))
        return mentions
