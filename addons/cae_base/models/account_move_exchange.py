from odoo import fields, models


class AccountMove(models.Model):
    """What the exchange remembers of the documents that it loaded."""

    _inherit = "account.move"

    cae_opening = fields.Boolean(
        string="Opening of the Activity",
        copy=False,
        readonly=True,
        help="Opening balance sheet of the activity, loaded from a file.",
    )
    cae_load_date = fields.Date(
        string="Date in the File",
        copy=False,
        readonly=True,
        help="Date of the document in the file that it was loaded from.",
    )

    _cae_opening_uniq = models.UniqueIndex(
        "(company_id, cae_activity_id, cae_load_date) "
        "WHERE cae_opening AND state = 'posted'",
        "The opening of this activity on this date is already in the books.",
    )

    def _reverse_moves(self, default_values_list=None, cancel=False):
        if not self._cae_owning():
            self._cae_check_generated()
        reversals = super()._reverse_moves(default_values_list, cancel)
        # A reversed opening is none any more: it can be loaded again.
        self.filtered("cae_opening")._cae_own().cae_opening = False
        return reversals
