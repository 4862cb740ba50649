from odoo import fields, models
from odoo.exceptions import UserError

from ..engine import allocation


class AccountMove(models.Model):
    """Entries by which the balances of an activity that leaves go elsewhere."""

    _inherit = "account.move"

    cae_exit_id = fields.Many2one(
        "cae.activity.exit",
        string="Exit",
        copy=False,
        readonly=True,
        index="btree_not_null",
    )

    def _cae_generated_hint(self):
        if self.cae_exit_id:
            return self.env._("Cancel the exit of the activity that it comes from.")
        return super()._cae_generated_hint()

    def _cae_check_not_left(self):
        """:raises UserError: ``CAE-TRANSFER-EXIT``"""
        left = self.line_ids.cae_correction_ids._cae_in_force().move_id.cae_exit_id
        if left:
            raise UserError(
                self.env._(
                    "CAE-TRANSFER-EXIT: the exit of %(activities)s gave open items of "
                    "these documents to who took its balances. Cancel the exit first.",
                    activities=", ".join(left.activity_id.mapped("display_name")),
                )
            )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _cae_open_vectors(self, day=None):
        """``{line id: vector}`` of what matchings left of these items.

        :param day: leave out the matchings after this day
        """
        result = self._cae_effective_vectors()
        for partial in self._all_partials() - self._cae_partials_after(day):
            share = {
                int(key): cents for key, cents in (partial.cae_share or {}).items()
            }
            for line, sign in (
                (partial.debit_move_id, -1),
                (partial.credit_move_id, 1),
            ):
                if line.id in result:
                    taken = {key: sign * cents for key, cents in share.items()}
                    result[line.id] = allocation.add(result[line.id], taken)
        return result

    def _cae_partials_after(self, day):
        """Matchings of these items whose payment came after a day; none without."""
        partials = self._all_partials()
        return partials.filtered(lambda p: day and p.max_date > day)
