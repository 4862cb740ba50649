from odoo import fields, models


class CaeContributionExemption(models.Model):
    """An activity's own terms on its contribution for some months, and why."""

    _name = "cae.contribution.exemption"
    _description = "Own Terms of an Activity"
    _inherit = ["mail.thread"]
    _order = "activity_id, date_from desc, id desc"
    _check_company_auto = True

    activity_id = fields.Many2one(
        "cae.activity",
        required=True,
        ondelete="cascade",
        index=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        related="activity_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="activity_id.currency_id")
    rule_id = fields.Many2one(
        "cae.contribution.rule",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="Empty in an exemption: all rules.",
    )
    kind = fields.Selection(
        [
            ("exemption", "Exempt"),
            ("override", "Own rate, amount or minimum"),
            ("scheme", "Another scheme"),
        ],
        required=True,
        default="exemption",
        tracking=True,
    )
    rate = fields.Float(
        string="Own Rate (%)", digits=(7, 4), tracking=True, help="0: the rule's."
    )
    amount = fields.Monetary(
        string="Own Amount per Month", tracking=True, help="0: the rule's."
    )
    own_floor = fields.Boolean(string="Own Minimum", tracking=True)
    floor = fields.Monetary(string="Own Minimum per Month", tracking=True)
    scheme_id = fields.Many2one(
        "cae.contribution.scheme",
        ondelete="restrict",
        tracking=True,
        help="Scheme of these months, in place of the activity's.",
    )
    reason = fields.Char(required=True, tracking=True)
    date_from = fields.Date(tracking=True)
    date_to = fields.Date(tracking=True, help="Last day.")
