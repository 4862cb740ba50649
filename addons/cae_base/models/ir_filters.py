from odoo import api, fields, models


class IrFilters(models.Model):
    """Saved filters that come with our reports are read in the user's language."""

    _inherit = "ir.filters"

    cae_label = fields.Char(
        string="Name in Each Language",
        translate=True,
        help="Of a filter that came with a report, until somebody renames it.",
    )

    @api.model
    def get_filters(self, *args, **kwargs):
        filters = super().get_filters(*args, **kwargs)
        ids = [each["id"] for each in filters]
        here = self.with_context(**self.env["res.users"].context_get()).browse(ids)
        labels = {row["id"]: row["cae_label"] for row in here.read(["cae_label"])}
        return [
            {**each, "name": labels[each["id"]] or each["name"]} for each in filters
        ]

    def write(self, vals):
        if "name" in vals and "cae_label" not in vals:
            vals = {**vals, "cae_label": False}
        return super().write(vals)
