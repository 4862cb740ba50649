from datetime import timedelta

from odoo import api, fields, models

TEMPLATE = "cae_coaching.interview_reminder_mail"
ACTIVITY = "cae_coaching.mail_activity_type_unsigned"
#: A person is reminded so many times; then the coach talks to them.
MOST = 3


class CaeInterviewReport(models.Model):
    """Reports that wait for signatures: the person is reminded, and the coach."""

    _inherit = "cae.interview.report"

    reminder_count = fields.Integer(string="Reminders", readonly=True, aggregator=None)
    reminder_date = fields.Datetime(string="Reminded on", readonly=True)

    def _unsigned_people(self):
        """Persons of this report who did not sign it."""
        self.ensure_one()
        return self.entrepreneur_ids - self.signature_ids.entrepreneur_id

    @api.model
    def _cron_remind(self):
        """Daily: remind persons, and coaches by one activity."""
        companies = self.env["res.company"].search([("cae_sign_reminder_days", ">", 0)])
        for company in companies:
            self._remind_company(company)

    @api.model
    def _remind_company(self, company):
        days = timedelta(days=company.cae_sign_reminder_days)
        limit = fields.Datetime.now() - days
        waiting = self.search(
            [
                ("company_id", "=", company.id),
                ("current", "=", True),
                ("state", "=", "shared"),
                ("date", "<=", limit),
            ]
        )
        waiting.interview_id._sync_sign_activities()
        due = waiting.filtered(
            lambda r: (
                r.reminder_count < MOST
                and (not r.reminder_date or r.reminder_date <= limit)
                and r._unsigned_people().filtered("email")
            )
        )
        due._send_reminders()
        return due

    def _send_reminders(self):
        template = self.env.ref(TEMPLATE, raise_if_not_found=False)
        if not template or not self:
            return
        # sudo: a message of the cooperative, by a nightly run.
        template.sudo().send_mail_batch(self.ids)
        now = fields.Datetime.now()
        for count, reports in self.grouped("reminder_count").items():
            reports.write({"reminder_count": count + 1, "reminder_date": now})

    def _add_signature(self, person, **values):
        result = super()._add_signature(person, **values)
        if self.state == "signed":
            self.interview_id._sign_activities().unlink()
        return result


class CaeInterview(models.Model):
    _inherit = "cae.interview"

    def _sign_activities(self):
        """Those to do, and those that a coach marked as done: they do not come back."""
        kind = self.env.ref(ACTIVITY, raise_if_not_found=False)
        # sudo: an activity is its user's; it ends when the report is signed.
        activities = self.env["mail.activity"].sudo().with_context(active_test=False)
        return activities.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "=", kind and kind.id),
            ]
        )

    def _sync_sign_activities(self):
        """One activity of a coach for each of these whose report waits."""
        had = set(self._sign_activities().mapped("res_id"))
        # sudo: as above.
        self.env["mail.activity"].sudo().create(
            [
                interview._prepare_sign_activity_vals()
                for interview in self.filtered(lambda i: i.id not in had)
            ]
        )

    def _prepare_sign_activity_vals(self):
        user = self.coach_ids[:1]
        env = self.with_context(lang=user.lang).env
        missing = self.report_id._unsigned_people().mapped("name")
        names = ", ".join(missing) or env._("the coach")
        return {
            "res_model_id": env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "activity_type_id": env.ref(ACTIVITY).id,
            "summary": env._("Not signed by %s", names),
            "user_id": user.id,
            "date_deadline": fields.Date.context_today(self),
            "automated": True,
        }

    def action_correct(self, reason: str) -> bool:
        result = super().action_correct(reason)
        self._sign_activities().unlink()
        return result
