from odoo import api, fields, models
from odoo.exceptions import UserError

from . import cae_contribution_words as words

# Only code can hold this object: lines are written by a run or its undoing alone.
BOOKING = object()


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
    explanation = fields.Json(string="Computation", readonly=True)
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
    undone_ids = fields.One2many(
        "cae.contribution.line", "undoes_id", string="Undone by"
    )
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
            line.explanation_text = line.explanation and line._explained()

    def _explained(self):
        reason = self.explanation.get("undone")
        if reason is None:
            return words.sentences(self.env, self.explanation, self.currency_id)
        return self.env._("Undone: %(reason)s", reason=reason)

    @api.depends("undone_ids")
    def _compute_undone(self):
        for line in self:
            line.undone = bool(line.undone_ids)

    def _search_undone(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("undone_ids", "!=" if True in value else "=", False)]

    @api.depends("activity_id", "rule_id", "month")
    def _compute_display_name(self):
        for line in self:
            month = f"{line.month:%Y-%m}" if line.month else ""
            parts = (line.activity_id.code, line.rule_id.code, month)
            line.display_name = " ".join(part for part in parts if part)

    @api.model_create_multi
    def create(self, vals_list):
        self._check_booking()
        return super().create(vals_list)

    def write(self, vals):
        self._check_booking()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        self._check_booking()

    @api.model
    def _check_booking(self):
        """:raises UserError: ``CAE-CONTRIBUTION-POSTED``"""
        if self.env.context.get("cae_booking") is not BOOKING:
            raise UserError(
                self.env._(
                    "CAE-CONTRIBUTION-POSTED: contributions are written by the run of "
                    "the month and stay as they are. Undo them, or run the month "
                    "again after correcting the documents."
                )
            )

    def action_open_entry(self) -> dict:
        """The journal entry of these contributions."""
        return self.move_id._cae_open()

    def action_undo(self, reason: str) -> dict:
        """Give these contributions back, with a reversing entry in their months.

        The run of the month charges them again: exempt the activity first when it
        must not contribute.

        :param reason: why; kept in the explanation and in the log of the months
        :return: ``{"lines", "total"}``: what this call added
        :raises UserError: ``CAE-CONTRIBUTION-REASON``, ``CAE-CONTRIBUTION-UNDONE``,
            ``CAE-PERIOD-LOCKED``, ``CAE-LOCK-DATE``, ``CAE-PERIOD-BUSY``
        """
        return self.env["cae.period"]._undo_contributions(self, reason)
