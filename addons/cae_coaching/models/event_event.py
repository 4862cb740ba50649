from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import email_normalize


class EventEvent(models.Model):
    """Information meetings are events: seats, dates, rooms and reminders are Odoo's."""

    _inherit = "event.event"

    cae_information = fields.Boolean(
        string="Information Meeting",
        index="btree_not_null",
        help="Who signs up becomes a candidate of the cooperative; the meeting is "
        "listed on the public page of the information meetings.",
    )
    cae_candidate_count = fields.Integer(
        string="Candidates", compute="_compute_cae_candidate_count"
    )

    def _compute_cae_candidate_count(self):
        counts = dict(
            self.env["event.registration"]._read_group(
                [
                    ("event_id", "in", self.ids),
                    ("cae_candidate_id", "!=", False),
                    ("state", "!=", "cancel"),
                ],
                ["event_id"],
                ["cae_candidate_id:count_distinct"],
            )
        )
        for event in self:
            event.cae_candidate_count = counts.get(event, 0)

    @api.model
    def _cae_open_meetings(self, company):
        """Information meetings that one can sign up for, by date."""
        domain = Domain("cae_information", "=", True) & Domain(
            "date_begin", ">", fields.Datetime.now()
        )
        meetings = self.search(
            domain & Domain("company_id", "in", [company.id, False]),
            order="date_begin",
        )
        return meetings.filtered("event_registrations_open")

    def _cae_sign_up(self, name, mail, phone):
        """Take a seat; who has one already takes no second one."""
        self.ensure_one()
        taken = self.registration_ids.filtered(
            lambda r: r.state != "cancel" and email_normalize(r.email) == mail
        )
        return taken[:1] or self.env["event.registration"].create(
            {"event_id": self.id, "name": name, "email": mail, "phone": phone}
        )

    def action_cae_public_page(self) -> dict:
        """The page where anybody signs up, to look at and to pass on."""
        self.ensure_one()
        company = self.company_id or self.env.company
        return {
            "type": "ir.actions.act_url",
            "url": f"/cae/information?company={company.id}",
            "target": "new",
        }

    def action_cae_candidates(self) -> dict:
        """Candidates who signed up for these meetings."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Candidates"),
            "res_model": "cae.candidate",
            "view_mode": "kanban,list,form",
            "domain": [("registration_ids.event_id", "in", self.ids)],
        }
