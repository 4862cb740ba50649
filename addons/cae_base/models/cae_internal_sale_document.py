from odoo import models
from odoo.tools import format_date, formatLang

from .cae_statement_document import COLOR


class CaeInternalSale(models.Model):
    """What the printed internal sale shows."""

    _inherit = "cae.internal.sale"
    _report_template = "cae_base.internal_sale_document"

    def _file_name(self):
        name = self.name or self.env._("draft")
        return self.env._("Internal sale %s", name.replace("/", "-"))

    def _prepare_document_values(self):
        company = self.company_id
        # sudo: each party of a sale reads who the other one is, and no more.
        seller, buyer = self.sudo().seller_id, self.sudo().buyer_id
        return {
            **super()._prepare_document_values(),
            "parties": [
                (self.env._("Seller"), self._party(seller)),
                (self.env._("Buyer"), self._party(buyer)),
            ],
            "color": company.primary_color or COLOR,
            "logo": company._cae_logo_uri(),
            "issuer": self._issuer(company),
            "day": format_date(self.env, self.date),
            "amount": lambda value: formatLang(
                self.env, value, currency_obj=self.currency_id
            ),
            "number": lambda value: f"{value:g}".replace(".", ","),
        }

    def _party(self, activity):
        """Trade name, what it does, who holds it, code."""
        return {
            "name": activity.name,
            "lines": [
                text for text in (activity.trade, activity.holders, activity.code) if text
            ],
        }

    def _issuer(self, company):
        # sudo: whoever may read a sale reads which cooperative it is of.
        own = company.sudo()
        parts = (own.name, own.cae_legal_form, own.street, f"{own.zip or ''} {own.city or ''}")
        siret = own.company_registry and f"SIRET {own.company_registry}"
        return ", ".join(p.strip() for p in (*parts, siret) if p and p.strip())
