"""Entrepreneurs on their way to membership: warnings ahead, retention of pay."""

from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.cae_base.engine.money import ZERO, decimal
from odoo.addons.cae_base.tools import flag_domain, format_date

from ..engine import shares

REMINDER = "cae_governance.mail_activity_type_membership"


class CaeEntrepreneur(models.Model):
    _inherit = "cae.entrepreneur"

    member_ids = fields.One2many(
        "cae.member",
        "entrepreneur_id",
        string="Entries of the Register",
        groups="cae_base.group_governance,cae_base.group_accountant",
    )
    membership_soon = fields.Boolean(
        string="Membership Deadline Ahead",
        compute="_compute_membership_soon",
        search="_search_membership_soon",
        help="To be a member within the months of warning (settings), and not yet one.",
    )

    @api.depends("stage", "member_date", "membership_deadline")
    def _compute_membership_soon(self):
        soon = self.browse()
        for company, people in self.grouped("company_id").items():
            soon |= people.filtered_domain(self._membership_soon_domain(company))
        for person in self:
            person.membership_soon = person in soon

    def _search_membership_soon(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = Domain.OR(
            Domain("company_id", "=", company.id)
            & self._membership_soon_domain(company)
            for company in self.env.companies
        )
        return flag_domain(found, value)

    @api.model
    def _membership_soon_domain(self, company):
        today = fields.Date.context_today(self)
        months = company.cae_member_warning_months
        return (
            Domain("stage", "=", "cesa")
            & Domain("member_date", "=", False)
            & Domain("membership_deadline", ">=", today)
            & Domain("membership_deadline", "<=", today + relativedelta(months=months))
        )

    def _warnings(self):
        result = super()._warnings()
        if self.membership_soon:
            result.append(
                self.env._(
                    "To be a member by %(day)s (L.7331-3): %(course)s",
                    day=format_date(self.env, self.membership_deadline),
                    course=self._membership_course(),
                )
            )
        return result

    def _membership_course(self):
        # sudo: a coach reads how far the application is, nothing else of the register.
        state = self.sudo().member_ids[-1:].state
        if state == "candidate":
            return self.env._("the application waits for a decision.")
        if state == "admitted":
            return self.env._("admitted, the shares are to be paid.")
        return self.env._("no application yet.")

    def _search_has_warning(self, operator, value):
        domain = super()._search_has_warning(operator, value)
        if domain is NotImplemented:
            return domain
        soon = Domain("membership_soon", "=", True)
        options = {bool(item) for item in value}
        if options == {True, False}:
            return domain
        return domain | soon if True in options else domain & ~soon

    @api.model
    def _remind_membership(self):
        """Tell coaches, once, of those who must be members within months.

        :return: the people concerned for the first time
        """
        kind = self.env.ref(REMINDER, raise_if_not_found=False)
        people = self.search([("membership_soon", "=", True)]) if kind else self
        if not people:
            return people
        self.env["mail.activity"].flush_model()
        known = self.env.execute_query(
            SQL(
                "SELECT DISTINCT res_id FROM mail_activity WHERE res_model = %s "
                "AND activity_type_id = %s",
                self._name,
                kind.id,
            )
        )
        new = people - self.browse([key for (key,) in known])
        for person in new:
            user = person.coach_id or self.env.user
            words = self.with_context(lang=user.lang).env
            person.activity_schedule(
                REMINDER,
                person.membership_deadline,
                user_id=user.id,
                summary=words._("To become a member before this day (L.7331-3)"),
            )
        return new

    @api.model
    def _share_retentions(
        self, company, day: date, grosses: dict[int, Decimal]
    ) -> dict[int, Decimal]:
        result = {}
        for member, left in self.env["cae.member"]._retaining(company, day).items():
            gross = grosses.get(member.entrepreneur_id.id, ZERO)
            amount = shares.retention(
                gross,
                decimal(company.cae_retention_rate),
                decimal(company.cae_retention_ceiling),
                left,
            )
            if amount:
                result[member.entrepreneur_id.id] = amount
        return result

    # ------------------------------------------------------------------
    # Work of a year
    # ------------------------------------------------------------------

    @api.model
    def _worked(self, company, first: date, last: date):
        """Whoever had a contract of employment between two days."""
        contracts = self.env["cae.contract"].search(
            [
                ("company_id", "=", company.id),
                ("parent_id", "=", False),
                ("kind", "in", ("cesa", "employee")),
                ("date_start", "<=", last),
                "|",
                ("date_end", "=", False),
                ("date_end", ">=", first),
            ]
        )
        return contracts.entrepreneur_id.sorted("code")

    def _presence(self, first: date, last: date):
        """``[(person, days under contract, whether present)]`` of a year.

        Present: three months in the year, or six months of seniority at its end
        (statutes in use; the list may be changed).
        """
        result = []
        for person in self:
            spans = [
                (c.date_start, min(c.date_end or last, last))
                for c in person.contract_ids
                if not c.parent_id and c.kind in ("cesa", "employee")
            ]
            days = shares.days_within(spans, first, last)
            seniority = shares.days_within(spans, date.min, last)
            present = days >= 90 or (bool(days) and seniority >= 180)
            result.append((person, days, present))
        return result
