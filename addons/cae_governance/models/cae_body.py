from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CaeBody(models.Model):
    """A body of the cooperative: managers, board, commission, working group."""

    _name = "cae.body"
    _description = "Body"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, name"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
    )
    kind = fields.Selection(
        [
            ("manager", "Managers"),
            ("board", "Board of directors"),
            ("supervisory", "Supervisory board"),
            ("directorate", "Management board"),
            ("auditor", "Auditors and reviewers"),
            ("commission", "Commission"),
            ("group", "Working group"),
        ],
        required=True,
        default="commission",
        index=True,
        tracking=True,
    )
    description = fields.Text(help="What it is for, and what it may decide.")
    elected = fields.Boolean(
        string="Elected by the Meeting",
        compute="_compute_elected",
        store=True,
        readonly=False,
        precompute=True,
        help="Its mandates are proposed for the agenda of the meeting when they end.",
    )
    open_to_all = fields.Boolean(
        string="Members Join by Themselves",
        help="Members join and leave on the portal.",
    )
    term_years = fields.Integer(
        string="Term (Years)",
        help="Length of a mandate as the statutes say; zero for no term. Directors and "
        "supervisory boards of a SA: six years at most; managers of a SARL or SAS "
        "SCOP: four. Check your statutes.",
    )
    warning_months = fields.Integer(
        string="Warning (Months)",
        default=6,
        help="How long before their end mandates are shown as ending.",
    )
    seats_min = fields.Integer(string="Fewest Seats")
    seats_max = fields.Integer(string="Most Seats", help="Zero: no limit.")
    mandate_ids = fields.One2many("cae.mandate", "body_id")
    session_ids = fields.One2many("cae.body.session", "body_id")
    current_count = fields.Integer(string="In Office", compute="_compute_counts")
    ending_count = fields.Integer(string="Ending", compute="_compute_counts")
    session_count = fields.Integer(compute="_compute_session_count")
    vacant = fields.Boolean(
        compute="_compute_counts", help="Fewer people than the fewest seats."
    )

    _name_uniq = models.UniqueIndex(
        "(company_id, name)", "A body of this name already exists."
    )
    _term_range = models.Constraint(
        "CHECK(term_years >= 0 AND term_years <= 6)",
        "A term is of six years at most.",
    )
    _seats_order = models.Constraint(
        "CHECK(seats_min >= 0 AND (seats_max = 0 OR seats_max >= seats_min))",
        "The most seats are not less than the fewest.",
    )
    _warning_positive = models.Constraint(
        "CHECK(warning_months >= 0)", "Months cannot be negative."
    )

    @api.depends("kind")
    def _compute_elected(self):
        for body in self:
            body.elected = body.kind not in ("commission", "group")

    @api.depends("mandate_ids.date_start", "mandate_ids.date_end", "seats_min")
    def _compute_counts(self):
        today = self.env.company._cae_today()
        mandates = self.env["cae.mandate"]
        held = dict(
            mandates._read_group(
                mandates._on_domain(today) & fields.Domain("body_id", "in", self.ids),
                ["body_id"],
                ["__count"],
            )
        )
        ending = dict(
            mandates._read_group(
                [("ending", "=", True), ("body_id", "in", self.ids)],
                ["body_id"],
                ["__count"],
            )
        )
        for body in self:
            body.current_count = held.get(body, 0)
            body.ending_count = ending.get(body, 0)
            body.vacant = body.current_count < body.seats_min

    def _compute_session_count(self):
        # sudo: how often a body meets is no secret, what it says is.
        counts = dict(
            self.env["cae.body.session"]
            .sudo()
            ._read_group([("body_id", "in", self.ids)], ["body_id"], ["__count"])
        )
        for body in self:
            body.session_count = counts.get(body.sudo(), 0)

    def action_open_mandates(self) -> dict:
        """Mandates of these bodies, with those that ended."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_governance.cae_mandate_action"
        )
        context = {"default_body_id": self.id} if len(self) == 1 else {}
        return {**action, "domain": [("body_id", "in", self.ids)], "context": context}

    def action_open_sessions(self) -> dict:
        """Meetings of these bodies."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_governance.cae_body_session_action"
        )
        context = {"default_body_id": self.id} if len(self) == 1 else {}
        return {**action, "domain": [("body_id", "in", self.ids)], "context": context}

    # ------------------------------------------------------------------
    # Joining and leaving
    # ------------------------------------------------------------------

    def _join(self, member):
        """This member joins an open body, today; nothing when already in.

        :raises UserError: ``CAE-BODY-CLOSED``, ``CAE-BODY-FULL``
        """
        self.ensure_one()
        today = self.env.company._cae_today()
        self._check_open(member)
        # Of two clicks at once the second begins again and sees what the first did.
        self.env.cr.execute(
            SQL("UPDATE cae_body SET write_date = write_date WHERE id = %s", self.id)
        )
        # sudo: a member of the portal joins, and does nothing else with mandates.
        mandates = self.env["cae.mandate"].sudo()
        mine = mandates._on_domain(today) & fields.Domain(
            [("body_id", "=", self.id), ("member_id", "=", member.id)]
        )
        if mandates.search_count(mine, limit=1):
            return mandates.browse()
        return mandates.create(
            {"body_id": self.id, "member_id": member.id, "date_start": today}
        )

    def _quit(self, member):
        """This member leaves an open body, today."""
        self.ensure_one()
        self._check_open(member)
        today = self.env.company._cae_today()
        # sudo: see _join.
        mandates = self.env["cae.mandate"].sudo()
        mine = mandates.search(
            mandates._on_domain(today)
            & fields.Domain([("body_id", "=", self.id), ("member_id", "=", member.id)])
        )
        # Whoever leaves on the day of joining was never in; others were until today.
        fresh = mine.filtered(lambda mandate: mandate.date_start == today)
        fresh.unlink()
        (mine - fresh).write(
            {
                "date_end": fields.Date.subtract(today, days=1),
                "end_reason": "resignation",
            }
        )
        return (mine - fresh).exists()

    def _check_open(self, member):
        """:raises UserError: ``CAE-BODY-CLOSED``"""
        # sudo: whether the body is open, and the member one of the cooperative.
        body, member = self.sudo(), member.sudo()
        if (
            not body.open_to_all
            or not body.active
            or member.state != "member"
            or member.company_id != body.company_id
        ):
            raise UserError(
                self.env._(
                    "CAE-BODY-CLOSED: members of the cooperative join the bodies that "
                    "are open to all."
                )
            )

    def _people_on_portal(self):
        """``{body id: [(name, role)]}`` of who is in office today, in two queries."""
        mandates = self.env["cae.mandate"]
        today = self.env.company._cae_today()
        held = mandates.search(
            mandates._on_domain(today) & fields.Domain("body_id", "in", self.ids)
        )
        roles = dict(mandates._fields["role"]._description_selection(self.env))
        order = list(roles)
        held = held.sorted(lambda m: (order.index(m.role), m.date_start))
        result = {body.id: [] for body in self}
        # sudo: members know by name who sits where, whoever these people are.
        for mandate in held.sudo():
            row = (mandate.partner_id.name, roles[mandate.role])
            result[mandate.body_id.id].append(row)
        return result
