from odoo import api, fields, models
from odoo.tools import email_normalize


class EventRegistration(models.Model):
    """Who signs up for an information meeting is a candidate."""

    _inherit = "event.registration"

    cae_candidate_id = fields.Many2one(
        "cae.candidate",
        string="Candidate",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
    )

    @api.model_create_multi
    def create(self, vals_list):
        registrations = super().create(vals_list)
        registrations._cae_link_candidates()
        return registrations

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") in ("open", "done"):
            # sudo: whoever takes attendance moves the candidates who came.
            self.sudo().cae_candidate_id._advance("information")
        return result

    def _update_mail_schedulers(self):
        """Confirmations of our events are sent by the scheduled job, at once.

        Odoo sends them while the seat is taken, and commits in the middle of it: the
        seat would be there without its candidate, and what the portal wraps in a
        savepoint would fail.
        """
        ours = self.filtered(
            lambda r: r.event_id.cae_information or r.event_id.cae_workshop
        )
        if ours.filtered(lambda r: r.state == "open"):
            for job in (
                "event.event_mail_scheduler",
                "mail.ir_cron_mail_scheduler_action",
            ):
                # sudo: jobs are the administrator's; whoever takes a seat is told.
                self.env.ref(job).sudo()._trigger()
        return super(EventRegistration, self - ours)._update_mail_schedulers()

    def _cae_link_candidates(self):
        """Find or make the candidates of those who signed up, in two queries."""
        # sudo: the public signs up; a candidate known already is found by whoever it
        # is that follows them, and nothing of them changes but the stage.
        new = self.sudo().filtered(
            lambda r: r.event_id.cae_information and not r.cae_candidate_id
        )
        known = new._cae_known_candidates()
        missing = {}
        stage = self.env["cae.candidate.stage"].sudo()._first("information")
        for registration in new:
            key = registration._cae_key()
            if key not in known:
                missing.setdefault(key, registration._prepare_candidate_vals(stage))
        made = self.env["cae.candidate"].sudo().create(list(missing.values()))
        known.update(zip(missing, made, strict=True))
        for registration in new:
            registration.cae_candidate_id = known[registration._cae_key()]
        (self.sudo().cae_candidate_id)._advance("information")

    def _cae_key(self):
        """What makes two sign-ups the same person: company and e-mail address."""
        company = self.company_id or self.env.company
        mail = email_normalize(self.email) or f"#{self.id}"
        return company.id, mail

    def _cae_known_candidates(self):
        mails = [mail for _company, mail in (r._cae_key() for r in self)]
        candidates = self.env["cae.candidate"].search(
            [("email_normalized", "in", mails)], order="id"
        )
        return {(c.company_id.id, c.email_normalized): c for c in candidates}

    def _cae_names(self):
        """The first word as first name: together they are what was typed."""
        first, _space, last = (self.name or "").strip().partition(" ")
        return {"first_name": first, "last_name": last.strip()} if last else {}

    def _prepare_candidate_vals(self, stage):
        """Values of a candidate made from a sign-up."""
        mail = email_normalize(self.email) and self.email
        return {
            "company_id": self._cae_key()[0],
            "stage_id": stage.id,
            **self._cae_names(),
            "name": self.name or mail or self.env._("Unknown"),
            "email": mail,
            "phone": self.phone,
        }
