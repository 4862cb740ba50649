from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

#: What an erasure takes off whatever the day.
LEFT = (
    *("cae.coaching.action", "cae.skill.assessment", "cae.service.request"),
    *("cae.directory.entry", "cae.coaching.alert", "cae.hand.over"),
)


class CaeErasure(models.Model):
    """What coaching erases when its retention is over."""

    _inherit = "cae.erasure"

    # ------------------------------------------------------------------
    # Retention
    # ------------------------------------------------------------------

    @api.model
    def _due_people(self, company):
        """Entrepreneurs past their retention of whom coaching still keeps something."""
        months = company.cae_social_retention_months
        limit = fields.Date.context_today(self) - relativedelta(months=months)
        # sudo: who is past the retention, by dates and not by what the user may read.
        every = self.env["cae.entrepreneur"].sudo().with_context(active_test=False)
        free = [("type_id.kept_by_law", "=", False)]
        kept = Domain.OR(
            [
                Domain("social_file_ids", "!=", False),
                Domain("exit_interview_ids", "!=", False),
                Domain("document_ids", "any", free),
                Domain("candidate_ids.email_normalized", "!=", False),
            ]
        )
        left = Domain("date_exit", "<", limit) & Domain("company_id", "=", company.id)
        gone = every.search(left)
        due = every.search(left & kept) | gone._erasable_evidence()
        for model in LEFT:
            due |= gone._coaching_records(model).entrepreneur_id & gone
        return due.sudo(False)

    @api.model
    def _due_candidates(self, company):
        """Candidates who did not enter, past their retention."""
        months = company.cae_candidate_retention_months
        limit = fields.Date.context_today(self) - relativedelta(months=months)
        every = self.env["cae.candidate"].with_context(active_test=False)
        return every.search(
            Domain("company_id", "=", company.id)
            & Domain("entrepreneur_id", "=", False)
            & Domain("date_contact", "<", limit)
            & (
                Domain("decision_date", "=", False)
                | Domain("decision_date", "<", limit)
            )
            & ~Domain("registration_ids.event_id.date_begin", ">=", limit)
            & ~Domain("diagnosis_ids.date", ">=", limit)
        )

    @api.model
    def _purge(self, company, reason):
        """Erase what is past its retention.

        :return: number of people and candidates
        """
        people = self._due_people(company)
        for person in people:
            person._erase("purge", reason)
        candidates = self._due_candidates(company)
        count = len(candidates)
        candidates._erase_candidates("purge", reason)
        self._purge_scans(company, reason)
        return len(people), count

    @api.model
    def _due_scans(self, company):
        """Half-days whose scan of the paper sheet is past its retention."""
        # sudo: by dates and not by what the user may read, as for people.
        return self.env["cae.workshop.session"].sudo()._past_scans(company)

    @api.model
    def _purge_scans(self, company, reason):
        sessions = self._due_scans(company)
        for session in sessions:
            self._log(
                company,
                self.env._("Half-day no. %s", session.id),
                "purge",
                reason,
                [self.env._("the scan of the paper sheet")],
                "",
            )
        sessions._purge_scans()

    @api.model
    def _purge_automatically(self):
        for company in self.env["res.company"].search(
            [("cae_social_purge", "=", True)]
        ):
            self._purge(company, self.env._("Daily purge"))
