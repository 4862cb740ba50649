"""Members who are entrepreneurs: their contract, its end, and what pay retains."""

import logging
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.tools import flag_domain

from ..engine import shares
from .cae_member_shares import HOLDING

_logger = logging.getLogger(__name__)


class CaeMember(models.Model):
    _inherit = "cae.member"

    membership_deadline = fields.Date(
        compute="_compute_membership_deadline",
        compute_sudo=True,
        help="Three years after the CESA, less the time of earlier contracts "
        "(L.7331-3).",
    )
    deadline_soon = fields.Boolean(
        compute="_compute_deadline_soon",
        help="The deadline is within the months of warning, or over.",
    )
    contract_end = fields.Date(
        string="Contract Ended on",
        compute="_compute_contract_end",
        compute_sudo=True,
        help="Last day in the cooperative of the entrepreneur.",
    )
    lost = fields.Boolean(
        string="Membership Lost",
        compute="_compute_lost",
        search="_search_lost",
        help="The contract ended, and the statutes make membership end with it.",
    )

    @api.depends("entrepreneur_id.membership_deadline")
    def _compute_membership_deadline(self):
        for member in self:
            member.membership_deadline = member.entrepreneur_id.membership_deadline

    @api.depends("membership_deadline", "company_id.cae_member_warning_months")
    def _compute_deadline_soon(self):
        today = self.env.company._cae_today()
        for member in self:
            months = member.company_id.cae_member_warning_months
            limit = fields.Date.add(today, months=months)
            day = member.membership_deadline
            member.deadline_soon = bool(day) and day <= limit

    @api.depends("entrepreneur_id.date_exit")
    def _compute_contract_end(self):
        for member in self:
            member.contract_end = member.entrepreneur_id.date_exit

    @api.depends("state", "kind", "contract_end")
    def _compute_lost(self):
        lost = self._lost_members()
        for member in self:
            member.lost = member._origin.id in lost.ids

    def _search_lost(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = Domain("id", "in", self._lost_members().ids)
        return flag_domain(found, value)

    @api.model
    def _lost_members(self):
        """Those whose membership ended with their contract (loi 78-763 art. 10, 11)."""
        today = self.env.company._cae_today()
        # sudo: a secretary knows that a contract ended, and nothing else of people.
        left = Domain("entrepreneur_id.date_exit", "<", today) & (
            Domain("entrepreneur_id.exit_reason_id", "=", False)
            | Domain("entrepreneur_id.exit_reason_id.keeps_membership", "=", False)
        )
        found = self.sudo().search(
            Domain("state", "in", HOLDING)
            & Domain("kind", "=", "employed")
            & Domain("company_id.cae_member_lost_with_contract", "=", True)
            & Domain("company_id", "in", self.env.companies.ids)
            & left
        )
        return found.with_env(self.env)

    def action_leave_lost(self) -> bool:
        """End the membership of those whose contract ended, on its last day.

        :return: True
        :raises AccessError: when not a governance secretary
        :raises UserError: ``CAE-MEMBER-STATE``
        """
        self._check_keeper(accountant=False)
        for day, members in (
            (self & self._lost_members()).grouped("contract_end").items()
        ):
            for member in members:
                # The last day as a member is not before the first one.
                since = member.date_member or member.date_admission
                member._leave(max(day, since), "contract")
        return True

    @api.constrains("entrepreneur_id", "partner_id")
    def _check_entrepreneur(self):
        """:raises ValidationError: ``CAE-MEMBER-PERSON``"""
        # sudo: a secretary may not read entrepreneurs.
        for member in self.sudo().filtered("entrepreneur_id"):
            if member.entrepreneur_id.partner_id != member.partner_id:
                raise ValidationError(
                    self.env._(
                        "CAE-MEMBER-PERSON: the contact of the member is that of the "
                        "entrepreneur."
                    )
                )

    @api.model
    def _retaining(self, company, day):
        """``{member: left to retain}`` for the subscription of shares, on ``day``."""
        target = decimal(company.cae_retention_target)
        if not (company.cae_retention_rate and target):
            return {}
        # sudo: payroll asks without rights on members.
        members = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("entrepreneur_id", "!=", False),
                ("state", "in", HOLDING),
                ("retention", "=", True),
                ("date_admission", "<=", day),
            ]
        )
        held = members._held_on(date.max, membership=True)
        debts = members._debts_on(date.max)
        left = {}
        for member in members:
            position = held.get(member.id, shares.Position())
            left[member] = target - (position.amount - debts[member.id])
        return left

    @api.model
    def _subscribe_retained(self, company, day: date):
        """Subscribe the shares that what was retained of pay has paid for.

        Called again, it finds nothing left: what a subscription takes is owed no more.

        :return: the movements
        """
        # sudo: the nightly job subscribes for all members; payroll and accountants,
        # who may start it too, have no rights on the register.
        kind = (
            self.env["cae.share.kind"]
            .sudo()
            .search(
                [("company_id", "=", company.id), ("membership", "=", True)], limit=1
            )
        )
        # sudo: see above.
        members = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("state", "in", HOLDING),
                ("date_admission", "<=", day),
            ]
        )
        if not (kind and members):
            return self.env["cae.share.movement"]
        value = decimal(kind.value)
        wanted = [
            (members.browse(key), kind, quantity)
            for key, debt in members._debts_on(day).items()
            if (quantity := shares.to_subscribe(-debt, value))
        ]
        if not wanted:
            return self.env["cae.share.movement"]
        reference = self.env._("Retained from pay")
        members = members.with_company(company)
        movements = members._subscribe(wanted, day, reference)
        # sudo: see above; the movements come back with the rights of who asked.
        subscribers = movements.sudo().member_id
        subscribers._match_debts()
        members._book_paid(company, day, subscribers)
        return movements

    # ------------------------------------------------------------------
    # Every day
    # ------------------------------------------------------------------

    @api.model
    def _cron_register(self):
        """Daily: what was paid or retained for shares enters the register."""
        today = self.env.company._cae_today()
        companies = self.env["res.company"].search(
            [("cae_capital_journal_id", "!=", False)]
        )
        for company in companies:
            # What one company must mend (locked books, settings) stops no other.
            try:
                with self.env.cr.savepoint():
                    self.with_company(company)._subscribe_retained(company, today)
                    self.with_company(company)._book_paid(company, today)
            except UserError as error:
                self.env.invalidate_all()
                _logger.warning("Register of shares, %s: %s", company.name, error)
        self.env["cae.entrepreneur"]._remind_membership()
        self.env["cae.mandate"]._remind_endings()
