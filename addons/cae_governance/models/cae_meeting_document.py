import io
import re

from markupsafe import Markup

from odoo import api, models

from odoo.addons.cae_base.report import wkhtmltopdf
from odoo.addons.cae_base.tools import format_date

#: Documents of a meeting that are printed from its page, and their templates.
DOCUMENTS = {
    "notice": "cae_governance.notice_document",
    "sheet": "cae_governance.sheet_document",
    "minutes": "cae_governance.minutes_document",
}


class CaeMeeting(models.Model):
    """Notice, attendance sheet and minutes on paper."""

    _inherit = "cae.meeting"

    def _said(self):
        """Words about the meeting that all its documents and pages use."""
        self.ensure_one()
        return {
            "day": format_date(self.env, self._day(), "EEEE d MMMM y"),
            "hour": self._hour(),
            "number_of": self._ordinal,
            "format_time": self._hour_of,
            "format_date": lambda day: format_date(self.env, day),
        }

    @api.model
    def _ordinal(self, number):
        return self.env._("Resolution no. %s", number)

    def _document_pages(self, name, notices=False):
        """Pages to print: one, or one letter for each notice."""
        meeting = self.with_company(self.company_id)
        meeting = meeting.with_context(lang=self.company_id._cae_statement_lang())
        values = {
            **meeting.company_id._cae_document_values(),
            **meeting._said(),
            "meeting": meeting,
            "document": meeting,
            "elector": False,
            "link": False,
            "qr": False,
        }
        render = meeting.env["ir.qweb"]._render
        if not notices:
            return {self.id: f"<!DOCTYPE html>{render(DOCUMENTS[name], values)}"}
        pages = {}
        for each in notices:
            link = each._link()
            extra = {"elector": each.elector_id, "link": link, "qr": qr_svg(link)}
            pages[each.id] = f"<!DOCTYPE html>{render(DOCUMENTS[name], values | extra)}"
        return pages

    def _document_pdf(self, name):
        """A document of the meeting as PDF."""
        self.check_access("read")
        # sudo: whoever may read a meeting reads who is called and which company calls.
        pages = self.sudo()._document_pages(name)
        return wkhtmltopdf.render(self.env, pages)[self.id]

    def _notice_pdf(self):
        return self._document_pdf("notice")

    def action_notice(self) -> dict:
        """Open the notice."""
        return self._open_document("notice")

    def action_sheet(self) -> dict:
        """Open the attendance sheet."""
        return self._open_document("sheet")

    def action_minutes(self) -> dict:
        """Open the minutes."""
        return self._open_document("minutes")

    def _open_document(self, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/cae/meeting/{self.id}/{name}.pdf",
            "target": "new",
        }


def qr_svg(text):
    """A QR code as an image that any page and wkhtmltopdf can draw."""
    # Imported when used: the library is one of Odoo's own.
    import qrcode  # noqa: PLC0415
    from qrcode.image.svg import SvgPathImage  # noqa: PLC0415

    buffer = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, border=1).save(buffer)
    svg = re.sub(r"^<\?xml[^>]*\?>\s*", "", buffer.getvalue().decode())
    return Markup(svg)
