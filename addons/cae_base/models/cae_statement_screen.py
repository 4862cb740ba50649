from odoo import api, fields, models


class CaeStatement(models.Model):
    """What only the screens of statements need."""

    _inherit = "cae.statement"

    rows_html = fields.Html(
        string="Figures", compute="_compute_rows_html", sanitize=False
    )
    result_amount = fields.Monetary(
        string="Result of the Month", compute="_compute_amounts", store=True
    )
    turnover_amount = fields.Monetary(
        string="Turnover of the Month", compute="_compute_amounts", store=True
    )

    @api.depends("rows", "month")
    @api.depends_context("lang")
    def _compute_rows_html(self):
        for statement in self:
            activity = statement.activity_id.with_company(statement.company_id)
            statement.rows_html = activity._render_statement(
                statement.month, statement.rows or []
            )

    @api.depends("rows")
    def _compute_amounts(self):
        for statement in self:
            month = {row["key"]: row["month"] for row in statement.rows or []}
            statement.turnover_amount = month.get("turnover", 0.0)
            statement.result_amount = month.get("result", 0.0)
