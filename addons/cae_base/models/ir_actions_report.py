from odoo import models
from odoo.exceptions import UserError


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_html(self, report_ref, docids, data=None):
        """Who may not read a record is refused before its page is rendered: inside
        the template, the refusal would be an error of the server."""
        report = self._get_report(report_ref)
        if docids and report.model.startswith("cae."):
            records = self.env[report.model].browse(docids)
            records.check_access("read")
            if getattr(records, "_report_template", ""):
                raise UserError(
                    self.env._(
                        "CAE-REPORT-PDF: this document is a PDF; open it from its "
                        "record."
                    )
                )
        return super()._render_qweb_html(report_ref, docids, data=data)

    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        """Documents that were published are printed from their kept PDFs."""
        report = self._get_report(report_ref)
        if res_ids and getattr(self.env.get(report.model), "_report_template", ""):
            records = self.env[report.model].browse(res_ids)
            return records._merged_pdf(), "pdf"
        return super()._render_qweb_pdf(report_ref, res_ids=res_ids, data=data)

    def _cae_pdf(self, report_ref, res_ids) -> bytes:
        """The PDF alone: looking at a document writes nothing.

        To print an invoice Odoo reckons as for a payment, which marks the invoice as
        changed by hand.
        """
        with self.env.cr.savepoint() as before:
            content, _kind = self._render_qweb_pdf(report_ref, res_ids)
            before.rollback()
        return content
