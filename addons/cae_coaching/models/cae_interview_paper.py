import base64

from odoo import fields, models
from odoo.exceptions import UserError

from ..signing import checked_scan

PAPER = "CAE-INTERVIEW-PAPER"


class CaeInterviewSignature(models.Model):
    """A signature given on paper: its scan is kept beside it."""

    _inherit = "cae.interview.signature"

    kind = fields.Selection(
        selection_add=[("paper", "On paper")], ondelete={"paper": "cascade"}
    )
    place = fields.Selection(
        selection_add=[("paper", "On paper")], ondelete={"paper": "cascade"}
    )
    paper_date = fields.Date(
        string="Signed on Paper on", readonly=True, help="Day written on the paper."
    )
    scan = fields.Binary(string="Scan of the Paper", attachment=True, readonly=True)
    scan_name = fields.Char(readonly=True)

    def _scan_content(self):
        """Bytes of the scan."""
        self.ensure_one()
        scan = self.with_context(bin_size=False).scan
        return base64.b64decode(scan) if scan else b""


class CaeInterviewReport(models.Model):
    _inherit = "cae.interview.report"

    def _sign_paper(self, people, coach, day, scan):
        """Keep what people signed on paper; each signature has its scan.

        :param people: entrepreneurs of the report who signed the paper
        :param coach: whether the connected coach signed it too
        :param day: day of the signatures
        :param scan: PDF, PNG or JPEG in base64, 10 MB at most
        :raises UserError: ``CAE-INTERVIEW-PAPER``, ``CAE-INTERVIEW-SIGNED``,
            ``CAE-INTERVIEW-SHARED``
        """
        self.ensure_one()
        # sudo: as for _sign; the wizard checks who may write the interview.
        report = self.sudo()
        if not people or people - report.entrepreneur_ids:
            raise UserError(
                self.env._("CAE-INTERVIEW-PAPER: choose who signed the paper.")
            )
        report._check_paper_day(day)
        content, extension = checked_scan(self.env, scan, PAPER)
        signers = [*((person, person.name) for person in people)]
        if coach:
            signers.append((False, self.env.user.name))
        for person, name in signers:
            report._add_signature(
                person,
                name=name,
                kind="paper",
                place="paper",
                paper_date=day,
                scan=content,
                scan_name=f"{report._file_name()}.{extension}",
            )
        return True

    def _check_paper_day(self, day):
        held = self.interview_id.held_start.date()
        if not day or not held <= day <= fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "CAE-INTERVIEW-PAPER: the paper was signed between the day of the "
                    "interview and today."
                )
            )


class CaeFunderLine(models.Model):
    _inherit = "cae.funder.line"

    def _evidence_files(self):
        yield from super()._evidence_files()
        held = self.env["cae.interview"].browse(self._sources("interview")).exists()
        # One paper is often signed by several.
        seen, folder = set(), self._folders()["reports"]
        for signature in held.report_id.signature_ids.filtered("scan"):
            name = f"{folder}/{signature.interview_id.id}-{signature.scan_name}"
            if name not in seen:
                seen.add(name)
                yield name, signature._scan_content()
