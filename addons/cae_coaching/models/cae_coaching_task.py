from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from odoo.addons.cae_base.tools import format_date

from ..engine import desk
from .cae_coaching_alert import DAYS_TO_LOOK
from .cae_social_aid import WARNING_DAYS

#: Days to write a report after an interview, to have it signed, to check a paper and to
#: tick who came to a half-day.
GRACE_DAYS = 7
#: Kind of task: number in its id, name.
KINDS = {
    "interview": (1, "Interview planned"),
    "duty": (2, "Interview to hold"),
    "report": (3, "Report to finish"),
    "sign": (4, "Report to sign"),
    "action": (5, "Action"),
    "alert": (6, "Alert"),
    "expiry": (7, "Document that expires"),
    "check": (8, "Document to check"),
    "aid": (9, "Aid or permit that ends"),
    "request": (10, "Request to the services"),
    "workshop": (11, "Workshop"),
    "sheet": (12, "Attendance to tick"),
    "todo": (13, "Activity"),
}


class CaeCoachingTask(models.Model):
    """What coaches have to do, from all that is planned, due or waiting.

    One row per record that asks for something; nothing is stored, so that a task is
    gone as soon as it is done. What the nightly run finds (alerts) is as of that run.
    """

    _name = "cae.coaching.task"
    _inherit = ["cae.computed.rows"]
    _description = "To Do"
    _auto = False
    _order = "date, kind, id"
    _rec_name = "what"
    _depends = {
        "cae.interview": [
            *("state", "active", "company_id", "date_start", "held_stop"),
            *("report_state", "report_id", "coach_ids", "entrepreneur_ids"),
            "first_entrepreneur_id",
        ],
        "cae.interview.report": ["date"],
        "cae.entrepreneur": [
            *("active", "stage", "coach_id", "company_id"),
            *("interview_state", "interview_missing", "interview_deadline"),
        ],
        "cae.coaching.action": [
            *("state", "company_id", "user_id", "entrepreneur_id", "date_deadline"),
        ],
        "cae.coaching.alert": [
            *("state", "cause", "company_id", "entrepreneur_id", "coach_id"),
            *("deadline", "date_open", "urgency"),
        ],
        "cae.person.document": [
            *("state", "company_id", "entrepreneur_id", "type_id"),
            *("date_expiry", "date_received"),
        ],
        "cae.document.type": ["warning_days"],
        "cae.social.aid": ["company_id", "entrepreneur_id", "kind", "date_end"],
        "cae.service.request": [
            *("open", "company_id", "user_id", "entrepreneur_id", "date_deadline"),
        ],
        "cae.workshop.session": ["company_id", "event_id", "date"],
        "cae.workshop.attendance": ["session_id", "state"],
        "event.event": ["active", "kanban_state", "cae_trainer_ids"],
        "res.users": ["partner_id", "share"],
        "mail.activity": [
            *("active", "automated", "user_id", "date_deadline"),
            *("res_model", "res_id"),
        ],
        "cae.candidate": ["company_id"],
    }

    kind = fields.Selection(
        [(key, name) for key, (_number, name) in KINDS.items()],
        string="What Kind",
        readonly=True,
    )
    what = fields.Char(compute="_compute_what")
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Coach", readonly=True, help="Who is expected to do it."
    )
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur", string="Person", readonly=True
    )
    date = fields.Date(string="Deadline", readonly=True)
    due = fields.Selection(
        # In this order by their keys, as lists are grouped.
        [
            ("late", "Late"),
            ("now", "This week"),
            ("soon", "Later"),
            ("without", "Without date"),
        ],
        readonly=True,
    )
    interview_id = fields.Many2one("cae.interview", readonly=True)
    event_id = fields.Many2one("event.event", string="Workshop", readonly=True)
    res_model = fields.Char(string="Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", readonly=True
    )
    mine = fields.Boolean(
        readonly=True,
        depends_context=("uid",),
        help="What one does oneself, and what nobody does for people of one's team.",
    )
    reader_id = fields.Many2one(
        "res.users",
        readonly=True,
        depends_context=("uid",),
        help="The user, on rows that they read as a coach: what the rule asks for.",
    )

    # ------------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------------

    @property
    def _table_query(self):
        day = fields.Date.context_today(self)
        return SQL(
            """
            %(own)s SELECT t.*,
                   CASE WHEN t.date IS NULL THEN 'without'
                        WHEN t.date < %(day)s THEN 'late'
                        WHEN t.date <= %(sunday)s THEN 'now'
                        ELSE 'soon' END AS due,
                   %(reader)s AS reader_id, %(mine)s AS mine
              FROM (%(rows)s) t
            """,
            own=self._own(),
            day=day,
            sunday=fields.Date.end_of(day, "week"),
            reader=self._reader(),
            mine=self._is_mine(),
            rows=SQL(" UNION ALL ").join(self._task_queries(day)),
        )

    def _task_queries(self, day):
        """Queries of the rows of each kind on ``day``, all with the same columns."""
        # sudo: the time zone of the cooperative is no secret.
        zone = self.env.company.sudo()._cae_time_zone()
        return [
            *self._interview_queries(zone),
            self._duty_query(),
            self._action_query(),
            self._alert_query(),
            *self._document_queries(day),
            self._request_query(),
            *self._workshop_queries(day),
            self._todo_query(),
        ]

    def _own(self):
        """The people and interviews of a coach, once for all kinds."""
        # sudo: who is the user's is asked, as the rule of people does.
        people = self.env["cae.entrepreneur"].sudo().with_context(active_test=False)
        # Two queries, each by its index; with "or" all people would be read.
        found = (
            people._search(Domain(path, "=", self.env.uid)).subselect()
            for path in ("coach_id", "team_id.user_ids")
        )
        return SQL(
            """WITH own AS MATERIALIZED (
            SELECT p.people,
                   ARRAY(SELECT c.cae_interview_id FROM cae_interview_coach_rel c
                          WHERE c.res_users_id = %s
                          UNION
                         SELECT r.cae_interview_id
                           FROM cae_interview_entrepreneur_rel r
                          WHERE r.cae_entrepreneur_id = ANY(p.people)) AS interviews
              FROM (SELECT ARRAY(%s) AS people) p)""",
            self.env.uid,
            SQL(" UNION ").join(found),
        )

    def _sees_all(self):
        group = "cae_coaching.group_coaching_manager"
        return self.env.su or self.env.user.has_group(group)

    def _where(self, *columns, **named):
        """Condition that rows of a kind are read with, see :meth:`_within`."""
        return SQL("TRUE") if self._sees_all() else self._within(*columns, **named)

    def _within(self, person=None, user=None, interview=None, event=None):
        """What a coach does, and what is to do for the own people; found by indexes.

        A rule of rights that said so would be asked of each kind again, with all its
        joins.

        :param person: column of the person
        :param user: column of who is expected to do it
        :param interview: column of the interview
        :param event: column of the workshop
        """
        found = []
        if person:
            found.append(SQL("%s = ANY((SELECT people FROM own)::int[])", person))
        if user:
            found.append(SQL("%s = %s", user, self.env.uid))
        if interview:
            own = SQL("(SELECT interviews FROM own)::int[]")
            found.append(SQL("%s = ANY(%s)", interview, own))
        if event:
            found.append(self._trains(event))
        return SQL("(%s)", SQL(" OR ").join(found))

    def _trains(self, event):
        # sudo: one's own contact.
        partner = self.env.user.sudo().partner_id
        return SQL(
            """EXISTS (SELECT FROM cae_workshop_trainer_rel o
                        WHERE o.event_event_id = %s AND o.res_partner_id = %s)""",
            *(event, partner.id),
        )

    def _reader(self):
        """The user, on the rows that they read as a coach; who sees all needs none."""
        if not self.env.su:
            return SQL("NULL::int") if self._sees_all() else SQL("%s", self.env.uid)
        # Rules ask the superuser, of any record that somebody named.
        columns = ("entrepreneur_id", "user_id", "interview_id", "event_id")
        own = self._within(*(SQL.identifier("t", name) for name in columns))
        return SQL("CASE WHEN %s THEN %s END", own, self.env.uid)

    def _is_mine(self):
        return SQL(
            """COALESCE(t.user_id = %(user)s,
                        t.entrepreneur_id = ANY((SELECT people FROM own)::int[]), FALSE)
               OR EXISTS (SELECT FROM cae_interview_coach_rel o
                           WHERE o.cae_interview_id = t.interview_id
                             AND o.res_users_id = %(user)s)
               OR %(trains)s""",
            user=self.env.uid,
            trains=self._trains(SQL("t.event_id")),
        )

    def _row(self, kind, table, date, company, person=None, user=None, **links):
        """Columns of the rows of a kind; all names are our own, no value of a user.

        :param table: alias of the table, of the record that the row opens
        """
        number, _name = KINDS[kind]
        return SQL(
            """%(id)s::bigint * 16 + %(number)s AS id, %(kind)s AS kind,
            %(company)s AS company_id, %(user)s AS user_id,
            %(person)s AS entrepreneur_id, (%(date)s)::date AS date,
            %(interview)s::int AS interview_id, %(event)s::int AS event_id,
            %(model)s AS res_model, %(res_id)s AS res_id""",
            id=SQL.identifier(table, "id"),
            number=number,
            kind=kind,
            company=company,
            user=user or SQL("NULL::int"),
            person=person or SQL("NULL::int"),
            date=date,
            interview=links.get("interview") or SQL("NULL"),
            event=links.get("event") or SQL("NULL"),
            model=links["model"],
            res_id=links.get("res_id") or SQL.identifier(table, "id"),
        )

    def _interview_queries(self, zone):
        """Planned interviews; reports to finish, and to have signed."""
        local = SQL("AT TIME ZONE 'UTC' AT TIME ZONE %s", zone)
        kinds = (
            ("interview", SQL("i.state = 'planned'"), SQL("i.date_start %s", local)),
            (
                "report",
                SQL("i.state = 'held' AND i.report_state = 'draft'"),
                SQL("(i.held_stop %s)::date + %s", local, GRACE_DAYS),
            ),
            (
                "sign",
                SQL("i.state = 'held' AND i.report_state = 'shared'"),
                SQL("(r.date %s)::date + %s", local, GRACE_DAYS),
            ),
        )
        for kind, where, date in kinds:
            yield SQL(
                """
                SELECT %(row)s
                  FROM cae_interview i
                  LEFT JOIN cae_interview_report r ON r.id = i.report_id
                 CROSS JOIN LATERAL (SELECT MIN(res_users_id) AS id
                                       FROM cae_interview_coach_rel
                                      WHERE cae_interview_id = i.id) c
                 WHERE i.active AND %(where)s AND %(own)s
                """,
                own=self._where(interview=SQL("i.id")),
                row=self._row(
                    *(kind, "i", date, SQL("i.company_id")),
                    *(SQL("i.first_entrepreneur_id"), SQL("c.id")),
                    model="cae.interview",
                    interview=SQL("i.id"),
                ),
                where=where,
            )

    def _duty_query(self):
        """Interviews that the duty of R.7331-3 asks within its notice, or late."""
        return SQL(
            """
            SELECT %s FROM cae_entrepreneur p
             WHERE p.active AND p.stage = 'cesa'
               AND p.interview_state IN ('soon', 'late') AND %s
            """,
            self._row(
                *("duty", "p", SQL("p.interview_deadline"), SQL("p.company_id")),
                *(SQL("p.id"), SQL("p.coach_id")),
                model="cae.entrepreneur",
            ),
            self._where(SQL("p.id")),
        )

    def _action_query(self):
        return SQL(
            "SELECT %s FROM cae_coaching_action a WHERE a.state = 'todo' AND %s",
            self._row(
                *("action", "a", SQL("a.date_deadline"), SQL("a.company_id")),
                *(SQL("a.entrepreneur_id"), SQL("a.user_id")),
                model="cae.coaching.action",
            ),
            self._where(SQL("a.entrepreneur_id"), SQL("a.user_id")),
        )

    def _alert_query(self):
        """Open alerts but those of the duty, which is a kind of its own."""
        date = SQL(
            "COALESCE(a.deadline, a.date_open + CASE a.urgency %s END)",
            SQL(" ").join(
                SQL("WHEN %s THEN %s", urgency, days)
                for urgency, days in DAYS_TO_LOOK.items()
            ),
        )
        return SQL(
            """
            SELECT %s FROM cae_coaching_alert a
             WHERE a.state = 'open' AND a.cause != 'interview' AND %s
            """,
            self._row(
                *("alert", "a", date, SQL("a.company_id")),
                *(SQL("a.entrepreneur_id"), SQL("a.coach_id")),
                model="cae.coaching.alert",
            ),
            self._where(SQL("a.entrepreneur_id")),
        )

    def _document_queries(self, day):
        """Papers to check, those that expire, aids and permits that end.

        Of each person and type the one that is good the longest counts.
        """
        columns = (SQL("d.company_id"), SQL("d.entrepreneur_id"), SQL("p.coach_id"))
        own = self._where(SQL("d.entrepreneur_id"))
        yield self._check_query(columns, own)
        yield self._expiry_query(columns, own, day)
        yield self._aid_query(columns, own, day)

    def _check_query(self, columns, own):
        since = SQL("d.date_received + %s", GRACE_DAYS)
        return SQL(
            """
            SELECT %s
              FROM cae_person_document d
              JOIN cae_entrepreneur p ON p.id = d.entrepreneur_id
             WHERE d.state = 'received' AND %s
            """,
            self._row("check", "d", since, *columns, model="cae.person.document"),
            own,
        )

    def _expiry_query(self, columns, own, day):
        until = SQL("d.date_expiry")
        return SQL(
            """
            SELECT %(row)s
              FROM cae_person_document d
              JOIN cae_document_type k ON k.id = d.type_id
              JOIN cae_entrepreneur p ON p.id = d.entrepreneur_id
             WHERE %(own)s
               AND d.state = 'accepted' AND p.active AND p.stage != 'left'
               AND d.date_expiry <= %(day)s::date + k.warning_days
               AND NOT EXISTS (
                   SELECT FROM cae_person_document o
                    WHERE o.state = 'accepted' AND o.type_id = d.type_id
                      AND o.entrepreneur_id = d.entrepreneur_id
                      AND (COALESCE(o.date_expiry, 'infinity'), o.id)
                          > (d.date_expiry, d.id))
            """,
            row=self._row("expiry", "d", until, *columns, model="cae.person.document"),
            own=own,
            day=day,
        )

    def _aid_query(self, columns, own, day):
        return SQL(
            """
            SELECT %(row)s
              FROM cae_social_aid d
              JOIN cae_entrepreneur p ON p.id = d.entrepreneur_id
             WHERE %(own)s AND p.active AND p.stage != 'left'
               AND d.date_end BETWEEN %(day)s::date - %(notice)s
                                  AND %(day)s::date + %(notice)s
               AND NOT EXISTS (
                   SELECT FROM cae_social_aid o
                    WHERE o.file_id = d.file_id AND o.kind = d.kind
                      AND (COALESCE(o.date_end, 'infinity'), o.id)
                          > (d.date_end, d.id))
            """,
            row=self._row(
                *("aid", "d", SQL("d.date_end"), *columns), model="cae.social.aid"
            ),
            own=own,
            day=day,
            notice=WARNING_DAYS,
        )

    def _request_query(self):
        return SQL(
            'SELECT %s FROM cae_service_request r WHERE r."open" AND %s',
            self._row(
                *("request", "r", SQL("r.date_deadline"), SQL("r.company_id")),
                *(SQL("r.entrepreneur_id"), SQL("r.user_id")),
                model="cae.service.request",
            ),
            self._where(SQL("r.entrepreneur_id"), SQL("r.user_id")),
        )

    def _workshop_queries(self, day):
        """Half-days to come, and those whose attendance nobody ticked."""
        user = SQL("COALESCE(c.id, e.user_id)")
        expected = SQL(
            """EXISTS (SELECT FROM cae_workshop_attendance a
                        WHERE a.session_id = s.id AND a.state = 'expected')"""
        )
        kinds = (
            ("workshop", SQL("s.date >= %s", day), SQL("s.date")),
            (
                "sheet",
                SQL("s.date < %s AND %s", day, expected),
                SQL("s.date + %s", GRACE_DAYS),
            ),
        )
        for kind, where, date in kinds:
            yield SQL(
                """
                SELECT %(row)s
                  FROM cae_workshop_session s
                  JOIN event_event e ON e.id = s.event_id
                 CROSS JOIN LATERAL (SELECT MIN(u.id) AS id
                                       FROM cae_workshop_trainer_rel t
                                       JOIN res_users u
                                         ON u.partner_id = t.res_partner_id
                                      WHERE t.event_event_id = e.id
                                        AND u.active AND NOT u.share) c
                 WHERE e.active AND e.kanban_state IS DISTINCT FROM 'cancel'
                   AND %(where)s AND %(own)s
                """,
                own=self._where(user=user, event=SQL("e.id")),
                row=self._row(
                    *(kind, "s", date, SQL("s.company_id")),
                    user=user,
                    event=SQL("e.id"),
                    model="cae.workshop.session",
                ),
                where=where,
            )

    def _todo_query(self):
        """Activities that somebody planned by hand on a person or a candidate."""
        return SQL(
            """
            SELECT %s
              FROM mail_activity a
              LEFT JOIN cae_entrepreneur p
                ON a.res_model = 'cae.entrepreneur' AND p.id = a.res_id
              LEFT JOIN cae_candidate k
                ON a.res_model = 'cae.candidate' AND k.id = a.res_id
             WHERE a.res_model IN ('cae.entrepreneur', 'cae.candidate')
               AND a.active AND COALESCE(a.automated, FALSE) = FALSE
               AND COALESCE(p.id, k.id) IS NOT NULL AND %s
            """,
            self._row(
                *("todo", "a", SQL("a.date_deadline")),
                *(SQL("COALESCE(p.company_id, k.company_id)"), SQL("p.id")),
                *(SQL("a.user_id"),),
                model="mail.activity",
            ),
            self._where(SQL("p.id"), SQL("a.user_id")),
        )

    @api.model
    @api.readonly
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        found = super().search_fetch(domain, field_names, offset, limit, order)
        if not self._sees_all():
            # Rules ask the superuser, who would make the rows of everybody to know:
            # what a coach's own query found is theirs.
            self._fields["reader_id"]._update_cache(found.sudo(), self.env.uid)
        return found

    # ------------------------------------------------------------------
    # Whose, and in words
    # ------------------------------------------------------------------

    @api.depends("res_model", "res_id")
    @api.depends_context("lang", "tz")
    def _compute_what(self):
        for model, tasks in self.grouped("res_model").items():
            # sudo: the words of records whose task the user reads; colleagues of a
            # team read the tasks of their people.
            records = self.env[model].sudo().browse(tasks.mapped("res_id"))
            for task in tasks:
                record = records.browse(task.res_id).with_prefetch(records.ids)
                words = getattr(task, f"_what_{task.kind}", None)
                task.what = words(record) if words else record.display_name

    def _what_interview(self, interview):
        moment = format_datetime(self.env, interview.date_start, dt_format="short")
        return f"{interview.type_id.name}, {moment}"

    def _what_duty(self, person):
        lacking = desk.Reason(
            *("interview", desk.SOON, person.interview_deadline),
            count=person.interview_missing,
        )
        return person._coaching_words_interview(lacking)

    def _what_report(self, interview):
        day = format_date(self.env, (interview.held_stop or interview.date_stop).date())
        return self.env._("Interview of %(day)s: report to finish", day=day)

    def _what_sign(self, interview):
        report = interview.report_id
        signed = report.signature_ids
        lacking = (report.entrepreneur_ids - signed.entrepreneur_id).mapped("name")
        if signed.filtered(lambda s: not s.entrepreneur_id):
            return self.env._("Report not signed by %s", ", ".join(lacking))
        return self.env._(
            "Report to sign: %s",
            ", ".join([*(c.name for c in interview.coach_ids[:1]), *lacking]),
        )

    def _what_action(self, action):
        return action.name

    def _what_alert(self, alert):
        return alert.why

    def _what_expiry(self, document):
        return document.type_id.name

    def _what_check(self, document):
        return document.type_id.name

    def _what_aid(self, aid):
        return dict(aid._fields["kind"]._description_selection(self.env))[aid.kind]

    def _what_request(self, request):
        return f"{request.service_id.name}: {request.name}"

    def _what_todo(self, activity):
        words = activity.summary or activity.activity_type_id.name
        # The person has a column; a candidate has none.
        of = False if self.entrepreneur_id else activity.res_name
        return " – ".join(filter(None, (words, of)))

    def action_open(self) -> dict:
        """The very record that asks for something."""
        self.ensure_one()
        model, key = self.res_model, self.res_id
        if model == "mail.activity":
            activity = self.env[model].browse(key)
            model, key = activity.res_model, activity.res_id
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "res_id": key,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_plan_interview(self) -> dict:
        """Plan an interview with the people of these tasks."""
        return self.entrepreneur_id.action_plan_interview()
