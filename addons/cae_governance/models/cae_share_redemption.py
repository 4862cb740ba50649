"""Requests to redeem shares: their order, the floor of the capital, their term."""

from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from odoo.addons.cae_base.engine.money import ZERO, decimal
from odoo.addons.cae_base.models.cae_owned import OWNED
from odoo.addons.cae_base.tools import flag_domain, format_date

from ..engine import shares

OWNED["cae.share.redemption"] = {
    "amount_due": 0.0,
    "date_done": False,
    "state": "requested",
}


class CaeShareRedemption(models.Model):
    """Shares that a member, or the end of a membership, asks to redeem."""

    _name = "cae.share.redemption"
    _description = "Redemption of Shares"
    _inherit = ["cae.owned", "mail.thread", "mail.activity.mixin"]
    _order = "date_request, id"
    _check_company_auto = True

    member_id = fields.Many2one(
        "cae.member",
        required=True,
        ondelete="restrict",
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(
        related="member_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    share_kind_id = fields.Many2one(
        "cae.share.kind",
        string="Shares",
        required=True,
        ondelete="restrict",
        check_company=True,
    )
    quantity = fields.Integer(required=True, tracking=True)
    amount = fields.Monetary(
        string="Nominal Value", compute="_compute_amount", store=True
    )
    date_request = fields.Date(
        string="Requested on",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="Requests are met in this order.",
    )
    years = fields.Integer(
        string="Deferred up to (Years)",
        default=lambda self: self.env.company.cae_redemption_years,
        tracking=True,
        help="The cooperative may pay later, five years at most.",
    )
    date_limit = fields.Date(
        string="To Pay before", compute="_compute_date_limit", store=True
    )
    interest_rate = fields.Float(
        string="Interest (%)",
        digits=(5, 2),
        help="Yearly rate of this request, when it is agreed. Zero: the rates of the "
        "cooperative (CAE / Governance / Configuration / Rates of Interest). Booked "
        "when it is paid.",
    )
    state = fields.Selection(
        [
            ("requested", "Requested"),
            ("accepted", "To pay"),
            ("refused", "Refused"),
        ],
        default="requested",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    date_done = fields.Date(
        string="Redeemed on",
        readonly=True,
        copy=False,
        help="Day on which the shares left the register.",
    )
    losses = fields.Monetary(
        string="Losses of the Cooperative",
        help="Losses that its reserves do not cover: redeemed shares bear their part.",
    )
    amount_due = fields.Monetary(
        readonly=True, copy=False, help="Nominal value less the part of the losses."
    )
    residual = fields.Monetary(
        string="To Pay", compute="_compute_residual", help="Open on account 4567."
    )
    movement_ids = fields.One2many("cae.share.movement", "redemption_id", readonly=True)
    late = fields.Boolean(compute="_compute_late", search="_search_late")
    note = fields.Text()

    _quantity_positive = models.Constraint(
        "CHECK(quantity > 0)", "A redemption is of one share at least."
    )
    _years_range = models.Constraint(
        "CHECK(years BETWEEN 0 AND 5)",
        "A redemption is deferred for five years at most.",
    )
    _losses_positive = models.Constraint(
        "CHECK(losses >= 0)", "Losses are not below zero."
    )

    @api.depends("quantity", "share_kind_id.value")
    def _compute_amount(self):
        for request in self:
            value = decimal(request.share_kind_id.value or 0)
            request.amount = float(request.quantity * value)

    @api.depends("date_request", "years")
    def _compute_date_limit(self):
        for request in self:
            within = request.date_request and 0 <= request.years <= 5
            request.date_limit = within and shares.payable_until(
                request.date_request, request.years
            )

    @api.depends("state", "movement_ids.move_id.line_ids.amount_residual")
    def _compute_residual(self):
        items = self._refund_items()
        for request in self:
            # sudo: see _refund_items.
            moves = request.sudo()._refund_moves()
            own = items.filtered(lambda item, moves=moves: item.move_id in moves)
            request.residual = -sum(own.mapped("amount_residual"))

    @api.depends("date_limit", "state")
    def _compute_late(self):
        late = self.filtered_domain(self._late_domain())
        for request in self:
            request.late = request in late

    def _search_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return flag_domain(self._late_domain(), value)

    def _late_domain(self):
        today = self.env.company._cae_today()
        passed = fields.Domain("date_limit", "<", today)
        accepted = self.search(passed & fields.Domain("state", "=", "accepted"))
        unpaid = accepted.filtered("residual")
        waiting = passed & fields.Domain("state", "=", "requested")
        return waiting | fields.Domain("id", "in", unpaid.ids)

    @api.depends("member_id", "quantity")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for request in self:
            request.display_name = self.env._(
                "%(quantity)s shares of %(member)s",
                quantity=request.quantity,
                member=request.member_id.name or "",
            )

    def _refund_items(self):
        # sudo: what is left to pay of a request, for those who may read it.
        accounts = self.company_id.sudo().cae_share_refund_account_id
        moves = self.sudo()._refund_moves()
        return moves.line_ids.filtered(lambda item: item.account_id in accounts)

    def _refund_moves(self):
        """Hook: entries that owe what is redeemed."""
        return self.movement_ids.move_id

    # ------------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------------

    def write(self, vals):
        terms = {"date_request", "losses", "member_id", "quantity", "share_kind_id"}
        if terms & set(vals) and not self._cae_owning():
            self._check_state()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        self._check_state()

    def _check_state(self):
        """:raises UserError: ``CAE-SHARE-STATE``"""
        done = self.filtered(lambda request: request.state != "requested")
        if done:
            raise UserError(
                self.env._(
                    "CAE-SHARE-STATE: the request “%(name)s” is decided already.",
                    name=done[0].display_name,
                )
            )

    # ------------------------------------------------------------------
    # Course
    # ------------------------------------------------------------------

    @api.model
    def _request_all(self, members, day: date):
        """Request the redemption of all that these members hold."""
        rows = self.env["cae.share.movement"]._read_group(
            [("member_id", "in", members.ids)],
            ["member_id", "share_kind_id"],
            ["quantity:sum"],
        )
        asked = self.search(
            [("member_id", "in", members.ids), ("state", "=", "requested")]
        )
        waiting = {(r.member_id, r.share_kind_id): 0 for r in asked}
        for request in asked:
            waiting[request.member_id, request.share_kind_id] += request.quantity
        return self.create(
            [
                {
                    "member_id": member.id,
                    "share_kind_id": kind.id,
                    "quantity": quantity - waiting.get((member, kind), 0),
                    "date_request": day,
                    "years": member.company_id.cae_redemption_years,
                }
                for member, kind, quantity in rows
                if quantity > waiting.get((member, kind), 0)
            ]
        )

    def action_accept(self, day: str = "") -> bool:
        """Take the shares out of the register; what is due waits on 4567.

        Earlier requests come first, and the capital stays above its floor.

        :param day: ISO date, today when empty
        :return: True
        :raises AccessError: when not a governance secretary
        :raises UserError: ``CAE-SHARE-STATE``, ``CAE-SHARE-DATE``,
            ``CAE-SHARE-ORDER``, ``CAE-SHARE-FLOOR``, ``CAE-SHARE-SHORT``,
            ``CAE-PERIOD-LOCKED``
        """
        self.env["cae.member"]._check_keeper(accountant=False)
        self.check_access("write")
        self._cae_hold()
        self.invalidate_recordset(["state"])
        self._check_state()
        when = self._accept_day(day)
        for company, requests in self.grouped("company_id").items():
            requests.with_company(company).sorted()._accept(when)
        return True

    def _accept_day(self, day):
        """:raises UserError: ``CAE-SHARE-DATE``"""
        try:
            when = fields.Date.to_date(day or self.env.company._cae_today())
        except (TypeError, ValueError):
            when = None
        if not when or any(when < request.date_request for request in self):
            raise UserError(
                self.env._(
                    "CAE-SHARE-DATE: give a day such as 2026-06-30, not before the "
                    "redemption was requested."
                )
            )
        return when

    def action_refuse(self, reason: str = "") -> bool:
        """Refuse these requests; the members keep their shares.

        :param reason: kept in the log
        :return: True
        :raises UserError: ``CAE-SHARE-STATE``
        """
        self.env["cae.member"]._check_keeper(accountant=False)
        self.check_access("write")
        self._check_state()
        self._cae_own().write({"state": "refused"})
        for request in self if reason else ():
            request._cae_note(self.env._("Refused: %(reason)s", reason=reason))
        return True

    def action_ask_refuse(self) -> dict:
        """Ask for the reason, then refuse these requests."""
        return self.env["cae.governance.reason"]._ask(
            "refuse", self.env._("Refuse"), redemption_ids=self.ids
        )

    def action_ask_payment(self) -> dict:
        """Ask when and from which bank what is due is paid."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pay the Redemption"),
            "res_model": "cae.share.payment",
            "view_mode": "form",
            "target": "new",
            "context": {"default_redemption_ids": self.ids},
        }

    def _accept(self, day):
        self._check_order()
        register = self.env["cae.share.movement"]
        # The register is held first: the capital must be what it really is.
        register._sequence()._cae_hold()
        capital, highest = register._capital_figures(self.env.company)
        self._check_floor(capital, highest)
        # sudo: the items of these members on the accounts of the capital.
        debts = self.member_id._debts_on(date.max)
        vals_list = []
        for request in self:
            debt = max(debts[request.member_id.id], ZERO)
            vals, paid_off = request._prepare_redemption_vals(day, capital, debt)
            debts[request.member_id.id] = debt - paid_off
            vals_list.append(vals)
        dues = [vals.pop("due") for vals in vals_list]
        register._record(vals_list)
        for request, due in zip(self, dues, strict=True):
            request._cae_own().write(
                {"state": "accepted", "date_done": day, "amount_due": float(due)}
            )

    def _prepare_redemption_vals(self, day, capital, debt):
        """``(values of the movement, what it cancels of the debt)``"""
        amount = decimal(self.amount)
        cancelled = min(debt, amount)
        rest = amount - cancelled
        due = shares.redemption_value(rest, capital, decimal(self.losses))
        partner = self.member_id.partner_id
        lines = [
            ("unpaid", cancelled, partner),
            ("debt", -cancelled, partner),
            ("paid", rest, partner),
            ("refund", -due, partner),
            ("loss", due - rest, partner),
        ]
        vals = self.member_id._prepare_movement_vals(
            "redemption", self.share_kind_id, -self.quantity, day
        )
        return {
            **vals,
            "redemption_id": self.id,
            "lines": [line for line in lines if line[1]],
            "due": due,
        }, cancelled

    def _check_order(self):
        """:raises UserError: ``CAE-SHARE-ORDER``"""
        last = self[-1:]
        earlier = self.search(
            [
                ("company_id", "=", self.env.company.id),
                ("state", "=", "requested"),
                ("date_request", "<", last.date_request),
                ("id", "not in", self.ids),
            ],
            limit=1,
        )
        if earlier:
            raise UserError(
                self.env._(
                    "CAE-SHARE-ORDER: “%(name)s” was requested before, on %(day)s. "
                    "Requests are met in their order.",
                    name=earlier.display_name,
                    day=format_date(self.env, earlier.date_request),
                )
            )

    def _check_floor(self, capital, highest):
        """:raises UserError: ``CAE-SHARE-FLOOR``"""
        company = self.env.company
        floor = shares.capital_floor(
            highest,
            decimal(company.cae_capital_floor_part),
            decimal(company.cae_capital_minimum),
        )
        requests = [(request.id, decimal(request.amount)) for request in self]
        met = shares.redeemable(requests, capital, floor)
        if len(met) < len(requests):
            raise UserError(
                self.env._(
                    "CAE-SHARE-FLOOR: the capital (%(capital)s €) may not go under "
                    "%(floor)s €. “%(name)s” must wait.",
                    capital=formatLang(self.env, float(capital), digits=2),
                    floor=formatLang(self.env, float(floor), digits=2),
                    name=self[len(met)].display_name,
                )
            )

    def _check_not_paid(self):
        """:raises UserError: ``CAE-SHARE-PAID`` when something of it was paid"""
        # An entry that was reversed is matched with its reversal.
        reversed_moves = self.sudo().movement_ids.filtered("reversal_ids").move_id
        paid = self._refund_items().filtered(
            lambda item: (
                item.move_id not in reversed_moves
                and item.amount_residual != item.balance
            )
        )
        if paid:
            raise UserError(
                self.env._(
                    "CAE-SHARE-PAID: this redemption was paid to the member. Undo the "
                    "payment first."
                )
            )

    def _take_back(self, reason):
        """The movement was reversed: the request waits again."""
        for request in self:
            request._cae_own().write(
                {"state": "requested", "date_done": False, "amount_due": 0.0}
            )
            request._cae_note(self.env._("Reversed: %(reason)s", reason=reason))
            if request.member_id.state == "left" and (
                request.member_id.leave_reason == "transfer"
            ):
                request.member_id._own_write(
                    {"state": "member", "date_left": False, "leave_reason": False}
                )

    # ------------------------------------------------------------------
    # Payment
    # ------------------------------------------------------------------

    def _pay(self, day: date, journal):
        """Register one payment for each request of what is open, matched with it.

        :raises UserError: ``CAE-SHARE-PAID``
        """
        groups = [
            (request, request._refund_items().filtered(lambda i: not i.reconciled))
            for request in self
        ]
        groups = [(request, items) for request, items in groups if items]
        if not groups:
            raise UserError(
                self.env._("CAE-SHARE-PAID: nothing is left to pay of what you chose.")
            )
        return self.env["cae.member"]._register_payments(
            [
                (items, -sum(decimal(i.amount_residual) for i in items), "outbound")
                for _request, items in groups
            ],
            day,
            journal,
        )
