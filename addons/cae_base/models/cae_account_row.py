from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ..engine.statement import Layout, Row

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

    @api.constrains("report", "group")
    def _check_group(self):
        for row in self:
            if row.report == "treasury" and not row.group:
                raise ValidationError(
                    self.env._(
                        "CAE-ROW-GROUP: choose the total of the treasury in which "
                        "“%s” counts.",
                        row.name,
                    )
                )

    @api.model
    def _rows(self, report):
        """Rows of a report, in order; those that are archived count for nobody."""
        # sudo: the layout of a report is no secret; whoever may see the figures may
        # see how they are grouped.
        rows = self.sudo().with_context(active_test=True)
        return rows.search_fetch([("report", "=", report)])

    @api.model
    @ormcache("report")
    def _layout_of(self, report) -> Layout:
        """The rows of a report without their labels, kept until one of them changes."""
        return self.with_context(lang=None)._rows(report)._layout()

    def _layout(self):
        """These rows as the engine takes them."""
        return Layout([row._engine_row() for row in self])

    def _engine_row(self):
        return Row(
            key=self.key,
            label=self.name,
            # In the order that the marks of published statements were made with.
            prefixes=tuple(sorted(_parts(self.prefixes), key=len, reverse=True)),
            debit=self.sign == "debit",
            terms=tuple(
                (-1 if term[0] == "-" else 1, term.lstrip("-"))
                for term in _parts(self.total_keys)
            ),
            group=self.group or "",
        )

    @api.model_create_multi
    def create(self, vals_list):
        """Layouts are read again, in every process."""
        rows = super().create(vals_list)
        self._forget_layouts()
        return rows

    def write(self, vals):
        """As :meth:`create`."""
        done = super().write(vals)
        self._forget_layouts()
        return done

    def unlink(self):
        """As :meth:`create`."""
        done = super().unlink()
        self._forget_layouts()
        return done

    @api.model
    def _forget_layouts(self):
        forget = self.env.registry.clear_cache
        forget()
        # Until the change is committed other threads read, and keep, what was before.
        self.env.cr.postcommit.add(forget)


def _parts(text):
    return [part.strip() for part in (text or "").split(",") if part.strip()]
