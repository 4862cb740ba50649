from collections import defaultdict
from datetime import date
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..engine import people
from ..engine.money import ZERO, decimal
from ..tools import flag_domain, format_date

PERSONAL = "cae_base.group_payroll,cae_base.group_coach,cae_base.group_manager"
KIND_RANK = {"cesa": 2, "employee": 1, "cape": 0}


class CaeEntrepreneur(models.Model):
    """A person whom the cooperative supports, now or before."""

    _name = "cae.entrepreneur"
    _description = "Entrepreneur"
    _inherit = ["cae.coded", "cae.named", "mail.activity.mixin"]
    _order = "code"
    _first_code = "E0001"
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
    partner_id = fields.Many2one(
        help="Made from the first and last names when none is chosen."
    )
    first_name = fields.Char(tracking=True)
    last_name = fields.Char(
        tracking=True, help="First and last names rename the contact."
    )
    bank_ids = fields.One2many(
        related="partner_id.bank_ids", readonly=False, groups=PERSONAL
    )
    employee_id = fields.Many2one(
        "hr.employee", copy=False, index="btree_not_null", check_company=True
    )
    user_id = fields.Many2one(
        "res.users", string="Portal User", copy=False, index="btree_not_null"
    )
    birth_date = fields.Date(groups=PERSONAL)
    age = fields.Integer(
        compute="_compute_age", groups=PERSONAL, help="In full years, today."
    )
    sex = fields.Selection([("F", "Woman"), ("M", "Man"), ("X", "Other")])
    coach_id = fields.Many2one(
        "res.users",
        tracking=True,
        index="btree_not_null",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    team_id = fields.Many2one(
        "cae.team", tracking=True, index="btree_not_null", check_company=True
    )
    date_entry = fields.Date(
        string="Date of Entry",
        required=True,
        tracking=True,
        default=fields.Date.context_today,
    )
    date_exit = fields.Date(
        string="Date of Exit", tracking=True, help="Last day in the cooperative."
    )
    exit_reason_id = fields.Many2one("cae.exit.reason", tracking=True)
    member_date = fields.Date(
        string="Member Since", tracking=True, help="Admission as a member (associé)."
    )
    is_member = fields.Boolean(
        string="Member", compute="_compute_is_member", search="_search_is_member"
    )
    contract_ids = fields.One2many("cae.contract", "entrepreneur_id")
    share_ids = fields.One2many(
        "cae.activity.share", "entrepreneur_id", string="Shares of Activities"
    )
    stage = fields.Selection(
        [
            ("candidate", "Candidate"),
            ("cape", "CAPE"),
            ("cesa", "CESA"),
            ("employee", "Ordinary contract"),
            ("left", "Left"),
        ],
        compute="_compute_stage",
        store=True,
        index=True,
        tracking=True,
        group_expand=True,
        help="From the contracts and the dates; refreshed every day.",
    )
    cape_limit_date = fields.Date(
        string="CAPE Limit",
        compute="_compute_limits",
        store=True,
        help="Last legal day of the current CAPE: twelve months, thirty-six with "
        "renewals.",
    )
    membership_deadline = fields.Date(
        compute="_compute_limits",
        store=True,
        help="Three years after the CESA, less the time of earlier contracts: by then "
        "the person must be a member, or the contract ends (L.7331-3).",
    )
    cape_late = fields.Boolean(
        string="CAPE Past Its Limit",
        compute="_compute_warning",
        search="_search_cape_late",
    )
    membership_late = fields.Boolean(
        string="Past Membership Deadline",
        compute="_compute_warning",
        search="_search_membership_late",
    )
    warning = fields.Text(compute="_compute_warning")
    has_warning = fields.Boolean(
        string="Past a Legal Limit",
        compute="_compute_warning",
        search="_search_has_warning",
    )
    contract_count = fields.Integer(compute="_compute_counts")
    activity_count = fields.Integer(compute="_compute_counts")

    _code_uniq = models.UniqueIndex(
        "(company_id, code)", "An entrepreneur with this code already exists."
    )
    _partner_uniq = models.UniqueIndex(
        "(company_id, partner_id)", "This contact is already an entrepreneur."
    )
    _user_uniq = models.UniqueIndex(
        "(company_id, user_id) WHERE user_id IS NOT NULL",
        "CAE-PERSON-USER: this portal user is another entrepreneur's. Each person has "
        "an own user, who reads the own pay.",
    )
    _dates_order = models.Constraint(
        "CHECK(date_exit IS NULL OR date_exit >= date_entry)",
        "Nobody leaves before having entered.",
    )

    @api.depends("birth_date")
    def _compute_age(self):
        today = fields.Date.context_today(self)
        for person in self:
            birth = person.birth_date
            person.age = people.age_on(birth, today) if birth else 0

    @api.depends("member_date")
    def _compute_is_member(self):
        today = fields.Date.context_today(self)
        for person in self:
            person.is_member = bool(person.member_date and person.member_date <= today)

    def _search_is_member(self, operator, value):
        if operator != "in":
            return NotImplemented
        member = Domain("member_date", "<=", fields.Date.context_today(self))
        return flag_domain(member, value)

    @api.depends(
        "date_entry",
        "date_exit",
        "contract_ids.kind",
        "contract_ids.date_start",
        "contract_ids.date_end",
        "contract_ids.parent_id",
    )
    def _compute_stage(self):
        today = fields.Date.context_today(self)
        for person in self:
            person.stage = person._stage_on(today)

    @api.depends(
        "contract_ids.kind",
        "contract_ids.date_start",
        "contract_ids.term_limit_date",
        "contract_ids.prior_days",
        "contract_ids.parent_id",
    )
    def _compute_limits(self):
        for person in self:
            capes = person._roots("cape")
            person.cape_limit_date = capes[-1:].term_limit_date
            cesa = person._roots("cesa")[:1]
            person.membership_deadline = cesa and people.membership_deadline(
                cesa.date_start, cesa.prior_days
            )

    @api.depends(
        "stage",
        "member_date",
        "membership_deadline",
        "cape_limit_date",
        "contract_ids.warning",
    )
    @api.depends_context("lang")
    def _compute_warning(self):
        today = fields.Date.context_today(self)
        late = self.filtered_domain(self._membership_late_domain(today))
        cape = self.filtered_domain(self._cape_late_domain(today))
        # All at once: filtered records no longer know those of other people.
        self.contract_ids.mapped("warning")
        for person in self:
            person.membership_late = person in late
            person.cape_late = person in cape
            findings = person._warnings()
            person.warning = "\n".join(findings) or False
            person.has_warning = bool(findings)

    def _search_cape_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return flag_domain(
            self._cape_late_domain(fields.Date.context_today(self)), value
        )

    def _search_membership_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return flag_domain(
            self._membership_late_domain(fields.Date.context_today(self)), value
        )

    def _search_has_warning(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        return flag_domain(Domain.OR(self._warning_domains(today)), value)

    @api.depends_context("uid")
    def _compute_counts(self):
        counts = dict(
            self.env["cae.contract"]._read_group(
                [("entrepreneur_id", "in", self.ids), ("parent_id", "=", False)],
                ["entrepreneur_id"],
                ["__count"],
            )
        )
        held = dict(
            self.env["cae.activity.share"]._read_group(
                [("entrepreneur_id", "in", self.ids)],
                ["entrepreneur_id"],
                ["activity_id:count_distinct"],
            )
        )
        for person in self:
            person.contract_count = counts.get(person, 0)
            person.activity_count = held.get(person, 0)

    @api.depends("code", "name")
    def _compute_display_name(self):
        for person in self:
            person.display_name = f"[{person.code}] {person.name or ''}".strip()

    @api.constrains("company_id", "employee_id")
    def _check_employee(self):
        people_ = self.filtered("employee_id")
        counts = self.with_context(active_test=False)._read_group(
            [("employee_id", "in", people_.employee_id.ids)],
            ["employee_id"],
            having=[("__count", ">", 1)],
        )
        for (employee,) in counts:
            raise ValidationError(
                self.env._(
                    "CAE-ENTREPRENEUR-EMPLOYEE: %(name)s is already the employee of "
                    "another entrepreneur.",
                    name=employee.display_name,
                )
            )

    def _prepare_partner_vals(self, vals):
        """Values of the contact of a new entrepreneur.

        :raises ValidationError: ``CAE-ENTREPRENEUR-NAME``
        """
        name = vals.get("name") or _full_name(
            vals.get("first_name"), vals.get("last_name")
        )
        if not name:
            raise ValidationError(
                self.env._(
                    "CAE-ENTREPRENEUR-NAME: give the first and last names of the "
                    "entrepreneur, or choose a contact."
                )
            )
        told = super()._prepare_partner_vals(vals)
        return {**told, "name": name, "is_company": False}

    def write(self, vals):
        result = super().write(vals)
        if ({"first_name", "last_name"} & set(vals)) and "name" not in vals:
            for person in self:
                name = _full_name(person.first_name, person.last_name)
                if name and name != person.name:
                    person.name = name
        return result

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_contracts(self) -> dict:
        """Contracts and amendments of these people."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Contracts"),
            "res_model": "cae.contract",
            "view_mode": "list,form",
            "domain": [("entrepreneur_id", "in", self.ids)],
            "context": {
                "default_entrepreneur_id": self.id if len(self) == 1 else False
            },
        }

    def action_open_activities(self) -> dict:
        """Activities that these people hold or held."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Activities"),
            "res_model": "cae.activity",
            "view_mode": "list,kanban,form",
            "domain": [("share_ids.entrepreneur_id", "in", self.ids)],
        }

    # ------------------------------------------------------------------
    # Dates
    # ------------------------------------------------------------------

    def _roots(self, kind):
        """Contracts of a kind without amendments, by date."""
        return self.contract_ids.filtered(
            lambda c: c.kind == kind and not c.parent_id and c.date_start
        ).sorted("date_start")

    def _stage_on(self, day):
        """The stage on ``day``; between two contracts, that of the last one."""
        self.ensure_one()
        if self.date_exit and self.date_exit < day:
            return "left"
        started = self.contract_ids.filtered(
            lambda c: not c.parent_id and c.date_start and c.date_start <= day
        )
        current = started._in_force(day) or started._latest()
        kinds = sorted(current.mapped("kind"), key=KIND_RANK.get)
        return kinds[-1] if kinds else "candidate"

    def _contract_at(self, day: date) -> dict:
        """``{entrepreneur id: (kind, fixed part)}`` on ``day``, in one query.

        :return: every entrepreneur has an entry. ``kind`` is ``cape``, ``cesa``,
            ``employee`` or False without a contract in force; the fixed part is a
            ``Decimal`` of euros gross per month, amendments included. When several
            contracts are in force, the CESA comes first, then the ordinary contract.
        """
        result = {person_id: (False, ZERO) for person_id in self.ids}
        steps = defaultdict(self.env["cae.contract"].browse)
        for contract in self._contracts_until(day):
            steps[contract.entrepreneur_id.id] |= contract
        for person_id, contracts in steps.items():
            current = contracts._in_force(day).sorted(lambda c: KIND_RANK[c.kind])[-1:]
            if current:
                chain = contracts.filtered(lambda c, r=current: c.parent_id == r)
                step = (current | chain)._latest()
                result[person_id] = (current.kind, decimal(step.fixed_part))
        return result

    @api.model
    def _share_retentions(
        self, company, day: date, grosses: dict[int, Decimal]
    ) -> dict[int, Decimal]:
        """Hook: what is retained of a month's pay for the subscription of shares.

        For payroll, which withholds it (an element *subscription*) and credits the
        account of :meth:`res.company._cae_share_debt_account` with the person as
        partner; cae_governance answers.

        :param day: last day of the month of the pay
        :param grosses: ``{entrepreneur id: gross of the month in euros}``
        :return: ``{entrepreneur id: euros}``; nobody from whom nothing is retained
        """
        return {}

    def _year_grosses(self, company, first: date, last: date) -> dict[int, Decimal]:
        """Hook: gross pay of these people between two days, for payroll to answer.

        :return: ``{entrepreneur id: euros}``; nobody who was not paid
        """
        return {}

    def _contracts_until(self, day):
        return self.env["cae.contract"].search_fetch(
            [("entrepreneur_id", "in", self.ids), ("date_start", "<=", day)],
            ["entrepreneur_id", "kind", "parent_id", "date_start", "date_end"]
            + ["fixed_part"],
        )

    # ------------------------------------------------------------------
    # Legal limits
    # ------------------------------------------------------------------

    def _membership_late_domain(self, day):
        return (
            Domain("stage", "=", "cesa")
            & Domain("membership_deadline", "<", day)
            & (Domain("member_date", "=", False) | Domain("member_date", ">", day))
        )

    def _cape_late_domain(self, day):
        return Domain("stage", "=", "cape") & Domain("cape_limit_date", "<", day)

    def _warning_domains(self, day):
        """Hook: who has a finding on ``day``; one domain for each of ``_warnings``."""
        return [
            self._cape_late_domain(day),
            self._membership_late_domain(day),
            Domain("stage", "!=", "left")
            & Domain("contract_ids.has_warning", "=", True),
        ]

    def _warnings(self):
        """Legal limits that this person is past, in words; modules may add theirs."""
        self.ensure_one()
        result = []
        if self.membership_late:
            result.append(
                self.env._(
                    "Past membership deadline: to be a member by %(day)s (L.7331-3).",
                    day=format_date(self.env, self.membership_deadline),
                )
            )
        if self.cape_late:
            result.append(
                self.env._(
                    "CAPE past its limit: twelve months, renewable twice in writing "
                    "(limit %(day)s).",
                    day=format_date(self.env, self.cape_limit_date),
                )
            )
        if self.stage != "left":
            running = self.contract_ids.filtered(lambda c: not c.parent_id)
            texts = (running - self._roots("cape")[-1:]).mapped("warning")
            result += [text for text in texts if text]
        return result

    @api.model
    def _refresh_stages(self):
        """Store the stages that the passing of time has changed."""
        today = fields.Date.context_today(self)
        everybody = self.with_context(active_test=False)
        persons = everybody.search([("stage", "!=", "left")])
        persons.fetch(["stage", "date_exit"])
        changed = persons.filtered(lambda p: p._stage_on(today) != p.stage)
        changed._cae_compute_again("stage")

    @api.model
    def _cron_refresh(self):
        """Daily: stages of people, states of activities."""
        self._refresh_stages()
        self.env["cae.activity"]._refresh_states()


def _full_name(first, last):
    return " ".join(part.strip() for part in (first, last) if part and part.strip())
