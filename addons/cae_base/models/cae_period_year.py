from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import told


class CaePeriod(models.Model):
    """Yearly statements, from the last month of a fiscal year."""

    _inherit = "cae.period"

    is_year_end = fields.Boolean(
        compute="_compute_is_year_end", help="The last month of a fiscal year."
    )

    @api.depends("date", "company_id")
    def _compute_is_year_end(self):
        for period in self:
            period.is_year_end = period.date_end and (
                period._fiscal_year()["date_to"] == period.date_end
            )

    def _fiscal_year(self):
        return self.company_id.compute_fiscalyear_dates(self.date_end)

    def action_publish_year(self) -> dict:
        """Publish the yearly statements, and the account of the shared services.

        Idempotent: what is published stays.

        :return: a notification that says how many were published
        :raises UserError: ``CAE-STATEMENT-YEAR``, ``CAE-STATEMENT-EARLY``,
            ``CAE-PERIOD-BUSY``
        """
        self.ensure_one()
        self._check_may_run()
        here = self._own_company()
        here._check_year()
        with here._exclusive():
            count = here._publish_year()
        message = self.env._("%(count)s yearly documents published.", count=count)
        self._cae_note(message)
        return told(self.display_name, message)

    def _publish_year(self):
        year = self._fiscal_year()
        activities = self.env["cae.activity"]._find([])
        activities = activities.filtered(
            lambda a: (
                a.date_start <= year["date_to"]
                and (not a.date_end or a.date_end >= year["date_from"])
            )
        )
        statements = self.env["cae.statement"]
        statements._update_month(activities, self.date, "year")
        published = statements._of(activities, self.date, "year")._publish()
        shared = self.env["cae.shared.statement"]._refresh_year(
            self.company_id, year["date_from"], year["date_to"]
        )
        return len(published) + len(shared._publish())

    def _check_year(self):
        if not self.is_year_end:
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-YEAR: %(month)s is not the last month of a fiscal "
                    "year.",
                    month=self.display_name,
                )
            )
        year = self._fiscal_year()
        if year["date_to"] >= fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-EARLY: %(name)s is not over; its statement is "
                    "published after its last day.",
                    name=self.display_name,
                )
            )
        self._check_months_published(year)

    def _check_months_published(self, year):
        drafts = self.env["cae.statement"]._read_group(
            [
                ("company_id", "=", self.company_id.id),
                ("kind", "=", "month"),
                ("current", "=", True),
                ("published", "=", False),
                ("month", ">=", year["date_from"]),
                ("month", "<=", year["date_to"]),
            ],
            ["month:day"],
        )
        if drafts:
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-YEAR: publish the statements of these months "
                    "first: %(months)s.",
                    months=self._month_names(month for (month,) in drafts),
                )
            )
