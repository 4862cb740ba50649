from odoo import api, fields, models
from odoo.fields import Command

from ..models.cae_member_portal import APPLYING


class CaeMemberApplication(models.TransientModel):
    """Lists the entrepreneurs who should become members, and records applications."""

    _name = "cae.member.application"
    _description = "Applications to Record"

    line_ids = fields.One2many("cae.member.application.line", "wizard_id")
    date = fields.Date(
        string="Applied on", required=True, default=fields.Date.context_today
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if "line_ids" in fields_list:
            self.env["cae.member"]._check_keeper(accountant=False)
            values["line_ids"] = [
                Command.create(vals) for vals in self._prepare_lines_vals()
            ]
        return values

    @api.model
    def _prepare_lines_vals(self):
        return [
            {
                "person": person.id,
                "name": person.name,
                "deadline": person.membership_deadline,
            }
            for person in self._people().sorted(
                lambda p: (str(p.membership_deadline or "9"), p.code)
            )
        ]

    @api.model
    def _people(self):
        # sudo: a secretary reads the names and the deadlines of those who are to be
        # members, and nothing else of entrepreneurs.
        return (
            self.env["cae.entrepreneur"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.env.company.id),
                    ("stage", "in", APPLYING),
                    ("member_ids", "=", False),
                ]
            )
        )

    def action_record(self) -> dict:
        """Record the applications of the chosen people.

        :raises AccessError: when not a governance secretary
        """
        self.ensure_one()
        members = self.env["cae.member"]
        members._check_keeper(accountant=False)
        chosen = set(self.line_ids.filtered("chosen").mapped("person"))
        people = self._people().filtered(lambda person: person.id in chosen)
        members = members.create(
            [
                {
                    "entrepreneur_id": person.id,
                    "partner_id": person.partner_id.id,
                    "company_id": person.company_id.id,
                    "date_application": self.date,
                }
                for person in people
            ]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Applications"),
            "res_model": "cae.member",
            "view_mode": "list,form",
            "domain": [("id", "in", members.ids)],
        }


class CaeMemberApplicationLine(models.TransientModel):
    """A person who should become a member."""

    _name = "cae.member.application.line"
    _description = "Person to Become a Member"
    _order = "id"

    wizard_id = fields.Many2one(
        "cae.member.application", required=True, ondelete="cascade"
    )
    person = fields.Integer(readonly=True)
    name = fields.Char(readonly=True)
    deadline = fields.Date(readonly=True, help="To be a member by then (L.7331-3).")
    chosen = fields.Boolean(string="Record")
