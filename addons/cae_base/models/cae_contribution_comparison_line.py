from odoo import api, fields, models

from . import cae_contribution_words as words


class CaeContributionComparisonLine(models.Model):
    """An activity under a compared scheme, over the twelve months."""

    _name = "cae.contribution.comparison.line"
    _description = "Activity under another Scheme"
    _order = "comparison_id, scheme_id, difference desc, activity_id"

    comparison_id = fields.Many2one(
        "cae.contribution.comparison", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="comparison_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    activity_id = fields.Many2one(
        "cae.activity", required=True, ondelete="cascade", index=True
    )
    current_scheme_id = fields.Many2one(
        "cae.contribution.scheme", string="Present Scheme", ondelete="cascade"
    )
    scheme_id = fields.Many2one(
        "cae.contribution.scheme", required=True, ondelete="cascade"
    )
    turnover = fields.Monetary(help="Invoiced excluding VAT, over the twelve months.")
    charged = fields.Monetary(
        string="Really Charged",
        help="Booked for these months. It differs from the contribution now when the "
        "months are no fiscal year, or not all run.",
    )
    current_amount = fields.Monetary(
        string="Contribution Now",
        help="Under the schemes and own terms that the activity really had, the twelve "
        "months taken as one year.",
    )
    amount = fields.Monetary(
        string="Contribution", help="Under the compared scheme, over the same months."
    )
    difference = fields.Monetary(help="Positive: pays more.")
    difference_rate = fields.Float(
        string="Difference (%)",
        digits=(16, 2),
        aggregator=None,
        help="Of the contribution now; nothing when there was none.",
    )
    current_share = fields.Float(
        string="Now, % of Turnover", digits=(16, 2), aggregator=None
    )
    share = fields.Float(string="% of Turnover", digits=(16, 2), aggregator=None)
    outcome = fields.Selection(
        [("more", "Pays more"), ("less", "Pays less"), ("same", "Pays the same")],
    )
    band = fields.Selection(
        [
            ("a_less_50", "Less by more than 50 %"),
            ("b_less_25", "Less by 25 to 50 %"),
            ("c_less_10", "Less by 10 to 25 %"),
            ("d_less", "Less by up to 10 %"),
            ("e_same", "The same"),
            ("f_more", "More by up to 10 %"),
            ("g_more_10", "More by 10 to 25 %"),
            ("h_more_25", "More by 25 to 50 %"),
            ("i_more_50", "More by more than 50 %"),
            ("j_new", "Paid nothing until now"),
        ],
        string="Difference by Band",
    )
    details = fields.Json(string="Computation")
    explanation = fields.Text(compute="_compute_explanation")

    @api.depends("details")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for line in self:
            line.explanation = words.details(
                self.env, line.details or [], line.currency_id
            )

    @api.depends("activity_id", "scheme_id")
    def _compute_display_name(self):
        for line in self:
            parts = (line.activity_id.display_name, line.scheme_id.code)
            line.display_name = " – ".join(part for part in parts if part)
