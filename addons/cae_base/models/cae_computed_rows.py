from odoo import api, models


class CaeComputedRows(models.AbstractModel):
    """Rows that a query makes when they are read, and nothing stores."""

    _name = "cae.computed.rows"
    _description = "Computed Rows"

    @api.model
    @api.readonly
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        # All fields at once: what is read later, the rules of rights included, would
        # make all the rows again.
        return super().search_fetch(domain, None, offset, limit, order)
