from odoo import fields, models


class CaeContributionComparisonTotal(models.Model):
    """All activities together under a compared scheme."""

    _name = "cae.contribution.comparison.total"
    _description = "Totals of a compared Scheme"
    _order = "comparison_id, scheme_id"
    _rec_name = "scheme_id"

    comparison_id = fields.Many2one(
        "cae.contribution.comparison", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="comparison_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    scheme_id = fields.Many2one(
        "cae.contribution.scheme", required=True, ondelete="cascade"
    )
    turnover = fields.Monetary()
    charged = fields.Monetary(string="Really Charged")
    current_amount = fields.Monetary(string="Contributions Now")
    amount = fields.Monetary(string="Contributions")
    difference = fields.Monetary(help="Positive: the shared services get more.")
    difference_rate = fields.Float(
        string="Difference (%)", digits=(16, 2), aggregator=None
    )
    share = fields.Float(string="% of Turnover", digits=(16, 2), aggregator=None)
    more_count = fields.Integer(string="Pay more")
    more_amount = fields.Monetary(string="Increases")
    most_more = fields.Monetary(string="Largest Increase")
    less_count = fields.Integer(string="Pay less")
    less_amount = fields.Monetary(string="Decreases")
    most_less = fields.Monetary(string="Largest Decrease")
    same_count = fields.Integer(string="Unchanged")
