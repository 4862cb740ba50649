from odoo import api, fields, models


class CaeBodySession(models.Model):
    """A meeting of a commission, a group or a board: agenda, attendance, notes."""

    _name = "cae.body.session"
    _description = "Meeting of a Body"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _rec_name = "name"

    body_id = fields.Many2one(
        "cae.body",
        required=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one(
        related="body_id.company_id", store=True, precompute=True, index=True
    )
    name = fields.Char(string="Subject", required=True)
    date = fields.Datetime(required=True, default=fields.Datetime.now, tracking=True)
    place = fields.Char()
    agenda = fields.Html()
    notes = fields.Html(help="What was said and decided; members of the body read it.")
    attendance_ids = fields.One2many(
        "cae.body.attendance",
        "session_id",
        help="Those in office on that day, and their guests.",
    )
    present_count = fields.Integer(compute="_compute_present_count")
    done = fields.Boolean(string="Held", tracking=True)

    @api.depends("attendance_ids.state")
    def _compute_present_count(self):
        for session in self:
            present = session.attendance_ids.filtered(lambda a: a.state == "present")
            session.present_count = len(present)

    @api.model_create_multi
    def create(self, vals_list):
        sessions = super().create(vals_list)
        sessions.filtered(lambda s: not s.attendance_ids).action_invite()
        return sessions

    def action_invite(self) -> bool:
        """List who is in office on the day; those who are no more leave the list.

        :return: True
        """
        self.check_access("write")
        mandates = self.env["cae.mandate"]
        for session in self.filtered(lambda s: not s.done):
            held = mandates.search(
                mandates._on_domain(session.date.date())
                & fields.Domain("body_id", "=", session.body_id.id)
            ).partner_id
            rows = session.attendance_ids
            rows.filtered(
                lambda row, h=held: row.state == "invited" and row.partner_id not in h
            ).unlink()
            self.env["cae.body.attendance"].create(
                [
                    {"session_id": session.id, "partner_id": person.id}
                    for person in held - rows.exists().partner_id
                ]
            )
        return True


class CaeBodyAttendance(models.Model):
    """Whether a person came to a meeting of a body."""

    _name = "cae.body.attendance"
    _description = "Attendance at a Meeting of a Body"
    _order = "partner_id"
    _rec_name = "partner_id"

    session_id = fields.Many2one(
        "cae.body.session", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="session_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        "res.partner", string="Person", required=True, ondelete="restrict"
    )
    state = fields.Selection(
        [
            ("invited", "Invited"),
            ("present", "Present"),
            ("excused", "Excused"),
            ("absent", "Absent"),
        ],
        required=True,
        default="invited",
    )

    _person_uniq = models.UniqueIndex(
        "(session_id, partner_id)", "This person is listed already."
    )
