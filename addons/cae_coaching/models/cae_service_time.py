from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CaeServiceTime(models.Model):
    """Time that the team spends on a shared service, for a request or for all.

    The yearly account of the shared services (R.7331-9) says with it what the
    contribution paid for.
    """

    _name = "cae.service.time"
    _description = "Time on Shared Services"
    _order = "date desc, id desc"
    _check_company_auto = True

    service_id = fields.Many2one(
        "cae.service",
        required=True,
        index=True,
        ondelete="restrict",
        compute="_compute_service_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    kind = fields.Selection(related="service_id.kind", store=True)
    company_id = fields.Many2one(
        related="service_id.company_id", store=True, index=True
    )
    request_id = fields.Many2one(
        "cae.service.request",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        string="Person",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        compute="_compute_entrepreneur_id",
        store=True,
        readonly=False,
        help="Empty: for everybody.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Who",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    date = fields.Date(required=True, index=True, default=fields.Date.context_today)
    hours = fields.Float(required=True)
    name = fields.Char(string="What")

    _hours_range = models.Constraint(
        "CHECK(hours > 0 AND hours <= 24)",
        "CAE-SERVICE-HOURS: a time is more than 0 and at most 24 hours.",
    )

    @api.depends("request_id")
    def _compute_service_id(self):
        for time in self:
            time.service_id = time.request_id.service_id or time.service_id

    @api.depends("request_id")
    def _compute_entrepreneur_id(self):
        for time in self:
            person = time.request_id.entrepreneur_id
            time.entrepreneur_id = person or time.entrepreneur_id

    @api.constrains("date")
    def _check_date(self):
        today = fields.Date.context_today(self)
        if any(time.date > today for time in self):
            raise ValidationError(
                self.env._("CAE-SERVICE-DATE: time is not spent on a day to come.")
            )

    @api.constrains("request_id", "service_id", "entrepreneur_id")
    def _check_request(self):
        # sudo: whose request it is, which may be another's than the writer's.
        for time in self.sudo().filtered("request_id"):
            request = time.request_id
            of = (request.service_id, request.entrepreneur_id)
            if (time.service_id, time.entrepreneur_id) != of:
                raise ValidationError(
                    self.env._(
                        "CAE-SERVICE-REQUEST: this time is of another service or "
                        "person than its request."
                    )
                )

    @api.model
    def _span_rows(self, company, first, last):
        """``[(kind, service, hours, persons)]`` of these days; one query."""
        return self._read_group(
            [
                ("company_id", "=", company.id),
                ("date", ">=", first),
                ("date", "<=", last),
            ],
            ["kind", "service_id"],
            ["hours:sum", "entrepreneur_id:count_distinct"],
        )


class CaeSharedStatement(models.Model):
    """The team's time of a year: of coaching (R.7331-2) and of each service."""

    _inherit = "cae.shared.statement"

    def _shared_hours(self):
        # sudo: hours by service, whoever spent them; the accountant closes the year.
        times = self.env["cae.service.time"].sudo()
        rows = times._span_rows(self.company_id, self.date_from, self.date_to)
        found = [
            (f"service-{service.id}", service.name, Decimal(f"{hours:.2f}"))
            for _kind, service, hours, _persons in rows
        ]
        found += self._coaching_hours()
        found.sort(key=lambda row: (-row[2], row[1]))
        return [*super()._shared_hours(), *found]

    def _coaching_hours(self):
        """Hours of coaches up to today, by kind: the costs pay for them as well."""
        today = fields.Date.context_today(self)
        labels = {
            "held": self.env._("Individual support: interviews"),
            "workshop": self.env._("Workshops and training"),
            "time": self.env._("Coaching: other time"),
        }
        # sudo: as in _shared_hours; a coach alone sees the own work.
        rows = (
            self.env["cae.coach.workload"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", self.company_id.id),
                    ("kind", "in", list(labels)),
                    ("date", ">=", self.date_from),
                    ("date", "<=", min(self.date_to, today)),
                ],
                ["kind"],
                ["hours_done:sum"],
            )
        )
        return [
            (f"coaching-{kind}", labels[kind], Decimal(f"{hours:.2f}"))
            for kind, hours in rows
        ]
