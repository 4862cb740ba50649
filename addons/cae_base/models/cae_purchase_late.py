from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models

from ..tools import format_date
from .cae_period import BEGINNING

#: A VAT that was forgotten is deducted until the end of the second year after (CGI,
#: annex II, art. 208, I); what is older is for the accountants to judge.
LATE_YEARS = 2


class CaePurchase(models.AbstractModel):
    """Papers of closed months: they keep their date, and are booked in an open one."""

    _inherit = "cae.purchase"

    @api.model
    def _closed_until(self, company):
        """Last day on which no purchase is booked any more; None without one.

        By our months, and by the lock dates of Odoo.
        """
        locked = self.env["cae.period"]._locked_months(company)
        last = [max(locked) + relativedelta(months=1, days=-1)] if locked else []
        # sudo: lock dates of the company, of which only the last one is told.
        locks = company.sudo()._get_lock_date_violations(
            date(BEGINNING, 1, 1), sale=False
        )
        return max([*last, *(day for day, _lock in locks)], default=None)

    @api.model
    def _is_closed(self, company, day):
        last = self._closed_until(company)
        return bool(last and day <= last)

    @api.model
    def _is_too_late(self, buyer, day):
        """Whether a paper is of a closed month of long ago."""
        old = day.year < buyer.day.year - LATE_YEARS
        return old and self._is_closed(buyer.company, day)

    @api.model
    def _late_words(self, kind, company):
        """What a form says of papers of closed months; nothing without one."""
        last = self._closed_until(company)
        if not last:
            return ""
        if kind == "bill":
            return self.env._(
                "The accounts are closed up to %(day)s. A bill of before is welcome: "
                "it keeps its date, and is booked in %(month)s.",
                day=format_date(self.env, last),
                month=format_date(self.env, last + timedelta(days=1), "MMMM y"),
            )
        return self.env._(
            "The accounts are closed up to %(day)s. What is of before is welcome: it "
            "keeps its date, and is booked in an open month once it is approved.",
            day=format_date(self.env, last),
        )

    @api.model
    def _booking_words(self, kind, document):
        """When a document is booked that is not in the month of its date, else nothing.

        :param document: an own document (sudo)
        """
        entry = document if kind == "bill" else document.account_move_id
        day = document.invoice_date if kind == "bill" else document.date
        if not day or document._cae_portal_state() == "refused":
            return ""
        if entry and entry.date.replace(day=1) == day.replace(day=1):
            return ""
        booked = entry and format_date(self.env, entry.date, "MMMM y")
        if entry.state == "posted":
            return self.env._("Booked in %(month)s, with its own date.", month=booked)
        return self._waiting_words(document, day, booked)

    @api.model
    def _waiting_words(self, document, day, booked):
        if not self._is_closed(document.company_id, day):
            return ""
        month = format_date(self.env, day, "MMMM y")
        if booked:
            return self.env._(
                "The accounts of %(month)s are closed: it keeps its date, and is "
                "booked in %(booked)s.",
                month=month,
                booked=booked,
            )
        return self.env._(
            "The accounts of %(month)s are closed: it keeps its date, and is booked in "
            "an open month once it is approved.",
            month=month,
        )
