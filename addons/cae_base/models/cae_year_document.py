from odoo import models
from odoo.tools import format_datetime

from ..tools import format_date


class CaeYear(models.Model):
    """The report of the year on paper, printed as the statements are."""

    _name = "cae.year"
    _inherit = ["cae.year", "cae.printed"]
    _report_template = "cae_base.year_document"

    def _prepare_document_values(self):
        return {
            **self.company_id._cae_document_values(),
            "year": self,
            "subtitle": self.env._(
                "From %(first)s to %(last)s",
                first=format_date(self.env, self.date_from),
                last=format_date(self.env, self.date_to),
            ),
            "findings": self._findings(),
            "sections": list(self._sections().values()),
            "cell": self._cell,
            "proof": self._signature_text(),
        }

    def _signature_text(self):
        if self.state != "signed":
            return False
        return self.env._(
            "Signed by %(name)s on %(day)s. SHA-256 of the trial balance per activity: "
            "%(hash)s.",
            name=self.signed_by_id.name,
            day=format_datetime(self.env, self.signed_on),
            hash=self.fingerprint,
        )
