from bisect import bisect_right
from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import ormcache

from odoo.addons.cae_base.tools import format_date

from ..engine import PayrollError, RateRow, RateSet


class CaePayrollRate(models.Model):
    """A legal figure of the payroll, from a date on."""

    _name = "cae.payroll.rate"
    _description = "Payroll Rate"
    _order = "code, date_from desc"
    _rec_names_search = ["code", "name"]

    code = fields.Char(
        required=True, help="What the computation asks for; never changed."
    )
    name = fields.Char(
        string="Label", required=True, help="Printed on the detail of a pay."
    )
    date_from = fields.Date(
        string="From",
        required=True,
        help="First day of this value, such as 1 January 2026.",
    )
    date_to = fields.Date(
        string="To", help="Last day; empty: until the next value of the same code."
    )
    value = fields.Float(
        required=True,
        digits=(16, 6),
        aggregator=None,
        help="Percentages as they are read: 13 for 13 %.",
    )
    unit = fields.Char(
        help="What the value is in: %, €, €/h…",
    )
    source = fields.Char(help="Text of law or official page that gives the value.")
    note = fields.Char(
        help="What to know of this value: a doubt, a case that it does not cover.",
    )
    active = fields.Boolean(default=True)

    _value_uniq = models.UniqueIndex(
        "(code, date_from)", "This rate already has a value from this date on."
    )
    _dates_order = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "A value cannot end before it starts.",
    )

    @api.depends("name", "code", "date_from")
    def _compute_display_name(self):
        for rate in self:
            day = fields.Date.to_string(rate.date_from) if rate.date_from else ""
            rate.display_name = f"{rate.name} ({day})"

    @api.model_create_multi
    def create(self, vals_list):
        rates = super().create(vals_list)
        self.env.registry.clear_cache()
        return rates

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    @api.model
    def _rates_at(self, day: date) -> RateSet:
        """The rates in force on ``day``.

        Days between two changes share one set, dated at the first of them, and with
        it the salaries that the engine keeps.

        :raises UserError: ``CAE-PAY-RATE`` without any rate, ``CAE-PAY-RATE-DATA``
        """
        try:
            changes = self._changes()
            place = bisect_right(changes, day)
            if not place:
                raise PayrollError("CAE-PAY-RATE", f"no rates on {day}")
            return self._rate_set(changes[place - 1])
        except PayrollError as error:
            raise self._error(error, day) from error

    @api.model
    @ormcache()
    def _rows(self):
        # sudo: rates are published law; whoever computes a salary needs them.
        rates = self.sudo().search([("active", "=", True)])
        names = ["code", "name", "date_from", "date_to", "value"]
        return tuple(RateRow.of(row) for row in rates.read(names, load=None))

    @api.model
    @ormcache()
    def _changes(self):
        """Days on which a value starts, or has just ended, in order."""
        day = timedelta(days=1)
        starts = {row.date_from for row in self._rows()}
        ends = {row.date_to + day for row in self._rows() if row.date_to}
        return sorted(starts | ends)

    @api.model
    @ormcache("day")
    def _rate_set(self, day):
        return RateSet.at(self._rows(), day)

    @api.model
    def _error(self, error: PayrollError, day: date) -> UserError:
        """The user's message of an error of the engine."""
        messages = {
            "CAE-PAY-RATE": self.env._(
                "CAE-PAY-RATE: the payroll rates of %(day)s are missing or incomplete. "
                "Add them in CAE / Pay / Rates / Payroll Rates. (%(detail)s)",
                day=format_date(self.env, day),
                detail=error.message,
            ),
            "CAE-PAY-BUDGET": self.env._(
                "CAE-PAY-BUDGET: this cost does not even cover what is due without "
                "any pay. (%(detail)s)",
                detail=error.message,
            ),
        }
        return UserError(messages.get(error.code, str(error)))
