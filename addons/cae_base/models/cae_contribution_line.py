from odoo import api, fields, models


class CaeContributionLine(models.Model):
    """A contribution charged to an activity for a month, with its explanation.

    Revision 0 is the month's charge; the next ones are differences.
    """

    _name = "cae.contribution.line"
    _description = "Contribution"
    _order = "month desc, activity_id, rule_id, revision"
    _check_company_auto = True

    activity_id = fields.Many2one(
        "cae.activity",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    rule_id = fields.Many2one(
        "cae.contribution.rule",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    scheme_id = fields.Many2one(
        related="rule_id.scheme_id", store=True, index=True, string="Scheme"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(required=True, readonly=True, help="First day of the month.")
    revision = fields.Integer(
        readonly=True,
        aggregator=None,
        help="0: the month's charge; above: a difference.",
    )
    amount = fields.Monetary(readonly=True, help="Negative: given back.")
    explanation = fields.Json(readonly=True)
    explanation_text = fields.Text(
        string="Explanation", compute="_compute_explanation_text"
    )
    move_id = fields.Many2one(
        "account.move",
        string="Entry",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Journal Item",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    undoes_id = fields.Many2one(
        "cae.contribution.line",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The charge that this one gives back.",
    )
    undone_ids = fields.One2many("cae.contribution.line", "undoes_id")
    undone = fields.Boolean(compute="_compute_undone", search="_search_undone")

    _revision_uniq = models.UniqueIndex(
        "(activity_id, rule_id, month, revision)",
        "This contribution was already charged.",
    )
    _company_month_idx = models.Index("(company_id, month)")

    @api.depends("explanation")
    @api.depends_context("lang")
    def _compute_explanation_text(self):
        for line in self:
            line.explanation_text = False

    @api.depends("undone_ids")
    def _compute_undone(self):
        for line in self:
            line.undone = bool(line.undone_ids)

    def _search_undone(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("undone_ids", "!=" if True in value else "=", False)]
