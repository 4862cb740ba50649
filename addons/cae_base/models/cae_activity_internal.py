from collections import Counter

from odoo import api, fields, models
from odoo.fields import Domain


class CaeActivity(models.Model):
    """Internal sales and purchases of an activity."""

    _inherit = "cae.activity"

    internal_sale_count = fields.Integer(compute="_compute_internal_sale_count")

    @api.depends_context("uid")
    def _compute_internal_sale_count(self):
        counts = Counter()
        for side in ("seller_id", "buyer_id"):
            counts.update(
                dict(
                    self.env["cae.internal.sale"]._read_group(
                        [(side, "in", self.ids), ("state", "!=", "cancelled")],
                        [side],
                        ["__count"],
                    )
                )
            )
        for activity in self:
            activity.internal_sale_count = counts[activity._origin]

    def action_open_internal_sales(self) -> dict:
        """What these activities sold to others, and bought from them."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_base.cae_internal_sale_action"
        )
        sides = (Domain(side, "in", self.ids) for side in ("seller_id", "buyer_id"))
        action["domain"] = list(Domain.OR(sides))
        action["context"] = {"default_seller_id": self[:1].id}
        return action
