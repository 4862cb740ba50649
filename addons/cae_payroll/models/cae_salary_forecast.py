from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.engine.texts import short, storable

from ..engine.monthly import SEVERAL
from .cae_salary_outlook import Outlook
from .cae_salary_simulator import FLAGS, PERCENTS, POSITIVES, plain

SITUATION = ("contract", "rounding", *FLAGS, *PERCENTS, *POSITIVES)
OWN = (
    *("activity", "person", "month", "available", "turnover", "charges"),
    *("contribution_rate", "delay", "reserve", "fixed_part", "wish", "wish_amount"),
)


class CaeSalarySimulator(models.AbstractModel):
    """Twelve months ahead, of a real activity or person or of figures alone."""

    _inherit = "cae.salary.simulator"

    @api.model
    def forecast(self, values: dict) -> list[dict]:
        """Twelve months ahead: what may be paid each month, and what is left.

        Each month brings what customers pay, less the contribution and the charges;
        what is available after the month before is added, and the pay of the month is
        proposed as the monthly run does: the fixed part in full, then what is wished
        for, within what is above the reserve. Ceilings and reduction are those of the
        calendar year to date. Amounts are euros excluding VAT. An estimate.

        An activity counts as a whole, and as if one person without earlier pay were
        paid: nobody's pay is read. A person counts with their shares of their
        activities, their contract and what was paid in the year, their requests and
        targets. With neither, the figures given are all that counts.

        :param values: ``activity`` or ``person`` (codes), or neither; ``month``
            (``2026-12``, the first one; by default this month, or the one after the
            last whose pay is posted); ``available``, what there is before it (by
            default ``available`` of ``cae.activity.treasury`` on the eve, for payroll
            officers and the person less pay that waits); ``turnover`` invoiced each
            month, one amount or twelve, and ``charges`` of each month without
            contribution and pay (negative: other income), by default the average of
            the last twelve months; ``contribution_rate`` in
            percent of the turnover, by default what the rules of the activity say;
            ``delay``, months after which customers pay, 1 by default: invoices that
            are open on the eve are paid in the month in which they are due, late ones
            in the first; ``reserve`` that an advance leaves; ``fixed_part``, gross;
            ``wish`` (``none``, ``max``, ``gross`` of the advance, ``net`` of the
            month, or ``own``, the default: of each month the person's request, else
            their target with its floor, else the policy of the company) and
            ``wish_amount``;
            ``contract``, ``hours``, ``executive``, ``headcount``, ``at_rate``,
            ``mobility_rate``, ``health_total``, ``health_employer_share``,
            ``rounding``… as in :meth:`simulate`, by default those of the person's
            contract
        :return: twelve ``{"month": "2026-12", "turnover", "collected",
            "contribution", "charges", "budget", "gross", "cost", "net", "treasury",
            "flags"}``; ``collected`` is paid by customers, ``budget`` is what pay may
            cost (negative when the reserve is eaten), ``net`` is before tax,
            ``treasury`` is what is available at the end of the month; ``flags`` are
            findings, as ``CAE-PAY-OVERDRAFT``
        :raises UserError: ``CAE-PAY-INPUT``, ``CAE-PAY-VALUE``, ``CAE-PAY-RATE``,
            ``CAE-ACTIVITY-UNKNOWN``, ``CAE-PERSON-UNKNOWN``, ``CAE-PERIOD-MONTH``
        :raises AccessError: ``CAE-ACCESS`` for the pay of somebody else, without being
            a payroll officer
        """
        self._check_may_simulate()
        outlook = self._outlook(self._given(values, (*OWN, *SITUATION)))
        return [self._forecast_row(month) for month in outlook.forecast()]

    # ------------------------------------------------------------------
    # Whose months
    # ------------------------------------------------------------------

    @api.model
    def _outlook(self, given):
        """:class:`Outlook` of what was given, after the checks of access."""
        if "activity" in given and "person" in given:
            raise UserError(
                self.env._("CAE-PAY-INPUT: give an activity or a person, not both.")
            )
        first, shares = self._first_month(given), {}
        # sudo: see below; the activity or the person was found with the user's rights.
        activity, person = self.env["cae.activity"], self.env["cae.entrepreneur"]
        if "activity" in given:
            activity = activity._find([given["activity"]])
            shares = {activity.sudo(): Decimal(100)}
        elif "person" in given:
            person = self._forecast_person(given["person"])
            held = person.sudo().share_ids._held_on(first)
            shares = {s.activity_id: decimal(s.share, 3) for s in held}
        officer = self.env.user.has_group("cae_base.group_payroll")
        # sudo: who may read the activity reads its accounts and rules, the person the
        # own contract and pay; both were checked. Of an activity no pay is read but by
        # payroll officers.
        return Outlook(
            self.sudo(), given, first, shares, person.sudo(), bool(person) or officer
        )

    @api.model
    def _first_month(self, given):
        if "month" in given:
            return self.env["cae.period"]._parse_month(given["month"])
        first = fields.Date.context_today(self).replace(day=1)
        # sudo: until when pay is posted, not whose.
        paid = self.env["cae.pay.line"].sudo()._last_paid_day(self.env.company)
        return max(first, paid and paid + relativedelta(days=1) or first)

    @api.model
    def _forecast_person(self, code):
        """A person whose pay the user may read.

        :raises UserError: ``CAE-PERSON-UNKNOWN``
        :raises AccessError: ``CAE-ACCESS``
        """
        people = self.env["cae.entrepreneur"].with_context(active_test=False)
        company = ("company_id", "=", self.env.company.id)
        person = storable(code) and people.search([("code", "=", code), company])
        if not person:
            raise UserError(
                self.env._("CAE-PERSON-UNKNOWN: no person %(code)s.", code=short(code))
            )
        user = self.env.user
        if person.user_id != user and not user.has_group("cae_base.group_payroll"):
            raise AccessError(
                self.env._(
                    "CAE-ACCESS: pay is for the person and for payroll officers."
                )
            )
        return person

    @api.model
    def _forecast_row(self, month):
        flow = month.flow
        amounts = {
            "turnover": flow.turnover,
            "collected": flow.collected,
            "contribution": flow.contribution,
            "charges": flow.charges,
            "budget": month.budget,
            "gross": month.gross,
            "cost": month.cost,
            "net": month.net,
            "treasury": month.treasury,
        }
        return {
            "month": f"{flow.month:%Y-%m}",
            **{name: plain(amount) for name, amount in amounts.items()},
            "flags": [flag for flag in month.flags if flag != SEVERAL],
        }
