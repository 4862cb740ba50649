"""What members hold and owe, on any day, and the one way to subscribe and transfer."""

from datetime import date
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.cae_base.engine.money import ZERO, decimal

from ..engine import shares

#: States in which shares are subscribed or received.
HOLDING = ("admitted", "member")


class CaeMember(models.Model):
    _inherit = "cae.member"

    movement_ids = fields.One2many("cae.share.movement", "member_id", readonly=True)
    redemption_ids = fields.One2many("cae.share.redemption", "member_id", readonly=True)
    share_count = fields.Integer(
        string="Shares",
        compute="_compute_shares",
        help="Today, or on the day that the register is shown for.",
    )
    share_amount = fields.Monetary(string="Capital", compute="_compute_shares")
    share_unpaid = fields.Monetary(
        string="Owed for Shares",
        compute="_compute_shares",
        help="What is open on the account of what members owe for their shares (4562).",
    )
    share_paid = fields.Monetary(string="Paid Capital", compute="_compute_shares")
    retention = fields.Boolean(
        string="Retained from Pay",
        default=True,
        tracking=True,
        help="Shares are subscribed by a retention of pay, until the amount that the "
        "statutes ask.",
    )
    movement_count = fields.Integer(compute="_compute_movement_count")

    @api.depends("movement_ids.quantity", "movement_ids.amount", "partner_id")
    @api.depends_context("register_date", "uid")
    def _compute_shares(self):
        day = self._register_day()
        held = self._held_on(day)
        debts = self._debts_on(day)
        for member in self:
            position = held.get(member._origin.id, shares.Position())
            debt = debts.get(member._origin.id, ZERO)
            member.share_count = position.quantity
            member.share_amount = float(position.amount)
            member.share_unpaid = float(max(debt, ZERO))
            member.share_paid = float(position.amount - max(debt, ZERO))

    @api.model
    def _register_day(self):
        day = fields.Date.to_date(self.env.context.get("register_date") or False)
        return day or self.env.company._cae_today()

    def _compute_movement_count(self):
        counts = dict(
            self.env["cae.share.movement"]._read_group(
                [("member_id", "in", self.ids)], ["member_id"], ["__count"]
            )
        )
        for member in self:
            member.movement_count = counts.get(member, 0)

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def _held_on(self, day: date, membership=False) -> dict[int, shares.Position]:
        """``{member id: position}`` at the end of ``day``, in one query.

        :param membership: only the shares that make a member
        """
        domain = Domain("member_id", "in", self.ids) & Domain("date", "<=", day)
        if membership:
            domain &= Domain("share_kind_id.membership", "=", True)
        rows = self.env["cae.share.movement"]._read_group(
            domain, ["member_id"], ["quantity:sum", "amount:sum"]
        )
        return {
            member.id: shares.Position(quantity, decimal(amount))
            for member, quantity, amount in rows
        }

    def _debts_on(self, day: date) -> dict[int, Decimal]:
        """``{member id: euros owed for shares}``, below zero for what is saved."""
        result = {}
        for company, members in self.grouped("company_id").items():
            account = company._cae_share_debt_account()
            balances = members._balances_on(day, account)
            for member in members:
                result[member._origin.id] = balances.get(
                    (member.partner_id, account), ZERO
                )
        return result

    def _balances_on(self, day, accounts):
        """``{(partner, account): balance}`` of these members' posted items."""
        if not accounts or not self.ids:
            return {}
        # sudo: what members owe for their shares, for those who keep the register and
        # the members themselves; they may not read journal items, nor the contact of
        # a member of whom they see the figures.
        rows = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "in", self.company_id.ids),
                    ("parent_state", "=", "posted"),
                    ("account_id", "in", accounts.ids),
                    # sudo: the contacts alone, for who may read the members.
                    ("partner_id", "in", self.sudo().partner_id.ids),
                    ("date", "<=", day),
                ],
                ["partner_id", "account_id"],
                ["balance:sum"],
            )
        )
        return {
            (partner.with_env(self.env), account.with_env(self.env)): decimal(balance)
            for partner, account, balance in rows
        }

    # ------------------------------------------------------------------
    # Subscription, transfer
    # ------------------------------------------------------------------

    @api.model
    def _subscribe(self, wanted, day: date, reference=""):
        """Record subscriptions of the current company; payment follows.

        :param wanted: ``[(member, kind of shares, quantity)]``
        :return: the movements
        :raises UserError: ``CAE-SHARE-MEMBER``, ``CAE-SHARE-QUANTITY``, and those of
            ``cae.share.movement._record``
        """
        vals_list = []
        for member, kind, quantity in wanted:
            member._check_may_hold(day)
            kind._check_company_of(member)
            if type(quantity) is not int or quantity < 1:
                raise UserError(self._quantity_message())
            amount = quantity * decimal(kind.value)
            vals = member._prepare_movement_vals("subscription", kind, quantity, day)
            partner = member.partner_id
            lines = [("debt", amount, partner), ("unpaid", -amount, partner)]
            vals_list.append({**vals, "reference": reference, "lines": lines})
        return self.env["cae.share.movement"]._record(vals_list)

    def _transfer(self, other, kind, quantity: int, day: date, reference=""):
        """Record that this member gives shares to another one, both in one entry.

        The price is paid between them. What is not paid up cannot be given.

        :return: both movements
        :raises UserError: ``CAE-SHARE-MEMBER``, ``CAE-SHARE-UNPAID``,
            ``CAE-SHARE-QUANTITY``, ``CAE-SHARE-SHORT``
        """
        self.ensure_one()
        self._check_transfer(other, kind, quantity, day)
        amount = quantity * decimal(kind.value)
        given = self._prepare_movement_vals("transfer_out", kind, -quantity, day)
        taken = other._prepare_movement_vals("transfer_in", kind, quantity, day)
        lines = [("paid", amount, self.partner_id), ("paid", -amount, other.partner_id)]
        both = self.env["cae.share.movement"]._record(
            [
                {**given, "reference": reference, "lines": lines},
                {**taken, "reference": reference},
            ]
        )
        # sudo: see _record; each side names the other.
        first, second = both.sudo()._cae_owned()
        first.counterpart_id, second.counterpart_id = second, first
        other._become_members(day)
        return both

    def _check_transfer(self, other, kind, quantity, day):
        if not other or other == self:
            raise UserError(
                self.env._("CAE-SHARE-MEMBER: choose another member as receiver.")
            )
        if type(quantity) is not int or quantity < 1:
            raise UserError(self._quantity_message())
        other._check_may_hold(day)
        kind._check_company_of(self | other)
        # On the day of the transfer, and now: paid up later is not paid up then.
        for on in {day, self.env.company._cae_today()}:
            self._check_paid_up(on)

    def _check_paid_up(self, day):
        """:raises UserError: ``CAE-SHARE-UNPAID``"""
        debts = self._debts_on(day)
        if any(debt > 0 for debt in debts.values()):
            raise UserError(
                self.env._(
                    "CAE-SHARE-UNPAID: %(name)s still owes a part of these shares.",
                    name=self[0].display_name,
                )
            )

    def _check_may_hold(self, day):
        """:raises UserError: ``CAE-SHARE-MEMBER``"""
        for member in self:
            admitted = member.date_admission and member.date_admission <= day
            if member.state not in HOLDING or not admitted:
                raise UserError(
                    self.env._(
                        "CAE-SHARE-MEMBER: %(name)s is not admitted on that day. "
                        "Shares are for those whom the meeting or the board admitted.",
                        name=member.display_name,
                    )
                )

    @api.model
    def _quantity_message(self):
        return self.env._(
            "CAE-SHARE-QUANTITY: give a whole number of shares, one at least."
        )

    def _prepare_movement_vals(self, what, shares_kind, quantity, day):
        return {
            "date": day,
            "kind": what,
            "member_id": self.id,
            "share_kind_id": shares_kind.id,
            "quantity": quantity,
            "value": shares_kind.value,
        }

    # ------------------------------------------------------------------
    # Payment
    # ------------------------------------------------------------------

    @api.model
    def _book_paid(self, company, day: date, members=None):
        """Move what was paid of the capital from 1012 to 1013, in one entry.

        What members owe is read in the books (4562), whatever paid it: a bank line,
        a payment, pay that was retained. Nothing to move: nothing is booked, so that
        this may be called at any time, and twice.

        :return: the entry, empty when there is nothing to move
        """
        # sudo: the balances of the books decide; a secretary reads none.
        everybody = self.sudo().with_context(active_test=False)
        members = (
            members.sudo()
            if members is not None
            else everybody.search([("company_id", "=", company.id)])
        )
        accounts = company._cae_capital_accounts()
        both = accounts["debt"] | accounts["unpaid"]
        balances = members._balances_on(date.max, both)
        moved = {}
        for member in members:
            # sudo: as the keys of the balances, which were read so.
            debt, unpaid = (
                balances.get((member.partner_id, accounts[key].sudo()), ZERO)
                for key in ("debt", "unpaid")
            )
            gap = -max(debt, ZERO) - unpaid
            if gap:
                moved[member.partner_id] = gap
        entry = members.with_company(company)._book_gaps(moved, day, accounts)
        # They are read in the books, which just changed.
        self.invalidate_model(["share_unpaid", "share_paid"])
        members._become_members(day)
        return entry

    def _book_gaps(self, moved, day, accounts):
        if not moved:
            return self.env["account.move"]
        self.env["res.company"]._cae_check_capital_days({day})
        register = self.env["cae.share.movement"]
        company = self.env.company
        lang = company._cae_statement_lang()
        label = self.with_context(lang=lang).env._("Capital paid")
        item = register.new({"company_id": company.id})._prepare_item_vals
        lines = []
        for partner, gap in moved.items():
            lines.append(item(accounts["unpaid"], gap, label, partner))
            lines.append(item(accounts["paid"], -gap, label, partner))
        return register._post_entries(
            [
                {
                    "move_type": "entry",
                    "journal_id": company.cae_capital_journal_id.id,
                    "company_id": company.id,
                    "date": day,
                    "ref": label,
                    "cae_capital": True,
                    "line_ids": [fields.Command.create(vals) for vals in lines],
                }
            ]
        )

    def action_book_paid(self) -> bool:
        """Take what was paid for shares into the register and the books.

        :return: True
        :raises AccessError: when not a governance secretary or an accountant
        :raises UserError: ``CAE-SHARE-CONFIG``, ``CAE-PERIOD-LOCKED``,
            ``CAE-LOCK-DATE``
        """
        self.check_access("read")
        self._check_keeper()
        day = self.env.company._cae_today()
        for company, members in self.grouped("company_id").items():
            self._book_paid(company, day, members)
        return True

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    def action_ask_payment(self) -> dict:
        """Ask what this member pays for the shares, when and where."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Register a Payment"),
            "res_model": "cae.share.payment",
            "view_mode": "form",
            "target": "new",
            "context": {"default_member_id": self.id},
        }

    def action_open_movements(self) -> dict:
        """The lines of the register of these members."""
        return self._action_of("cae_share_movement_action")

    def action_open_redemptions(self) -> dict:
        """The redemptions that these members asked."""
        return self._action_of("cae_share_redemption_action")

    def _action_of(self, name):
        action = self.env["ir.actions.actions"]._for_xml_id(f"cae_governance.{name}")
        return {**action, "domain": [("member_id", "in", self.ids)], "context": {}}
