from odoo import api, models


class SaleOrderLine(models.Model):
    """Lines of a quote belong to its activity."""

    _inherit = "sale.order.line"

    def _prepare_invoice_line(self, **optional_values):
        values = super()._prepare_invoice_line(**optional_values)
        kinds = ("cae_sale.product_service", "cae_sale.product_goods")
        if self.product_id in [self.env.ref(kind, False) for kind in kinds]:
            # Odoo puts the name of the product before what was written.
            values["name"] = self.name
        return values

    @api.depends("order_id.cae_activity_id")
    def _compute_analytic_distribution(self):
        result = super()._compute_analytic_distribution()
        for line in self:
            # sudo: the account of an activity, of which lines tell the id only.
            activity = line.order_id.sudo().cae_activity_id
            if activity and not (line.display_type or line.analytic_distribution):
                key = str(activity.analytic_account_id.id)
                line.analytic_distribution = {key: 100}
        return result
