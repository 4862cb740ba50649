from math import isfinite

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.engine.texts import short, storable
from odoo.addons.cae_base.tools import format_date

from .cae_pay_decision import FREE

#: What a payroll officer decides before the approval.
DECIDED = {"month", "left_amount", "left_reason"}
#: What may be computed again.
OPEN = ("draft", "computed")
#: Findings: the payment costs more than the budget leaves, than is available.
DEARER = "CAE-SETTLEMENT-COST"
SHORT = "CAE-SETTLEMENT-MONEY"
#: Euros; more is a mistake.
LARGEST = 10_000_000
#: Characters of a reason; more is no reason.
LONGEST = 2000


class CaeSettlement(models.Model):
    """The settlement of the variable part of a person's year (R.7331-12)."""

    _name = "cae.settlement"
    _description = "Settlement of the Year"
    _inherit = ["cae.pay.decision"]
    _order = "date_to desc, entrepreneur_id"
    _check_company_auto = True
    _reason_field = "settlement_ids"

    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    year_id = fields.Many2one(
        "cae.year",
        string="Fiscal Year",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one(related="year_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(related="year_id.date_from", store=True)
    date_to = fields.Date(related="year_id.date_to", store=True)
    deadline = fields.Date(
        related="year_id.settlement_deadline",
        store=True,
        help="One month after the meeting on the accounts (R.7331-12).",
    )
    is_late = fields.Boolean(
        string="Late", compute="_compute_is_late", search="_search_is_late"
    )
    state = fields.Selection(
        [
            ("draft", "To Compute"),
            ("computed", "To Approve"),
            ("approved", "Approved"),
            ("posted", "Posted through Pay"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    month = fields.Date(
        string="Month of Payment",
        required=True,
        tracking=True,
        help="The balance due is paid with the pay of this month. Any day of it.",
    )
    contract_id = fields.Many2one(
        "cae.contract",
        readonly=True,
        ondelete="restrict",
        check_company=True,
        help="The last contract or amendment that paid in the year; none: nothing is "
        "due, and what there is stays on the activity.",
    )
    result = fields.Monetary(
        string="Result before Pay",
        readonly=True,
        help="The person's part of the year's results of the activities.",
    )
    brought = fields.Monetary(
        string="Brought Forward",
        readonly=True,
        help="From earlier years; a loss is negative.",
    )
    budget = fields.Monetary(
        string="Annual Budget",
        readonly=True,
        help="What the activities can bear as cost of the pay of the year.",
    )
    annual_gross = fields.Monetary(
        readonly=True,
        help="The largest gross whose cost over the year fits the budget; months that "
        "were paid dearer than the year as a whole lower it.",
    )
    fixed_part = fields.Monetary(
        string="Fixed Parts Paid", readonly=True, help="Gross, of the year."
    )
    advance = fields.Monetary(
        string="Advances Paid", readonly=True, help="Gross, of the year."
    )
    paid = fields.Monetary(
        string="Cost of the Pay Paid", readonly=True, help="Of the year's months."
    )
    due = fields.Monetary(
        string="Balance Due", readonly=True, help="Gross that is still due."
    )
    cost = fields.Monetary(
        string="Cost of the Balance",
        readonly=True,
        help="Over the year; then what its payment did cost. With what it sets aside "
        "for leave.",
    )
    payment_cost = fields.Monetary(
        string="Cost at Payment",
        readonly=True,
        help="Estimated for the month of payment: what the balance adds to the "
        "contributions of that calendar year to date. Zero when nothing is due, or "
        "when the rates of that month are not known yet.",
    )
    flags = fields.Char(
        readonly=True,
        copy=False,
        help="Codes of the findings, for programs and searches.",
    )
    flag_text = fields.Char(string="Findings", compute="_compute_flag_text")
    left_amount = fields.Monetary(
        string="Left to the Cooperative",
        tracking=True,
        help="Net accounting result that both agreed to leave (R.7331-12): it is not "
        "paid, and an entry gives it to the shared services.",
    )
    left_reason = fields.Char(
        string="Agreement", tracking=True, help="Who agreed, when, on which terms."
    )
    carried = fields.Monetary(
        string="Carried Forward",
        readonly=True,
        help="To the next year. A loss is negative: it is made up before anything "
        "more is paid.",
    )
    share_ids = fields.One2many("cae.settlement.share", "settlement_id", readonly=True)
    activity_ids = fields.Many2many(
        "cae.activity",
        string="Activities",
        compute="_compute_activity_ids",
        search="_search_activity_ids",
    )
    pay_line_ids = fields.One2many(
        "cae.pay.line", "settlement_id", string="Pay", readonly=True
    )
    left_move_ids = fields.Many2many(
        "account.move",
        "cae_settlement_left_move_rel",
        "settlement_id",
        "move_id",
        string="Entries of What Is Left",
        readonly=True,
        copy=False,
        groups="cae_base.group_payroll",
        help="And of its undoing.",
    )
    reason = fields.Char(help="Of the last undoing.")

    _person_uniq = models.UniqueIndex(
        "(entrepreneur_id, year_id)", "This person's year is settled once."
    )
    _left_positive = models.Constraint(
        "CHECK(left_amount >= 0)", "What is left to the cooperative cannot be negative."
    )
    _first_day = models.Constraint(
        "CHECK(EXTRACT(day FROM month) = 1)", "A month is named by its first day."
    )
    _company_month_idx = models.Index("(company_id, month)")

    @api.depends("entrepreneur_id", "year_id")
    def _compute_display_name(self):
        for settlement in self:
            name = settlement.entrepreneur_id.display_name or ""
            # sudo: the name of the year, for a person who may not read its close.
            year = settlement.year_id.sudo().display_name or ""
            settlement.display_name = f"{name}, {year}"

    @api.depends("deadline", "state")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for settlement in self:
            settlement.is_late = settlement.state != "posted" and bool(
                settlement.deadline and settlement.deadline < today
            )

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        late = ["&", ("state", "!=", "posted"), ("deadline", "<", today)]
        return late if True in value else ["!", *late]

    @api.depends("share_ids.activity_id")
    def _compute_activity_ids(self):
        for settlement in self:
            settlement.activity_ids = settlement.share_ids.activity_id

    def _search_activity_ids(self, operator, value):
        return [("share_ids.activity_id", operator, value)]

    @api.depends("flags")
    @api.depends_context("lang")
    def _compute_flag_text(self):
        labels = {
            DEARER: self.env._("its payment costs more than the budget leaves"),
            SHORT: self.env._("its payment costs more than is available"),
        }
        for settlement in self:
            codes = settlement.flags.split(",") if settlement.flags else []
            settlement.flag_text = ", ".join(labels.get(c, c) for c in codes)

    # ------------------------------------------------------------------
    # Records
    # ------------------------------------------------------------------

    def write(self, vals):
        changed = set(vals) - FREE
        if not changed or self._is_paying():
            return super().write(vals)
        self.check_access("write")
        if changed - DECIDED:
            self._check_paying()
        self._check_state(*OPEN)
        result = super().write(self._check_decided(vals))
        if "left_amount" in vals:
            self._compute_again()
        elif "month" in vals:
            self._estimate_payment()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_open(self):
        self._check_paying()

    @api.model
    def _buttons_message(self):
        return self.env._(
            "CAE-SETTLEMENT-STATE: settlements are made, changed and undone "
            "by their buttons only."
        )

    def _check_decided(self, vals):
        """The values of a decision, the month as its first day.

        :raises UserError: ``CAE-SETTLEMENT-VALUE``
        """
        for name, value in vals.items():
            if name in DECIDED and not self._is_decided(name, value):
                raise UserError(
                    self.env._(
                        "CAE-SETTLEMENT-VALUE: %(value)s is not a value of %(field)s.",
                        value=short(value),
                        field=self._fields[name]._description_string(self.env),
                    )
                )
        if "month" in vals:
            month = fields.Date.to_date(vals["month"]).replace(day=1)
            vals = {**vals, "month": month}
        return vals

    def _is_decided(self, name, value):
        if name == "left_amount":
            number = isinstance(value, int | float) and not isinstance(value, bool)
            return number and isfinite(value) and 0 <= value < LARGEST
        if name == "left_reason":
            text = isinstance(value, str) and storable(value)
            return not value or (text and len(value) <= LONGEST)
        try:
            day = fields.Date.to_date(value)
        except (TypeError, ValueError):
            return False
        return bool(day) and 2000 <= day.year < 2100

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_compute(self) -> bool:
        """Compute again from the accounts of today.

        :raises UserError: ``CAE-SETTLEMENT-STATE``, ``CAE-SETTLEMENT-LEFT``,
            ``CAE-SETTLEMENT-PAY``, ``CAE-SETTLEMENT-ORDER``
        """
        self._check_state(*OPEN)
        self.check_access("write")
        self._compute_again()
        return True

    def action_approve(self) -> bool:
        """Approve: the pay of the month of payment pays it.

        :raises UserError: ``CAE-SETTLEMENT-STATE``, ``CAE-SETTLEMENT-LEFT``,
            ``CAE-SETTLEMENT-PAY``, ``CAE-SETTLEMENT-ORDER``, ``CAE-PERIOD-LOCKED``
        """
        self._check_state("computed")
        for year, settlements in self.grouped("year_id").items():
            people = settlements.entrepreneur_id.ids
            self.env["cae.settlement.run"]._check_ready(year, people)
        self._check_left_reason()
        self._check_month()
        self._check_months_open()
        self.check_access("write")
        self._estimate_payment()
        self._paying().write(
            {"state": "approved", "approved_by_id": self.env.uid, "reason": False}
        )
        return True

    def action_draft(self, reason: str) -> bool:
        """Take back an approval.

        :param reason: kept, and shown to the person
        :raises UserError: ``CAE-SETTLEMENT-STATE``, ``CAE-PAY-REASON``
        """
        self._check_state("approved")
        self.check_access("write")
        self._paying().write(
            {
                "state": "draft",
                "approved_by_id": False,
                "reason": self._check_reason(reason),
            }
        )
        return True

    def action_post(self) -> bool:
        """Post approved settlements without waiting for the run of their month.

        :raises UserError: ``CAE-SETTLEMENT-STATE``, ``CAE-PERIOD-LOCKED``,
            ``CAE-PERIOD-BUSY``, ``CAE-PAY-LOCK-DATE``, ``CAE-PAY-CONFIG``
        """
        self._check_state("approved")
        self.check_access("write")
        self._check_months_open()
        for _key, settlements in self._by_month():
            with settlements._in_turn("approved") as here:
                here._post_settlement()
        return True

    def action_undo(self, reason: str) -> bool:
        """Reverse posted settlements by entries; they are computed again.

        :param reason: kept with the settlement, its pay and the entries
        :raises UserError: ``CAE-SETTLEMENT-STATE``, ``CAE-SETTLEMENT-ORDER``,
            ``CAE-PAY-REASON``, ``CAE-PAY-PAID``, ``CAE-PAY-LOCK-DATE``,
            ``CAE-PERIOD-BUSY``
        """
        self._check_state("posted")
        self.check_access("write")
        reason = self._check_reason(reason)
        lines = self.pay_line_ids.filtered(lambda line: line.state == "posted")
        if lines:
            lines.action_undo(reason)
        for _key, settlements in (self - lines.settlement_id)._by_month():
            with settlements._in_turn("posted") as here:
                here._reopen(reason)
        return True

    def action_ask_draft(self) -> dict:
        """Ask why an approval is taken back."""
        return self._ask_reason("draft", self.env._("Take Back"))

    def action_ask_undo(self) -> dict:
        """Ask for the reason of an undoing."""
        return self._ask_reason("undo_settlement", self.env._("Undo"))

    def action_open_pay(self) -> dict:
        """The pay that pays the balance."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_payroll.cae_pay_line_action"
        )
        action["domain"] = [("settlement_id", "in", self.ids)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _state_message(self, state, states):
        return self.env._(
            "CAE-SETTLEMENT-STATE: %(settlement)s is in state “%(state)s”; "
            "this needs “%(states)s”.",
            settlement=self.display_name,
            state=state,
            states=states,
        )

    def _check_left_reason(self):
        """:raises UserError: ``CAE-SETTLEMENT-LEFT``"""
        wrong = self.filtered(
            lambda s: s.left_amount and not (s.left_reason or "").strip()
        )
        if wrong:
            raise UserError(
                self.env._(
                    "CAE-SETTLEMENT-LEFT: write who agreed that %(settlement)s leaves "
                    "a part to the cooperative, and when.",
                    settlement=wrong[0].display_name,
                )
            )

    def _check_month(self):
        """:raises UserError: ``CAE-SETTLEMENT-VALUE``"""
        early = self.filtered(lambda each: each.month <= each.date_to)
        if early:
            raise UserError(
                self.env._(
                    "CAE-SETTLEMENT-VALUE: %(settlement)s is paid after its year, not "
                    "in %(month)s.",
                    settlement=early[0].display_name,
                    month=format_date(
                        self.env, early[0].month, date_format="MMMM yyyy"
                    ),
                )
            )

    def _check_last(self):
        """A later year counts on what this one carries.

        :raises UserError: ``CAE-SETTLEMENT-ORDER``
        """
        if not self:
            return
        later = self.search(
            [
                ("entrepreneur_id", "in", self.entrepreneur_id.ids),
                ("state", "in", ("approved", "posted")),
                ("date_to", ">", min(self.mapped("date_to"))),
                ("id", "not in", self.ids),
            ]
        )
        for settlement in self:
            if later.filtered(
                lambda s, mine=settlement: (
                    s.entrepreneur_id == mine.entrepreneur_id
                    and s.date_to > mine.date_to
                )
            ):
                raise UserError(
                    self.env._(
                        "CAE-SETTLEMENT-ORDER: a later year of %(person)s counts on "
                        "this settlement. Undo that one first.",
                        person=settlement.entrepreneur_id.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Computation
    # ------------------------------------------------------------------

    def _compute_again(self):
        for year, settlements in self.grouped("year_id").items():
            # sudo: what a settlement depends on (balances, shares and pay of others)
            # is more than a payroll officer may read; only these are written.
            run = self.env["cae.settlement.run"].sudo().with_company(year.company_id)
            run._compute(year.sudo(), settlements.entrepreneur_id.ids)

    def _refresh(self, vals):
        """Write new figures, if they are other ones."""
        rows = [command[2] for command in vals["share_ids"]]
        scalars = {name: value for name, value in vals.items() if name != "share_ids"}
        current = {
            name: self._fields[name].convert_to_write(self[name], self)
            for name in scalars
        }
        if current != scalars or self.share_ids._differ(rows):
            commands = [fields.Command.clear(), *vals["share_ids"]]
            self._paying().write({**scalars, "share_ids": commands})
