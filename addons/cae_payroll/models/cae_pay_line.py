from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.amount import Amount, Plain
from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.tools import format_date

from ..engine.monthly import to_cents
from .cae_pay_decision import FREE

#: Who sees how a pay is computed: payroll officers, and the person.
DETAIL = "cae_base.group_payroll,cae_base.group_entrepreneur"
#: Lines of a pay that are of the month of a person, whatever its gross.
PREMIUMS = ("MUTUELLE", "PREVOYANCE_FORFAIT")
#: Who sees how much: also the coach. Accountants see the totals of the accounts.
TOTALS = f"{DETAIL},cae_base.group_coach"


class CaePayLine(models.Model):
    """The pay of a person for a month: an estimate, until the payslip is known."""

    _name = "cae.pay.line"
    _description = "Pay"
    _inherit = ["cae.pay.decision"]
    _order = "month desc, entrepreneur_id"
    _check_company_auto = True
    _reason_field = "line_ids"

    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    month = fields.Date(
        required=True, readonly=True, index=True, help="First day of the month."
    )
    month_text = fields.Char(string="Month Name", compute="_compute_month_text")
    contract_id = fields.Many2one(
        "cae.contract",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        help="The contract or amendment whose terms apply.",
    )
    second_contract = fields.Boolean(
        readonly=True,
        help="The wage of an ordinary contract beside a CESA: own hours and reduction, "
        "one ceiling for both.",
    )
    request_id = fields.Many2one(
        "cae.pay.request",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        check_company=True,
    )
    settlement_id = fields.Many2one(
        "cae.settlement",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        help="The balance of a year, paid beside the pay of the month.",
    )
    share_ids = fields.One2many("cae.pay.share", "line_id", readonly=True)
    activity_ids = fields.Many2many(
        "cae.activity",
        string="Activities",
        compute="_compute_activity_ids",
        search="_search_activity_ids",
    )
    state = fields.Selection(
        [
            ("draft", "To Approve"),
            ("approved", "Approved"),
            ("posted", "Posted"),
            ("refused", "Refused"),
            ("cancelled", "Undone"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    flags = fields.Char(
        readonly=True, help="Codes of the findings, for programs and searches."
    )
    flag_text = fields.Char(string="Findings", compute="_compute_flag_text")
    is_overdraft = fields.Boolean(
        string="Overdraft", compute="_compute_flag_text", search="_search_is_overdraft"
    )
    available = Amount(
        readonly=True,
        groups=TOTALS,
        help="The person's part of what is available on the activities at the end of "
        "the month, before any pay of the month.",
    )
    committed = Amount(
        readonly=True,
        groups=TOTALS,
        help="Pay of earlier months that waits for its approval, and what later "
        "months have already paid.",
    )
    reserve = Amount(readonly=True, groups=TOTALS, help="What an advance must leave.")
    fixed_part = Amount(
        readonly=True, groups=TOTALS, help="Gross of the fixed part, by calendar days."
    )
    requested = Amount(
        readonly=True, groups=TOTALS, help="Gross asked for above the fixed part."
    )
    gross = Amount(readonly=True, groups=TOTALS, help="Fixed part and advance.")
    cost = Amount(
        readonly=True, groups=TOTALS, help="Gross and employer's contributions."
    )
    net = Amount(string="Net Before Tax", readonly=True, groups=TOTALS)
    leave_aside = Amount(
        string="Set Aside for Leave",
        readonly=True,
        groups=TOTALS,
        help="What the paid leave of this pay will cost, contributions included; "
        "beside the cost.",
    )
    leave_used = Amount(
        string="Leave Taken",
        readonly=True,
        groups=TOTALS,
        help="What was set aside before and pays the leave of the month, with "
        "contributions.",
    )
    withheld = Amount(
        readonly=True,
        groups=DETAIL,
        help="Garnishments, advances and shares taken from the net (elements of pay).",
    )
    target_id = fields.Many2one(
        "cae.pay.target",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        check_company=True,
        groups=DETAIL,
        help="What the person aims at over some months, without a request of the "
        "month.",
    )
    net_taxable = Amount(readonly=True, groups=DETAIL)
    net_social = Amount(readonly=True, groups=DETAIL)
    employer_contributions = Amount(
        readonly=True, groups=DETAIL, help="Before the general reduction."
    )
    employee_contributions = Amount(readonly=True, groups=DETAIL)
    general_reduction = Amount(readonly=True, groups=DETAIL)
    coefficient = fields.Float(
        string="Coefficient of the Reduction",
        digits=(6, 4),
        readonly=True,
        aggregator=None,
        groups=DETAIL,
    )
    equivalent_hours = fields.Float(
        digits=(6, 2),
        readonly=True,
        groups=DETAIL,
        help="Hours of the month, or hours rebuilt from the pay (CSS D.241-27).",
    )
    booked = Plain(
        readonly=True,
        copy=False,
        groups="cae_base.group_payroll",
        help="Technical: what the month counts for in the regularisation of the year.",
    )
    detail = Plain(
        readonly=True,
        groups=DETAIL,
        help="Every line of the computation: code, label, group, base, rates and "
        "amounts in euros.",
    )
    detail_html = fields.Html(
        string="Computation",
        compute="_compute_detail_html",
        sanitize=False,
        groups=DETAIL,
    )
    approved_by_id = fields.Many2one(help="Nobody when the pay needed no approval.")
    reason = fields.Char(groups=DETAIL, help="Of a refusal or an undoing.")
    move_id = fields.Many2one(
        "account.move",
        string="Entry",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    reversal_move_id = fields.Many2one(
        "account.move",
        string="Reversal",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )

    _month_uniq = models.UniqueIndex(
        "(entrepreneur_id, month, COALESCE(second_contract, FALSE)) "
        "WHERE state != 'cancelled' AND settlement_id IS NULL",
        "This person already has a pay in this month.",
    )
    _settlement_uniq = models.UniqueIndex(
        "(settlement_id) WHERE state != 'cancelled'", "A settlement is paid once."
    )
    _first_day = models.Constraint(
        "CHECK(EXTRACT(day FROM month) = 1)", "A month is named by its first day."
    )
    _company_month_idx = models.Index("(company_id, month)")

    @api.depends("entrepreneur_id", "month", "second_contract")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for line in self:
            name = line.entrepreneur_id.display_name or ""
            line.display_name = f"{name}, {line._month_name()}"
            if line.second_contract:
                line.display_name += f" ({self.env._('ordinary contract')})"

    @api.depends("month")
    @api.depends_context("lang")
    def _compute_month_text(self):
        for line in self:
            line.month_text = line._month_name().capitalize()

    @api.depends("share_ids.activity_id")
    def _compute_activity_ids(self):
        # All at once: Odoo asks line by line whether they are archived, and whose.
        self.share_ids.activity_id.fetch(["active", "company_id"])
        for line in self:
            line.activity_ids = line.share_ids.activity_id

    def _search_activity_ids(self, operator, value):
        return [("share_ids.activity_id", operator, value)]

    @api.depends("flags")
    @api.depends_context("lang")
    def _compute_flag_text(self):
        labels = self._flag_labels()
        for line in self:
            codes = line._flag_codes()
            line.flag_text = ", ".join(labels.get(code, code) for code in codes)
            line.is_overdraft = "CAE-PAY-OVERDRAFT" in codes

    def _search_is_overdraft(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = [("flags", "like", "CAE-PAY-OVERDRAFT")]
        return found if True in value else ["!", *found]

    @api.depends(
        *("detail", "employer_contributions", "employee_contributions"),
        "general_reduction",
    )
    @api.depends_context("lang")
    def _compute_detail_html(self):
        simulator = self.env["cae.salary.simulator"]
        for line in self:
            line.detail_html = simulator._detail_html(line.detail, line)

    def write(self, vals):
        if set(vals) - FREE:
            self.check_access("write")
            self._check_paying()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        if any(line.state != "draft" for line in self):
            raise UserError(
                self.env._(
                    "CAE-PAY-STATE: only pay to approve is deleted. A posted pay is "
                    "undone by reversal; an approval or a refusal is taken back first."
                )
            )

    @api.model
    def _buttons_message(self):
        return self.env._(
            "CAE-PAY-STATE: pay is changed by the run of its month and by its "
            "buttons only."
        )

    # ------------------------------------------------------------------
    # Findings
    # ------------------------------------------------------------------

    def _flag_codes(self):
        return self.flags.split(",") if self.flags else []

    @api.model
    def _flag_labels(self):
        """Findings in words: ``{code: label}``."""
        return {
            "CAE-PAY-OVERDRAFT": self.env._("overdraft"),
            "CAE-PAY-LIMIT": self.env._("overdraft above the limit"),
            "CAE-PAY-NET": self.env._("net below zero"),
            "CAE-PAY-ACTIVITY": self.env._("no activity"),
            "CAE-PAY-RESERVE": self.env._("fixed part eats the reserve"),
            "CAE-PAY-REQUEST": self.env._("request cut"),
            "CAE-PAY-SEVERAL": self.env._("several activities"),
            "CAE-PAY-FIRST": self.env._("first pay"),
            "CAE-PAY-CAPE": self.env._("asks for pay under a CAPE without pay"),
        }

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_approve(self) -> bool:
        """Approve pay that waits; the next run of the month posts it.

        :raises UserError: ``CAE-PAY-STATE``, ``CAE-PAY-ACTIVITY``,
            ``CAE-PAY-WITHHELD``, ``CAE-PERIOD-LOCKED``, ``CAE-PAY-STALE`` when it is
            another pay by now: compute it again by :meth:`action_draft` and read it
        """
        self.check_access("write")
        self._check_state("draft")
        self._check_months_open()
        self._check_current()
        self._check_activities()
        self._check_withheld()
        self._paying().write(
            {"state": "approved", "reason": False, "approved_by_id": self.env.uid}
        )
        return True

    def action_refuse(self, reason: str) -> bool:
        """Refuse pay that waits or is approved; the month proposes it no more.

        :param reason: kept, and shown to the person
        :raises UserError: ``CAE-PAY-STATE``, ``CAE-PAY-REASON``
        """
        self._check_state("draft", "approved")
        reason = self._check_reason(reason)
        self._paying().write(
            {"state": "refused", "reason": reason, "approved_by_id": False}
        )
        return True

    def action_draft(self) -> bool:
        """Take back an approval or a refusal, and compute the pay again.

        :raises UserError: ``CAE-PAY-STATE``, ``CAE-PERIOD-LOCKED``
        """
        self._check_state("draft", "approved", "refused")
        self._check_months_open()
        self._paying().write(
            {"state": "draft", "reason": False, "approved_by_id": False}
        )
        self._compute_pay_again()
        return True

    def _compute_pay_again(self):
        for (company, month), lines in self._by_month():
            run = self.env["cae.pay.run"].with_company(company)
            run._update(company, month, lines.entrepreneur_id.ids)

    def action_post(self) -> bool:
        """Post approved pay without waiting for the run of its month.

        :raises UserError: ``CAE-PAY-STATE``, ``CAE-PERIOD-LOCKED``,
            ``CAE-PERIOD-BUSY``, ``CAE-PAY-LOCK-DATE``, ``CAE-PAY-CONFIG``
        """
        self._check_state("approved")
        self._check_months_open()
        for _key, lines in self._by_month():
            with lines._in_turn("approved") as here:
                here._post_pay()
        return True

    def action_undo(self, reason: str) -> bool:
        """Reverse posted pay by an entry; the next run may propose it again.

        :param reason: kept with the pay and its entry
        :raises UserError: ``CAE-PAY-STATE``, ``CAE-PAY-REASON``, ``CAE-PAY-PAID``,
            ``CAE-PAY-LOCK-DATE``, ``CAE-PERIOD-BUSY``
        """
        self._check_state("posted")
        reason = self._check_reason(reason)
        for _key, lines in self._by_month():
            with lines._in_turn("posted") as here:
                here._reverse_pay(reason)
        return True

    def action_ask_refusal(self) -> dict:
        """Ask for the reason of a refusal."""
        return self._ask_reason("refuse", self.env._("Refuse"))

    def action_ask_undo(self) -> dict:
        """Ask for the reason of an undoing."""
        return self._ask_reason("undo", self.env._("Undo"))

    def action_open_entries(self) -> dict:
        """Accounting entries of this pay."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "account.action_move_journal_line"
        )
        moves = self.move_id | self.reversal_move_id
        action["domain"] = [("id", "in", moves.ids)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _state_message(self, state, states):
        return self.env._(
            "CAE-PAY-STATE: %(pay)s is in state “%(state)s”; this needs “%(states)s”.",
            pay=self.display_name,
            state=state,
            states=states,
        )

    def _check_withheld(self):
        """:raises UserError: ``CAE-PAY-WITHHELD``"""
        for line in self:
            withheld = to_cents(decimal(line.withheld))
            if withheld and withheld > to_cents(decimal(line.net)):
                raise UserError(
                    self.env._(
                        "CAE-PAY-WITHHELD: more is withheld from %(pay)s than its "
                        "net. Change the elements of pay, then compute it again.",
                        pay=line.display_name,
                    )
                )

    def _check_activities(self):
        for line in self:
            if line.cost and not line.share_ids:
                raise UserError(
                    self.env._(
                        "CAE-PAY-ACTIVITY: %(pay)s is drawn from no activity. Give "
                        "the person an activity, then compute the pay again.",
                        pay=line.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Months
    # ------------------------------------------------------------------

    def _month_name(self):
        if not self.month:
            return ""
        return format_date(self.env, self.month, date_format="MMMM yyyy")

    @api.model
    def _last_day(self, month):
        return month + relativedelta(months=1, days=-1)

    @api.model
    def _last_paid_day(self, company):
        """Last day of the last month in which pay was posted, or False.

        Lines of zero take nothing from anybody.
        """
        [[month]] = self._read_group(
            [
                ("company_id", "=", company.id),
                ("state", "=", "posted"),
                ("cost", "!=", 0),
            ],
            aggregates=["month:max"],
        )
        return month and self._last_day(month)

    # ------------------------------------------------------------------
    # Proposals
    # ------------------------------------------------------------------

    @api.model
    def _zero_domain(self):
        """Posted months of a contract without pay, that nothing followed."""
        return [
            ("state", "=", "posted"),
            ("cost", "=", 0),
            ("net", "=", 0),
            ("move_id", "=", False),
            ("payslip_id", "=", False),
        ]

    def _is_unpaid_cape(self):
        """Whether this is the sheet of zero of a month under a CAPE."""
        return self.contract_id.kind == "cape" and not self.gross

    def _is_open(self):
        """Whether the run of the month may compute this pay again."""
        return self.state == "draft" or bool(self.filtered_domain(self._zero_domain()))

    def _change_place(self, others):
        """The pay of an ordinary contract becomes, or is no more, that of a second one.

        :param others: pay that waits in its new place, and is proposed anew
        """
        reason = self.env._("The contracts of the month are others by now.")
        others._paying().write({"state": "cancelled", "reason": reason})
        others.flush_recordset(["state"])
        here, second = self._paying(), not self.second_contract
        here.second_contract = second
        here.share_ids.second_contract = second

    def _bears_premiums(self):
        """Whether premiums of the month, of a fixed amount, are in this pay."""
        return any(row["code"] in PREMIUMS for row in self.detail or ())

    def _refresh(self, vals):
        """Write a new proposal on a pay that waits, if it is another one."""
        scalars = {key: value for key, value in vals.items() if key != "share_ids"}
        shares = [command[2] for command in vals["share_ids"]]
        if self._differs(scalars) or self.share_ids._differ(shares):
            commands = [fields.Command.clear(), *vals["share_ids"]]
            self._paying().write({**vals, "share_ids": commands})

    def _differs(self, vals):
        current = {
            name: self._fields[name].convert_to_write(self[name], self) for name in vals
        }
        return any(current[name] != value for name, value in vals.items())
