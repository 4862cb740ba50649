from odoo import api, fields, models


class CaeInterviewNote(models.Model):
    """What a coach writes for themselves about an interview.

    Only its author and the head of coaching read it. It is in no report, message,
    calendar or export of others; there is no log of what it says.
    """

    _name = "cae.interview.note"
    _description = "Private Note"
    _order = "interview_id, id"

    interview_id = fields.Many2one(
        "cae.interview", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="interview_id.company_id", store=True, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Author",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )
    text = fields.Text()

    _author_uniq = models.UniqueIndex(
        "(interview_id, user_id)", "This coach has a note on this interview."
    )

    @api.depends("user_id", "interview_id")
    def _compute_display_name(self):
        for note in self:
            note.display_name = note.user_id.name


class CaeInterview(models.Model):
    _inherit = "cae.interview"

    note_ids = fields.One2many(
        "cae.interview.note",
        "interview_id",
        string="Private Notes",
        groups="cae_coaching.group_coaching_manager",
    )
    private_note = fields.Text(
        string="My Private Note",
        compute="_compute_private_note",
        inverse="_inverse_private_note",
        groups="cae_base.group_coach",
        help="Yours alone, and the head of coaching's. In no report, message or "
        "calendar.",
    )

    @api.depends_context("uid")
    def _compute_private_note(self):
        notes = self._own_notes()
        for interview in self:
            interview.private_note = notes.get(interview._origin.id) and (
                notes[interview._origin.id].text
            )

    def _inverse_private_note(self):
        notes = self._own_notes()
        missing = []
        for interview in self:
            note = notes.get(interview.id)
            if note:
                note.text = interview.private_note
            elif interview.private_note:
                missing.append(
                    {"interview_id": interview.id, "text": interview.private_note}
                )
        self.env["cae.interview.note"].create(missing)

    def _own_notes(self):
        """``{interview id: the user's own note}``"""
        notes = self.env["cae.interview.note"].search(
            [("interview_id", "in", self._origin.ids), ("user_id", "=", self.env.uid)]
        )
        return {note.interview_id.id: note for note in notes}
