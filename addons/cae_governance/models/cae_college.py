from odoo import api, fields, models
from odoo.exceptions import UserError


class CaeCollege(models.Model):
    """A category of members; where the statutes weigh votes, a voting college.

    SCIC: three colleges or more, each weighs 10 % to 50 % of the votes (loi 47-1775
    art. 19 octies). Weights are checked by the rule set of the meeting.
    """

    _name = "cae.college"
    _description = "College of Members"
    _order = "sequence, name"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="Short and stable name, such as EMP: files and results of votes name the "
        "college by it.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
    )
    weight = fields.Float(
        digits=(5, 2),
        help="Percent of the votes that this college weighs where votes are counted by "
        "college; zero where every member has one plain vote.",
    )
    description = fields.Text(
        translate=True, help="Who belongs to this college, as the statutes say."
    )
    membership_ids = fields.One2many("cae.member.college", "college_id")
    member_count = fields.Integer(compute="_compute_member_count")

    _code_uniq = models.UniqueIndex(
        "(company_id, code)", "A college with this code already exists."
    )
    _weight_range = models.Constraint(
        "CHECK(weight >= 0 AND weight <= 100)",
        "A college weighs between 0 and 100 percent.",
    )

    @api.depends("membership_ids.date_start", "membership_ids.date_end")
    def _compute_member_count(self):
        today = self.env.company._cae_today()
        counts = dict(
            self.env["cae.member.college"]._read_group(
                self.env["cae.member.college"]._on_domain(today)
                & fields.Domain("college_id", "in", self.ids)
                & fields.Domain("member_id.state", "=", "member"),
                ["college_id"],
                ["member_id:count_distinct"],
            )
        )
        for college in self:
            college.member_count = counts.get(college, 0)

    def write(self, vals):
        """:raises UserError: ``CAE-COLLEGE-USED``"""
        if {"active", "code", "company_id", "weight"} & set(vals):
            self._check_no_session()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_session(self):
        self._check_no_session()

    def _check_no_session(self):
        # sudo: whether a meeting counts by these colleges now.
        sessions = self.env["cae.meeting"].sudo()
        if sessions.search_count(
            [
                ("company_id", "in", self.company_id.ids),
                ("state", "=", "open"),
                ("weighted", "=", True),
            ],
            limit=1,
        ):
            raise UserError(
                self.env._(
                    "CAE-COLLEGE-USED: a meeting that counts by college is in session: "
                    "colleges and their weights stay until it is closed."
                )
            )

    def action_open_members(self) -> dict:
        """Members of these colleges today."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Members"),
            "res_model": "cae.member",
            "view_mode": "list,form",
            "domain": [("college_id", "in", self.ids)],
        }
