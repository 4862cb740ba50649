from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    cae_mileage = fields.Boolean(
        string="Mileage by the Yearly Scale",
        help="Expenses of this category ask for a vehicle and a distance; their amount "
        "is computed by the mileage scale.",
    )
