from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import elements

DATE_FORMATS = [
    ("%d/%m/%Y", "31/01/2026"),
    ("%Y-%m-%d", "2026-01-31"),
    ("%d%m%Y", "31012026"),
    ("%m/%Y", "01/2026"),
    ("%Y-%m", "2026-01"),
]


class CaePayrollTemplate(models.Model):
    """The file that a payroll software reads the month's pay elements from."""

    _name = "cae.payroll.template"
    _description = "File for Payroll Software"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, copy=False, help="Names the file in programs and on disk."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: shared by all companies."
    )
    layout = fields.Selection(
        [("person", "One row per person"), ("element", "One row per element")],
        string="Rows",
        required=True,
        default="person",
        help="One row per person: the elements are columns. One row per element: each "
        "amount has its own row and code (Silae).",
    )
    file_format = fields.Selection(
        [("csv", "CSV"), ("xlsx", "Excel (XLSX)")],
        required=True,
        default="csv",
        help="What the payroll software reads.",
    )
    header = fields.Boolean(default=True, help="First row with the columns' names.")
    separator = fields.Selection(
        [(";", "Semicolon"), (",", "Comma"), ("\t", "Tab")],
        required=True,
        default=";",
        help="Between the columns of a CSV file; French software mostly wants a "
        "semicolon.",
    )
    encoding = fields.Selection(
        [("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252 (Latin-1)")],
        required=True,
        default="utf-8-sig",
        help="How accents are written in a CSV file. If they come out wrong in the "
        "payroll software, choose the other one.",
    )
    decimal_mark = fields.Selection(
        [(",", "Comma"), (".", "Point")],
        required=True,
        default=",",
        help="In amounts of a CSV file: 1234,50 or 1234.50.",
    )
    zero_pay = fields.Boolean(
        string="Months without Pay",
        help="Also a row of zero for those under contract who are not paid, when the "
        "payroll software makes their payslips of zero: under CAPE they prove the "
        "activity of the month to France Travail. Without it they are left out.",
    )
    note = fields.Text(translate=True, help="What to check with the payroll software.")
    line_ids = fields.One2many(
        "cae.payroll.template.line", "template_id", string="Columns", copy=True
    )

    _code_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0), code)", "This code already names another file."
    )

    @api.constrains("layout", "line_ids")
    def _check_lines(self):
        for template in self:
            if not template.line_ids - template._elements():
                raise ValidationError(
                    self.env._(
                        "CAE-PAYROLL-TEMPLATE: %(name)s has no column. Add one.",
                        name=template.name,
                    )
                )
            if template.layout == "element" and not template._elements():
                raise ValidationError(
                    self.env._(
                        "CAE-PAYROLL-TEMPLATE: a file with one row per element needs "
                        "elements: lines with an amount and its code."
                    )
                )

    def _elements(self):
        """Lines that are rows of the file, not columns."""
        lines = self.filtered(lambda t: t.layout == "element").line_ids
        return lines.filtered("is_amount")

    def _shows(self, source):
        """Whether the file has a column, or an element, of a source."""
        return source in self.line_ids.mapped("source")

    def _layout(self):
        """This template as the engine takes it."""
        self.ensure_one()
        rows = self._elements()
        return elements.Layout(
            columns=tuple(line._column() for line in self.line_ids - rows),
            elements=tuple(line._column() for line in rows),
            decimal_mark=self.decimal_mark,
        )
