import hashlib

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.cae_base.models.ir_attachment import FREEZING

#: Members read the minutes that are signed, as PDF; the draft is the office's.
OFFICE = "cae_base.group_governance,cae_governance.group_chair"


class CaeMeeting(models.Model):
    """The minutes (procès-verbal): written from the meeting, edited, signed, kept."""

    _inherit = "cae.meeting"

    minutes = fields.Html(
        copy=False,
        groups=OFFICE,
        help="Written from what happened, then yours to complete until it is signed.",
    )
    date_signed = fields.Date(string="Minutes Signed on", readonly=True, copy=False)
    signed_by_id = fields.Many2one(
        "res.users", string="Locked by", readonly=True, copy=False
    )
    minutes_hash = fields.Char(
        string="Hash of the Minutes",
        readonly=True,
        copy=False,
        help="SHA-256 of the PDF that was signed.",
    )
    minutes_pdf_id = fields.Many2one(
        "ir.attachment", string="Signed Minutes", readonly=True, copy=False
    )
    minutes_scan = fields.Binary(
        string="Scan with Signatures", copy=False, attachment=True, groups=OFFICE
    )

    def action_write_minutes(self) -> bool:
        """Write the minutes anew from the meeting; what was typed is replaced.

        :raises UserError: ``CAE-MEETING-STATE``
        """
        for meeting in self:
            meeting.check_access("write")
            meeting._check_state("held")
            lang = meeting.company_id._cae_statement_lang()
            shown = meeting.with_context(lang=lang)
            # sudo: names of members, for who may write the meeting.
            values = {"meeting": shown.sudo(), **shown._said()}
            body = shown.env["ir.qweb"]._render("cae_governance.minutes_body", values)
            meeting.minutes = body
        return True

    def action_sign_minutes(self) -> bool:
        """The minutes are signed: number them in the register and lock them.

        :raises UserError: ``CAE-MEETING-STATE``, ``CAE-MEETING-MINUTES`` when there are
            none, or a resolution was not put to the vote nor withdrawn
        """
        for meeting in self:
            meeting.check_access("write")
            meeting._check_state("held")
            meeting._check_minutes()
            number = meeting._next_number()
            meeting._cae_own().write(
                {
                    "number": number,
                    "state": "signed",
                    "date_signed": meeting.company_id._cae_today(),
                    "signed_by_id": self.env.uid,
                }
            )
            meeting._keep_minutes()
        return True

    def _check_minutes(self):
        open_items = self.resolution_ids.filtered(
            lambda r: r.state not in ("decided", "withdrawn")
        )
        if open_items:
            raise UserError(
                self.env._(
                    "CAE-MEETING-MINUTES: %(names)s was neither decided nor withdrawn.",
                    names=", ".join(open_items.mapped("title")),
                )
            )
        if not self.minutes or not self.chair_id:
            raise UserError(
                self.env._(
                    "CAE-MEETING-MINUTES: write the minutes and name the chair first."
                )
            )

    def _next_number(self):
        """The next number of the company's register, without gaps."""
        self.flush_model(["company_id", "number"])
        # Two who sign at once: the second waits, then Odoo starts it again.
        self.env.cr.execute(
            SQL(
                "UPDATE res_company SET write_date = write_date WHERE id = %s",
                self.company_id.id,
            )
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT COALESCE(MAX(number), 0) + 1 FROM cae_meeting "
                "WHERE company_id = %s",
                self.company_id.id,
            )
        )
        return rows[0][0]

    def _keep_minutes(self):
        content = self._document_pdf("minutes")
        # sudo: the signed document is kept whoever signs, and nobody edits it.
        pdf = self.env["ir.attachment"].sudo().with_context(cae_freezing=FREEZING)
        pdf = pdf.create(
            {
                "name": f"pv-{self.number}-{self._day()}.pdf",
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
                "res_field": "minutes_pdf_id",
                "cae_frozen": True,
            }
        )
        self._cae_own().write(
            {
                "minutes_pdf_id": pdf.id,
                "minutes_hash": hashlib.sha256(content).hexdigest(),
            }
        )

    def _minutes_content(self):
        """The PDF that was signed, or how it would be now."""
        self.check_access("read")
        # sudo: see _keep_minutes.
        kept = self.sudo().minutes_pdf_id.raw
        return kept or self._document_pdf("minutes")
