from odoo import fields, models

from odoo.addons.cae_base.engine.money import decimal

from ..engine.alerts import Limits

#: Setting: (least, most).
RANGES = {
    "cae_alert_fall_percent": (0, 100),
    "cae_alert_idle_months": (0, 60),
    "cae_alert_margin_percent": (0, 100),
    "cae_alert_unpaid_days": (0, 3650),
    "cae_alert_notice": (0, 365),
    "cae_alert_membership_notice": (0, 1095),
}
AMOUNTS = (
    "cae_alert_available",
    "cae_alert_relief",
    "cae_alert_fall_floor",
    "cae_alert_margin_floor",
)


class ResCompany(models.Model):
    """What the company calls trouble; a setting of zero turns its alert off."""

    _inherit = "res.company"

    cae_alert_available = fields.Monetary(
        string="Least Available Money",
        help="An alert opens when an activity has less available than that.",
    )
    cae_alert_relief = fields.Monetary(
        string="Closes Above It by",
        default=100.0,
        help="The alert closes when the money available is above the limit by that "
        "much: a balance around the limit does not ring every other night.",
    )
    cae_alert_fall_percent = fields.Integer(
        string="Fall in Three Months (%)",
        default=50,
        help="An alert opens when the money available fell by that part in three "
        "months. 0: never.",
    )
    cae_alert_fall_floor = fields.Monetary(
        string="Falls Count From",
        default=1000.0,
        help="Falls of smaller amounts of available money are not told.",
    )
    cae_alert_idle_months = fields.Integer(
        string="Months Without Invoice", default=3, help="0: never."
    )
    cae_alert_margin_percent = fields.Integer(
        string="Least Gross Margin (%)",
        default=20,
        help="Of the turnover of twelve months. 0: never.",
    )
    cae_alert_margin_floor = fields.Monetary(
        string="Margins Count From",
        default=1000.0,
        help="Turnover of twelve months under which the margin is not looked at.",
    )
    cae_alert_unpaid_days = fields.Integer(
        string="Customers Late by (days)",
        default=60,
        help="Days after the due date. 0: never.",
    )
    cae_alert_notice = fields.Integer(
        string="Notice of Legal Terms (days)",
        default=60,
        help="End and renewal of the CAPE, end of the trial, interviews.",
    )
    cae_alert_membership_notice = fields.Integer(
        string="Notice of Membership (days)",
        default=180,
        help="Days before the day by which a person must be a member (L.7331-3).",
    )

    _cae_alert_ranges = models.Constraint(
        "CHECK(cae_alert_fall_percent BETWEEN 0 AND 100"
        " AND cae_alert_idle_months BETWEEN 0 AND 60"
        " AND cae_alert_margin_percent BETWEEN 0 AND 100"
        " AND cae_alert_unpaid_days BETWEEN 0 AND 3650"
        " AND cae_alert_notice BETWEEN 0 AND 365"
        " AND cae_alert_membership_notice BETWEEN 0 AND 1095"
        " AND cae_alert_relief >= 0 AND cae_alert_fall_floor >= 0"
        " AND cae_alert_margin_floor >= 0)",
        "CAE-ALERT-SETTING: a limit of the alerts is out of its range: percents from 0 "
        "to 100, up to 60 months, 3650 days of delay, 365 days of notice (1095 for "
        "membership), no negative amount but the least money available.",
    )

    def _cae_alert_limits(self) -> Limits:
        """The limits of this company, for the engine."""
        self.ensure_one()
        prefix = "cae_alert_"
        return Limits(
            **{n.removeprefix(prefix): decimal(self[n]) for n in AMOUNTS},
            **{n.removeprefix(prefix): self[n] for n in RANGES},
        )
