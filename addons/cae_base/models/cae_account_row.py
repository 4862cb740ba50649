from functools import cache

from odoo import api, fields, models

from ..engine.statement import RESULT, RESULT_PREFIXES

#: Groups of the treasury; the total of each holds those before it.
TREASURY_GROUPS = ("treasury", "available", "future")


class CaeAccountRow(models.Model):
    """A row of the statement or of the treasury, made of account prefixes."""

    _name = "cae.account.row"
    _description = "Row of Accounts"
    _order = "report, sequence, id"

    report = fields.Selection(
        [
            ("statement", "Statement of accounts"),
            ("balance", "Balance sheet"),
            ("treasury", "Treasury"),
        ],
        required=True,
        default="statement",
        string="Document",
        help="Where the row shows: in the income statement, the balance sheet or the "
        "treasury of the activities.",
    )
    sequence = fields.Integer(default=10)
    key = fields.Char(required=True, help="Stable name used by other programs.")
    name = fields.Char(string="Label", required=True, translate=True)
    group = fields.Selection(
        [
            ("treasury", "Treasury"),
            ("available", "Available"),
            ("future", "Future"),
        ],
        help="Treasury rows: the first of the three totals in which the row counts.",
    )
    prefixes = fields.Char(
        help="Account prefixes separated by commas, such as 60,61,62. "
        "An account counts in the row with its longest prefix.",
    )
    sign = fields.Selection(
        [("credit", "Credit is positive"), ("debit", "Debit is positive")],
        required=True,
        default="credit",
        help="Which side of the accounts reads as a positive figure. Sales: credit. "
        "Purchases: debit.",
    )
    total_keys = fields.Char(
        string="Total of",
        help="Keys of the rows that a total adds up, such as turnover,-purchases.",
    )
    active = fields.Boolean(default=True)

    _key_uniq = models.UniqueIndex("(report, key)", "This key is already in use.")

    @api.model
    def _rows(self, report):
        """Rows of a report, in order."""
        # sudo: the layout of a report is no secret; whoever may see the figures may
        # see how they are grouped.
        return self.sudo().search_fetch([("report", "=", report)])

    def _prefix_map(self):
        """``[(prefix, row)]``, longest prefix first."""
        pairs = [
            (prefix.strip(), row)
            for row in self
            for prefix in (row.prefixes or "").split(",")
            if prefix.strip()
        ]
        return sorted(pairs, key=lambda pair: -len(pair[0]))

    def _placing(self):
        """Function from an account's code to its ``(row, prefix)``, or to ``None``.

        For many balances: it looks for each code once.
        """
        pairs = self._prefix_map()

        @cache
        def place(code):
            found = (pair for pair in pairs if code.startswith(pair[0]))
            return next(((row, prefix) for prefix, row in found), None)

        return place

    @api.model
    def _group(self, place, balances):
        """``{(row, prefix): balance}`` from ``{account code: balance}``."""
        result = {}
        for code, balance in balances.items():
            if key := place(code):
                result[key] = result.get(key, 0) + balance
        return result

    def _amounts(self, place, balances):
        """``{key: amount}`` of the rows, totals included, in each row's own sign.

        :param place: of ``_placing``
        """
        amounts = dict.fromkeys(self.mapped("key"), 0)
        for (row, _prefix), balance in self._group(place, balances).items():
            amounts[row.key] += balance if row.sign == "debit" else -balance
        for row in self.filtered("total_keys"):
            for term in row.total_keys.split(","):
                term = term.strip()
                sign, key = (-1, term[1:]) if term.startswith("-") else (1, term)
                amounts[row.key] += sign * amounts.get(key, 0)
        # The result is the whole income statement, whatever the rows leave out.
        for row in self.filtered(lambda row: row.key == RESULT):
            own = (b for c, b in balances.items() if c.startswith(RESULT_PREFIXES))
            amounts[RESULT] = sum(own) * (1 if row.sign == "debit" else -1)
        return amounts
