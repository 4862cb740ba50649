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


class CaeCoachWorkload(models.Model):
    """What each coach carries: people today, interviews and hours by month.

    Time of a sheet that repeats an interview or a half-day is left out: nothing counts
    twice. People are counted on the day of the question.
    """

    _name = "cae.coach.workload"
    _description = "Workload of Coaches"
    _auto = False
    _order = "date desc, user_id, id"
    _depends = {
        "cae.entrepreneur": [
            *("active", "company_id", "coach_id", "stage"),
            *("coaching_state", "interview_state"),
        ],
        "cae.interview": [
            *("active", "company_id", "state", "date_start", "held_start"),
            *("duration", "coach_ids", "entrepreneur_ids"),
        ],
        "cae.workshop.session": ["company_id", "event_id", "date", "hours"],
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
    hours = fields.Float(readonly=True)
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
        return SQL(
            "SELECT ROW_NUMBER() OVER (ORDER BY kind, source, user_id, entrepreneur_id)"
            " AS id, w.* FROM (%s) w",
            SQL(" UNION ALL ").join(self._work_queries()),
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
            SELECT 'people' AS kind, p.id AS source, p.company_id,
                   p.coach_id AS user_id, p.id AS entrepreneur_id, %s::date AS date,
                   0::float AS hours, 1 AS people,
                   (p.coaching_state = 'trouble')::int AS people_trouble,
                   (p.interview_state = 'late')::int AS people_late,
                   0 AS held, 0 AS planned
              FROM cae_entrepreneur p
             WHERE p.active AND p.coach_id IS NOT NULL AND p.stage != 'left'
            """,
            fields.Date.context_today(self),
        )

    def _interview_query(self, zone):
        """One row per coach, who spent the time, and person, who had a part of it.

        The interview itself is counted with the first person alone.
        """
        return SQL(
            """
            SELECT i.state, i.id, i.company_id, c.res_users_id, p.cae_entrepreneur_id,
                   (COALESCE(i.held_start, i.date_start)
                    AT TIME ZONE 'UTC' AT TIME ZONE %s)::date,
                   i.duration / GREATEST(n.people, 1), 0, 0, 0,
                   (i.state = 'held' AND first)::int,
                   (i.state = 'planned' AND first)::int
              FROM cae_interview i
              JOIN cae_interview_coach_rel c ON c.cae_interview_id = i.id
             CROSS JOIN LATERAL (SELECT COUNT(*) AS people,
                                        MIN(cae_entrepreneur_id) AS id
                                   FROM cae_interview_entrepreneur_rel
                                  WHERE cae_interview_id = i.id) n
              LEFT JOIN cae_interview_entrepreneur_rel p ON p.cae_interview_id = i.id
             CROSS JOIN LATERAL (SELECT p.cae_entrepreneur_id
                                        IS NOT DISTINCT FROM n.id AS first) f
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
            SELECT 'workshop', s.id, s.company_id, u.id, NULL::int, s.date, s.hours,
                   0, 0, 0, 0, 0
              FROM cae_workshop_session s
              JOIN event_event e ON e.id = s.event_id
              JOIN cae_workshop_trainer_rel t ON t.event_event_id = e.id
              JOIN res_users u ON u.partner_id = t.res_partner_id
             WHERE e.active AND e.kanban_state IS DISTINCT FROM 'cancel' AND NOT u.share
            """
        )

    def _time_query(self):
        return SQL(
            """
            SELECT 'time', t.id, t.company_id, t.user_id, t.entrepreneur_id, t.date,
                   t.hours, 0, 0, 0, 0, 0
              FROM cae_coach_time t
             WHERE t.source_model IS NULL
            """
        )

    def _service_query(self):
        return SQL(
            """
            SELECT 'service', t.id, t.company_id, t.user_id, t.entrepreneur_id, t.date,
                   t.hours, 0, 0, 0, 0, 0
              FROM cae_service_time t
            """
        )
