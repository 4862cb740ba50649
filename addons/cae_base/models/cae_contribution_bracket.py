from odoo import api, fields, models

from ..engine.money import decimal, plain


class CaeContributionBracket(models.Model):
    """A rate up to a yearly amount."""

    _name = "cae.contribution.bracket"
    _description = "Contribution Bracket"
    _order = "rule_id, unlimited, upper"

    rule_id = fields.Many2one(
        "cae.contribution.rule", required=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="rule_id.currency_id")
    upper = fields.Monetary(
        string="Up to",
        help="Yearly amount, included; empty in the last bracket: no limit.",
    )
    unlimited = fields.Boolean(compute="_compute_unlimited", store=True)
    rate = fields.Float(
        string="Rate (%)",
        digits=(7, 4),
        required=True,
        help="Rate of this bracket: 10 for 10 %. Example: 11 up to 40,000, 10 up to "
        "80,000, 9 beyond.",
    )

    @api.depends("upper")
    def _compute_unlimited(self):
        for bracket in self:
            bracket.unlimited = not bracket.upper

    @api.constrains("upper", "rate")
    def _check_rule(self):
        self.rule_id._check_terms()

    def write(self, vals):
        rules = self.rule_id
        before = rules._told_terms()
        result = super().write(vals)
        if "rule_id" in vals:
            # Rules of rights look at where it was, not at where it goes.
            self.check_access("write")
        rules._log_terms(before)
        return result

    def unlink(self):
        rules = self.rule_id
        before = rules._told_terms()
        result = super().unlink()
        rules = rules.exists()
        rules._check_terms()
        rules._log_terms(before)
        return result

    def _told(self):
        upper = plain(decimal(self.upper)) if self.upper else "∞"
        return f"{plain(decimal(self.rate, 4))} % → {upper}"
