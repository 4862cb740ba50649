from odoo import api, fields, models


class CaeActivityShare(models.Model):
    """Until when the accounts of an activity are open to a holder."""

    _inherit = "cae.activity.share"

    accounts_open = fields.Boolean(
        string="Sees the Accounts",
        compute="_compute_accounts_open",
        store=True,
        help="Who held an activity goes on seeing its accounts, until somebody else "
        "holds it without them: the accounts are then those of another person.",
    )

    @api.depends(
        "date_end",
        "entrepreneur_id",
        "activity_id.share_ids.date_start",
        "activity_id.share_ids.date_end",
        "activity_id.share_ids.entrepreneur_id",
    )
    def _compute_accounts_open(self):
        today = fields.Date.context_today(self)
        for share in self:
            share.accounts_open = not share._taken_over(today)

    def _taken_over(self, day):
        """Whether somebody else holds the activity, by ``day``, after this share."""
        end = self.date_end
        if not end or end >= day:
            return False
        return any(
            other.entrepreneur_id != self.entrepreneur_id
            and other.date_start
            and other.date_start <= day
            and (not other.date_end or other.date_end > end)
            for other in self.activity_id.share_ids
        )

    @api.model
    def _refresh_accounts_open(self):
        """Close the accounts that the passing of time has taken from somebody."""
        today = fields.Date.context_today(self)
        ended = self.search([("date_end", "<", today), ("accounts_open", "=", True)])
        ended.filtered(lambda share: share._taken_over(today)).accounts_open = False
