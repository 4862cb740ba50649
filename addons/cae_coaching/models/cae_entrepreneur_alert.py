from datetime import date

from odoo import api, fields, models

from odoo.addons.cae_base.engine import people

from ..engine.alerts import Terms
from .cae_coaching_alert import TERMS, URGENCIES

FIELDS = (
    *("entrepreneur_id", "kind", "date_start", "date_end"),
    *("trial_end_date", "term_limit_date"),
)


class CaeEntrepreneur(models.Model):
    """Alerts on a person and on the activities that the person holds."""

    _inherit = "cae.entrepreneur"

    alert_ids = fields.One2many(
        "cae.coaching.alert", "entrepreneur_id", groups="cae_base.group_coach"
    )
    alert_count = fields.Integer(
        string="Open Alerts",
        compute="_compute_alerts",
        groups="cae_base.group_coach",
    )
    alert_urgency = fields.Selection(
        URGENCIES,
        string="Urgency",
        compute="_compute_alerts",
        groups="cae_base.group_coach",
    )
    alert_why = fields.Char(
        string="First Alert", compute="_compute_alerts", groups="cae_base.group_coach"
    )

    @api.depends("alert_ids.state", "alert_ids.urgency", "alert_ids.facts")
    @api.depends_context("uid", "lang")
    def _compute_alerts(self):
        alerts = self.env["cae.coaching.alert"].search_fetch(
            [("entrepreneur_id", "in", self.ids), ("state", "=", "open")]
        )
        by_person = alerts.grouped("entrepreneur_id")
        for person in self:
            own = by_person.get(person._origin, alerts.browse())
            person.alert_count = len(own)
            person.alert_urgency = own[:1].urgency
            person.alert_why = own[:1].why

    def action_open_alerts(self) -> dict:
        """Alerts of these people and of their activities."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_coaching.cae_coaching_alert_action"
        )
        return {**action, "domain": [("entrepreneur_id", "in", self.ids)]}

    def _alert_terms(self, day: date) -> dict[int, Terms]:
        """``{person id: legal terms that nothing has met yet}``, a query or two."""
        contracts = self.env["cae.contract"].search_fetch(
            [("entrepreneur_id", "in", self.ids), ("parent_id", "=", False)],
            FIELDS,
            order="date_start",
        )
        by_person = contracts.grouped("entrepreneur_id")
        self.fetch(TERMS)
        interviews = self._alert_interviews(day)
        return {
            person.id: Terms(
                **by_person.get(person, contracts.browse())._alert_contracts(day),
                membership=person._alert_membership(day),
                **interviews.get(person.id, {}),
            )
            for person in self
        }

    def _alert_membership(self, day):
        member = self.member_date and self.member_date <= day
        if member or self.stage != "cesa":
            return None
        return self.membership_deadline or None

    def _alert_interviews(self, day: date) -> dict[int, dict]:
        """``{person id: {"interviews": missing, "interview_deadline": day}}``.

        From the duty of R.7331-3, which is kept for everybody.
        """
        lacking = self.filtered(lambda p: p.interview_missing and p.interview_deadline)
        return {
            person.id: {
                "interviews": person.interview_missing,
                "interview_deadline": person.interview_deadline,
            }
            for person in lacking
        }


class CaeContract(models.Model):
    _inherit = "cae.contract"

    def _alert_contracts(self, day):
        """Terms of the contracts of one person, by date, without amendments."""
        running = self.filtered(
            lambda c: c.date_start <= day and (not c.date_end or c.date_end >= day)
        )
        cesa = running.filtered(lambda c: c.kind == "cesa")[-1:]
        last = self[-1:]
        values = {"trial_end": cesa.trial_end_date or None}
        # What comes after the last CAPE, even in the future, follows it.
        if last.kind == "cape" and last.date_start <= day:
            first = (self - last)._cape_first(last.date_start)
            end = last.date_end or last.term_limit_date
            values |= {
                "cape_end": end or None,
                "cape_limit": people.cape_limit(first),
            }
        return values
