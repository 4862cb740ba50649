from odoo import fields, models


class CaeActivity(models.Model):
    """What an activity's invoices show besides the cooperative's legal identity."""

    _inherit = "cae.activity"

    logo = fields.Image(max_width=512, max_height=512, help="Printed on invoices.")
    insurance_company = fields.Char(
        string="Insurer",
        help="Compulsory professional insurance, such as the ten-year liability of "
        "builders: insurer with its address.",
    )
    insurance_policy = fields.Char(string="Policy Number")
    insurance_area = fields.Char(string="Covered Area", help="As: France.")
    training_number = fields.Char(
        string="Training Declaration Number",
        help="Number under which the cooperative is registered as a training provider.",
    )
    training_region = fields.Char(string="Region of the Prefect")
    invoice_note = fields.Text(
        string="Other Mentions", help="Printed as it is at the end of invoices."
    )

    def _cape_holders(self, day):
        """``[(entrepreneur, last day of the CAPE)]`` of those under CAPE on ``day``.

        A CAPE without a last day ends at its legal limit.
        """
        contracts = self.share_ids._held_on(day).entrepreneur_id.contract_ids
        current = contracts._in_force(day).filtered(lambda c: c.kind == "cape")
        return [(c.entrepreneur_id, c.date_end or c.term_limit_date) for c in current]
