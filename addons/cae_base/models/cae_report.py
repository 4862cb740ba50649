from odoo import fields, models


class CaeReport(models.Model):
    """A report in the catalogue: what it answers, and the window that shows it."""

    _name = "cae.report"
    _description = "Report"
    _order = "section, sequence, id"

    name = fields.Char(required=True, translate=True)
    answer = fields.Char(
        string="What It Says", required=True, translate=True, help="In one line."
    )
    section = fields.Selection(
        [
            ("1_money", "Money of the Activities"),
            ("2_customers", "Customers"),
            ("3_people", "People and Contracts"),
            ("4_pay", "Pay and Social Report"),
            ("5_support", "Support"),
        ],
        required=True,
    )
    sequence = fields.Integer(default=10)
    action_id = fields.Many2one("ir.actions.actions", required=True, ondelete="cascade")
    group_ids = fields.Many2many("res.groups", string="For")

    def action_open(self) -> dict:
        """The window of this report."""
        self.ensure_one()
        self.check_access("read")
        # sudo: actions are read by the groups of settings alone; the record's rule has
        # said that this one is for the user, and the window applies the user's rights.
        action = self.sudo().action_id
        kind = self.env[action.type].browse(action.id)
        if action.type == "ir.actions.server":
            return kind.run()
        return self.env["ir.actions.actions"]._for_xml_id(kind.sudo().xml_id)
