import io
import zipfile

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request


class StatementController(http.Controller):
    """PDFs of published documents; who may read a record may open its PDF."""

    @http.route(
        "/cae/document/<string:model>/<int:record_id>/pdf", type="http", auth="user"
    )
    def document_pdf(self, model, record_id):
        """The PDF of a document: rendered when first opened, then kept."""
        if not getattr(request.env.get(model), "_report_template", ""):
            return request.not_found()
        record = request.env[model].browse(record_id).exists()
        if not record:
            return request.not_found()
        record.check_access("read")
        content = record._pdfs()[record.id]
        return _file(content, f"{record._file_name()}.pdf", "application/pdf", "inline")

    @http.route(
        "/cae/month/<int:period_id>/statements/<any(zip,pdf):kind>",
        type="http",
        auth="user",
    )
    def month_statements(self, period_id, kind):
        """The PDFs of a month in one file."""
        period = request.env["cae.period"].browse(period_id).exists()
        if not period:
            return request.not_found()
        if not request.env.user.has_group("cae_base.group_accountant"):
            raise AccessError(request.env._("Statements are for accountants."))
        period.check_access("read")
        statements = period._month_statements(("pdf_id", "!=", False))
        label = request.env._("statements")
        name = f"{label}-{period.date:%Y-%m}.{kind}"
        if kind == "pdf":
            return _file(statements._merged_pdf(), name, "application/pdf")
        return _file(_zip(statements), name, "application/zip")


def _zip(statements):
    contents = statements._pdfs()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for statement in statements:
            name = f"{statement._file_name()}.pdf"
            archive.writestr(name, contents[statement.id])
    return buffer.getvalue()


def _file(content, name, mimetype, disposition="attachment"):
    return request.make_response(
        content,
        headers=[
            ("Content-Type", mimetype),
            ("Content-Length", str(len(content))),
            ("Content-Disposition", content_disposition(name, disposition)),
            ("X-Content-Type-Options", "nosniff"),
        ],
    )
