from odoo import api, fields, models


class CaeNamed(models.AbstractModel):
    """Records of somebody: a contact is made of the name when none is chosen."""

    _name = "cae.named"
    _description = "Contact"

    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        required=True,
        ondelete="restrict",
        index=True,
        copy=False,
    )
    name = fields.Char(related="partner_id.name", store=True, readonly=False)
    email = fields.Char(related="partner_id.email", readonly=False)
    phone = fields.Char(related="partner_id.phone", readonly=False)
    image_128 = fields.Image(related="partner_id.image_128")

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        missing = [vals for vals in vals_list if not vals.get("partner_id")]
        partners = self.env["res.partner"].create(
            [self._prepare_partner_vals(vals) for vals in missing]
        )
        for vals, partner in zip(missing, partners, strict=True):
            vals["partner_id"] = partner.id
            for name in ("name", "email", "phone"):
                vals.pop(name, None)
        return super().create(vals_list)

    def _prepare_partner_vals(self, vals):
        """Values of the contact of a new record; who has a name is refused without."""
        return {key: vals[key] for key in ("name", "email", "phone") if vals.get(key)}
