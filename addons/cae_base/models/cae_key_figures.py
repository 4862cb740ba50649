from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..engine import people
from .cae_activity_api import number

READERS = "cae_base.group_accountant,cae_base.group_tool_read"
SURVIVAL_DAYS = 1096


class CaeKeyFigures(models.AbstractModel):
    """Figures that a cooperative reports to its members, funders and federation."""

    _name = "cae.key.figures"
    _description = "Key Figures"

    @api.model
    def get(self, date: str = "") -> dict:
        """Key figures of the current company on a day.

        Shares are percentages with one decimal, rounded half up, of the active
        entrepreneurs: those who entered and did not leave, with or without activity.
        Turnover and contributions run from the start of the fiscal year. A figure
        without anybody to count is ``False``.

        :param date: ISO day, included; today by default
        :return: ``{"entrepreneurs_actifs", "part_femmes", "part_moins_30",
            "part_plus_50", "cohorte_3_ans", "perennite_3_ans", "associes",
            "ca_ht_facture", "contributions"}``
        :raises UserError: ``CAE-DATE``
        :raises AccessError: for others than the team's accountants and managers, and
            tools (*CAE: Outside Tool, Reading*)
        """
        if not self.env.user.has_groups(READERS):
            raise AccessError(
                self.env._("CAE-ACCESS: key figures are for accountants and managers.")
            )
        Activity = self.env["cae.activity"]
        day = Activity._parse_day(date) or fields.Date.context_today(self)
        return {**self._people(day), **self._survival(day), **self._money(day)}

    def _persons(self, domain):
        # sudo: ages are read (personal data) and only counts come out.
        persons = self.env["cae.entrepreneur"].sudo().with_context(active_test=False)
        return persons.search(domain & Domain("company_id", "=", self.env.company.id))

    def _people(self, day):
        active = self._persons(self.env["cae.entrepreneur"]._present_domain(day))
        births = active.mapped("birth_date")
        ages = [people.age_on(birth, day) for birth in births if birth]
        members = active.filtered(lambda p: p.member_date and p.member_date <= day)
        return {
            "entrepreneurs_actifs": len(active),
            "part_femmes": percent(len(active.filtered(_woman)), len(active)),
            "part_moins_30": percent(sum(age < 30 for age in ages), len(active)),
            "part_plus_50": percent(sum(age > 50 for age in ages), len(active)),
            "associes": len(members),
        }

    def _survival(self, day):
        """Three-year survival of those who entered three to six years before.

        They last when they did not leave, stayed 1 096 days or more, or left to
        create a company.
        """
        last = day - relativedelta(years=3)
        first = day - relativedelta(years=6) + timedelta(days=1)
        cohort = self._persons(
            Domain("date_entry", ">=", first) & Domain("date_entry", "<=", last)
        )
        lasting = cohort.filtered(
            lambda p: (
                not p.date_exit
                or p.date_exit > day
                or (p.date_exit - p.date_entry).days >= SURVIVAL_DAYS
                or p.exit_reason_id.survival
            )
        )
        return {
            "cohorte_3_ans": len(cohort),
            "perennite_3_ans": percent(len(lasting), len(cohort)),
        }

    def _money(self, day):
        company = self.env.company
        year = company.compute_fiscalyear_dates(day)["date_from"]
        activities = self.env["cae.activity"]._find([])
        figures = self.env["cae.ledger"]._figures(
            company, activities.analytic_account_id.ids, year, day
        )
        charged = activities._contributions(year, day)
        invoiced = sum((row["invoiced"] for row in figures.values()), Decimal(0))
        return {
            "ca_ht_facture": number(invoiced),
            "contributions": number(sum(charged.values(), Decimal(0))),
        }


def percent(part: int, total: int) -> float | bool:
    """``part`` in percent of ``total``, one decimal, half up; False of nothing."""
    if not total:
        return False
    tenths = Fraction(1000 * part, total)
    return int(tenths + Fraction(1, 2)) / 10


def _woman(person):
    return person.sex == "F"
