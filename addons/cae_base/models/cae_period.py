from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class CaePeriod(models.Model):
    """A month of a company, and its close."""

    _name = "cae.period"
    _description = "Month"
    _inherit = ["mail.thread"]
    _order = "date desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
        index=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True, help="First day of the month.")
    date_end = fields.Date(compute="_compute_date_end")
    state = fields.Selection(
        [("open", "Open"), ("locked", "Locked")],
        default="open",
        required=True,
        readonly=True,
        tracking=True,
        copy=False,
    )

    _month_uniq = models.UniqueIndex(
        "(company_id, date)", "This month already exists in the company."
    )
    _first_day = models.Constraint(
        "CHECK(EXTRACT(day FROM date) = 1)", "A month is named by its first day."
    )

    @api.depends("date")
    def _compute_date_end(self):
        for period in self:
            period.date_end = period.date and period.date + relativedelta(
                months=1, days=-1
            )

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for period in self:
            name = format_date(self.env, period.date, date_format="MMMM yyyy")
            period.display_name = name.capitalize()

    # ------------------------------------------------------------------
    # Months
    # ------------------------------------------------------------------

    @api.model
    def _parse_month(self, month):
        """First day of ``month`` ("2026-01").

        :raises UserError: ``CAE-PERIOD-MONTH``
        """
        try:
            year, number = str(month).split("-")[:2]
            return date(int(year), int(number), 1)
        except (ValueError, TypeError) as error:
            raise UserError(
                self.env._(
                    "CAE-PERIOD-MONTH: %(month)s is not a month; write it as 2026-01.",
                    month=month,
                )
            ) from error

    @api.model
    def _get(self, day):
        """The period of the current company that holds ``day``, made when missing."""
        first = day.replace(day=1)
        domain = [("company_id", "=", self.env.company.id), ("date", "=", first)]
        return self.search(domain, limit=1) or self.create({"date": first})

    @api.model
    def _locked_months(self, company):
        """First days of the locked months of ``company``."""
        # sudo: whoever posts must be stopped by a lock, with or without CAE rights.
        periods = self.sudo().search(
            [("company_id", "=", company.id), ("state", "=", "locked")]
        )
        return set(periods.mapped("date"))

    @api.model
    def _check_open(self, company, days, what=""):
        """:raises UserError: ``CAE-PERIOD-LOCKED`` when a day is in a locked month."""
        locked = self._locked_months(company) if days else ()
        for day in sorted(days):
            if day.replace(day=1) in locked:
                raise UserError(self._locked_message(day, what))

    @api.model
    def _locked_message(self, day, what=""):
        return self.env._(
            "CAE-PERIOD-LOCKED: %(month)s is locked%(what)s. Use a date in an open "
            "month, or ask the accounting manager to unlock it.",
            month=format_date(self.env, day, date_format="MMMM yyyy"),
            what=what and f" ({what})",
        )

    @api.model
    def _first_open_day(self, company, day):
        """``day``, or the first day of the first open month after it."""
        locked = self._locked_months(company)
        while day.replace(day=1) in locked:
            day = day.replace(day=1) + relativedelta(months=1)
        return day
