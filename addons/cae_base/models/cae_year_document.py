from odoo import models
from odoo.tools import format_date, format_datetime
from odoo.tools.pdf import merge_pdf

from ..report import wkhtmltopdf


class CaeYear(models.Model):
    """The report of the year on paper, printed as the statements are."""

    _inherit = "cae.year"
    _report_template = "cae_base.year_document"

    def _merged_pdf(self):
        self.check_access("read")
        contents = wkhtmltopdf.render(self.env, {y.id: y._html() for y in self})
        return merge_pdf([contents[key] for key in self.ids])

    def _html(self):
        """The page to print, complete in itself."""
        year = self.with_company(self.company_id)
        year = year.with_context(lang=self.company_id._cae_statement_lang())
        values = year._prepare_document_values()
        page = year.env["ir.qweb"]._render(self._report_template, values)
        return f"<!DOCTYPE html>{page}"

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
            "Signed by %(name)s on %(day)s. SHA-256 of the reconciliation: %(hash)s.",
            name=self.signed_by_id.name,
            day=format_datetime(self.env, self.signed_on),
            hash=self.fingerprint,
        )
