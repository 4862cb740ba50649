from odoo import models
from odoo.tools.pdf import merge_pdf

from ..report import wkhtmltopdf


class CaePrinted(models.AbstractModel):
    """A document of the company whose page goes straight to wkhtmltopdf.

    See ``report/wkhtmltopdf.py`` for why; ``ir.actions.report`` prints it so too.
    """

    _name = "cae.printed"
    _description = "Printed Document"
    _report_template = ""

    def _html(self):
        """The page to print, complete in itself."""
        self.ensure_one()
        return self._pages()[self.id]

    def _pages(self):
        """Hook: ``{id: page}``, for what is read for many documents at once."""
        return {record.id: record._page() for record in self}

    def _page(self, **figures):
        """The page, with what was read of this document beside its own values."""
        record = self.with_company(self.company_id)
        record = record.with_context(lang=self.company_id._cae_statement_lang())
        values = {**record._prepare_document_values(), **figures}
        page = record.env["ir.qweb"]._render(self._report_template, values)
        # Without it, old engines give tables a type size of their own.
        return f"<!DOCTYPE html>{page}"

    def _prepare_document_values(self):
        """Hook: what the template reads."""
        return {"document": self, "company": self.company_id}

    def _file_name(self):
        """Hook: name of the PDF, without its extension."""
        return self.display_name

    def _pdfs(self):
        """PDF contents by record."""
        self.check_access("read")
        # sudo: whoever may read a document reads which cooperative and people it names.
        return self.sudo()._render_pdfs()

    def _render_pdfs(self):
        """``{id: content}``"""
        return wkhtmltopdf.render(self.env, self._pages())

    def _merged_pdf(self):
        contents = self._pdfs()
        return merge_pdf([contents[key] for key in self.ids])

    def action_pdf(self) -> dict:
        """Open the PDF of this document."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/cae/document/{self._name}/{self.id}/pdf",
            "target": "new",
        }
