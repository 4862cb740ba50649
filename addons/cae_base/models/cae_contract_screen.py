from odoo import api, fields, models


class CaeContract(models.Model):
    """What only the screens of contracts need."""

    _inherit = "cae.contract"
    # Coaches read contracts and write notes on them.
    _mail_post_access = "read"

    ends_on = fields.Date(
        string="Ends on",
        compute="_compute_ends_on",
        store=True,
        index=True,
        help="Last day of the contract; the legal term of a CAPE without last day.",
    )
    coach_id = fields.Many2one(related="entrepreneur_id.coach_id")
    team_id = fields.Many2one(related="entrepreneur_id.team_id", string="Site or Team")

    @api.depends("date_end", "term_limit_date")
    def _compute_ends_on(self):
        for contract in self:
            contract.ends_on = contract.date_end or contract.term_limit_date

    def action_amend(self) -> dict:
        """A new amendment of this contract, to be filled in."""
        self.ensure_one()
        root = self.parent_id or self
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Amendment"),
            "res_model": self._name,
            "view_mode": "form",
            "context": {
                "default_entrepreneur_id": root.entrepreneur_id.id,
                "default_parent_id": root.id,
                "default_kind": root.kind,
                "default_fixed_part": root._last_fixed_part(),
            },
        }
