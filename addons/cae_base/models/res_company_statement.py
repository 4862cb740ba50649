from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

    def _cae_statement_lang(self):
        """Language of what the company publishes."""
        return self.partner_id.lang or self.env.lang or "en_US"
