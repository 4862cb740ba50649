from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import contribution as engine


class CaeSchemeChange(models.TransientModel):
    """Gives activities another scheme from a day on, whatever they had before."""

    _name = "cae.scheme.change"
    _description = "Change of Scheme"

    activity_ids = fields.Many2many(
        "cae.activity",
        string="Activities",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    scheme_id = fields.Many2one(
        "cae.contribution.scheme",
        string="New Scheme",
        required=True,
        domain="[('company_id', 'in', [company_id, False])]",
    )
    decision = fields.Text(related="scheme_id.decision")
    decision_date = fields.Date(related="scheme_id.decision_date")
    date = fields.Date(
        string="From",
        required=True,
        default=lambda self: self._next_month(),
        help="First day of the new scheme. The month of that day counts whole, under "
        "the new scheme.",
    )
    reason = fields.Char(
        required=True, help="Kept with the own terms of each activity."
    )

    @api.model
    def _next_month(self):
        today = fields.Date.context_today(self)
        return engine.next_month(today.replace(day=1))

    def action_confirm(self) -> dict:
        """Keep the earlier months under the schemes they had, change the others.

        The earlier scheme becomes a term of each activity's own; an activity that had
        none is exempt until the day. The next run corrects the open months.

        :raises UserError: ``CAE-SCHEME-CHANGE`` when an activity has another scheme of
            its own on that day or later
        """
        self.ensure_one()
        activities = self.activity_ids.filtered(lambda a: a.scheme_id != self.scheme_id)
        self._check_free(activities)
        earlier = [vals for one in activities for vals in self._earlier_terms(one)]
        self.env["cae.contribution.exemption"].create(earlier)
        activities.scheme_id = self.scheme_id
        return {"type": "ir.actions.act_window_close"}

    def _check_free(self, activities):
        later = self._scheme_terms(activities).filtered(
            lambda term: not term.date_to or term.date_to >= self.date
        )
        if later:
            raise UserError(
                self.env._(
                    "CAE-SCHEME-CHANGE: another scheme already holds on %(date)s or "
                    "later for %(activities)s. Change their own terms first.",
                    date=fields.Date.to_string(self.date),
                    activities=", ".join(later.activity_id.mapped("code")),
                )
            )

    def _earlier_terms(self, activity):
        """Values of the terms that keep the days before as they are."""
        last = self.date - timedelta(days=1)
        for start, end in engine.gaps(self._scheme_terms(activity)):
            end = min(end or last, last)
            if (start and start > last) or end < activity.date_start:
                continue
            yield {
                "activity_id": activity.id,
                "kind": "scheme" if activity.scheme_id else "exemption",
                "scheme_id": activity.scheme_id.id,
                "reason": self.reason,
                "date_from": start,
                "date_to": end,
            }

    @staticmethod
    def _scheme_terms(activities):
        return activities.exemption_ids.filtered(lambda term: term.kind == "scheme")
