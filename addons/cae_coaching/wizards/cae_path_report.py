from odoo import fields, models

from ..models.cae_entrepreneur_path import STATES


class CaePathReport(models.TransientModel):
    """State of everybody at a date: list, pivot, export."""

    _name = "cae.path.report"
    _description = "State at a Date"

    day = fields.Date(required=True, default=fields.Date.context_today)
    supported = fields.Boolean(
        string="Supported Only",
        help="People under a contract on that day, interruptions included.",
    )
    line_ids = fields.One2many("cae.path.report.line", "report_id")

    def action_open(self) -> dict:
        """The people whom the user may see, with their state on the day."""
        self.ensure_one()
        self.line_ids.unlink()
        self.env["cae.path.report.line"].create(self._prepare_lines())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("State on %s", self.day),
            "res_model": "cae.path.report.line",
            "view_mode": "list,pivot,graph",
            "domain": [("report_id", "=", self.id)],
            "context": {"search_default_group_by_state": 1},
        }

    def _prepare_lines(self):
        people = self.env["cae.entrepreneur"].with_context(active_test=False)
        people = people.search([("code", "!=", False)])
        states = people._states_at(self.day)
        people.fetch(["coach_id", "team_id", "sex", "company_id", "date_entry"])
        wanted = ("cape", "cesa", "employee", "interrupted")
        return [
            {
                "report_id": self.id,
                "entrepreneur_id": person.id,
                "state": states[person.id],
                "coach_id": person.coach_id.id,
                "team_id": person.team_id.id,
                "sex": person.sex,
                "company_id": person.company_id.id,
                "date_entry": person.date_entry,
                "exit_reason_id": person.exit_reason_id.id,
            }
            for person in people
            if states[person.id] and (not self.supported or states[person.id] in wanted)
        ]


class CaePathReportLine(models.TransientModel):
    _name = "cae.path.report.line"
    _description = "State of a Person at a Date"
    _order = "entrepreneur_id"
    _rec_name = "entrepreneur_id"

    report_id = fields.Many2one("cae.path.report", required=True, ondelete="cascade")
    day = fields.Date(related="report_id.day")
    entrepreneur_id = fields.Many2one("cae.entrepreneur", ondelete="cascade")
    state = fields.Selection(STATES)
    coach_id = fields.Many2one("res.users")
    team_id = fields.Many2one("cae.team")
    sex = fields.Selection([("F", "Woman"), ("M", "Man"), ("X", "Other")])
    company_id = fields.Many2one("res.company")
    date_entry = fields.Date(string="Date of Entry")
    exit_reason_id = fields.Many2one("cae.exit.reason")
