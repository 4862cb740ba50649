"""Public figures of activities: the contract of docs/api.md."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine.texts import short, storable
from .cae_account_row import TREASURY_GROUPS as GROUPS
from .cae_ledger import RESULT_PREFIXES

SHARED = "CAE"
UNALLOCATED_CODE = ""


def number(amount) -> float:
    """A JSON number with two decimals, rounded half up."""
    if not isinstance(amount, Decimal):
        amount = Decimal(amount.numerator) / Decimal(amount.denominator)
    return float(amount.quantize(Decimal("0.01"), ROUND_HALF_UP)) + 0.0


class CaeActivity(models.Model):
    _inherit = "cae.activity"

    # ------------------------------------------------------------------
    # Public methods
    # ------------------------------------------------------------------

    @api.model
    def ledger(
        self,
        codes: list[str] | None = None,
        date_from: str | None = None,
        date_to: str | None = None,
    ) -> list[dict]:
        """Analytic trial balance of activities.

        Every ledger sums to 0.00. Classes 6 and 7 and accounts 186 and 187 start the
        fiscal year at zero; the row ``RAN`` holds their sum of earlier years.

        To a coach the staff accounts are one row ``42``. To a holder beside others,
        so are those of social bodies, and what pay costs is one row ``64``; the ledger
        begins on the first day of the own share when others held the activity before.

        :param codes: codes of activities; all, the shared services (``CAE``) and the
            unallocated (``""``) when empty
        :param date_from: first day, ISO; start of the fiscal year by default
        :param date_to: last day, ISO; today by default
        :return: ``[{"code", "name", "rows": [{"account", "name", "opening", "debit",
            "credit", "closing"}]}]``, debit positive
        :raises UserError: ``CAE-ACTIVITY-UNKNOWN``, ``CAE-DATE``
        """
        company = self.env.company
        last = self._parse_day(date_to) or fields.Date.context_today(self)
        year = company.compute_fiscalyear_dates(last)["date_from"]
        first = self._parse_day(date_from) or year
        if first > last:
            raise UserError(
                self.env._(
                    "CAE-DATE: %(first)s is after %(last)s; the first day comes first.",
                    first=first,
                    last=last,
                )
            )
        holders, rest = self._holders(codes)
        lines = self._reserved_balance(list(holders), first, last, rest)
        return [
            {
                "code": code,
                "name": name,
                "rows": self._ledger_rows(lines.get(analytic, ())),
            }
            for analytic, (code, name) in holders.items()
        ]

    @api.model
    def figures(
        self, codes: list[str] | None = None, months: list[str] | None = None
    ) -> list[dict]:
        """Monthly figures of activities, excluding VAT.

        :param codes: codes of activities; all when empty
        :param months: ``["2026-01", …]``
        :return: ``[{"code", "month", "invoiced", "collected", "purchases",
            "gross_margin", "value_added", "contribution"}]``, one per activity and
            month
        :raises UserError: ``CAE-ACTIVITY-UNKNOWN``, ``CAE-PERIOD-MONTH``
        """
        parse = self.env["cae.period"]._parse_month
        months = self._as_list(months, "CAE-PERIOD-MONTH")
        days = sorted({parse(month) for month in months})
        activities = self._find(codes)
        if not days:
            return []
        accounts = activities.analytic_account_id.ids
        last = days[-1] + relativedelta(months=1, days=-1)
        figures = self.env["cae.ledger"]._figures(
            self.env.company, accounts, days[0], last
        )
        charged = activities._contributions(days[0], days[-1])
        return [
            activity._figures_row(figures, charged, day)
            for activity in activities
            for day in days
        ]

    @api.model
    def treasury(
        self, codes: list[str] | None = None, date: str | None = None
    ) -> list[dict]:
        """Money of activities at the end of a day.

        :param codes: codes of activities; all when empty
        :param date: ISO day; today by default
        :return: ``[{"code", "treasury", "available", "future", "parts": [{"group",
            "prefix", "amount"}]}]``; each total holds the one before it
        :raises UserError: ``CAE-ACTIVITY-UNKNOWN``, ``CAE-DATE``
        """
        day = self._parse_day(date) or fields.Date.context_today(self)
        activities = self._find(codes)
        rows = activities._treasury_at(day)
        reserved = self._reserved(activities.analytic_account_id.ids)
        for activity in activities:
            shown = reserved.get(activity.analytic_account_id.id)
            if shown:
                parts = self._reserved_parts(rows[activity.id]["parts"], shown)
                rows[activity.id]["parts"] = parts
        return [{"code": a.code, **self._plain(rows[a.id])} for a in activities]

    @api.model
    def statement(
        self, codes: list[str] | None = None, month: str | None = None
    ) -> list[dict]:
        """Statement of accounts of activities for a month (L.7332-3).

        :param codes: codes of activities; all when empty
        :param month: ``"2026-01"``
        :return: ``[{"code", "month", "rows": [{"key", "label", "month", "to_date",
            "ratio"}]}]``; ``to_date`` counts from the start of the fiscal year,
            ``ratio`` is ``to_date`` in percent of the turnover (``False`` without
            turnover); no rows for a month before the own share, when others held the
            activity then
        :raises UserError: ``CAE-ACTIVITY-UNKNOWN``, ``CAE-PERIOD-MONTH``
        """
        first = self.env["cae.period"]._parse_month(month)
        activities = self._find(codes)
        rows = activities._statement_rows(first)
        last = first + relativedelta(months=1, days=-1)
        reserved = self._reserved(activities.analytic_account_id.ids)
        for activity in activities:
            shown = reserved.get(activity.analytic_account_id.id)
            if shown and shown.since and shown.since > last:
                rows[activity.id] = []
        return [
            {"code": a.code, "month": f"{first:%Y-%m}", "rows": rows[a.id]}
            for a in activities
        ]

    # ------------------------------------------------------------------
    # Parts
    # ------------------------------------------------------------------

    @api.model
    def _parse_day(self, value):
        """:raises UserError: ``CAE-DATE``"""
        if not value or isinstance(value, date):
            return value
        try:
            day = date.fromisoformat(value)
            if not 2000 <= day.year < 2100:
                raise ValueError(value)
            return day
        except (TypeError, ValueError) as error:
            raise UserError(
                self.env._(
                    "CAE-DATE: %(value)s is not a date; write it as 2026-01-31.",
                    value=short(value),
                )
            ) from error

    @api.model
    def _as_list(self, values, code):
        """A list of texts that a program gave, or nothing.

        :raises UserError: ``code``
        """
        values = values or []
        if isinstance(values, list | tuple) and all(map(storable, values)):
            return list(values)
        raise UserError(
            self.env._(
                "%(code)s: a list of texts is expected, not %(value)s.",
                code=code,
                value=short(values),
            )
        )

    @api.model
    def _find(self, codes):
        """Activities of the current company by code, in the order asked.

        The search applies the user's own record rules.

        :raises UserError: ``CAE-ACTIVITY-UNKNOWN``
        """
        domain = [("company_id", "=", self.env.company.id)]
        codes = self._as_list(codes, "CAE-ACTIVITY-UNKNOWN")
        if codes:
            domain.append(("code", "in", list(codes)))
        activities = self.with_context(active_test=False)
        found = activities.search_fetch(domain, ["code", "name", "analytic_account_id"])
        if not codes:
            return found
        by_code = {activity.code: activity for activity in found}
        missing = [short(code) for code in codes if code not in by_code]
        if missing:
            raise UserError(
                self.env._(
                    "CAE-ACTIVITY-UNKNOWN: no activity %(codes)s in %(company)s.",
                    codes=", ".join(missing[:10]),
                    company=self.env.company.name,
                )
            )
        return self.union(*(by_code[code] for code in dict.fromkeys(codes)))

    @api.model
    def _holders(self, codes):
        """``({analytic id: (code, name)}, whether the unallocated is asked)``."""
        codes = self._as_list(codes, "CAE-ACTIVITY-UNKNOWN")
        everything = not codes
        special = [code for code in codes if code in (SHARED, UNALLOCATED_CODE)]
        full = self.env.user.has_group("cae_base.group_accountant")
        if special and not full:
            raise AccessError(
                self.env._("The accounts of the cooperative itself are reserved.")
            )
        named = [code for code in codes if code not in special]
        activities = self._find(named) if named or everything else self
        holders = {a.analytic_account_id.id: (a.code, a.name) for a in activities}
        shared = self.env.company.cae_shared_account_id
        if shared and (SHARED in special or everything and full):
            # sudo: only the name of the shared services, for who may see them.
            holders[shared.id] = (SHARED, shared.sudo().name)
        rest = UNALLOCATED_CODE in special or (everything and full)
        if rest:
            holders[0] = (UNALLOCATED_CODE, self.env._("Unallocated"))
        return holders, rest

    @api.model
    def _ledger_rows(self, lines):
        """Rows of a ledger, from those of a trial balance in cents."""
        rows, opening, debit = [], 0, 0
        for line in lines:
            if line["code"].startswith(RESULT_PREFIXES):
                opening += line["opening"] - line["year_opening"]
                debit += line["before"]
                names = ("year_opening", "year_debit", "year_credit")
            else:
                names = ("opening", "debit", "credit")
            amounts = [line[name] for name in names]
            if any(amounts):
                rows.append(self._ledger_row(line["code"], line["name"], *amounts))
        if opening or debit:
            name = self.env._("Result of earlier years of the activity")
            sides = max(debit, 0), max(-debit, 0)
            rows.append(self._ledger_row("RAN", name, opening, *sides))
        return rows

    @staticmethod
    def _ledger_row(code, name, opening, debit, credit):
        return {
            "account": code,
            "name": name,
            "opening": opening / 100,
            "debit": debit / 100,
            "credit": credit / 100,
            "closing": (opening + debit - credit) / 100,
        }

    @api.model
    def _plain(self, values):
        plain = {Decimal: number, list: lambda rows: [self._plain(r) for r in rows]}
        return {
            key: plain.get(type(value), lambda same: same)(value)
            for key, value in values.items()
        }

    def _figures_row(self, figures, charged, day):
        row = figures[self.analytic_account_id.id, day]
        return {
            "code": self.code,
            "month": f"{day:%Y-%m}",
            "invoiced": number(row["invoiced"]),
            "collected": number(row["collected"]),
            "purchases": number(row["purchases"]),
            "gross_margin": number(row["invoiced"] - row["purchases"]),
            "value_added": number(row["invoiced"] - row["items"]),
            "contribution": number(charged.get((self.id, day), Decimal(0))),
        }

    def _treasury_at(self, day):
        """``{activity id: {"treasury", "available", "future", "parts"}}``."""
        (found,) = self._treasury_on(day)
        return found

    def _treasury_on(self, *days):
        """As :meth:`_treasury_at` on each of these days, in one query of the ledger."""
        balances = self.env["cae.ledger"]._balances_of(
            self.env.company,
            self.analytic_account_id.ids,
            [(None, day) for day in days],
        )
        layout = self.env["cae.account.row"]._layout_of("treasury")
        return [
            {
                activity.id: self._treasury_totals(
                    layout, found.get(activity.analytic_account_id.id, {})
                )
                for activity in self
            }
            for found in balances
        ]

    @api.model
    def _treasury_totals(self, layout, balances):
        totals, result = dict.fromkeys(GROUPS, Decimal(0)), {}
        parts = []
        for (group, prefix), amount in layout.parts(balances).items():
            totals[group] += amount
            parts.append({"group": group, "prefix": prefix, "amount": amount})
        running = Decimal(0)
        for group in GROUPS:
            running += totals[group]
            result[group] = running
        parts.sort(key=lambda part: (GROUPS.index(part["group"]), part["prefix"]))
        return {**result, "parts": parts}

    def _statement_rows(self, first):
        """``{activity id: rows}`` of the statement of the month that starts then."""
        company = self.env.company
        last = first + relativedelta(months=1, days=-1)
        year = company.compute_fiscalyear_dates(last)["date_from"]
        accounts = self.analytic_account_id.ids
        read = self.env["cae.ledger"]._prefix_balances
        month = read(company, accounts, first, last)
        to_date = read(company, accounts, year, last)
        layout = self.env["cae.account.row"]._rows("statement")._layout()
        return {
            activity.id: self._statement_of(
                layout,
                layout.amounts(month.get(activity.analytic_account_id.id, {})),
                layout.amounts(to_date.get(activity.analytic_account_id.id, {})),
            )
            for activity in self
        }

    @api.model
    def _statement_of(self, layout, month, to_date):
        turnover = to_date.get("turnover")
        return [
            {
                "key": row.key,
                "label": row.label,
                "month": number(month[row.key]),
                "to_date": number(to_date[row.key]),
                "ratio": number(Decimal(to_date[row.key]) / turnover * 100)
                if turnover
                else False,
            }
            for row in layout.rows
        ]
