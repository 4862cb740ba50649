from odoo import api, fields, models

from ..tools import told


class CaeAllocationProposal(models.TransientModel):
    """An unallocated journal item on the screen, with the activity proposed for it.

    It decides nothing itself: ``engine/proposal`` does, and a person.
    """

    _name = "cae.allocation.proposal"
    _description = "Activity Proposed for an Item"
    _order = "date, id"
    _check_company_auto = True

    item_id = fields.Many2one(
        "account.move.line",
        string="Journal Item",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", related="item_id.company_id", store=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    move_id = fields.Many2one(
        "account.move", string="Entry", related="item_id.move_id", store=True
    )
    date = fields.Date(related="item_id.date", store=True)
    account_id = fields.Many2one(
        "account.account", related="item_id.account_id", store=True
    )
    partner_id = fields.Many2one(
        "res.partner", related="item_id.partner_id", store=True
    )
    label = fields.Char(related="item_id.name")
    amount = fields.Monetary(
        readonly=True, help="What belongs to no activity, debit positive."
    )
    activity_id = fields.Many2one(
        "cae.activity", check_company=True, help="Empty: the shared services."
    )
    proposed_id = fields.Many2one("cae.activity", readonly=True, check_company=True)
    changed = fields.Boolean(
        compute="_compute_changed", help="Somebody chose another activity."
    )
    reason = fields.Selection(
        [
            ("rest", "The rest of the item is its"),
            ("amount", "It has the open document of that amount"),
            ("open", "It has all open documents of the partner"),
            ("holder", "The partner holds this activity only"),
            ("contact", "The partner is a contact of this activity"),
            ("code", "The label has its code"),
            ("name", "The label has its name"),
            ("documents", "Everything of the partner is its"),
            ("habit", "The same partner and account were its before"),
            ("entry", "The rest of the entry is its"),
            ("mostly", "Most of what the partner has is its"),
            ("shared", "Nothing tells: the shared services"),
        ],
        string="Why",
        readonly=True,
    )
    certainty = fields.Selection(
        [("certain", "Certain"), ("likely", "Likely"), ("possible", "To check")],
        readonly=True,
        help="Certain: a strong reason, and nothing names another activity. Likely: "
        "no reason of weight names another one.",
    )

    @api.depends("activity_id", "proposed_id")
    def _compute_changed(self):
        for row in self:
            row.changed = row.activity_id != row.proposed_id

    # ------------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------------

    @api.model
    def _open(self, items):
        """The screen of these items; the rows of an earlier opening go."""
        self._mine().unlink()
        deciding = items._cae_to_decide()
        rows = self.create(self._prepare_rows(deciding))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cae_base.cae_allocation_proposal_action"
        )
        return {**action, "domain": [("id", "in", rows.ids)]}

    @api.model
    def _mine(self):
        return self.search([("create_uid", "=", self.env.uid)])

    def _prepare_rows(self, items):
        found = items._cae_propose_activities()
        cents = items._cae_unallocated_cents()
        keys = {proposed.activity for proposed in found.values()}
        activities = self.env["cae.activity"].search(
            [("analytic_account_id", "in", list(keys))]
        )
        by_account = {a.analytic_account_id.id: a.id for a in activities}
        return [
            {
                "item_id": item.id,
                "amount": cents[item.id] / 100,
                "activity_id": by_account.get(proposed.activity, False),
                "proposed_id": by_account.get(proposed.activity, False),
                "reason": proposed.reason,
                "certainty": proposed.certainty,
            }
            for item, proposed in found.items()
        ]

    # ------------------------------------------------------------------
    # Accepting
    # ------------------------------------------------------------------

    def action_accept(self) -> dict:
        """Give the items of these rows to their activities.

        :raises AccessError: when not an accountant
        :raises UserError: the errors of a transfer
        """
        chosen = {row.item_id: row.activity_id for row in self}
        transfer = self.env["account.move.line"]._cae_allocate(
            chosen, self.env._("Proposals accepted")
        )
        self.unlink()
        return self._accepted_message(len(chosen), transfer)

    def action_accept_certain(self) -> dict:
        """Accept the certain proposals that nobody changed, of all rows or of these.

        :raises AccessError: when not an accountant
        :raises UserError: the errors of a transfer
        """
        rows = self or self._mine()
        certain = rows.filtered(
            lambda row: row.certainty == "certain" and not row.changed
        )
        return certain.action_accept()

    def action_open_entry(self) -> dict:
        """The entry of this item."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }

    @api.model
    def _accepted_message(self, count, transfer):
        message = self.env._("No proposal is certain. Accept them one by one.")
        links = []
        if count:
            message = self.env._("Items allocated: %(count)s. %%s", count=count)
            name = self.env._("See the transfer, or undo it")
            url = f"/odoo/cae-transfers/{transfer.id}"
            links = [{"label": name, "url": url}] if transfer else []
        return told("", message, "success" if count else "warning", links=links)
