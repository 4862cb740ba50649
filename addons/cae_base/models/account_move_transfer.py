"""What transfers gave to other activities, as the entries that follow must see it."""

from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    def copy_data(self, default=None):
        # The document of a locked month keeps its activity, its copies do not.
        vals_list = super().copy_data(default)
        for move, vals in zip(self, vals_list, strict=True):
            if "cae_activity_id" not in (default or {}):
                vals.update(move._cae_moved_owner())
        return vals_list

    def _cae_moved_owner(self):
        """Values of the one activity to which transfers gave this locked document."""
        items = self.is_invoice(include_receipts=True) and self._cae_transfer_items()
        if not items or not items._cae_moved_late():
            return {}
        vectors = items._cae_effective_vectors(exits=False).values()
        keys = {key for vector in vectors for key in vector}
        # sudo: whoever copies a document in Odoo, without any right on activities.
        owners = (
            self.env["cae.activity"]
            .sudo()
            .search([("analytic_account_id", "in", list(keys))])
        )
        return {"cae_activity_id": owners.id} if len(keys) == 1 else {}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    cae_transfer_line_ids = fields.One2many(
        "cae.transfer.line",
        "item_id",
        string="Transfers",
        readonly=True,
        groups="cae_base.group_accountant",
    )

    def copy_data(self, default=None):
        # A credit note takes back from who has the document now.
        vals_list = super().copy_data(default)
        moved = self._cae_moved_late()
        items = moved & moved.move_id._cae_transfer_items()
        vectors = items._cae_effective_vectors(exits=False)
        for line, vals in zip(self, vals_list, strict=True):
            if line.id in vectors:
                vals.update(
                    analytic_distribution=line._cae_distribution(vectors[line.id]),
                    cae_tag_derived=False,
                    cae_tag_exact=True,
                )
        return vals_list

    def _cae_moved(self):
        """Those of these items that a transfer in force moved."""
        return self.filtered(
            lambda line: (
                "done" in line.cae_transfer_line_ids.transfer_id.mapped("state")
            )
        )

    def _cae_moved_late(self):
        """Those that allocation entries of transfers correct, as their facts.

        Of an entry all the lines are facts once some of them were moved, as in an open
        month; of a document, a payment or a bank line only what was moved is.
        """
        moved = self.filtered(
            lambda line: line.cae_correction_ids._cae_in_force().move_id.cae_transfer_id
        )
        entries = moved.move_id.filtered(
            lambda m: not m.is_invoice(include_receipts=True) and not m._cae_waits()
        )
        return moved | self.filtered(lambda line: line.move_id in entries)
