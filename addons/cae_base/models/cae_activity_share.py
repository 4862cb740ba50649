from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import people
from ..engine.money import decimal

# Only code can hold this object: the shares of an activity are checked when all of
# them are written.
PENDING = object()


class CaeActivityShare(models.Model):
    """Who holds an activity, with which share of its pay, from when to when."""

    _name = "cae.activity.share"
    _description = "Holder of an Activity"
    _order = "activity_id, date_start, id"
    _check_company_auto = True

    activity_id = fields.Many2one(
        "cae.activity",
        required=True,
        ondelete="cascade",
        index=True,
    )
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        related="activity_id.company_id", store=True, index=True
    )
    share = fields.Float(
        string="Share of Pay (%)",
        required=True,
        default=100.0,
        digits=(6, 3),
    )
    date_start = fields.Date(
        string="Start Date",
        required=True,
        default=lambda self: (
            self.env.context.get("default_date_start")
            or fields.Date.context_today(self)
        ),
    )
    date_end = fields.Date(
        string="End Date", help="Last day on which the share is held."
    )
    convention_date = fields.Date(
        string="Convention Signed on",
        help="Several people who run one activity sign a convention with the "
        "cooperative beforehand (R.7331-6).",
    )

    _share_positive = models.Constraint(
        "CHECK(share > 0 AND share <= 100)", "A share is between 0 and 100 percent."
    )
    _dates_order = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start)",
        "A holder's last day cannot come before the first one.",
    )

    @api.depends("activity_id", "entrepreneur_id", "share")
    def _compute_display_name(self):
        for share in self:
            name = share.entrepreneur_id.display_name or ""
            share.display_name = f"{name} ({share.share:g} %)"

    @api.constrains("activity_id", "share", "date_start", "date_end")
    def _check_sum(self):
        # An activity's form changes its holders one by one: the activity checks them
        # when all are written.
        if not self.env.context.get("cae_shares_pending") is PENDING:
            self.activity_id._check_share_sum()

    @api.constrains("activity_id", "entrepreneur_id", "date_start", "date_end")
    def _check_twice(self):
        for shares in self.activity_id.share_ids.grouped(
            lambda s: (s.activity_id, s.entrepreneur_id)
        ).values():
            if shares._overlap():
                raise ValidationError(
                    self.env._(
                        "CAE-SHARE-TWICE: %(name)s holds %(activity)s twice on the "
                        "same day. End the first share before the next one starts.",
                        name=shares[0].entrepreneur_id.display_name,
                        activity=shares[0].activity_id.display_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_last(self):
        if self.env.context.get("cae_shares_pending") is PENDING:
            return
        for activity, shares in self.grouped("activity_id").items():
            activity._check_share_sum(without=shares)

    def _overlap(self):
        """Whether two of these shares are held on the same day."""
        ordered = self.sorted(lambda s: (s.date_start, s.id))
        return any(
            not before.date_end or before.date_end >= after.date_start
            for before, after in zip(ordered, ordered[1:], strict=False)
        )

    def _holdings(self):
        """These shares as :func:`engine.people.share_gap` takes them."""
        return [(s.date_start, s.date_end or None, decimal(s.share, 3)) for s in self]

    def _held_on(self, day):
        return self.filtered(
            lambda s: people.covers(s.date_start, s.date_end or None, day)
        )
