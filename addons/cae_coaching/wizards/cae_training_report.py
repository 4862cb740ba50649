from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from odoo.addons.cae_base.tools import format_date


class CaeTrainingReport(models.TransientModel):
    """Figures of the yearly report of who trains (bilan pédagogique et financier).

    Trainees, hours and hours of trainers, of what was attended of trainings; L.6352-11
    and R.6352-22 to R.6352-24 of the Code du travail. Money is left to the accountant.
    """

    _name = "cae.training.report"
    _description = "Yearly Training Report"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="First Day",
        required=True,
        default=lambda self: self._default_year()[0],
    )
    date_to = fields.Date(
        string="Last Day",
        required=True,
        default=lambda self: self._default_year()[1],
    )
    line_ids = fields.One2many(
        "cae.training.report.line",
        "report_id",
        compute="_compute_line_ids",
        compute_sudo=False,
        store=True,
    )

    _dates_order = models.Constraint(
        "CHECK(date_to >= date_from)",
        "CAE-WORKSHOP-YEAR: the last day is after the first.",
    )

    @api.model
    def _default_year(self):
        """First and last day of last year; of this one when nobody was trained then."""
        first = fields.Date.context_today(self).replace(month=1, day=1)
        last = first - relativedelta(days=1)
        before = first - relativedelta(years=1)
        domain = self._attended_domain(self.env.company, before, last)
        if self.env["cae.workshop.attendance"].search_count(domain, limit=1):
            return before, last
        return first, first + relativedelta(years=1, days=-1)

    @api.model
    def action_open(self) -> dict:
        """The report of the last year that has figures, made and saved."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_coaching.cae_training_report_action"
        )
        return {**action, "res_id": self.create({}).id}

    @api.depends("date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for report in self:
            days = (report.date_from, report.date_to)
            report.display_name = self.env._(
                "Training report: %(days)s",
                days=" – ".join(format_date(self.env, day) for day in days if day),
            )

    @api.depends("company_id", "date_from", "date_to")
    def _compute_line_ids(self):
        for report in self:
            rows = report._figures() if report.date_from and report.date_to else []
            clear = fields.Command.clear()
            report.line_ids = [clear, *map(fields.Command.create, rows)]

    def _figures(self):
        """Rows of the report, in five queries."""
        return [
            *self._trainee_rows("trainees", "trainee_kind"),
            *self._trainee_rows("goals", "goal"),
            *self._trainer_rows(),
        ]

    @api.model
    def _attended_domain(self, company, first, last):
        return [
            ("company_id", "=", company.id),
            ("training", "=", True),
            ("state", "=", "present"),
            ("date", ">=", first),
            ("date", "<=", last),
        ]

    def _domain(self):
        return self._attended_domain(self.company_id, self.date_from, self.date_to)

    def _trainee_rows(self, section, field):
        lines = self.env["cae.workshop.attendance"]
        labels = dict(lines._fields[field]._description_selection(self.env))
        found = {
            key: (trainees, people, hours)
            for key, trainees, people, hours in lines._read_group(
                self._domain(),
                [field],
                [
                    "registration_id:count_distinct",
                    "entrepreneur_id:count_distinct",
                    "hours:sum",
                ],
            )
        }
        return [
            self._row(section, label, *found.get(key, (0, 0, 0)))
            for key, label in labels.items()
        ]

    def _row(self, section, label, count, people, hours):
        return {
            "section": section,
            "name": label,
            "count": count,
            "people": people,
            "hours": round(hours, 2),
        }

    def _trainer_rows(self):
        """Trainers of the half-days that somebody attended, and their hours."""
        groups = self.env["cae.workshop.attendance"]._read_group(
            self._domain(), ["session_id"]
        )
        hours = {True: 0.0, False: 0.0}
        people = {True: set(), False: set()}
        for (session,) in groups:
            # sudo: whether a trainer works here, and nothing else of the user.
            for trainer in session.sudo().event_id.cae_trainer_ids:
                inside = any(not user.share for user in trainer.user_ids)
                hours[inside] += session.hours
                people[inside].add(trainer.id)
        labels = {
            True: self.env._("Trainers of the cooperative"),
            False: self.env._("Outside trainers"),
        }
        return [
            self._row("trainers", label, len(people[key]), len(people[key]), hours[key])
            for key, label in labels.items()
        ]


class CaeTrainingReportLine(models.TransientModel):
    """A figure of the yearly training report."""

    _name = "cae.training.report.line"
    _description = "Figure of the Training Report"
    _order = "id"

    report_id = fields.Many2one(
        "cae.training.report", required=True, ondelete="cascade"
    )
    section = fields.Selection(
        [
            ("trainees", "Trainees by status"),
            ("goals", "Trainees by purpose"),
            ("trainers", "Trainers"),
        ],
        required=True,
    )
    name = fields.Char()
    count = fields.Integer(help="A person in two trainings is two trainees.")
    people = fields.Integer(help="Each person once.")
    hours = fields.Float(
        help="Of trainees: hours × trainees. Of trainers: hours given."
    )
