"""What the close of a fiscal year is made of: few queries for any number of
activities."""

from collections import defaultdict
from decimal import Decimal

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import allocation
from ..tools import format_date
from .cae_ledger import RESULT_PREFIXES, money, root_key
from .cae_year import DAY, MONEY, TEXT

ZERO = Decimal("0.00")
#: Accounts of the money in banks and tills.
BANK = ("51", "53")


class CaeYear(models.Model):
    _inherit = "cae.year"

    def _balances(self):
        """``{analytic id: {account code: (name, before, of the year)}}``; 0 waits."""
        rows = self.env["cae.ledger"]._trial_balance(
            self.company_id, None, self.date_from, self.date_to
        )
        result = defaultdict(dict, {allocation.UNALLOCATED: self._waiting()})
        for row in rows:
            result[row["analytic"]][row["code"] or ""] = (
                row["name"],
                Decimal(row["opening"]) / 100,
                Decimal(row["debit"] - row["credit"]) / 100,
            )
        return result

    def _general_ledger(self):
        """``{account code: (name, before, of the year)}`` of all posted entries."""
        return self._by_account(SQL("m.balance"), SQL())

    def _waiting(self):
        """The same of what no activity has, item by item.

        Not the general ledger less the activities, as the ledgers are read: that
        would agree by itself, and the reconciliation find nothing.
        """
        join = SQL(
            """
            LEFT JOIN (SELECT move_line_id, SUM(amount) AS amount
                         FROM account_analytic_line
                        WHERE company_id = %s AND %s IS NOT NULL
                        GROUP BY move_line_id) t ON t.move_line_id = m.id
            """,
            self.company_id.id,
            SQL.identifier(self.env["cae.ledger"]._column()),
        )
        return self._by_account(SQL("m.balance + COALESCE(t.amount, 0)"), join)

    def _by_account(self, balance, join):
        query = SQL(
            """
            SELECT a.code_store ->> %(root)s,
                   COALESCE(a.name ->> %(lang)s, a.name ->> 'en_US'),
                   SUM(%(balance)s) FILTER (WHERE m.date < %(first)s),
                   SUM(%(balance)s) FILTER (WHERE m.date >= %(first)s)
              FROM account_move_line m
              JOIN account_account a ON a.id = m.account_id %(join)s
             WHERE m.company_id = %(company)s AND m.parent_state = 'posted'
               AND m.date <= %(last)s
             GROUP BY a.id
            """,
            balance=balance,
            join=join,
            root=root_key(self.company_id),
            lang=self.env.lang or "en_US",
            company=self.company_id.id,
            first=self.date_from,
            last=self.date_to,
        )
        return {
            code or "": (name, money(before), money(moved))
            for code, name, before, moved in self.env.execute_query(query)
        }

    @staticmethod
    def _closing(code, before, moved):
        return moved if code.startswith(RESULT_PREFIXES) else before + moved

    def _reconciliation(self, balances):
        """Rows ``(account, name, general, activities, shared, waiting, gap)``.

        Classes 6 and 7 and accounts 186 and 187 hold the year; what earlier years
        left on them is the row ``RAN``.
        """
        shared = self.company_id.cae_shared_account_id.id
        totals = defaultdict(lambda: [ZERO] * 4)
        names = {"RAN": self.env._("Results carried over")}
        sources = [(0, self._general_ledger())]
        places = {shared: 2, allocation.UNALLOCATED: 3}
        sources += [(places.get(key, 1), rows) for key, rows in balances.items()]
        for place, rows in sources:
            for code, (name, before, moved) in rows.items():
                names.setdefault(code, name)
                totals[code][place] += self._closing(code, before, moved)
                if code.startswith(RESULT_PREFIXES):
                    totals["RAN"][place] += before
        return [
            (code, names[code], *amounts, amounts[0] - sum(amounts[1:]))
            for code, amounts in sorted(totals.items())
            if any(amounts)
        ]

    def _carried(self, balances):
        """Rows ``(activity, before, result, carried)``, profits positive."""
        names = self._names()
        rows = []
        for key, accounts in balances.items():
            own = [v for c, v in accounts.items() if c.startswith(RESULT_PREFIXES)]
            before = -sum((row[1] for row in own), ZERO)
            result = -sum((row[2] for row in own), ZERO)
            if before or result:
                rows.append((names[key], before, result, before + result))
        return sorted(rows)

    def _names(self):
        """``{analytic id: name}``, archived activities included."""
        domain = [("company_id", "=", self.company_id.id)]
        activities = self.env["cae.activity"].with_context(active_test=False)
        names = defaultdict(str)
        for activity in activities.search(domain):
            names[activity.analytic_account_id.id] = activity.display_name
        names[self.company_id.cae_shared_account_id.id] = self.env._("Shared services")
        names[allocation.UNALLOCATED] = self.env._("Without activity")
        return names

    def _available(self, balances):
        """``{analytic id: Decimal}``: what is left when all that is due is paid."""
        layout = self.env["cae.account.row"]._layout_of("treasury")
        totals = self.env["cae.activity"]._treasury_totals
        return {
            key: totals(
                layout, {code: row[1] + row[2] for code, row in accounts.items()}
            )["available"]
            for key, accounts in balances.items()
        }

    def _solvency(self, balances):
        """The pool against the bank.

        :return: ``{"positive", "negative", "shared", "waiting", "bank",
            "under_way", "gap"}``; the gap is what the bank holds, payments under way
            included as in what is available, beyond the positive balances
        """
        available = self._available(balances)
        shared = available.pop(self.company_id.cae_shared_account_id.id, ZERO)
        waiting = available.pop(allocation.UNALLOCATED, ZERO)
        bank, under_way = self._bank(balances)
        positive = sum((a for a in available.values() if a > 0), ZERO)
        return {
            "positive": positive,
            "negative": sum((a for a in available.values() if a < 0), ZERO),
            "shared": shared,
            "waiting": waiting,
            "bank": bank,
            "under_way": under_way,
            "gap": bank + under_way - positive,
        }

    def _bank(self, balances):
        """``(in banks and tills, payments that no statement of a bank has yet)``."""
        accounts = self.env["account.account"].search(
            [
                ("company_ids", "in", self.company_id.ids),
                ("account_type", "=", "asset_cash"),
            ]
        )
        cash = set(accounts.mapped("code"))
        totals = {True: ZERO, False: ZERO}
        for own in balances.values():
            for code, row in own.items():
                if code.startswith(BANK):
                    totals[code in cash] += row[1] + row[2]
        return totals[True], totals[False]

    def _negative(self, balances):
        """Rows ``(activity, available)`` of the activities below zero, worst first."""
        names = self._names()
        shared = self.company_id.cae_shared_account_id.id
        rows = [
            (names[key], amount)
            for key, amount in self._available(balances).items()
            if amount < 0 and key not in (shared, allocation.UNALLOCATED)
        ]
        return sorted(rows, key=lambda row: row[1])

    # ------------------------------------------------------------------
    # Exceptions of the year
    # ------------------------------------------------------------------

    def _exceptions(self):
        """Rows ``(kind, what, from, to, by, reason)``; other modules add theirs."""
        return [*self._own_terms(), *self._unlockings(), *self._kept_lines()]

    def _own_terms(self):
        terms = self.env["cae.contribution.exemption"].search(
            Domain("company_id", "=", self.company_id.id)
            & (
                Domain("date_from", "=", False)
                | Domain("date_from", "<=", self.date_to)
            )
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", self.date_from))
        )
        kinds = dict(terms._fields["kind"]._description_selection(self.env))
        return [
            (
                kinds[term.kind],
                term.activity_id.display_name,
                term.date_from,
                term.date_to,
                term.create_uid.name,
                term.reason,
            )
            for term in terms
        ]

    def _unlockings(self):
        unlockings = self.env["cae.period.unlock"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("period_id.date", ">=", self.date_from),
                ("period_id.date", "<=", self.date_to),
            ]
        )
        label = self.env._("Month unlocked")
        return [
            (
                label,
                row.period_id.display_name,
                row.create_date.date(),
                False,
                row.user_id.name,
                row.reason,
            )
            for row in unlockings
        ]

    def _kept_lines(self):
        lines = self.env["account.bank.statement.line"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
                ("cae_unallocated_reason", "!=", False),
            ]
        )
        label = self.env._("Bank line kept unallocated")
        return [
            (
                label,
                f"{line.payment_ref or ''} {line.amount:.2f}".strip(),
                line.date,
                False,
                line.write_uid.name,
                line.cae_unallocated_reason,
            )
            for line in lines
        ]

    # ------------------------------------------------------------------
    # Sections of the report
    # ------------------------------------------------------------------

    def _sections(self):
        """What the screen, the PDF and the spreadsheet show.

        :return: ``{key: {"title", "columns": [(label, kind)], "rows"}}``
        """
        balances = self._balances()
        return {
            "solvency": {
                "title": self.env._("Solvency of the Pool"),
                "columns": [("", TEXT), (self.env._("Amount"), MONEY)],
                "rows": self._solvency_rows(balances),
            },
            "negative": {
                "title": self.env._("Activities Below Zero"),
                "columns": [
                    (self.env._("Activity"), TEXT),
                    (self.env._("Available"), MONEY),
                ],
                "rows": self._negative(balances),
            },
            "reconciliation": {
                "title": self.env._("Analytic Ledger against General Ledger"),
                "columns": [
                    (self.env._("Account"), TEXT),
                    (self.env._("Name"), TEXT),
                    *((label, MONEY) for label in self._ledger_labels()),
                ],
                "rows": self._reconciliation(balances),
            },
            "carried": {
                "title": self.env._("Results Carried Over"),
                "columns": [
                    (self.env._("Activity"), TEXT),
                    (self.env._("Earlier Years"), MONEY),
                    (self.env._("Result of the Year"), MONEY),
                    (self.env._("Carried Over"), MONEY),
                ],
                "rows": self._carried(balances),
            },
            "exceptions": {
                "title": self.env._("Overrides, Exemptions and Unlockings"),
                "columns": [
                    (self.env._("Kind"), TEXT),
                    (self.env._("Concerns"), TEXT),
                    (self.env._("From"), DAY),
                    (self.env._("To"), DAY),
                    (self.env._("By"), TEXT),
                    (self.env._("Reason"), TEXT),
                ],
                "rows": self._exceptions(),
            },
        }

    def _ledger_labels(self):
        return (
            self.env._("General Ledger"),
            self.env._("Activities"),
            self.env._("Shared Services"),
            self.env._("Without Activity"),
            self.env._("Difference"),
        )

    def _solvency_rows(self, balances):
        totals = self._solvency(balances)
        labels = {
            "bank": self.env._("Bank accounts and cash"),
            "under_way": self.env._("Payments under way (outstanding accounts)"),
            "positive": self.env._("Available of the activities above zero"),
            "gap": self.env._("Bank less what is available to activities"),
            "negative": self.env._("Available of the activities below zero"),
            "shared": self.env._("Available of the shared services"),
            "waiting": self.env._("Not allocated yet"),
        }
        return [(label, totals[key]) for key, label in labels.items()]

    def _cell(self, kind, value):
        """Text of a value in the screen and in the PDF."""
        if kind == MONEY:
            return self.env["cae.activity"]._amount_text(value)
        return format_date(self.env, value) if kind == DAY and value else value or ""
