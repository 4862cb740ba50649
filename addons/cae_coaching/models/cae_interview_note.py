from odoo import api, fields, models


class CaeInterviewNote(models.Model):
    """What a coach writes for themselves about an interview.

    Only its author and the head of coaching read it, and a coach with whom the author
    shares it at a hand-over. It is in no report, message,
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
    reader_ids = fields.Many2many(
        "res.users",
        "cae_interview_note_reader_rel",
        string="Shared with",
        readonly=True,
        help="Coaches to whom the author handed the person over, with the notes.",
    )

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

    shared_note = fields.Text(
        string="Notes Handed Over",
        compute="_compute_shared_note",
        groups="cae_base.group_coach",
        help="What the former coach chose to share with you.",
    )

    @api.depends_context("uid")
    def _compute_shared_note(self):
        notes = self.env["cae.interview.note"].search(
            [("interview_id", "in", self.ids), ("reader_ids", "=", self.env.uid)]
        )
        texts = notes.grouped("interview_id")
        for interview in self:
            found = texts.get(interview._origin, notes.browse())
            interview.shared_note = "\n\n".join(
                f"{note.user_id.name}: {note.text}" for note in found if note.text
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


class CaeEntrepreneur(models.Model):
    _inherit = "cae.entrepreneur"

    def _share_own_notes(self, coach):
        """The user shares the own private notes on these people with a coach."""
        notes = self.env["cae.interview.note"].search(
            [
                ("user_id", "=", self.env.uid),
                ("interview_id.entrepreneur_ids", "in", self.ids),
            ]
        )
        notes.write({"reader_ids": [fields.Command.link(coach.id)]})
