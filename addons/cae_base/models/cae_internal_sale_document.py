from odoo import models
from odoo.tools import formatLang

from ..tools import format_date
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
        return {
            **super()._prepare_document_values(),
            "parties": [
                (self.env._("Seller"), self._party(self.seller_id)),
                (self.env._("Buyer"), self._party(self.buyer_id)),
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
            "lines": list(
                filter(None, (activity.trade, activity.holders, activity.code))
            ),
        }

    def _issuer(self, company):
        parts = (
            *(company.name, company.cae_legal_form, company.street),
            f"{company.zip or ''} {company.city or ''}",
            company.company_registry and f"SIRET {company.company_registry}",
        )
        return ", ".join(part.strip() for part in parts if part and part.strip())
