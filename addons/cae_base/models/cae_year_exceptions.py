from odoo import models
from odoo.fields import Domain

from ..tools import format_date


class CaeYear(models.Model):
    """Exceptions to what the year had closed: signatures and Odoo's lock dates."""

    _inherit = "cae.year"

    def _exceptions(self):
        return [*super()._exceptions(), *self._lock_exceptions(), *self._reopenings()]

    def _lock_exceptions(self):
        """Exceptions that opened days of the year again, those revoked included."""
        found = self.env["account.lock_exception"].with_context(active_test=False)
        exceptions = found.search(
            Domain("company_id", "=", self.company_id.id)
            & (Domain("lock_date", "=", False) | Domain("lock_date", "<", self.date_to))
            & (
                Domain("company_lock_date", "=", False)
                | Domain("company_lock_date", ">=", self.date_from)
            ),
            order="id",
        )
        label = self.env._("Exception to a lock date")
        return [
            (
                label,
                self._lock_exception_text(exception),
                exception.create_date.date(),
                exception.end_datetime and exception.end_datetime.date(),
                exception.create_uid.name,
                exception.reason,
            )
            for exception in exceptions
        ]

    def _lock_exception_text(self, exception):
        field = exception._fields["lock_date_field"]
        names = dict(field._description_selection(self.env))
        nothing = self.env._("none")
        return self.env._(
            "%(lock)s: %(new)s instead of %(old)s, for %(user)s",
            lock=names[exception.lock_date_field],
            new=format_date(self.env, exception.lock_date) or nothing,
            old=format_date(self.env, exception.company_lock_date) or nothing,
            user=exception.user_id.name or self.env._("everyone"),
        )

    def _reopenings(self):
        reopenings = self.env["cae.year.reopening"].search(
            [("year_id", "=", self.id)], order="id"
        )
        label = self.env._("Signed year opened again")
        return [
            (
                label,
                self.display_name,
                row.create_date.date(),
                False,
                row.user_id.name,
                row.reason,
            )
            for row in reopenings
        ]
