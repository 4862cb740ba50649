from odoo import api, fields, models
from odoo.exceptions import UserError

# Only code can hold this object: what a statement says is computed.
COMPUTING = object()


class CaeStatement(models.Model):
    """The statement of accounts of an activity for a month (L.7332-3)."""

    _name = "cae.statement"
    _description = "Statement of Accounts"
    _inherit = ["mail.thread"]
    _order = "month desc, activity_id"
    _check_company_auto = True

    activity_id = fields.Many2one(
        "cae.activity",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        related="activity_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(required=True, readonly=True, help="First day of the month.")
    published = fields.Boolean(
        readonly=True,
        copy=False,
        tracking=True,
        help="Open to the entrepreneurs of the activity.",
    )
    rows = fields.Json(readonly=True, help="The figures as they were computed.")

    _activity_month_uniq = models.UniqueIndex(
        "(activity_id, month)", "This activity already has a statement of this month."
    )

    @api.depends("activity_id", "month")
    def _compute_display_name(self):
        for statement in self:
            month = f"{statement.month:%Y-%m}" if statement.month else ""
            name = f"{statement.activity_id.code or ''} {month}"
            statement.display_name = name.strip()

    @api.model_create_multi
    def create(self, vals_list):
        self._check_computing()
        return super().create(vals_list)

    def write(self, vals):
        if {"rows", "published", "month", "activity_id"} & set(vals):
            self._check_computing()
        return super().write(vals)

    @api.model
    def _check_computing(self):
        """:raises UserError: ``CAE-STATEMENT-COMPUTED``"""
        if self.env.context.get("cae_computing") is not COMPUTING:
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-COMPUTED: statements are written by the run of the "
                    "month. Correct the documents and run it again."
                )
            )

    @api.model
    def _update_month(self, activities, first):
        """Create or refresh the unpublished statements of a month, in one batch.

        :return: the statements created
        """
        rows = activities._statement_rows(first)
        domain = [("activity_id", "in", activities.ids), ("month", "=", first)]
        statements = self.with_context(cae_computing=COMPUTING)
        existing = {s.activity_id.id: s for s in statements.search(domain)}
        for statement in existing.values():
            new = rows[statement.activity_id.id]
            if not statement.published and statement.rows != new:
                statement.rows = new
        created = statements.create(
            [
                {"activity_id": activity.id, "month": first, "rows": rows[activity.id]}
                for activity in activities
                if activity.id not in existing
            ]
        )
        return created.with_env(self.env)
