"""The register and the certificate of shares, as they are printed."""

from odoo import models
from odoo.fields import Date, Domain
from odoo.tools import formatLang

from odoo.addons.cae_base.models.cae_statement_document import COLOR
from odoo.addons.cae_base.tools import format_date


def document_frame(record):
    """What every document of the governance reads."""
    company = record.company_id
    parts = (
        *(company.name, company.cae_legal_form, company.street),
        f"{company.zip or ''} {company.city or ''}",
        company.company_registry and f"SIRET {company.company_registry}",
    )
    return {
        "color": company.primary_color or COLOR,
        "logo": company._cae_logo_uri(),
        "issuer": ", ".join(p.strip() for p in parts if p and p.strip()),
        "amount": lambda value: formatLang(
            record.env, value, currency_obj=company.currency_id
        ),
        "number": lambda value: formatLang(
            record.env, value, digits=0 if value == int(value) else 2
        ),
        "day": lambda value: value and format_date(record.env, value),
        "printed": format_date(record.env, Date.context_today(record)),
    }


class CaeMember(models.Model):
    """The certificate of a member."""

    _inherit = "cae.member"
    _report_template = "cae_governance.share_certificate_document"

    def _register_domain(self, day):
        """Whoever held shares or was a member on ``day``."""
        held = self.env["cae.share.movement"]._read_group(
            [("date", "<=", day)],
            ["member_id"],
            having=[("quantity:sum", "!=", 0)],
        )
        holders = Domain("id", "in", [member.id for (member,) in held])
        return holders | self._members_domain(day)

    def _file_name(self):
        return self.env._("Certificate of shares %s", self.code)

    def _prepare_document_values(self):
        rows = self.movement_ids.sorted("number")
        kinds = dict(rows._fields["kind"]._description_selection(self.env))
        return {
            **super()._prepare_document_values(),
            **document_frame(self),
            "rows": rows,
            "kinds": kinds,
            "value": self.movement_ids[:1].value,
        }
