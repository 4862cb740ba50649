from odoo import api, fields, models
from odoo.tools import SQL

KINDS = [
    ("held", "Interviews held"),
    ("workshop", "Workshops"),
    ("time", "Other coaching time"),
    ("service", "Shared services"),
]
#: Columns of the rows of each kind, after the id.
COLUMNS = SQL("kind, source, company_id, entrepreneur_id, date, hours, held")
#: More people than there will be: an id is made of the record, the person and the kind.
PEOPLE = 2**24


class CaePersonHours(models.Model):
    """Hours of support that each person received, whoever gave them.

    An interview with several persons counts for each of them, and once with several
    coaches: it is the person's time. The time of the coaches is
    ``cae.coach.workload``. Time of a sheet that repeats an interview or a half-day is
    left out.
    """

    _name = "cae.person.hours"
    _inherit = ["cae.computed.rows"]
    _description = "Hours of Support by Person"
    _auto = False
    _order = "date desc, id"
    _depends = {
        "cae.interview": [
            *("active", "company_id", "state", "date_start", "held_start"),
            *("duration", "entrepreneur_ids"),
        ],
        "cae.workshop.attendance": [
            *("company_id", "session_id", "state", "entrepreneur_id", "date", "hours"),
        ],
        "cae.coach.time": [
            *("company_id", "date", "hours", "source_model", "entrepreneur_id"),
        ],
        "cae.service.time": ["company_id", "date", "hours", "entrepreneur_id"],
    }

    kind = fields.Selection(KINDS, string="Support", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur", string="Person", readonly=True
    )
    date = fields.Date(readonly=True)
    hours = fields.Float(readonly=True)
    held = fields.Integer(string="Interviews Held", readonly=True)

    @property
    def _table_query(self):
        # As in the workload of coaches: an id of each row's own, columns of one type.
        return SQL(" UNION ALL ").join(
            SQL(
                """SELECT (h.source::bigint * %s + h.entrepreneur_id) * 4 + %s AS id,
                          h.*
                     FROM (%s) AS h (%s)""",
                *(PEOPLE, number, query, COLUMNS),
            )
            for number, query in enumerate(self._hours_queries())
        )

    @api.model
    def _hours_queries(self):
        # sudo: the time zone of the cooperative is no secret.
        zone = self.env.company.sudo()._cae_time_zone()
        return [
            self._interview_query(zone),
            self._workshop_query(),
            self._time_query(),
            self._service_query(),
        ]

    def _interview_query(self, zone):
        return SQL(
            """
            SELECT 'held'::varchar, i.id, i.company_id, p.cae_entrepreneur_id,
                   (COALESCE(i.held_start, i.date_start)
                    AT TIME ZONE 'UTC' AT TIME ZONE %s)::date,
                   i.duration, 1
              FROM cae_interview i
              JOIN cae_interview_entrepreneur_rel p ON p.cae_interview_id = i.id
             WHERE i.active AND i.state = 'held'
            """,
            zone,
        )

    def _workshop_query(self):
        return SQL(
            """
            SELECT 'workshop'::varchar,
                   a.id, a.company_id, a.entrepreneur_id, a.date, a.hours, 0
              FROM cae_workshop_attendance a
             WHERE a.state = 'present' AND a.entrepreneur_id IS NOT NULL
            """
        )

    def _time_query(self):
        return SQL(
            """
            SELECT 'time'::varchar,
                   t.id, t.company_id, t.entrepreneur_id, t.date, t.hours, 0
              FROM cae_coach_time t
             WHERE t.source_model IS NULL AND t.entrepreneur_id IS NOT NULL
            """
        )

    def _service_query(self):
        return SQL(
            """
            SELECT 'service'::varchar,
                   t.id, t.company_id, t.entrepreneur_id, t.date, t.hours, 0
              FROM cae_service_time t
             WHERE t.entrepreneur_id IS NOT NULL
            """
        )
