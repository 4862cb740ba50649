from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import elements
from .cae_payroll_template import DATE_FORMATS

TEXTS = ("matricule", "contract_key", "name", "last_name", "first_name")
DATES = ("date_from", "date_to")
#: Sums of the elements of pay of a person's month.
SUMS = (
    "absence_days",
    "absence_hours",
    "sick_days",
    "sick_hours",
    "leave_days",
    "leave_hours",
    "leave_amount",
    "withheld_garnishment",
    "withheld_advance",
    "withheld_subscription",
)
AMOUNTS = ("fixed_part", "advance", "balance", "gross", "hours", "expenses", *SUMS)
#: What only a file with one row per element has.
ELEMENT = (elements.CODE, elements.VALUE)


class CaePayrollTemplateLine(models.Model):
    """A column of the file, or an element of its rows."""

    _name = "cae.payroll.template.line"
    _description = "Column for Payroll Software"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one(
        "cae.payroll.template", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="template_id.company_id")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Column", required=True, help="Name in the first row.")
    source = fields.Selection(
        [
            ("matricule", "Matricule"),
            ("contract_key", "Contract key"),
            ("name", "Name"),
            ("last_name", "Last name"),
            ("first_name", "First name"),
            ("date_from", "First day of the month"),
            ("date_to", "Last day of the month"),
            ("fixed_part", "Fixed part, gross"),
            ("advance", "Advance on the variable part, gross"),
            ("balance", "Balance of a year, gross"),
            ("gross", "Total gross"),
            ("hours", "Paid hours of an ordinary contract"),
            ("expenses", "Expenses to reimburse"),
            ("absence_days", "Days of absence"),
            ("absence_hours", "Hours of absence"),
            ("sick_days", "Days of sick leave"),
            ("sick_hours", "Hours of sick leave"),
            ("leave_days", "Days of paid leave"),
            ("leave_hours", "Hours of paid leave"),
            ("leave_amount", "Paid leave, gross (a part of the total)"),
            ("withheld_garnishment", "Withheld: garnishments"),
            ("withheld_advance", "Withheld: advances given before"),
            ("withheld_subscription", "Withheld: shares subscribed"),
            ("element_code", "Code of the element"),
            ("element_value", "Value of the element"),
        ],
        required=True,
        help="Without a column for the balance of a year, a balance is a part of the "
        "advance.",
    )
    code = fields.Char(
        help="Of an amount, in a file with one row per element: how the payroll "
        "software names it."
    )
    date_format = fields.Selection(
        DATE_FORMATS,
        string="Dates as",
        default=DATE_FORMATS[0][0],
        required=True,
        help="How days are written in this column.",
    )
    is_amount = fields.Boolean(compute="_compute_is_amount")

    @api.depends("source")
    def _compute_is_amount(self):
        for line in self:
            line.is_amount = line.source in AMOUNTS

    @api.constrains("source", "code", "template_id")
    def _check_source(self):
        for line in self:
            rows = line.template_id.layout == "element"
            if rows and line.is_amount and not (line.code or "").strip():
                raise ValidationError(
                    self.env._(
                        "CAE-PAYROLL-TEMPLATE: %(name)s is an element and has no "
                        "code. Give the one of the payroll software.",
                        name=line.name,
                    )
                )
            if line.source in ELEMENT and not rows:
                raise ValidationError(
                    self.env._(
                        "CAE-PAYROLL-TEMPLATE: %(name)s needs a file with one row "
                        "per element.",
                        name=line.name,
                    )
                )

    def _column(self):
        """This line as the engine takes it."""
        self.ensure_one()
        return elements.Column(
            self.name, self.source, (self.code or "").strip(), self.date_format
        )
