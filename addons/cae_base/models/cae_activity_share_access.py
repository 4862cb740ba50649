"""Who sees the accounts of an activity.

The rules of rights look at stored users and not at the holders themselves: Odoo
checks a rule in memory, as superuser, and what it reads of a one2many stays in the
cache, where the user would find the holders that they may not read.
"""

from dateutil.relativedelta import relativedelta

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

    def _readers(self, month):
        """Users of these holders of one activity who may read a statement of it.

        :param month: first day of the month, or of the last one of the year
        """
        last = month and month + relativedelta(months=1, days=-1)
        people = self.filtered("accounts_open").entrepreneur_id
        return people.filtered(
            lambda person: last and (self._seen_since(person) or last) <= last
        ).user_id

    def _seen_since(self, people):
        """First day on which these people see one activity; None for all of them.

        Who takes an activity over, or joins its holders, sees it from then on: before,
        the pay is that of others.
        """
        dated = self.filtered("date_start")
        own = dated.filtered(lambda share: share.entrepreneur_id in people)
        start = min(own.mapped("date_start"), default=None)
        before = start and any(s.date_start < start for s in dated - own)
        return start if before else None

    @api.model
    def _refresh_accounts_open(self):
        """Close the accounts that the passing of time has taken from somebody."""
        today = fields.Date.context_today(self)
        ended = self.search([("date_end", "<", today), ("accounts_open", "=", True)])
        closed = ended.filtered(lambda share: share._taken_over(today))
        closed._cae_compute_again("accounts_open")


class CaeActivity(models.Model):
    _inherit = "cae.activity"

    holder_user_ids = fields.Many2many(
        "res.users",
        "cae_activity_holder_user_rel",
        string="Users of the Holders",
        compute="_compute_holder_user_ids",
        store=True,
        groups="cae_base.group_manager",
        help="Portal users to whom the accounts are open.",
    )
    coach_user_ids = fields.Many2many(
        "res.users",
        "cae_activity_coach_user_rel",
        string="Users of the Coaches",
        compute="_compute_coach_user_ids",
        store=True,
        groups="cae_base.group_manager",
        help="Coaches, and members of the teams, of those who hold or held it.",
    )

    @api.depends("share_ids.accounts_open", "share_ids.entrepreneur_id.user_id")
    def _compute_holder_user_ids(self):
        for activity in self:
            shares = activity.share_ids.filtered("accounts_open")
            activity.holder_user_ids = shares.entrepreneur_id.user_id

    @api.depends(
        "share_ids.entrepreneur_id.coach_id",
        "share_ids.entrepreneur_id.team_id.user_ids",
    )
    def _compute_coach_user_ids(self):
        for activity in self:
            people = activity.share_ids.entrepreneur_id
            activity.coach_user_ids = people.coach_id | people.team_id.user_ids
