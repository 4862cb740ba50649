from odoo import api, fields, models
from odoo.tools import SQL

KINDS = [
    ("people", "People followed today"),
    ("held", "Interviews held"),
    ("planned", "Interviews planned"),
    ("workshop", "Workshops"),
    ("time", "Other coaching time"),
    ("service", "Shared services"),
]
#: Columns of the rows of each kind, after the id.
COLUMNS = SQL(
    "kind, source, company_id, user_id, entrepreneur_id, date, hours_done,"
    " hours_planned, people, people_trouble, people_late, held, planned"
)
#: More users than there will be: an id is made of the record, the user and the kind.
USERS = 2**20


class CaeCoachWorkload(models.Model):
    """What each coach carries: people today, interviews and hours by month.

    Time of a sheet that repeats an interview or a half-day is left out: nothing counts
    twice. Two interviews of a coach at the same time both count, as they do wherever
    they are listed: one of them has a wrong time, and the filter *In Conflict* of the
    interviews shows both. People are counted on the day of the question.
    """

    _name = "cae.coach.workload"
    _inherit = ["cae.computed.rows"]
    _description = "Workload of Coaches"
    _auto = False
    _order = "date desc, id"
    _depends = {
        "cae.entrepreneur": [
            *("active", "company_id", "coach_id", "stage"),
            *("coaching_state", "interview_state"),
        ],
        "cae.interview": [
            *("active", "company_id", "state", "date_start", "held_start"),
            *("duration", "coach_ids", "first_entrepreneur_id"),
        ],
        "cae.workshop.session": [
            *("company_id", "event_id", "date", "date_stop", "hours"),
        ],
        "event.event": ["active", "kanban_state", "cae_trainer_ids"],
        "res.users": ["partner_id", "share"],
        "cae.coach.time": [
            *("company_id", "user_id", "date", "hours", "kind"),
            *("source_model", "entrepreneur_id"),
        ],
        "cae.service.time": [
            *("company_id", "user_id", "date", "hours", "entrepreneur_id"),
        ],
    }

    kind = fields.Selection(KINDS, string="Work", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", string="Coach", readonly=True)
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur", string="Person", readonly=True
    )
    date = fields.Date(readonly=True)
    hours_done = fields.Float(
        string="Hours done",
        readonly=True,
        help="Interviews held, half-days that are over, time entered.",
    )
    hours_planned = fields.Float(
        string="Hours planned",
        readonly=True,
        help="Interviews planned, half-days to come.",
    )
    people = fields.Integer(readonly=True)
    people_trouble = fields.Integer(string="In Trouble", readonly=True)
    people_late = fields.Integer(
        string="Interviews Late",
        readonly=True,
        help="People whose two interviews of the year are late (R.7331-3).",
    )
    held = fields.Integer(string="Interviews Held", readonly=True)
    planned = fields.Integer(string="Interviews Planned", readonly=True)

    @property
    def _table_query(self):
        # An id of each row's own: numbered through all of them, the work of everybody
        # would be sorted to read that of one coach. The columns of all queries have the
        # same types: else PostgreSQL makes each row whole, also what nobody asked for.
        return SQL(" UNION ALL ").join(
            SQL(
                """SELECT (w.source::bigint * %s + COALESCE(w.user_id, 0)) * 8 + %s
                          AS id, w.*
                     FROM (%s) AS w (%s)""",
                *(USERS, number, query, COLUMNS),
            )
            for number, query in enumerate(self._work_queries())
        )

    @api.model
    def _work_queries(self):
        # sudo: the time zone of the cooperative is no secret.
        zone = self.env.company.sudo()._cae_time_zone()
        return [
            self._people_query(),
            self._interview_query(zone),
            self._workshop_query(),
            self._time_query(),
            self._service_query(),
        ]

    def _people_query(self):
        return SQL(
            """
            SELECT 'people'::varchar,
                   p.id, p.company_id, p.coach_id, p.id, %s::date, 0::float,
                   0::float, 1, (p.coaching_state = 'trouble')::int,
                   (p.interview_state = 'late')::int, 0, 0
              FROM cae_entrepreneur p
             WHERE p.active AND p.coach_id IS NOT NULL AND p.stage != 'left'
            """,
            fields.Date.context_today(self),
        )

    def _interview_query(self, zone):
        """One row per coach: each of them spent the time."""
        return SQL(
            """
            SELECT i.state, i.id, i.company_id, c.res_users_id,
                   i.first_entrepreneur_id,
                   (COALESCE(i.held_start, i.date_start)
                    AT TIME ZONE 'UTC' AT TIME ZONE %s)::date,
                   CASE i.state WHEN 'held' THEN i.duration ELSE 0 END,
                   CASE i.state WHEN 'held' THEN 0 ELSE i.duration END, 0, 0, 0,
                   (i.state = 'held')::int, (i.state = 'planned')::int
              FROM cae_interview i
              JOIN cae_interview_coach_rel c ON c.cae_interview_id = i.id
             WHERE i.active AND i.state IN ('held', 'planned')
            """,
            zone,
        )

    def _workshop_query(self):
        """Half-days that are not cancelled, one row per trainer of the team.

        An entrepreneur who trains has a login too, and is no coach.
        """
        return SQL(
            """
            SELECT 'workshop'::varchar,
                   s.id, s.company_id, u.id, NULL::int, s.date,
                   CASE WHEN s.date_stop <= %(now)s THEN s.hours ELSE 0 END,
                   CASE WHEN s.date_stop <= %(now)s THEN 0 ELSE s.hours END,
                   0, 0, 0, 0, 0
              FROM cae_workshop_session s
              JOIN event_event e ON e.id = s.event_id
              JOIN cae_workshop_trainer_rel t ON t.event_event_id = e.id
              JOIN res_users u ON u.partner_id = t.res_partner_id
             WHERE e.active AND e.kanban_state IS DISTINCT FROM 'cancel' AND NOT u.share
            """,
            now=fields.Datetime.now(),
        )

    def _time_query(self):
        return SQL(
            """
            SELECT 'time'::varchar,
                   t.id, t.company_id, t.user_id, t.entrepreneur_id, t.date,
                   t.hours, 0::float, 0, 0, 0, 0, 0
              FROM cae_coach_time t
             WHERE t.source_model IS NULL
            """
        )

    def _service_query(self):
        return SQL(
            """
            SELECT 'service'::varchar,
                   t.id, t.company_id, t.user_id, t.entrepreneur_id, t.date,
                   t.hours, 0::float, 0, 0, 0, 0, 0
              FROM cae_service_time t
            """
        )
