from odoo import fields, models
from odoo.exceptions import UserError

from ..tools import format_date


class CaeActivity(models.Model):
    """What an activity may invoice without the cooperative's validation."""

    _inherit = "cae.activity"

    self_validation = fields.Selection(
        [
            ("company", "As the cooperative says"),
            ("own", "Up to a limit of its own"),
            ("never", "Never"),
        ],
        string="Validates its Own Invoices",
        required=True,
        default="company",
        tracking=True,
    )
    self_validation_limit = fields.Monetary(
        string="Own Limit",
        tracking=True,
        help="Untaxed amount up to which an invoice needs no validation, with what the "
        "activity validated itself for the same customer in the last 30 days.",
    )

    _self_validation_positive = models.Constraint(
        "CHECK(self_validation_limit >= 0)", "A limit is not negative."
    )

    def _self_validation_limit(self):
        """Untaxed amount up to which an invoice needs no validation; 0 for none."""
        self.ensure_one()
        if self.self_validation == "never":
            return 0
        if self.self_validation == "own":
            return self.self_validation_limit
        # sudo: one figure of the company, for its activity.
        return self.company_id.sudo().cae_self_validation_limit

    def _in_business(self, day):
        """Whether it is one that is open on ``day``."""
        return self.active and self._state_on(day) == "open"

    def _check_in_business(self, day):
        """:raises UserError: ``CAE-INVOICE-ACTIVITY``"""
        if not self._in_business(day):
            raise UserError(
                self.env._(
                    "CAE-INVOICE-ACTIVITY: %(activity)s is not in business on "
                    "%(day)s. Speak with the cooperative.",
                    activity=self.name,
                    day=format_date(self.env, day),
                )
            )
