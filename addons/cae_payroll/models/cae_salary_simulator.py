from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import formatLang

from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.engine.texts import short

from ..engine import NOTHING, PayrollError, Situation, salary_for

#: No figure of a month's salary comes near it.
LARGEST = Decimal(10) ** 9
ASKED = ("gross", "cost", "net", "net_taxable")
CHOICES = {
    "contract": ("cesa", "employee", "cape"),
    "rounding": ("none", "line"),
}
PERCENTS = (
    "at_rate",
    "mobility_rate",
    "health_employer_share",
    "provident_rate",
    "provident_employer_share",
    "apprentice_share",
)
POSITIVES = ("headcount", "hours", "health_total", "provident_total")
FLAGS = ("executive", "alsace_moselle")
KNOWN = (*ASKED, "date", *FLAGS, *CHOICES, *PERCENTS, *POSITIVES, "paid")
AMOUNTS = (
    "gross",
    "cost",
    "net_before_tax",
    "net_taxable",
    "net_social",
    "employer_contributions",
    "employee_contributions",
    "general_reduction",
    "equivalent_hours",
)


class CaeSalarySimulator(models.AbstractModel):
    """Gross, cost and net of a salary, from any one of them. Knows nobody."""

    _name = "cae.salary.simulator"
    _description = "Salary Simulator"

    @api.model
    def simulate(self, values: dict) -> dict:
        """A month's salary from its gross, its cost or a net.

        Rates are those of the date; what is not given is taken from the settings of
        the company. From a cost, the largest gross whose cost is not above it; from a
        net, the gross whose net is not above it. An estimate, not a payslip.

        :param values: exactly one of ``gross``, ``cost``, ``net`` (before tax),
            ``net_taxable``, in euros; ``date`` (ISO, today by default), ``contract``
            (``cesa`` by default, ``employee``, ``cape``), ``hours`` (of an employee,
            151.67 by default), ``executive``, ``headcount``, ``at_rate``,
            ``mobility_rate`` and ``health_employer_share`` in percent,
            ``health_total`` in euros,
            ``rounding`` (``none`` by default, or ``line``: line by line to the cent);
            ``provident_rate`` (of the pay up to the ceiling) and
            ``provident_employer_share`` in percent, ``provident_total`` in euros,
            ``alsace_moselle``, ``apprentice_share`` in percent; ``paid``, the gross of
            the months just before, in order, of the same calendar year: the ceiling
            and the reduction are then those of the year to date
        :return: ``{"gross", "cost", "net_before_tax", "net_taxable", "net_social",
            "employer_contributions", "employee_contributions", "general_reduction",
            "coefficient", "equivalent_hours", "lines": [{"code", "label", "base",
            "employee_rate", "employee_amount", "employer_rate",
            "employer_amount"}], "exact"}``; ``exact``: the cost or net asked for is
            reached to the cent
        :raises UserError: ``CAE-PAY-INPUT`` for values that cannot be read together,
            ``CAE-PAY-VALUE`` for a bad one, ``CAE-PAY-BUDGET``, ``CAE-PAY-RATE``
        """
        self._check_may_simulate()
        result = self._result(values)
        lines = [self._plain_line(line) for line in result.lines]
        return {**self._plain(result), "lines": lines}

    @api.model
    def _result(self, values):
        """The engine's result of :meth:`simulate`."""
        given = self._given(values)
        asked = self._asked(given)
        # sudo: rates of the company, which every salary shows, and no personal data.
        company = self.env.company.sudo()
        day, own = self._day(given), self._situation(given)
        situation = {**company._cae_pay_situation(day, own["executive"]), **own}
        amount = self._amount(given, asked)
        booked = self._booked(day, situation, given)
        return self._solve(day, situation, asked, amount, booked)

    # ------------------------------------------------------------------
    # Values
    # ------------------------------------------------------------------

    @api.model
    def _check_may_simulate(self):
        user = self.env.user
        groups = ("cae_base.group_user", "cae_base.group_entrepreneur")
        if not (self.env.su or any(user.has_group(group) for group in groups)):
            raise AccessError(
                self.env._("Only the people of the cooperative may simulate a salary.")
            )

    @api.model
    def _given(self, values, known=KNOWN):
        """What was given; None, False and "" stand for nothing in some clients.

        :raises UserError: ``CAE-PAY-INPUT``
        """
        if not isinstance(values, dict):
            raise self._input_error(short(values), known)
        unknown = [short(key) for key in values if key not in known]
        if unknown:
            raise self._input_error(", ".join(unknown[:10]), known)
        return {
            key: value
            for key, value in values.items()
            if value is not None and value is not False and value != ""
        }

    @api.model
    def _input_error(self, unknown, known):
        return UserError(
            self.env._(
                "CAE-PAY-INPUT: unknown values %(unknown)s; known ones are %(known)s.",
                unknown=unknown,
                known=", ".join(known),
            )
        )

    @api.model
    def _asked(self, given):
        """:raises UserError: ``CAE-PAY-INPUT``"""
        asked = [name for name in ASKED if name in given]
        if len(asked) != 1:
            raise UserError(
                self.env._(
                    "CAE-PAY-INPUT: give exactly one of gross, cost, net and "
                    "net_taxable, not %(number)s of them.",
                    number=len(asked),
                )
            )
        return asked[0]

    @api.model
    def _amount(self, given, asked):
        amount = self._number(given, asked)
        if amount < 0:
            raise self._value_error(asked, given[asked])
        return amount

    @api.model
    def _day(self, given):
        value = given.get("date", fields.Date.context_today(self))
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise self._value_error("date", value) from error

    @api.model
    def _situation(self, given):
        """Arguments of ``engine.Situation`` that were given, or have a default."""
        defaults = {name: choices[0] for name, choices in CHOICES.items()}
        return {"executive": False, **defaults, **self._given_situation(given)}

    @api.model
    def _given_situation(self, given):
        """Arguments of ``engine.Situation`` that were given.

        :raises UserError: ``CAE-PAY-VALUE``
        """
        situation = {name: self._flag(given, name) for name in FLAGS if name in given}
        for name in CHOICES:
            if name in given:
                situation[name] = self._choice(given, name, CHOICES[name])
        for name in (*PERCENTS, *POSITIVES):
            if name in given:
                situation[name] = self._positive(given, name)
        if situation.get("contract") == "employee" and situation.get("hours") == 0:
            raise self._value_error("hours", given["hours"])
        return situation

    @api.model
    def _choice(self, given, name, choices):
        value = given.get(name, choices[0])
        if value not in choices:
            raise self._value_error(name, value)
        return value

    @api.model
    def _flag(self, given, name):
        value = given[name]
        if value not in (False, True, "0", "1"):
            raise self._value_error(name, value)
        return value in (True, "1")

    @api.model
    def _positive(self, given, name):
        number = self._number(given, name)
        if number < 0 or (name in PERCENTS and number > 100):
            raise self._value_error(name, given[name])
        return number

    @api.model
    def _number(self, given, name):
        value = given[name]
        try:
            number = Decimal(str(value))
        except (InvalidOperation, ValueError) as error:
            raise self._value_error(name, value) from error
        finite = number.is_finite() and abs(number) < LARGEST
        if isinstance(value, bool) or not finite:
            raise self._value_error(name, value)
        return number

    @api.model
    def _value_error(self, name, value):
        return UserError(
            self.env._(
                "CAE-PAY-VALUE: %(name)s cannot be %(value)s.",
                name=name,
                value=short(value),
            )
        )

    # ------------------------------------------------------------------
    # Salary
    # ------------------------------------------------------------------

    @api.model
    def _salary(self, day, situation):
        """The engine's salary of a situation (its arguments, without the date).

        :raises UserError: ``CAE-PAY-RATE``, ``CAE-PAY-VALUE``
        """
        Rate = self.env["cae.payroll.rate"]
        rates = Rate._rates_at(day)
        try:
            return salary_for(rates, Situation(date=rates.day, **situation))
        except PayrollError as error:
            raise Rate._error(error, day) from error

    @api.model
    def _booked(self, day, situation, given):
        """What the months of ``paid``, which end just before ``day``, have booked.

        :raises UserError: ``CAE-PAY-VALUE``
        """
        paid, booked = given.get("paid", []), NOTHING
        if not isinstance(paid, (list, tuple)) or len(paid) >= day.month:
            raise self._value_error("paid", paid)
        for number, gross in enumerate(paid, day.month - len(paid)):
            amount = self._amount({"paid": gross}, "paid")
            salary = self._salary(day.replace(day=1, month=number), situation)
            salary = salary.after(booked)
            booked += salary.booked(salary.direct(amount))
        return booked

    @api.model
    def _solve(self, day, situation, asked, amount, booked=NOTHING):
        salary = self._salary(day, situation).after(booked)
        solve = {
            "gross": salary.direct,
            "cost": salary.from_cost,
            "net": salary.from_net,
            "net_taxable": salary.from_taxable,
        }
        try:
            return solve[asked](amount)
        except PayrollError as error:
            raise self.env["cae.payroll.rate"]._error(error, day) from error

    @api.model
    def _plain(self, result):
        """Amounts of a result, rounded half up to 2 decimals (coefficient 4)."""
        return {
            **{name: plain(getattr(result, name)) for name in AMOUNTS},
            "coefficient": plain(result.coefficient, 4),
            "exact": result.exact,
        }

    @api.model
    def _plain_line(self, line):
        return {
            "code": line.code,
            "label": line.label,
            "base": plain(line.base),
            "employee_rate": plain(line.employee_rate, 4),
            "employee_amount": plain(line.employee_amount),
            "employer_rate": plain(line.employer_rate, 4),
            "employer_amount": plain(line.employer_amount),
        }

    # ------------------------------------------------------------------
    # Detail
    # ------------------------------------------------------------------

    @api.model
    def _detail(self, result):
        """The lines of a result with their groups, as they are kept and shown."""
        return [
            {**self._plain_line(line), "group": line.group} for line in result.lines
        ]

    @api.model
    def _detail_html(self, detail, source):
        """A table of the lines of a computation, by group.

        :param source: pay or simulation with the exact totals of these lines, which
            amounts that are rounded to be shown miss by a cent
        """
        employer = decimal(source.employer_contributions)
        values = {
            "groups": self._detail_groups(detail),
            "employee_total": source.employee_contributions,
            "employer_total": float(employer - decimal(source.general_reduction)),
            "total": self._total,
            "number": self._number_text,
        }
        return self.env["ir.qweb"]._render("cae_payroll.pay_detail", values)

    @api.model
    def _detail_groups(self, detail):
        """``[{"label", "lines"}]`` of the lines of a computation."""
        groups = {}
        for line in detail or ():
            groups.setdefault(line["group"], []).append(line)
        labels = self._group_labels()
        return [
            {"label": labels.get(key, key), "lines": groups[key]}
            for key in sorted(groups, key=list(labels).index)
        ]

    @api.model
    def _total(self, lines, name):
        return sum(line[name] for line in lines)

    @api.model
    def _number_text(self, value, digits=2):
        return formatLang(self.env, value, digits=digits) if value else ""

    @api.model
    def _group_labels(self):
        """Headings of the clarified payslip (arrêté of 25/02/2016), in its order."""
        return {
            "health": self.env._("Health"),
            "accident": self.env._("Work accidents and occupational diseases"),
            "pension": self.env._("Pension"),
            "family": self.env._("Family"),
            "unemployment": self.env._("Unemployment"),
            "other": self.env._("Other contributions of the employer"),
            "csg_deductible": self.env._("CSG deductible from income tax"),
            "csg_taxable": self.env._("CSG and CRDS not deductible"),
            "relief": self.env._("Relief of employer's contributions"),
        }


def plain(amount: Decimal, digits: int = 2) -> float:
    """A JSON number, rounded half up; never -0."""
    step = Decimal(1).scaleb(-digits)
    return float(amount.quantize(step, ROUND_HALF_UP)) + 0.0
