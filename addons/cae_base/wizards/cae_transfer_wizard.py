from odoo import api, fields, models

from ..engine import allocation


class CaeTransferWizard(models.TransientModel):
    """Moves documents, payments or some of their lines to another activity."""

    _name = "cae.transfer.wizard"
    _description = "Move to Another Activity"
    _check_company_auto = True

    move_ids = fields.Many2many("account.move", string="Documents", readonly=True)
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    item_choice_ids = fields.Many2many(
        "account.move.line", compute="_compute_item_choice_ids"
    )
    item_ids = fields.Many2many(
        "account.move.line",
        string="Only These Lines",
        domain="[('id', 'in', item_choice_ids)]",
        help="Empty: the whole documents.",
    )
    from_activity_id = fields.Many2one(
        "cae.activity",
        check_company=True,
        help="Empty: whatever they belong to now.",
    )
    to_activity_id = fields.Many2one(
        "cae.activity",
        check_company=True,
        help="Empty: the shared services.",
    )
    reason = fields.Char(required=True)
    note = fields.Char(compute="_compute_note")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        model = self.env.context.get("active_model")
        if model in ("account.move", "account.move.line", "account.payment"):
            records = self.env[model].browse(self.env.context.get("active_ids"))
            moves = records if model == "account.move" else records.move_id
            values["move_ids"] = [fields.Command.set(moves.ids)]
            owners = {move._cae_owner() for move in moves}
            if model == "account.move.line":
                values["item_ids"] = [fields.Command.set(records.ids)]
            elif len(owners) == 1:
                values["from_activity_id"] = owners.pop().id
        return values

    @api.depends("move_ids")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard.move_ids.company_id[:1] or self.env.company

    @api.depends("move_ids")
    def _compute_item_choice_ids(self):
        for wizard in self:
            wizard.item_choice_ids = wizard.move_ids._cae_transfer_items()

    @api.depends("move_ids")
    @api.depends_context("lang")
    def _compute_note(self):
        for wizard in self:
            moves, company = wizard.move_ids, wizard.company_id
            locked = self.env["cae.period"]._locked_months(company)
            late = moves.filtered(lambda m, lk=locked: m.date.replace(day=1) in lk)
            wizard.note = bool(late) and self.env._(
                "%(count)s of %(total)s are in a locked month: allocation entries of "
                "the first open month move their amounts.",
                count=len(late),
                total=len(moves),
            )

    def action_confirm(self) -> dict:
        """Move, and show the transfer."""
        self.ensure_one()
        transfer = self.env["cae.transfer"]._make(
            self._moved(),
            self._headers(),
            reason=self.reason,
            from_activity_id=self.from_activity_id.id,
            to_activity_id=self.to_activity_id.id,
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "cae.transfer",
            "res_id": transfer.id,
            "view_mode": "form",
        }

    def _moved(self):
        """``{journal item: vector}`` of the items that change."""
        items = self.move_ids._cae_transfer_items()
        if self.item_ids:
            items &= self.item_ids
        source = self.from_activity_id.analytic_account_id.id
        target = self._target()
        return {
            items.browse(key): allocation.relabel(vector, source or None, target)
            for key, vector in items._cae_effective_vectors().items()
        }

    def _target(self):
        account = self.to_activity_id.analytic_account_id
        return (account or self.company_id.cae_shared_account_id).id

    def _headers(self):
        """``{entry: activity}``: payments, and the documents that move as a whole."""
        moves = self.move_ids
        if self.item_ids:
            chosen = self.item_ids
            moves = moves.filtered(lambda m: m._cae_transfer_items() <= chosen)
        locked = self.env["cae.period"]._locked_months(self.company_id)
        moves = moves.filtered(
            lambda m: (
                m.origin_payment_id
                or m.is_invoice(include_receipts=True)
                and m.date.replace(day=1) not in locked
            )
        )
        source, target = self.from_activity_id, self.to_activity_id
        if source:
            moves = moves.filtered(lambda m: m._cae_owner() == source)
        moves = moves.filtered(lambda m: m._cae_owner() != target)
        return dict.fromkeys(moves, target)
