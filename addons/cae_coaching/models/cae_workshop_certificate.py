from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from odoo.addons.cae_base.tools import format_date


class CaeWorkshopCertificate(models.Model):
    """A certificate of attendance, as it was issued; it never changes."""

    _name = "cae.workshop.certificate"
    _description = "Certificate of Attendance"
    _inherit = ["cae.printed"]
    _order = "date desc, id desc"
    _rec_name = "name"
    _report_template = "cae_coaching.workshop_certificate"

    registration_id = fields.Many2one(
        "event.registration", required=True, readonly=True, ondelete="restrict"
    )
    event_id = fields.Many2one(
        related="registration_id.event_id", store=True, index=True, string="Workshop"
    )
    entrepreneur_id = fields.Many2one(
        related="registration_id.cae_entrepreneur_id", store=True, index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    name = fields.Char(string="Participant", required=True, readonly=True)
    date = fields.Date(string="Issued on", required=True, readonly=True)
    date_from = fields.Date(string="First Day", readonly=True)
    date_to = fields.Date(string="Last Day", readonly=True)
    hours = fields.Float(string="Hours Attended", readonly=True)
    hours_planned = fields.Float(readonly=True, aggregator=None)
    title = fields.Char(readonly=True)
    objectives = fields.Html(readonly=True)
    trainers = fields.Char(readonly=True)
    result = fields.Char(readonly=True)

    _once = models.UniqueIndex(
        "(registration_id)", "A participant has one certificate of a workshop."
    )

    @api.model
    def _issue(self, events):
        """Certificates of who attended these workshops and has none yet.

        :raises UserError: ``CAE-WORKSHOP-NOBODY``; ``CAE-WORKSHOP-TICK`` while it is
            not said of somebody who came whether they stayed
        """
        # sudo: certificates are made by this alone.
        self = self.sudo()
        self._check_ticked(events)
        rows = self.env["cae.workshop.attendance"]._read_group(
            [("event_id", "in", events.ids), ("state", "=", "present")],
            ["registration_id"],
            ["hours:sum", "date:min", "date:max"],
        )
        if not rows:
            raise UserError(
                self.env._("CAE-WORKSHOP-NOBODY: nobody is marked as present.")
            )
        given = self.search([("event_id", "in", events.ids)]).registration_id
        return self.create(
            [self._prepare_vals(*row) for row in rows if row[0] not in given]
        )

    @api.model
    def _check_ticked(self, events):
        """A certificate never changes: its hours are to be known before."""
        lines = self.env["cae.workshop.attendance"].search(
            [("event_id", "in", events.ids), ("state", "in", ("present", "expected"))]
        )
        for seat, own in lines.grouped("registration_id").items():
            if len(set(own.mapped("state"))) > 1:
                raise UserError(
                    self.env._(
                        "CAE-WORKSHOP-TICK: say of %(name)s, at each half-day, whether "
                        "they came: the certificate tells the hours.",
                        name=seat.name,
                    )
                )

    @api.model
    def _prepare_vals(self, seat, hours, first, last):
        event = seat.event_id
        results = dict(seat._fields["cae_result"]._description_selection(self.env))
        person = seat.cae_entrepreneur_id
        return {
            "registration_id": seat.id,
            "company_id": (event.company_id or person.company_id).id
            or self.env.company.id,
            "name": seat.name or person.name,
            "date": fields.Date.context_today(self),
            "date_from": first,
            "date_to": last,
            "hours": round(hours, 2),
            "hours_planned": event.cae_hours,
            "title": event.name,
            "objectives": event.cae_objectives,
            "trainers": ", ".join(event.cae_trainer_ids.mapped("name")),
            "result": results.get(seat.cae_result, ""),
        }

    def _prepare_document_values(self):
        return {
            **self.company_id._cae_document_values(),
            "document": self,
            "draft": False,
            "replaced": False,
            "day": lambda value: format_date(self.env, value),
            "number": self._number,
            "days": self._days_words(),
        }

    def _days_words(self):
        first, last = (format_date(self.env, d) for d in (self.date_from, self.date_to))
        if first == last:
            return self.env._("on %(day)s", day=first)
        return self.env._("from %(first)s to %(last)s", first=first, last=last)

    def _number(self, value):
        """Hours as people write them: no decimals that say nothing."""
        digits = 0 if value == int(value) else 2
        return formatLang(self.env, value, digits=digits)

    def _file_name(self):
        word = self.env._("certificate")
        return f"{word}-{self.date_to}-{self.id}"
