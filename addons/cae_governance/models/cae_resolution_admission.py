"""What the meeting decides of members and of contributions is done at once."""

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import html2plaintext

from .cae_resolution import VOTED

VOTED |= {"admission_ids", "scheme_ids"}


class CaeResolution(models.Model):
    _inherit = "cae.resolution"

    admission_ids = fields.Many2many(
        "cae.member",
        "cae_resolution_admission_rel",
        "resolution_id",
        "member_id",
        string="To Admit",
        copy=True,
        check_company=True,
        domain="[('state', '=', 'candidate'), ('company_id', '=', company_id)]",
        groups="cae_base.group_governance",
        help="Candidates whom the meeting admits when the resolution is adopted.",
    )
    scheme_ids = fields.Many2many(
        "cae.contribution.scheme",
        "cae_resolution_scheme_rel",
        "resolution_id",
        "scheme_id",
        string="Contribution Schemes",
        copy=True,
        domain="[('company_id', 'in', (company_id, False))]",
        groups="cae_base.group_governance",
        help="Schemes whose bases, rates or amounts the meeting sets: they name this "
        "decision when it is adopted (R.7331-8).",
    )

    @api.constrains("admission_ids", "company_id")
    def _check_admission(self):
        """:raises ValidationError: ``CAE-MEMBER-BODY``"""
        # sudo: the candidates of a resolution, for who may write it.
        for resolution in self.sudo().filtered("admission_ids"):
            if resolution.company_id.cae_admission_by == "board":
                raise ValidationError(
                    self.env._(
                        "CAE-MEMBER-BODY: the statutes let the board or the managers "
                        "admit members, not the meeting (CAE / Configuration / "
                        "Settings)."
                    )
                )

    @api.constrains("scheme_ids", "company_id")
    def _check_schemes(self):
        """:raises ValidationError: ``CAE-RESOLUTION-SCHEME``"""
        writes_shared = self.env.user._cae_writes_shared()
        # sudo: the schemes of a resolution, for who may write it.
        for resolution in self.sudo():
            for scheme in resolution.scheme_ids:
                owner = scheme.company_id
                if owner == resolution.company_id or (not owner and writes_shared):
                    continue
                raise ValidationError(
                    self.env._(
                        "CAE-RESOLUTION-SCHEME: %(scheme)s is not a scheme of this "
                        "cooperative alone: the meeting does not decide on it.",
                        scheme=scheme.display_name,
                    )
                )

    @api.model
    def _prepare_recurring(self, meeting):
        """The candidates too, when it is for the meeting to admit them."""
        rows = super()._prepare_recurring(meeting)
        company = meeting.company_id
        candidates = self.env["cae.member"].search(
            [("company_id", "=", company.id), ("state", "=", "candidate")]
        )
        if candidates and company.cae_admission_by != "board":
            rows.append(self._prepare_admission_vals(meeting, candidates))
        return rows

    def _prepare_admission_vals(self, meeting, candidates):
        names = ", ".join(candidates.mapped("name"))
        return {
            "meeting_id": meeting.id,
            "sequence": 47,
            "topic": "admission",
            "title": self.env._("Admission of members"),
            "text": self.env._("The meeting admits as members: %s.", names),
            "kind": "ordinary",
            "mode": "show",
            "admission_ids": [Command.set(candidates.ids)],
        }

    def _decided(self):
        result = super()._decided()
        if self.outcome == "adopted":
            # sudo: the meeting decided; whoever closes the vote may have no rights on
            # members and schemes, and nothing else is done to them.
            self.sudo()._admit_members()
            self.sudo()._tell_schemes()
        return result

    def _decided_on(self):
        """Day of the meeting, never after today (a meeting may end after midnight)."""
        return min(self.meeting_id._day(), self.company_id._cae_today())

    def _admit_members(self):
        """Admit the candidates of this resolution; say of whom it was not possible."""
        day, reference = self._decided_on(), self._decision_reference()
        ready = self.admission_ids.filtered(
            lambda m: (
                m.state == "candidate"
                and m.company_id.cae_admission_by != "board"
                and (not m.date_application or m.date_application <= day)
            )
        )
        if ready:
            ready._admit(day, "meeting", reference)
        others = self.admission_ids - ready
        if others:
            self._cae_note(
                self.env._(
                    "Not admitted by this decision, see their applications: %s",
                    ", ".join(others.mapped("name")),
                )
            )

    def _tell_schemes(self):
        """The schemes name the meeting, the resolution and its text."""
        text = html2plaintext(self.text or "").strip()
        words = f"{self._decision_reference()}\n{self.title}\n{text}".strip()
        self.scheme_ids.write(
            {"decision": words, "decision_date": self.meeting_id._day()}
        )
