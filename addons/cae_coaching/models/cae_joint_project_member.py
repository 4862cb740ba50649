from odoo import fields, models


class CaeJointProjectMember(models.Model):
    """Somebody of the directory who takes part in a joint project."""

    _name = "cae.joint.project.member"
    _description = "Participant of a Joint Project"
    _order = "id"

    project_id = fields.Many2one(
        "cae.joint.project",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    entry_id = fields.Many2one(
        "cae.directory.entry",
        string="Participant",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="project_id.company_id", store=True, index=True
    )
    user_id = fields.Many2one(related="entry_id.user_id", store=True, index=True)
    name = fields.Char(related="entry_id.name", store=True)
    headline = fields.Char(related="entry_id.headline")
    shown = fields.Boolean(
        related="entry_id.listed",
        store=True,
        help="The participant is in the directory.",
    )
    date = fields.Date(
        string="Joined on", readonly=True, default=fields.Date.context_today
    )

    _entry_uniq = models.UniqueIndex(
        "(project_id, entry_id)", "CAE-PROJECT-TWICE: this person takes part already."
    )
