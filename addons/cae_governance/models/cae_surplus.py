"""The surplus of a year: simulated, decided by the meeting, booked, undone."""

from functools import partial

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang

from odoo.addons.cae_base.engine.money import ZERO, decimal
from odoo.addons.cae_base.models.cae_owned import OWNED
from odoo.addons.cae_base.tools import format_date

from ..engine import surplus as engine
from .cae_member_document import document_frame

OWNED["cae.surplus"] = {
    "decision_date": False,
    "move_id": False,
    "reversal_move_id": False,
    "state": "draft",
}
#: What the meeting decided does not change afterwards.
TERMS = {
    *("company_id", "date_end", "equal_key", "highest_capital", "interest_rate"),
    *("form", "fund_minimum"),
    *("legal_rate", "legal_reserve", "line_ids", "pay_key", "surplus", "time_key"),
    "work_rate",
}


class CaeSurplus(models.Model):
    """Répartition des excédents nets de gestion (loi 78-763 art. 33)."""

    _name = "cae.surplus"
    _description = "Sharing of the Surplus"
    _inherit = ["cae.owned", "cae.printed", "mail.thread", "mail.activity.mixin"]
    _order = "date_end desc, id desc"
    _check_company_auto = True
    _report_template = "cae_governance.surplus_document"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
        index=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_end = fields.Date(
        string="End of the Year",
        required=True,
        default=lambda self: self._default_date_end(),
        help="Last day of the fiscal year.",
    )
    form = fields.Selection(
        [
            ("scop", "SCOP (loi 78-763 art. 33)"),
            ("scic", "SCIC (loi 47-1775 art. 19 nonies)"),
            ("loi47", "Other cooperative: its statutes"),
        ],
        string="Law",
        compute="_compute_form",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        help="A SCOP shares a quarter at least with the employees; a SCIC keeps half "
        "at least of what the legal reserve leaves.",
    )
    surplus = fields.Monetary(
        required=True, tracking=True, help="Net surplus of the year, after tax."
    )
    legal_rate = fields.Float(
        string="Legal Reserve (%)", digits=(5, 2), default=15.0, tracking=True
    )
    work_rate = fields.Float(
        string="Part of Work (%)", digits=(5, 2), default=25.0, tracking=True
    )
    interest_rate = fields.Float(
        string="Interest on Shares (%)",
        digits=(5, 2),
        tracking=True,
        help="Percent of the surplus, not of the capital.",
    )
    fund_minimum = fields.Float(
        string="Least for the Fund (%)",
        digits=(5, 2),
        default=1.0,
        help="Something must go to the development fund; 1 % is practice, not law.",
    )
    legal_reserve = fields.Monetary(
        string="Legal Reserve Before",
        compute="_compute_before",
        store=True,
        readonly=False,
        help="From account 1061 at the end of the year.",
    )
    highest_capital = fields.Monetary(
        compute="_compute_before",
        store=True,
        readonly=False,
        help="Until the legal reserve has reached it, 15 % go to the reserve.",
    )
    legal_amount = fields.Monetary(
        string="To the Legal Reserve", compute="_compute_amounts"
    )
    fund_amount = fields.Monetary(
        string="To the Development Fund", compute="_compute_amounts"
    )
    work_amount = fields.Monetary(string="To Work", compute="_compute_amounts")
    interest_amount = fields.Monetary(string="To Shares", compute="_compute_amounts")
    findings = fields.Text(compute="_compute_amounts")
    pay_key = fields.Float(string="By Pay (%)", digits=(5, 2), default=100.0)
    time_key = fields.Float(string="By Time (%)", digits=(5, 2))
    equal_key = fields.Float(string="Equally (%)", digits=(5, 2))
    line_ids = fields.One2many("cae.surplus.line", "surplus_id", copy=False)
    reference = fields.Char(string="Decision", help="Meeting and resolution.")
    resolution_text = fields.Text(
        compute="_compute_resolution_text",
        help="Draft of the resolution, from the figures above.",
    )
    state = fields.Selection(
        [
            ("draft", "Simulation"),
            ("decided", "Decided"),
            ("posted", "Booked"),
            ("undone", "Undone"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    decision_date = fields.Date(
        string="Decided on", readonly=True, copy=False, tracking=True
    )
    move_id = fields.Many2one(
        "account.move", string="Entry", readonly=True, copy=False, ondelete="restrict"
    )
    reversal_move_id = fields.Many2one(
        "account.move",
        string="Reversal",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )

    _year_uniq = models.UniqueIndex(
        "(company_id, date_end) WHERE state IN ('decided', 'posted')",
        "The surplus of this year is decided already.",
    )

    @api.model
    def _default_date_end(self):
        today = self.env.company._cae_today()
        year = self.env.company.compute_fiscalyear_dates(today)["date_from"]
        return fields.Date.subtract(year, days=1)

    @api.depends("company_id", "date_end")
    def _compute_form(self):
        for record in self:
            day = record.date_end or fields.Date.context_today(record)
            rules = self.env["cae.rule.set"]._in_force(record.company_id, day)
            if not rules:
                # sudo: the form of the cooperative, as its last meeting had it.
                meetings = self.env["cae.meeting"].sudo()
                domain = [("company_id", "=", record.company_id.id)]
                rules = meetings.search(domain, limit=1).rule_set_id
            code = rules.code
            record.form = code if code in ("scic", "loi47") else "scop"

    @api.depends("company_id", "date_end")
    def _compute_before(self):
        for record in self:
            company = record.company_id
            capital = self.env["cae.share.movement"]._capital_figures(company)
            record.highest_capital = float(capital[1])
            record.legal_reserve = record._reserve_before()

    def _reserve_before(self):
        account = self.company_id.cae_legal_reserve_account_id
        if not (account and self.date_end):
            return 0.0
        # sudo: the legal reserve alone, for a secretary without rights on entries.
        rows = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", self.company_id.id),
                    ("account_id", "=", account.id),
                    ("parent_state", "=", "posted"),
                    ("date", "<=", self.date_end),
                ],
                [],
                ["balance:sum"],
            )
        )
        return -(rows[0][0] or 0.0)

    @api.depends(
        "surplus",
        "legal_rate",
        "work_rate",
        "interest_rate",
        "fund_minimum",
        "legal_reserve",
        "highest_capital",
        "form",
    )
    @api.depends_context("lang")
    def _compute_amounts(self):
        for record in self:
            try:
                found = engine.allocate(decimal(record.surplus), record._terms())
            except ValueError as error:
                found = engine.Allocation(*[ZERO] * 5)
                record.findings = record._error_message(str(error))
            else:
                record.findings = record._findings(found)
            record.legal_amount = float(found.legal)
            record.fund_amount = float(found.fund)
            record.work_amount = float(found.work)
            record.interest_amount = float(found.interest)

    def _terms(self):
        return engine.Terms(
            legal=decimal(self.legal_rate),
            work=decimal(self.work_rate),
            interest=decimal(self.interest_rate),
            fund_minimum=decimal(self.fund_minimum),
            form=self.form or "scop",
        )

    def _findings(self, allocation):
        found = engine.check(
            allocation,
            self._terms(),
            decimal(self.legal_reserve),
            decimal(self.highest_capital),
        )
        return "\n".join(self._finding_text(each) for each in found) or False

    def _finding_text(self, finding):
        shown = partial(formatLang, self.env, digits=2)
        limit = {
            "amount": shown(float(finding.amount)),
            "limit": shown(float(finding.limit)),
        }
        return {
            "CAE-SURPLUS-LEGAL": self.env._(
                "CAE-SURPLUS-LEGAL: %(amount)s € for the legal reserve, which has not "
                "reached the highest capital: %(limit)s € at least.",
                **limit,
            ),
            "CAE-SURPLUS-FUND": self.env._(
                "CAE-SURPLUS-FUND: %(amount)s € for the development fund: %(limit)s € "
                "at least.",
                **limit,
            ),
            "CAE-SURPLUS-WORK": self.env._(
                "CAE-SURPLUS-WORK: %(amount)s € for work: %(limit)s € at "
                "least (25 %%).",
                **limit,
            ),
            "CAE-SURPLUS-INTEREST": self.env._(
                "CAE-SURPLUS-INTEREST: %(amount)s € for shares: %(limit)s € at most, "
                "the lesser of the reserves and of the part of work.",
                **limit,
            ),
        }[finding.code]

    @api.model
    def _error_message(self, code):
        texts = {
            "CAE-SURPLUS-NONE": self.env._("there is no surplus to share."),
            "CAE-SURPLUS-RATE": self.env._(
                "the rates are not below zero and add up to 100 % at most."
            ),
            "CAE-SURPLUS-KEY": self.env._(
                "the keys of the part of work are not below zero and add up to 100 %."
            ),
            "CAE-SURPLUS-SENIORITY": self.env._("a seniority counts from 1 to 2."),
            "CAE-SURPLUS-NOBODY": self.env._(
                "nobody shares: fill the list, with what the keys count."
            ),
        }
        return f"{code}: {texts[code]}"

    @api.depends(
        *("date_end", "surplus", "legal_rate", "work_rate", "interest_rate"),
        *("fund_minimum", "legal_reserve", "highest_capital"),
    )
    @api.depends_context("lang")
    def _compute_resolution_text(self):
        for record in self:
            words = partial(formatLang, self.env, currency_obj=record.currency_id)
            record.resolution_text = self.env._(
                "The meeting decides to share the net surplus of the year ended on "
                "%(day)s, %(surplus)s, as follows: %(legal)s to the legal reserve, "
                "%(fund)s to the development fund, %(work)s to the employees as part "
                "of work, %(interest)s as interest on shares.",
                day=format_date(self.env, record.date_end),
                surplus=words(record.surplus),
                legal=words(record.legal_amount),
                fund=words(record.fund_amount),
                work=words(record.work_amount),
                interest=words(record.interest_amount),
            )

    @api.depends("date_end")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for record in self:
            record.display_name = self.env._(
                "Surplus of the year ended on %(day)s",
                day=record.date_end and format_date(self.env, record.date_end),
            )

    # ------------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------------

    def write(self, vals):
        if TERMS & set(vals) and not self._cae_owning():
            self._check_state("draft")
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._check_state("draft")

    def _check_state(self, *states):
        """:raises UserError: ``CAE-SURPLUS-STATE``"""
        other = self.filtered(lambda record: record.state not in states)
        if other:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "CAE-SURPLUS-STATE: %(name)s is “%(state)s”: this step is not for "
                    "it.",
                    name=other[0].display_name,
                    state=labels[other[0].state],
                )
            )

    def _hold(self, *states):
        """Keep others from booking the same; it must be in one of ``states``."""
        self.check_access("write")
        self._cae_hold()
        self.invalidate_recordset(["state"])
        self._check_state(*states)

    # ------------------------------------------------------------------
    # Course
    # ------------------------------------------------------------------

    def action_compute(self) -> bool:
        """Share the parts of work and of capital between the people listed.

        :return: True
        :raises UserError: ``CAE-SURPLUS-STATE``, ``CAE-SURPLUS-KEY``,
            ``CAE-SURPLUS-SENIORITY``, ``CAE-SURPLUS-NOBODY``
        """
        self._hold("draft")
        for record in self:
            try:
                record._share()
            except ValueError as error:
                raise UserError(record._error_message(str(error))) from error
        return True

    def _share(self):
        work = self.line_ids.filtered(lambda line: line.kind == "work")
        keys = {name: decimal(self[f"{name}_key"]) for name in ("pay", "time", "equal")}
        parts = engine.work_shares(
            decimal(self.work_amount), [line._worker() for line in work], keys
        )
        interest = self.line_ids - work
        parts |= engine.interest_shares(
            decimal(self.interest_amount),
            {line.id: decimal(line.capital) for line in interest},
        )
        for line in self.line_ids:
            line._cae_own().amount = float(parts.get(line.id, ZERO))

    def action_fill(self) -> bool:
        """List who worked in the year and who held shares at its end.

        People listed already keep what was typed of them.

        :return: True
        :raises UserError: ``CAE-SURPLUS-STATE``
        """
        self._hold("draft")
        for record in self:
            record._fill()
        return True

    def _fill(self):
        known = {(line.kind, line.partner_id.id) for line in self.line_ids}
        vals_list = self._prepare_work_vals() + self._prepare_interest_vals()
        self.env["cae.surplus.line"].create(
            [
                {**vals, "surplus_id": self.id}
                for vals in vals_list
                if (vals["kind"], vals["partner_id"]) not in known
            ]
        )

    def _prepare_work_vals(self):
        company = self.company_id
        dates = company.compute_fiscalyear_dates(self.date_end)
        first, last = dates["date_from"], dates["date_to"]
        # sudo: names and days of contracts of the year, for who prepares the meeting.
        people = self.env["cae.entrepreneur"].sudo()._worked(company, first, last)
        grosses = people._year_grosses(company, first, last)
        return [
            {
                "kind": "work",
                "partner_id": person.partner_id.id,
                "time": days,
                "pay": float(grosses.get(person.id, ZERO)),
                "present": present,
            }
            for person, days, present in people._presence(first, last)
        ]

    def _prepare_interest_vals(self):
        members = self.env["cae.member"].with_context(active_test=False)
        members = members.search([("company_id", "=", self.company_id.id)])
        held, debts = members._held_on(self.date_end), members._debts_on(self.date_end)
        paid = {
            member: held[member.id].amount - max(debts[member.id], ZERO)
            for member in members
            if member.id in held
        }
        return [
            {
                "kind": "interest",
                "partner_id": member.partner_id.id,
                "capital": float(amount),
            }
            for member, amount in paid.items()
            if amount > 0
        ]

    def action_decide(self, day: str = "", reference: str = "") -> bool:
        """Record that the meeting decided this sharing.

        :param day: ISO date of the meeting, today when empty
        :param reference: meeting and resolution
        :return: True
        :raises UserError: ``CAE-SURPLUS-STATE``, ``CAE-SURPLUS-DATE``,
            ``CAE-SURPLUS-SUM`` and the findings
        """
        self._hold("draft")
        when = self._decision_day(day)
        for record in self:
            record._check_sound()
            record._check_first()
        vals = {"state": "decided", "decision_date": when}
        self._cae_own().write(
            {**vals, **({"reference": reference} if reference else {})}
        )
        return True

    def _decision_day(self, day):
        """:raises UserError: ``CAE-SURPLUS-DATE``"""
        today = self.env.company._cae_today()
        try:
            when = fields.Date.to_date(day or today)
        except (TypeError, ValueError):
            when = None
        if not when or when > today or any(when <= r.date_end for r in self):
            raise UserError(
                self.env._(
                    "CAE-SURPLUS-DATE: give the day of the meeting, such as "
                    "2026-06-30: after the end of the year, and not ahead."
                )
            )
        return when

    def _check_sound(self):
        """:raises UserError: ``CAE-SURPLUS-SUM``, or the first finding"""
        if self.findings:
            raise UserError(self.findings)
        for kind, amount in (
            ("work", self.work_amount),
            ("interest", self.interest_amount),
        ):
            lines = self.line_ids.filtered(lambda line, k=kind: line.kind == k)
            found = sum((decimal(line.amount) for line in lines), ZERO)
            if found != decimal(amount):
                raise UserError(
                    self.env._(
                        "CAE-SURPLUS-SUM: the people listed share %(found)s € of "
                        "%(amount)s €. Share the amounts again.",
                        found=formatLang(self.env, float(found), digits=2),
                        amount=formatLang(self.env, amount, digits=2),
                    )
                )

    def _check_first(self):
        """:raises UserError: ``CAE-SURPLUS-TWICE``"""
        known = self.search_count(
            [
                ("company_id", "=", self.company_id.id),
                ("date_end", "=", self.date_end),
                ("state", "in", ("decided", "posted")),
            ],
            limit=1,
        )
        if known:
            raise UserError(
                self.env._(
                    "CAE-SURPLUS-TWICE: the surplus of this year is decided already. "
                    "Undo that sharing first."
                )
            )

    def action_draft(self) -> bool:
        """Take a decision back that is not booked yet.

        :return: True
        :raises UserError: ``CAE-SURPLUS-STATE``
        """
        self._hold("decided")
        self._cae_own().write({"state": "draft", "decision_date": False})
        return True

    def action_post(self) -> bool:
        """Book what the meeting decided, on the day of the decision.

        :return: True
        :raises AccessError: when not an accountant
        :raises UserError: ``CAE-SURPLUS-STATE``, ``CAE-SURPLUS-CONFIG``,
            ``CAE-PERIOD-LOCKED``, ``CAE-LOCK-DATE``
        """
        self._check_accountant()
        self._hold("decided")
        for record in self:
            record = record.with_company(record.company_id)
            move = record._post_entry(record._prepare_items(), record.decision_date)
            record._cae_own().write({"state": "posted", "move_id": move.id})
        return True

    def action_undo(self, reason: str) -> bool:
        """Reverse the entry, in the first open month; the sharing is kept as undone.

        :param reason: kept in the log
        :return: True
        :raises AccessError: when not an accountant
        :raises UserError: ``CAE-SURPLUS-STATE``, ``CAE-SURPLUS-REASON``
        """
        self._check_accountant()
        if not (isinstance(reason, str) and reason.strip()):
            raise UserError(self.env._("CAE-SURPLUS-REASON: say why."))
        self._hold("posted")
        for record in self:
            record = record.with_company(record.company_id)
            day = self.env["cae.period"]._first_open_day(
                record.company_id, record.decision_date
            )
            items = [
                (line.account_id, -decimal(line.balance), line.partner_id)
                for line in record.move_id.line_ids.sorted("id")
            ]
            move = record._post_entry(items, day, record.move_id)
            record._cae_own().write({"state": "undone", "reversal_move_id": move.id})
            record._cae_note(self.env._("Undone: %(reason)s", reason=reason))
        return True

    def _check_accountant(self):
        if not self.env.user.has_group("cae_base.group_accountant"):
            raise AccessError(
                self.env._("Only accountants of the cooperative book the surplus.")
            )

    def _prepare_items(self):
        """``[(account, balance, partner)]`` of the entry."""
        accounts = self.company_id._cae_surplus_accounts()
        nobody = self.env["res.partner"]
        items = [
            (accounts["result"], decimal(self.surplus), nobody),
            (accounts["legal"], -decimal(self.legal_amount), nobody),
            (accounts["fund"], -decimal(self.fund_amount), nobody),
        ]
        items += [
            (accounts[line.kind], -decimal(line.amount), line.partner_id)
            for line in self.line_ids
        ]
        return [item for item in items if item[1]]

    def _post_entry(self, items, day, reversed_move=None):
        self.env["res.company"]._cae_check_capital_days({day})
        register = self.env["cae.share.movement"]
        item = register.new({"company_id": self.company_id.id})._prepare_item_vals
        lang = self.company_id._cae_statement_lang()
        label = self.with_context(lang=lang).display_name
        return register._post_entries(
            [
                {
                    "move_type": "entry",
                    "journal_id": self.company_id.cae_capital_journal_id.id,
                    "company_id": self.company_id.id,
                    "date": day,
                    "ref": label,
                    "cae_capital": True,
                    "reversed_entry_id": reversed_move.id if reversed_move else False,
                    "line_ids": [
                        fields.Command.create(item(account, balance, label, partner))
                        for account, balance, partner in items
                    ],
                }
            ]
        )

    # ------------------------------------------------------------------
    # Screens and documents
    # ------------------------------------------------------------------

    def action_open_entries(self) -> dict:
        """The entry of the sharing, with its reversal."""
        return (self.move_id | self.reversal_move_id)._cae_open()

    def action_ask_undo(self) -> dict:
        """Ask for the reason, then undo."""
        return self.env["cae.governance.reason"]._ask(
            "undo_surplus", self.env._("Undo"), surplus_ids=self.ids
        )

    def _file_name(self):
        return self.env._("Surplus %s", self.date_end)

    def _prepare_document_values(self):
        return {**super()._prepare_document_values(), **document_frame(self)}
