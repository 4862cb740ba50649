"""Interest on redemptions that are paid late: shown, and booked with the payment."""

from datetime import date

from odoo import fields, models
from odoo.fields import Command

from odoo.addons.cae_base.engine.money import ZERO, decimal
from odoo.addons.cae_base.models.cae_owned import OWNED

from ..engine import shares

OWNED["cae.share.redemption"]["interest_move_ids"] = False
EXPENSE = ("cae_redemption_interest_account_id", "pcg_66188")


class ResCompany(models.Model):
    _inherit = "res.company"

    cae_interest_from = fields.Selection(
        [
            ("limit", "The last day to pay"),
            ("redemption", "The day on which the shares left"),
            ("never", "Never"),
        ],
        string="Interest on Redemptions from",
        default="limit",
        required=True,
        help="Statutes of SCOPs let what is paid later bear interest; they say from "
        "when and at which rate. Check yours.",
    )
    cae_redemption_interest_account_id = fields.Many2one(
        "account.account", string="Interest on Redemptions", help="6618"
    )

    def _prepare_cae_configuration_vals(self):
        vals = super()._prepare_cae_configuration_vals()
        name, xmlid = EXPENSE
        if not self[name]:
            vals[name] = self._cae_chart_account(xmlid).id
        return vals

    def _cae_interest_account(self):
        """:raises UserError: ``CAE-SHARE-CONFIG``"""
        name, _xmlid = EXPENSE
        return self._cae_governance_accounts({"interest": (name, "")})["interest"]


class CaeShareRedemption(models.Model):
    _inherit = "cae.share.redemption"

    interest_move_ids = fields.Many2many(
        "account.move",
        "cae_redemption_interest_rel",
        "redemption_id",
        "move_id",
        string="Entries of Interest",
        readonly=True,
        copy=False,
        groups="account.group_account_readonly",
    )
    interest_due = fields.Monetary(
        string="Interest",
        compute="_compute_interest_due",
        help="On what is paid late, when it is paid today, beside what was booked.",
    )

    def _compute_interest_due(self):
        amounts = self._interest_on(self.env.company._cae_today())
        for request in self:
            request.interest_due = float(amounts.get(request, ZERO))

    def _refund_moves(self):
        return super()._refund_moves() | self.interest_move_ids

    def _interest_on(self, day: date):
        """``{request: euros}`` of interest that is due with a payment on ``day``.

        Of the capital that is open, for all of its time; what was booked before
        counts. Nobody who is owed none.
        """
        found = {}
        for company, requests in self.grouped("company_id").items():
            # sudo: rates and entries of these requests, for who may read them.
            rates = self.env["cae.interest.rate"].sudo()._rates_of(company)
            for request in requests.sudo().filtered("date_done"):
                amount = request._interest_of(day, rates)
                if amount > 0:
                    found[request.with_env(self.env)] = amount
        return found

    def _interest_of(self, day, rates):
        start = self._interest_start()
        if not start:
            return ZERO
        if self.interest_rate:
            rates = [(date(1900, 1, 1), decimal(self.interest_rate))]
        open_items = self._refund_items().filtered(
            lambda item: item.move_id in self.movement_ids.move_id
        )
        owed = -sum((decimal(i.amount_residual) for i in open_items), ZERO)
        account = self.company_id.cae_share_refund_account_id
        booked = self.interest_move_ids.line_ids.filtered(
            lambda item: item.account_id == account
        )
        before = -sum((decimal(item.balance) for item in booked), ZERO)
        return shares.late_interest(owed, start, day, rates) - before

    def _interest_start(self):
        since = self.company_id.cae_interest_from
        days = {"limit": self.date_limit, "redemption": self.date_done}
        day = days.get(since)
        # What left the register after its term was not owed before.
        return day and max(day, self.date_done)

    def _book_interest(self, day: date):
        """Book the interest that a payment on ``day`` owes, one entry each.

        :return: the entries
        :raises UserError: ``CAE-SHARE-CONFIG``, ``CAE-LOCK-DATE``
        """
        amounts = self._interest_on(day)
        moves = self.env["account.move"]
        for company, requests in self.grouped("company_id").items():
            due = [(r, amounts[r]) for r in requests if r in amounts]
            if due:
                moves |= requests.with_company(company)._post_interest(due, day)
        return moves

    def _post_interest(self, due, day):
        company = self.env.company
        company._cae_check_capital_days({day})
        # sudo: the accounts of entries that follow from the register.
        debit = company.sudo()._cae_interest_account()
        credit = company.sudo()._cae_capital_accounts()["refund"]
        register = self.env["cae.share.movement"]
        moves = register._post_entries(
            [
                request._prepare_interest_vals(amount, day, debit, credit)
                for request, amount in due
            ]
        )
        for (request, _amount), move in zip(due, moves, strict=True):
            # sudo: entries are linked by the step that books them.
            request.sudo()._cae_own().interest_move_ids = [Command.link(move.id)]
        self.invalidate_recordset(["residual", "interest_due"])
        return moves

    def _prepare_interest_vals(self, amount, day, debit, credit):
        company = self.company_id
        lang = company._cae_statement_lang()
        words = self.with_context(lang=lang)
        label = words.env._("Interest on a redemption: %s", words.display_name)
        register = self.env["cae.share.movement"].new({"company_id": company.id})
        # sudo: whom the entry owes, for accountants who read no members' contacts.
        item, partner = register._prepare_item_vals, self.sudo().member_id.partner_id
        return {
            "move_type": "entry",
            "journal_id": company.cae_capital_journal_id.id,
            "company_id": company.id,
            "date": day,
            "ref": label,
            "cae_capital": True,
            "line_ids": [
                Command.create(item(debit, amount, label, partner)),
                Command.create(item(credit, -amount, label, partner)),
            ],
        }

    def _pay(self, day: date, journal):
        """Pay the interest too, which is booked first."""
        self._book_interest(day)
        return super()._pay(day, journal)
