"""What an entrepreneur sees first."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlencode

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_datetime, ormcache

from ..engine.money import ZERO
from ..engine.statement import total
from ..engine.waterfall import MINUS
from ..tools import format_date

#: Months of the graph of the turnover.
MONTHS = 12
#: What is read of a person and of an activity, with the query that finds them.
PERSON = (
    *("first_name", "company_id", "partner_id", "stage"),
    *("member_date", "membership_deadline"),
)
ACTIVITY = ("code", "name", "analytic_account_id", "company_id")
#: Things to do, and appointments, of a kind that are shown at once.
SHOWN = 20
#: Pages that are about one activity, and are told which.
BY_ACTIVITY = ("/my/accounts", "/my/invoicing/new")


@dataclass(frozen=True)
class Own:
    """Whose home it is, on which day.

    :param person: ``cae.entrepreneur``
    :param activities: those that the person holds and looks at; read with the rights
        of the product, since the accounts behind them are nobody's in the portal
    """

    person: models.Model
    activities: models.Model
    day: date

    @property
    def company(self):
        return self.person.company_id


class CaeHome(models.AbstractModel):
    """The home of an entrepreneur: money, things to do, appointments.

    Addons add to ``_parts``, and to ``_coming_queries``: one query for all of them.
    """

    _name = "cae.home"
    _description = "Home of an Entrepreneur"

    @api.model
    def _of_user(self, code=None) -> dict:
        """What the user's home shows; empty for who is no entrepreneur.

        :param code: of the activity to look at; all of them otherwise
        """
        person = self._person()
        if not person:
            return {}
        day = fields.Date.context_today(self)
        held = self._held(person, day)
        chosen = held.filtered(lambda activity: activity.code == code)
        # sudo: the activities are the person's own, read with their rights; what they
        # show comes from accounts that nobody reads in the portal.
        own = Own(person, (chosen or held).sudo().with_company(person.company_id), day)
        return {
            "person": person,
            "activities": held,
            "chosen": chosen,
            "euros": lambda amount: self._euros(own.company, amount),
            "address": lambda address: self._address(chosen, address),
            **self._parts(own),
        }

    @api.model
    def _address(self, chosen, address):
        """Of the activity that is looked at, where a page is about one of them."""
        if not chosen or address not in BY_ACTIVITY:
            return address
        return f"{address}?{urlencode({'activity': chosen.code})}"

    @api.model
    def _euros(self, company, amount):
        """Whole euros: what is behind the comma says nothing at a glance."""
        whole = amount.quantize(Decimal(1), ROUND_HALF_UP)
        # Of a currency without cents Odoo would take the zeros of the tens.
        kept = not company.currency_id.decimal_places
        return self._money(company, whole, trailing_zeroes=kept)

    @api.model
    def _money(self, company, amount, **options):
        """To the cent, for sums that somebody checks by hand."""
        text = format_amount(self.env, float(amount), company.currency_id, **options)
        # As in statements: a minus, and no hyphen that a line may end with.
        return text.replace("-\N{ZERO WIDTH NO-BREAK SPACE}", MINUS)

    @api.model
    def _person(self):
        people = self.env["cae.entrepreneur"]
        if not people.has_access("read"):
            return people
        mine = [
            ("user_id", "=", self.env.uid),
            ("company_id", "=", self.env.company.id),
        ]
        return people.search_fetch(mine, PERSON, limit=1)

    @api.model
    def _held(self, person, day):
        """Activities that the person holds; the user's own rules apply."""
        held = Domain("entrepreneur_id", "=", person.id) & (
            Domain("date_start", "<=", day)
            & (Domain("date_end", "=", False) | Domain("date_end", ">=", day))
        )
        return self.env["cae.activity"].search_fetch(
            [("share_ids", "any", held)], ACTIVITY
        )

    @api.model
    def _held_today(self):
        """Activities that the user holds today, read with the rights of the user."""
        person = self._person()
        if not person:
            return self.env["cae.activity"]
        return self._held(person, fields.Date.context_today(self))

    @api.model
    def _parts(self, own: Own) -> dict:
        """Hook: the values of the page."""
        links, shared = self._links(own), self._cooperative(own.person)
        return {
            "treasury": self._treasury(own),
            "year": self._year(own),
            **self._coming(own),
            "links": links,
            # What Odoo's tiles would offer a second time, lower on the same page.
            "reached": {link[1] for link in links} | {entry[2] for entry in shared},
        }

    # ------------------------------------------------------------------
    # Money
    # ------------------------------------------------------------------

    @api.model
    def _treasury(self, own):
        """Now, after what is due, and what customers still bring; ``Decimal``.

        Contributions and pay are booked on the last day of their month: from then on
        they are due, whatever day of the month it is.
        """
        end = own.day + relativedelta(day=31)
        today, due = own.activities._treasury_on(own.day, end)

        def money(rows, name):
            return sum((row[name] for row in rows.values()), ZERO)

        left = money(due, "available")
        return {
            "now": money(today, "treasury"),
            "left": left,
            "expected": money(due, "future") - left,
        }

    @api.model
    def _year(self, own):
        """Turnover of the fiscal year to date, of the year before, and by month."""
        company, accounts = own.company, own.activities.analytic_account_id.ids
        year = company.compute_fiscalyear_dates(own.day)["date_from"]
        before = company.compute_fiscalyear_dates(year - timedelta(days=1))
        first = own.day.replace(day=1) - relativedelta(months=MONTHS - 1)
        ledger = self.env["cae.ledger"]
        layout = self.env["cae.account.row"]._layout_of("statement")

        def turnover(balances):
            return layout.amounts(balances)["turnover"]

        moved = ledger._month_balances(company, accounts, min(first, year), own.day)
        last = ledger._prefix_balances(
            company, accounts, before["date_from"], own.day - relativedelta(years=1)
        )
        months = [first + relativedelta(months=n) for n in range(MONTHS)]
        bars = [
            sum((turnover(rows.get(month, {})) for rows in moved.values()), ZERO)
            for month in months
        ]
        now = sum(
            (turnover(total(rows, year, own.day)) for rows in moved.values()), ZERO
        )
        then = sum((turnover(rows) for rows in last.values()), ZERO)
        return {
            "turnover": now,
            "percent": int((now - then) * 100 / then) if then > 0 else None,
            "bars": self._bars(dict(zip(months, bars, strict=True))),
        }

    @api.model
    def _bars(self, turnover):
        """``[{"month", "letter", "amount", "height"}]`` of sums by first day.

        Heights are in percent of the highest.
        """
        highest = max(*turnover.values(), ZERO)
        return [
            {
                **self._month_words(month),
                "amount": amount,
                "height": int(max(amount, ZERO) * 100 / highest) if highest else 0,
            }
            for month, amount in turnover.items()
        ]

    @api.model
    @ormcache("self.env.lang", "month")
    def _month_words(self, month):
        return {
            "month": format_date(self.env, month, "MMM y"),
            "letter": format_date(self.env, month, "LLLLL"),
        }

    # ------------------------------------------------------------------
    # What to do, and what comes
    # ------------------------------------------------------------------

    @api.model
    def _coming_queries(self, own: Own) -> list[SQL]:
        """Hook: selections ``(kind, id, name, day)`` of what waits and what comes.

        They name the person: no record rule applies. ``kind`` is a key of
        :meth:`_words`; ``day`` is a timestamp in UTC of an appointment, else the last
        day, at midnight, or NULL.
        """
        return []

    @api.model
    def _words(self) -> dict:
        """Hook: ``{kind: (text, pattern of the address, whether it is to do)}``.

        ``text`` may hold ``%(name)s``, the address ``%(id)s``.
        """
        return {}

    @api.model
    def _links(self, own: Own) -> list[tuple]:
        """Hook: ``(text, address, icon)`` of what is used most."""
        shared = (self.env._("My cooperative"), "/my/cooperative", "fa-users")
        if not own.activities:
            return [shared]
        mine = (self.env._("My accounts"), "/my/accounts", "fa-bar-chart")
        return [mine, shared]

    @api.model
    def _cooperative(self, person) -> list[tuple]:
        """Hook: ``(title, text, address, icon)`` of what is shared with others."""
        title = self.env._("Account of the shared services")
        text = self.env._("What the contributions of all of us paid for, year by year")
        words = self.env._("What the words of the cooperative mean")
        return [
            (title, text, "/my/cooperative/account", "fa-pie-chart"),
            (self.env._("Glossary"), words, "/my/glossary", "fa-book"),
        ]

    @api.model
    def _coming(self, own):
        """Things to do and appointments, the most urgent first; one query."""
        tasks, appointments = [], []
        words = self._words()
        for kind, record_id, name, day in self._fetch(self._coming_queries(own)):
            text, address, to_do = words[kind]
            row = {
                "text": text % {"name": name or ""},
                "url": address % {"id": record_id},
                "when": day and self._when(day, to_do),
                "late": bool(to_do and day and day.date() < own.day),
            }
            (tasks if to_do else appointments).append(row)
        return {"tasks": tasks, "appointments": appointments}

    @api.model
    def _fetch(self, queries):
        if not queries:
            return []
        self.env.flush_all()
        # By kind: a vote, which has no day, is not hidden by many dated actions.
        query = SQL(
            """
            SELECT kind, id, name, day
              FROM (SELECT r.*, ROW_NUMBER() OVER (
                               PARTITION BY kind ORDER BY day NULLS LAST, id) AS place
                      FROM (%s) AS r(kind, id, name, day)) AS of_kind
             WHERE place <= %s
             ORDER BY day NULLS LAST, kind, id
            """,
            SQL(" UNION ALL ").join(queries),
            SHOWN,
        )
        return self.env.execute_query(query)

    @api.model
    def _when(self, day, to_do):
        if to_do:
            return format_date(self.env, day.date())
        zone = self.env.company._cae_time_zone()
        return format_datetime(self.env, day, zone, "EEE d MMM HH:mm")
