from datetime import date

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.cae_base.tools import flag_domain

STATES = [
    ("candidate", "Candidate"),
    ("admitted", "Admitted"),
    ("member", "Member"),
    ("left", "Former member"),
    ("refused", "Refused"),
    ("withdrawn", "Withdrawn"),
]


class CaeMember(models.Model):
    """A person of the register of members, from the application to the leaving."""

    _name = "cae.member"
    _description = "Member"
    _inherit = [
        *("cae.coded", "cae.named", "cae.owned", "cae.printed"),
        "mail.activity.mixin",
    ]
    _order = "code"
    _first_code = "M0001"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(help="Made from the name when none is chosen.")
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        copy=False,
        help="The supported person, when the member is one.",
    )
    kind = fields.Selection(
        [
            ("employed", "Employed in the cooperative"),
            ("outside", "Outside member"),
            ("cooperative", "Outside cooperative"),
        ],
        required=True,
        default="employed",
        tracking=True,
        help="In a SCOP the employed members hold 51 % of the capital and 65 % of the "
        "votes at least.",
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="candidate",
        index=True,
        tracking=True,
        copy=False,
        group_expand="_expand_states",
    )
    date_application = fields.Date(
        string="Applied on",
        tracking=True,
        copy=False,
        default=fields.Date.context_today,
    )
    date_admission = fields.Date(
        string="Admitted on", tracking=True, copy=False, readonly=True
    )
    date_member = fields.Date(
        string="Member Since",
        tracking=True,
        copy=False,
        readonly=True,
        help="Day of the first paid share.",
    )
    date_left = fields.Date(
        string="Member Until",
        tracking=True,
        copy=False,
        readonly=True,
        help="Last day as a member.",
    )
    college_ids = fields.One2many(
        "cae.member.college", "member_id", string="Colleges over Time", copy=False
    )
    college_id = fields.Many2one(
        "cae.college",
        compute="_compute_college_id",
        search="_search_college_id",
        help="The college today.",
    )
    e_notice_consent_date = fields.Date(
        string="E-mail Notice Accepted on",
        tracking=True,
        copy=False,
        help="The member agreed in writing to be called to meetings by e-mail "
        "(code de commerce R.223-20). Without it the notice goes by post.",
    )
    e_notice_revoked_date = fields.Date(
        string="E-mail Notice Revoked on", tracking=True, copy=False
    )
    e_notice = fields.Boolean(
        string="Notice by E-mail",
        compute="_compute_e_notice",
        search="_search_e_notice",
    )

    _code_uniq = models.UniqueIndex(
        "(company_id, code)", "A member with this number already exists."
    )
    _partner_uniq = models.UniqueIndex(
        "(company_id, partner_id) WHERE state <> 'left'",
        "This contact is already in the register.",
    )
    _entrepreneur_uniq = models.UniqueIndex(
        "(entrepreneur_id) WHERE entrepreneur_id IS NOT NULL AND state <> 'left'",
        "This entrepreneur is already in the register.",
    )
    _dates_order = models.Constraint(
        "CHECK(date_left IS NULL OR date_left >= date_member)",
        "Nobody leaves before having been a member.",
    )

    @api.depends(
        *("college_ids.college_id", "college_ids.date_start", "college_ids.date_end")
    )
    def _compute_college_id(self):
        colleges = self._college_on(self.env.company._cae_today())
        for member in self:
            member.college_id = colleges.get(member._origin.id, False)

    def _search_college_id(self, operator, value):
        rows = self.env["cae.member.college"]
        held = rows._on_domain(self.env.company._cae_today())
        if operator in ("any", "any!"):
            return Domain(
                "college_ids", "any", held & Domain("college_id", "any", value)
            )
        if operator != "in":
            return NotImplemented
        chosen = held & Domain("college_id", "in", [item for item in value if item])
        found = Domain("college_ids", "any", chosen)
        return found | ~Domain("college_ids", "any", held) if False in value else found

    def _expand_states(self, states, domain):
        """Columns of the kanban: all states, or those that the window is for."""
        keys = [key for key, _label in STATES]
        for condition in Domain(domain).iter_conditions():
            if condition.field_expr == "state" and condition.operator == "in":
                keys = [key for key in keys if key in condition.value]
        return keys

    @api.depends("e_notice_consent_date", "e_notice_revoked_date")
    def _compute_e_notice(self):
        today = self.env.company._cae_today()
        accepting = self.filtered_domain(self._e_notice_domain(today))
        for member in self:
            member.e_notice = member in accepting

    def _search_e_notice(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._e_notice_domain(self.env.company._cae_today())
        return flag_domain(domain, value)

    @api.depends("code", "name")
    def _compute_display_name(self):
        for member in self:
            member.display_name = f"[{member.code}] {member.name or ''}".strip()

    def _prepare_partner_vals(self, vals):
        """Values of the contact of a new member.

        :raises ValidationError: ``CAE-MEMBER-NAME``
        """
        if not vals.get("name"):
            raise ValidationError(
                self.env._(
                    "CAE-MEMBER-NAME: give the name of the member, or choose a contact."
                )
            )
        return super()._prepare_partner_vals(vals)

    # ------------------------------------------------------------------
    # The register on a day: what meetings and reports read
    # ------------------------------------------------------------------

    @api.model
    def _members_domain(self, day: date) -> Domain:
        """Members on ``day``, the first and the last day included."""
        return (
            Domain("date_member", "!=", False)
            & Domain("date_member", "<=", day)
            & (Domain("date_left", "=", False) | Domain("date_left", ">=", day))
        )

    @api.model
    def _members_on(self, company, day: date):
        """Members of a company on ``day``, archived ones included, in one query."""
        return self.with_context(active_test=False).search(
            Domain("company_id", "=", company.id) & self._members_domain(day)
        )

    def _college_on(self, day: date) -> dict:
        """``{member id: college}`` on ``day``, in one query; no entry without one."""
        rows = self.env["cae.member.college"]
        domain = rows._on_domain(day) & Domain("member_id", "in", self.ids)
        found = rows.search_fetch(domain, ["member_id", "college_id"])
        return {row.member_id.id: row.college_id for row in found}

    @api.model
    def _e_notice_domain(self, day: date) -> Domain:
        """Members who accept notices by e-mail on ``day`` (R.223-20)."""
        return (
            Domain("e_notice_consent_date", "!=", False)
            & Domain("e_notice_consent_date", "<=", day)
            & (
                Domain("e_notice_revoked_date", "=", False)
                | Domain("e_notice_revoked_date", ">", day)
            )
        )

    def _accept_e_notice(self, day: date):
        """Those of these members who accept notices by e-mail on ``day``."""
        return self.filtered_domain(self._e_notice_domain(day))
