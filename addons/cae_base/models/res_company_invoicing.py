from odoo import fields, models
from odoo.fields import Domain


class ResCompany(models.Model):
    """What entrepreneurs may choose when they invoice on the portal."""

    _inherit = "res.company"

    cae_self_validation_limit = fields.Monetary(
        string="Limit of Self-Validation",
        help="Untaxed amount of an invoice, up to which entrepreneurs validate it "
        "themselves; lines below zero take nothing off it. Zero: the cooperative "
        "validates all of them, as it does what is dated before the last invoice.",
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
