from odoo import fields, models


class CaeContributionBracket(models.Model):
    """A rate up to a yearly amount."""

    _name = "cae.contribution.bracket"
    _description = "Contribution Bracket"
    _order = "rule_id, sequence, id"

    rule_id = fields.Many2one(
        "cae.contribution.rule", required=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="rule_id.currency_id")
    sequence = fields.Integer(default=10)
    upper = fields.Monetary(
        string="Up to", help="Yearly amount, included; 0 in the last bracket: no limit."
    )
    rate = fields.Float(string="Rate (%)", digits=(7, 4), required=True)
