from odoo import api, fields, models


class CaeContributionScheme(models.Model):
    """How activities contribute to the shared services: a sum of rules.

    The general meeting sets the bases, rates or amounts (Code du travail, R.7331-8).
    """

    _name = "cae.contribution.scheme"
    _description = "Contribution Scheme"
    _inherit = ["mail.thread"]
    _order = "code"
    _rec_names_search = ["code", "name"]

    code = fields.Char(required=True, copy=False, tracking=True)
    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for all companies."
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    rule_ids = fields.One2many("cae.contribution.rule", "scheme_id", copy=True)
    decision = fields.Text(
        string="Decision of the General Meeting",
        tracking=True,
        help="The resolution that set the bases, rates or amounts (R.7331-8).",
    )
    decision_date = fields.Date(string="Decided on", tracking=True)
    note = fields.Text(translate=True)
    activity_ids = fields.One2many("cae.activity", "scheme_id")
    activity_count = fields.Integer(compute="_compute_activity_count")

    _code_uniq = models.UniqueIndex("(code)", "A scheme with this code already exists.")

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for scheme in self:
            company = scheme.company_id or self.env.company
            scheme.currency_id = company.currency_id

    @api.depends("activity_ids")
    @api.depends_context("allowed_company_ids")
    def _compute_activity_count(self):
        counts = dict(
            self.env["cae.activity"]._read_group(
                [("scheme_id", "in", self.ids)], ["scheme_id"], ["__count"]
            )
        )
        for scheme in self:
            scheme.activity_count = counts.get(scheme, 0)

    @api.depends("code", "name")
    def _compute_display_name(self):
        for scheme in self:
            scheme.display_name = f"[{scheme.code}] {scheme.name or ''}".strip()
