from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import allocation


class AccountMove(models.Model):
    """Documents whose revenue the participants of a project share."""

    _inherit = "account.move"

    cae_project_id = fields.Many2one(
        "cae.shared.project",
        string="Shared Project",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="Its participants share the lines, by their shares on the day of the "
        "document. Lines that you give to other activities keep them.",
    )
    # What the project gave the lines: those that still carry it follow the project.
    cae_project_shares = fields.Json(string="Shares of the Project", readonly=True)

    @api.onchange("cae_project_id", "invoice_date")
    def _onchange_cae_project_id(self):
        if self.cae_project_id or self.cae_project_shares:
            self._cae_apply_project()

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        moves.filtered("cae_project_id")._cae_apply_project()
        return moves

    def write(self, vals):
        if "cae_project_id" in vals:
            self._cae_check_project_kept(vals["cae_project_id"])
        result = super().write(vals)
        if {"cae_project_id", "invoice_date", "date"} & set(vals):
            self.filtered("cae_project_id")._cae_apply_project()
        if vals.get("cae_project_id") is False:
            self.filtered("cae_project_shares")._cae_apply_project()
        return result

    def _post(self, soft=True):
        self.filtered("cae_project_id")._cae_apply_project()
        return super()._post(soft)

    def button_draft(self):
        result = super().button_draft()
        # What was posted is cents of that amount; the amount may change now.
        for move in self.filtered("cae_project_shares"):
            move.invoice_line_ids._cae_follow_project(move.cae_project_shares)
        return result

    def _cae_check_project_kept(self, project_id):
        """:raises UserError: ``CAE-PROJECT-POSTED``"""
        if any(
            move.state == "posted" and move.cae_project_id.id != (project_id or False)
            for move in self
        ):
            raise UserError(
                self.env._(
                    "CAE-PROJECT-POSTED: a posted document keeps its project. Put it "
                    "back to draft, or move its lines to other activities."
                )
            )

    def _cae_apply_project(self):
        """Give the lines of drafts the shares of their project.

        A credit note mirrors its invoice, whatever the shares are by now.

        :raises UserError: ``CAE-PROJECT-ARCHIVED``, ``-DATES``, ``-CLOSED``
        """
        for move in self:
            if move.state != "draft" or move.reversed_entry_id:
                continue
            # sudo: whoever writes invoices in Odoo may share one out.
            project = move.sudo().cae_project_id
            day = move.invoice_date or move.date or fields.Date.context_today(move)
            shares = project._distribution(day) if project else False
            move.invoice_line_ids._cae_follow_project(shares)
            if (move.cae_project_shares or False) != shares:
                move.cae_project_shares = shares


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _related_analytic_distribution(self):
        related = super()._related_analytic_distribution()
        shares = self.move_id.cae_project_shares
        current = self.analytic_distribution or {}
        if self.display_type != "product" or not shares or self._cae_keys(current):
            return related
        return {**self._cae_without(related), **shares}

    def _cae_follow_project(self, shares):
        """Give ``shares`` to the product lines that nobody gave to others by hand."""
        for line in self.filtered(lambda ln: ln.display_type == "product"):
            owner = line.move_id.cae_activity_id.analytic_account_id
            default = {str(owner.id): 100} if owner else {}
            current = line.analytic_distribution or {}
            own = {key: current[key] for key in line._cae_keys(current)}
            if own not in ({}, default) and not line._cae_carries_project(own):
                continue
            wanted = line._cae_with(shares or default)
            if wanted != current:
                line.analytic_distribution = wanted or False

    def _cae_carries_project(self, own):
        """Whether the activities are what the project gave, or its posted cents."""
        shares = self.move_id.cae_project_shares
        if not shares or own == shares:
            return bool(shares)
        parts = [(int(key), share) for key, share in shares.items()]
        posted = allocation.cents(parts, self._cae_cents(), typed=True)
        return bool(posted) and self._cae_stored_vectors()[self.id] == posted

    def _cae_with(self, shares):
        """The distribution with ``shares`` in place of its activities."""
        return {**self._cae_without(self.analytic_distribution or {}), **shares}

    def _cae_without(self, distribution):
        ours = self._cae_keys(distribution)
        return {key: part for key, part in distribution.items() if key not in ours}
