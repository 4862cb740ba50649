from odoo import fields, models


class CaeImport(models.TransientModel):
    """The register of members."""

    _inherit = "cae.import"

    dataset = fields.Selection(
        selection_add=[("members", "Members and shares")],
        ondelete={"members": "cascade"},
    )
