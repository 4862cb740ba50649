import math

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.money import cents, decimal

NUMBERS = ("quantity", "price_unit")
#: No price nor quantity is that large: a slip of the keyboard.
LARGEST = 10**9


class CaeInternalSaleLine(models.Model):
    _name = "cae.internal.sale.line"
    _description = "Line of an Internal Sale"
    _order = "sale_id, sequence, id"

    sale_id = fields.Many2one(
        "cae.internal.sale",
        string="Internal Sale",
        required=True,
        ondelete="cascade",
        index=True,
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(related="sale_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    name = fields.Char(string="Description", required=True)
    quantity = fields.Float(default=1.0, required=True, digits="Product Unit")
    price_unit = fields.Float(
        string="Unit Price", required=True, digits="Product Price"
    )
    amount = fields.Monetary(compute="_compute_amount", store=True)

    @api.depends("quantity", "price_unit")
    def _compute_amount(self):
        for line in self:
            exact = decimal(line.quantity, 6) * decimal(line.price_unit, 6)
            line.amount = float(cents(exact))

    @api.constrains("quantity", "price_unit")
    def _check_amount(self):
        for line in self:
            if line.amount <= 0:
                raise ValidationError(self._amount_message(line.amount))

    @api.model
    def _check_numbers(self, vals):
        """Refuse what no amount can be made of, before Odoo rounds it.

        :raises ValidationError: ``CAE-SALE-AMOUNT``
        """
        for name in NUMBERS:
            if name in vals and not _positive(vals[name]):
                raise ValidationError(self._amount_message(vals[name]))

    def _amount_message(self, value):
        return self.env._(
            "CAE-SALE-AMOUNT: %(value)s: quantities, prices and amounts are above zero "
            "and below a billion. To give money back, cancel the sale or make one the "
            "other way round.",
            value=str(value)[:20],
        )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_numbers(vals)
        lines = super().create(vals_list)
        lines.sale_id._check_draft()
        return lines

    def write(self, vals):
        self._check_numbers(vals)
        self.sale_id._check_draft()
        result = super().write(vals)
        self.sale_id._check_draft()  # moved into another sale
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        self.sale_id._check_draft()


def _positive(value):
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    return math.isfinite(number) and 0 < number < LARGEST
