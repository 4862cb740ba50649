from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain


class ResCompany(models.Model):
    """What entrepreneurs may choose when they invoice on the portal."""

    _inherit = "res.company"

    cae_self_validation_limit = fields.Monetary(
        string="Limit of Self-Validation",
        help="Untaxed amount of an invoice, up to which entrepreneurs validate it "
        "themselves; lines below zero take nothing off it. What the activity validated "
        "itself for the same customer in the last 30 days counts with it: several "
        "small invoices do not pass the limit. Zero: the cooperative validates all of "
        "them, as it does what is dated before the last invoice.",
    )
    cae_portal_tax_ids = fields.Many2many(
        "account.tax",
        "cae_company_portal_tax_rel",
        string="VAT on the Portal",
        domain="[('type_tax_use', '=', 'sale'), ('company_id', '=', id)]",
        help="Rates that entrepreneurs may choose. None: all active rates of sales "
        "that are not included in the price.",
    )

    _cae_self_validation_positive = models.Constraint(
        "CHECK(cae_self_validation_limit >= 0)", "A limit is not negative."
    )

    def _validate_locks(self, values):
        """What entrepreneurs are still writing is no entry that a year waits for."""
        day = fields.Date.to_date(values.get("hard_lock_date"))
        if day:
            self._cae_date_drafts_after(day)
        return super()._validate_locks(values)

    def _cae_date_drafts_after(self, day):
        """Give drafts of the portal that belong to no month yet a day after ``day``."""
        # sudo: drafts of entrepreneurs, whoever may lock the year.
        drafts = self.env["account.move"].sudo()
        drafts = drafts.search(
            [
                ("company_id", "child_of", self.ids),
                ("state", "=", "draft"),
                ("date", "<=", day),
                ("cae_validation", "!=", False),
            ]
        ).filtered(lambda move: move._cae_dated_later())
        drafts.date = max(day + timedelta(days=1), fields.Date.context_today(self))

    def _cae_portal_taxes(self):
        """Taxes of sales that entrepreneurs may choose, the usual one first."""
        self.ensure_one()
        domain = (
            Domain("type_tax_use", "=", "sale")
            & Domain("company_id", "=", self.id)
            & Domain("amount_type", "=", "percent")
        )
        taxes = self.env["account.tax"].search(domain).filtered(_excluded)
        chosen = taxes & self.cae_portal_tax_ids or taxes
        usual = self._cae_sale_journal().default_account_id.tax_ids
        usual |= self.account_sale_tax_id
        return (usual & chosen) | chosen

    def _cae_sale_journal(self):
        """Journal of the invoices of the portal: the first one of sales."""
        self.ensure_one()
        return self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.id)], limit=1
        )


def _excluded(tax):
    return not tax.price_include
