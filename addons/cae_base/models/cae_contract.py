from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import people
from ..tools import format_date

#: A contract that ends within these months is told: a renewal takes time.
NOTICE_MONTHS = 2
#: Euros a month; more is a mistake.
LARGEST_FIXED = 100_000


class CaeContract(models.Model):
    """A CAPE, a CESA or an ordinary employment contract, and its amendments.

    The renewal of a CAPE is a CAPE of its own. An amendment is a contract with a
    parent: from its start date on it replaces the fixed part, until the parent ends.
    """

    _name = "cae.contract"
    _description = "Contract"
    _inherit = ["mail.thread", "mail.activity.mixin", "cae.owned"]
    _order = "date_start desc, id desc"
    _check_company_auto = True

    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        required=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one(
        related="entrepreneur_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [
            ("cape", "CAPE"),
            ("cesa", "CESA"),
            ("employee", "Ordinary employment contract"),
        ],
        compute="_compute_kind",
        store=True,
        recursive=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
    )
    parent_id = fields.Many2one(
        "cae.contract",
        string="Amends",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        domain="[('entrepreneur_id', '=', entrepreneur_id), ('parent_id', '=', False)]",
        help="The contract that this amendment changes from its start date on.",
    )
    amendment_ids = fields.One2many("cae.contract", "parent_id", string="Amendments")
    amendment_number = fields.Integer(
        string="Amendment No.",
        compute="_compute_amendment_number",
        store=True,
        help="Rank of the amendment by date; 0 for the contract itself.",
    )
    date_start = fields.Date(string="Start Date", required=True, tracking=True)
    date_end = fields.Date(
        string="End Date",
        tracking=True,
        help="Last day. Amendments end with their contract.",
    )
    date_signature = fields.Date(string="Signed On", tracking=True)
    fixed_part = fields.Monetary(
        compute="_compute_fixed_part",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Monthly gross of the fixed part of the pay (R.7331-11).",
    )
    prior_days = fields.Integer(
        string="Earlier Contracts (days)",
        compute="_compute_limits",
        store=True,
        help="Days of the contracts of the same person before this one.",
    )
    term_limit_date = fields.Date(
        string="Legal Term",
        compute="_compute_limits",
        store=True,
        help="Last legal day of this CAPE: twelve months, thirty-six with renewals.",
    )
    trial_end_date = fields.Date(string="Trial Ends on", tracking=True)
    trial_limit_date = fields.Date(
        string="Trial Limit",
        compute="_compute_limits",
        store=True,
        help="Eight months less the time of earlier contracts (L.7332-1).",
    )
    warning = fields.Text(compute="_compute_warning")
    has_warning = fields.Boolean(
        compute="_compute_warning", search="_search_has_warning"
    )
    version_id = fields.Many2one("hr.version", copy=False, readonly=True)

    _dates_order = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start)",
        "A contract cannot end before it starts.",
    )
    _fixed_part_positive = models.Constraint(
        "CHECK(fixed_part >= 0)", "A fixed part cannot be negative."
    )

    @api.depends("parent_id.kind")
    def _compute_kind(self):
        for contract in self:
            if contract.parent_id:
                contract.kind = contract.parent_id.kind

    @api.depends("parent_id")
    def _compute_fixed_part(self):
        for contract in self:
            parent = contract.parent_id
            if parent and not contract.fixed_part:
                steps = (parent | parent.amendment_ids) - contract
                contract.fixed_part = steps._latest().fixed_part

    @api.depends("parent_id", "date_start", "parent_id.amendment_ids.date_start")
    def _compute_amendment_number(self):
        for contract in self:
            ranks = contract.parent_id.amendment_ids.sorted(_by_date)
            ids = ranks.ids
            contract.amendment_number = (
                ids.index(contract._origin.id) + 1
                if contract._origin.id in ids
                else bool(contract.parent_id) * (len(ids) or 1)
            )

    @api.depends(
        "kind",
        "parent_id",
        "date_start",
        "entrepreneur_id.contract_ids.kind",
        "entrepreneur_id.contract_ids.date_start",
        "entrepreneur_id.contract_ids.date_end",
        "entrepreneur_id.contract_ids.parent_id",
    )
    def _compute_limits(self):
        for contract in self:
            contract.prior_days = 0
            contract.term_limit_date = contract.trial_limit_date = False
            if not contract.date_start or contract.parent_id:
                continue
            earlier = contract._earlier()
            contract.prior_days = people.days_before(
                earlier._intervals(), contract.date_start
            )
            if contract.kind == "cape":
                contract.term_limit_date = contract._cape_term(earlier)
            if contract.kind == "cesa":
                contract.trial_limit_date = people.trial_limit(
                    contract.date_start, contract.prior_days
                )

    @api.depends(
        "kind",
        "parent_id",
        "date_end",
        "term_limit_date",
        "trial_end_date",
        "trial_limit_date",
        "entrepreneur_id.contract_ids.date_start",
    )
    @api.depends_context("lang")
    def _compute_warning(self):
        # All at once: filtered records no longer know those of other contracts.
        self.amendment_ids.mapped("date_start")
        for contract in self:
            findings = contract._warnings()
            contract.warning = "\n".join(findings) or False
            contract.has_warning = bool(findings)

    def _search_has_warning(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        candidates = self.search(
            Domain("parent_id", "=", False) & self._warning_candidates()
        )
        return [("id", "in", candidates.filtered("has_warning").ids)]

    @api.model
    def _warning_candidates(self) -> Domain:
        """Contracts that may have a warning: :meth:`_warnings` tells which ones do.

        As few as the database can tell: each one is then looked at.
        """
        today = fields.Date.context_today(self)

        def near(name):
            soon = today + relativedelta(months=NOTICE_MONTHS)
            return Domain(name, ">=", today) & Domain(name, "<=", soon)

        return Domain.OR(
            [
                near("date_end"),
                Domain("date_end", "=", False) & near("term_limit_date"),
                Domain("date_end", "=", False) & Domain("term_limit_date", "<", today),
                self._after_domain("date_end", "term_limit_date"),
                self._after_domain("trial_end_date", "trial_limit_date"),
            ]
        )

    @api.model
    def _after_domain(self, late, early) -> Domain:
        """Records of which one day is after another: two columns of one record."""

        def to_sql(model, alias, query):
            days = (model._field_to_sql(alias, name, query) for name in (late, early))
            return SQL("(%s > %s)", *days)

        return Domain.custom(
            to_sql=to_sql,
            predicate=lambda c: bool(c[late] and c[early] and c[late] > c[early]),
        )

    @api.depends("kind", "amendment_number", "entrepreneur_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for contract in self:
            kind = kinds.get(contract.kind, "")
            name = contract.entrepreneur_id.display_name or ""
            contract.display_name = (
                self.env._(
                    "%(kind)s, amendment %(number)s – %(name)s",
                    kind=kind,
                    number=contract.amendment_number,
                    name=name,
                )
                if contract.parent_id
                else " – ".join(part for part in (kind, name) if part) or False
            )

    @api.constrains("fixed_part")
    def _check_fixed_part(self):
        for contract in self:
            if contract.fixed_part > LARGEST_FIXED:
                raise ValidationError(
                    self.env._(
                        "CAE-CONTRACT-AMOUNT: %(amount)s is not the monthly gross of "
                        "a fixed part (%(person)s).",
                        amount=contract.fixed_part,
                        person=contract.entrepreneur_id.display_name,
                    )
                )

    @api.constrains("parent_id", "date_start", "date_end", "kind", "entrepreneur_id")
    def _check_amendment(self):
        for contract in self | self.amendment_ids:
            reason = contract.parent_id and contract._amendment_defect()
            if reason:
                raise ValidationError(
                    self.env._("CAE-CONTRACT-AMENDMENT: %(reason)s", reason=reason)
                )

    def _amendment_defect(self):
        """Why this amendment is not acceptable, or nothing."""
        parent = self.parent_id
        if parent.parent_id:
            return self.env._("an amendment changes a contract, not an amendment.")
        if parent.entrepreneur_id != self.entrepreneur_id or parent.kind != self.kind:
            return self.env._(
                "an amendment is for the same person and the same kind of contract."
            )
        if self.date_end:
            return self.env._("set the end date on the contract, not on an amendment.")
        if not people.covers(
            parent.date_start, parent.date_end or None, self.date_start
        ):
            return self.env._("an amendment starts while its contract is in force.")
        return ""

    @api.constrains("parent_id", "date_start", "date_end", "kind", "entrepreneur_id")
    def _check_overlap(self):
        roots = self.entrepreneur_id.contract_ids.filtered(lambda c: not c.parent_id)
        for contracts in roots.grouped(lambda c: (c.entrepreneur_id, c.kind)).values():
            ordered = contracts.sorted(_by_date)
            for before, after in zip(ordered, ordered[1:], strict=False):
                if not before.date_end or before.date_end >= after.date_start:
                    raise ValidationError(
                        self.env._(
                            "CAE-CONTRACT-OVERLAP: %(first)s is still in force on "
                            "%(day)s, when the next one starts. Give it an end date.",
                            first=before.display_name,
                            day=format_date(self.env, after.date_start),
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        contracts = super().create(vals_list)
        contracts._sync_versions()
        return contracts

    def write(self, vals):
        result = super().write(vals)
        if {"date_start", "date_end", "fixed_part", "kind", "trial_end_date"} & set(
            vals
        ):
            self._sync_versions()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_versions(self):
        # sudo: the HR file mirrors the contract; who may delete one deletes the other.
        versions = self.version_id.sudo()
        amendments = self.filtered("parent_id").version_id.sudo()
        (versions - amendments).write(
            {"contract_date_start": False, "contract_date_end": False}
        )
        amendments.unlink()

    # ------------------------------------------------------------------
    # Dates
    # ------------------------------------------------------------------

    def _earlier(self):
        """Contracts of the same person that started before this one."""
        start = self.date_start
        return self.entrepreneur_id.contract_ids.filtered(
            lambda c: (
                not c.parent_id
                and c._origin != self._origin
                and c.date_start
                and c.date_start < start
            )
        )

    def _intervals(self):
        return [(c.date_start, c.date_end or None) for c in self]

    def _cape_term(self, earlier):
        """Last legal day of a CAPE: its own twelve months, within thirty-six."""
        first = earlier._cape_first(self.date_start)
        return min(people.cape_term(self.date_start), people.cape_limit(first))

    def _cape_first(self, start):
        """First day of the CAPE, among these earlier ones, that is renewed on start."""
        rows = [(c.kind, c.date_start, c.date_end or None) for c in self]
        return people.cape_series(rows, start)

    def _in_force(self, day):
        """Those of these contracts, without amendments, in force on ``day``."""
        return self.filtered(
            lambda c: (
                not c.parent_id
                and c.date_start
                and people.covers(c.date_start, c.date_end or None, day)
            )
        )

    def _latest(self):
        """The last of these contracts and amendments by date."""
        return self.filtered("date_start").sorted(_by_date)[-1:]

    def _step_at(self, day):
        """The contract or the amendment that holds on ``day``."""
        self.ensure_one()
        steps = self | self.amendment_ids
        return steps.filtered(lambda c: c.date_start <= day)._latest() or self

    def _last_fixed_part(self):
        """Fixed part of the contract after its last amendment."""
        # Amendments start within their contract.
        return (self.amendment_ids._latest() or self).fixed_part

    def _warnings(self):
        """Legal limits that this contract passes, and its coming end, in words."""
        self.ensure_one()
        result = self._ending_warnings()
        end = self.date_end or fields.Date.context_today(self)
        if self.term_limit_date and end > self.term_limit_date:
            result.append(
                self.env._(
                    "CAPE past its limit: twelve months, renewable twice in writing "
                    "(limit %(day)s).",
                    day=format_date(self.env, self.term_limit_date),
                )
            )
        if (
            self.trial_end_date
            and self.trial_limit_date
            and self.trial_end_date > self.trial_limit_date
        ):
            result.append(
                self.env._(
                    "Trial too long: eight months less the time of earlier contracts "
                    "(limit %(day)s).",
                    day=format_date(self.env, self.trial_limit_date),
                )
            )
        return result

    def _ending_warnings(self):
        """The end of the contract, or of a CAPE's legal term, when it is near."""
        end = self.date_end or self.term_limit_date
        today = fields.Date.context_today(self)
        near = end and today <= end <= today + relativedelta(months=NOTICE_MONTHS)
        if self.parent_id or not near or self._is_followed():
            return []
        return [
            self.env._(
                "Ends on %(day)s and no other contract follows yet.",
                day=format_date(self.env, end),
            )
        ]

    def _is_followed(self):
        """Whether a contract of the same person starts after this one."""
        return any(
            c.date_start and self.date_start and c.date_start > self.date_start
            for c in self.entrepreneur_id.contract_ids
            if not c.parent_id and c._origin != self._origin
        )

    # ------------------------------------------------------------------
    # HR file
    # ------------------------------------------------------------------

    def _sync_versions(self):
        """Write the CESAs of these contracts into the HR files of their holders."""
        roots = (self | self.parent_id).filtered(
            lambda c: c.kind == "cesa" and not c.parent_id
        )
        # sudo: an HR file is written by whoever may write the contract; only the
        # dates, the wage and the type of that contract are.
        roots = roots.sudo().sorted(_by_date)
        roots._create_employees()
        for root in roots:
            for step in (root | root.amendment_ids).sorted(_by_date):
                step._sync_version()

    def _create_employees(self):
        first = {}
        for contract in self:
            if not contract.entrepreneur_id.employee_id:
                first.setdefault(contract.entrepreneur_id, contract)
        vals_list = [contract._prepare_employee_vals() for contract in first.values()]
        employees = (
            self.env["hr.employee"]
            .with_context(tracking_disable=True, mail_create_nosubscribe=True)
            .create(vals_list)
        )
        for contract, employee in zip(first.values(), employees, strict=True):
            contract.entrepreneur_id.employee_id = employee
            contract._cae_own().version_id = employee.version_ids[:1]

    def _prepare_employee_vals(self):
        """Values of the employee made for the holder of a CESA."""
        person = self.entrepreneur_id
        return {
            "name": person.name,
            "company_id": self.company_id.id,
            "work_contact_id": person.partner_id.id,
            "birthday": person.birth_date,
            "sex": {"F": "female", "M": "male", "X": "other"}.get(person.sex),
            "date_version": self.date_start,
            **self._prepare_version_vals(),
        }

    def _prepare_version_vals(self):
        root = self.parent_id or self
        return {
            "contract_date_start": root.date_start,
            "contract_date_end": root.date_end,
            "trial_date_end": root.trial_end_date,
            "contract_type_id": self.env.ref("cae_base.hr_contract_type_cesa").id,
            "wage": self.fixed_part,
        }

    def _sync_version(self):
        vals = self._prepare_version_vals()
        version = self.version_id
        if not version:
            version = self._find_or_create_version(vals)
            self._cae_own().version_id = version
        changes = {
            name: value
            for name, value in vals.items()
            if version._fields[name].convert_to_write(version[name], version)
            != (value or False)
        }
        if changes:
            version.write(changes)

    def _find_or_create_version(self, vals):
        employee = self.entrepreneur_id.employee_id
        version = employee.version_ids.filtered(
            lambda v: v.date_version == self.date_start
        )
        # create_version() ignores the values when a version has that date already.
        return version or employee.create_version(
            {"date_version": self.date_start, **vals}
        )


def _by_date(contract):
    return contract.date_start or fields.Date.to_date("9999-12-31"), contract._origin.id
