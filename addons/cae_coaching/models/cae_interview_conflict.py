from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime, format_time

#: What takes the time of a coach.
BUSY = ("planned", "held")
#: Everything that takes time of somebody: interviews by their real hours, half-days of
#: workshops. ``source``: 0 for what is no interview.
TIMES = SQL(
    """
    SELECT i.id AS source, c.res_users_id AS coach,
           CASE i.state WHEN 'held' THEN i.held_start ELSE i.date_start END AS start,
           CASE i.state WHEN 'held' THEN i.held_stop ELSE i.date_stop END AS stop
      FROM cae_interview i
      JOIN cae_interview_coach_rel c ON c.cae_interview_id = i.id
     WHERE i.active AND i.state IN %s
     UNION ALL
    SELECT 0, u.id, s.date_start, s.date_stop
      FROM cae_workshop_session s
      JOIN event_event e ON e.id = s.event_id
      JOIN cae_workshop_trainer_rel t ON t.event_event_id = e.id
      JOIN res_users u ON u.partner_id = t.res_partner_id
     WHERE e.active AND e.kanban_state IS DISTINCT FROM 'cancel'
    """,
    BUSY,
)


class CaeInterview(models.Model):
    """Two things of one coach at the same time: told, never refused.

    A time that was typed wrong is corrected by who knows the right one.
    """

    _inherit = "cae.interview"

    in_conflict = fields.Boolean(
        compute="_compute_conflict",
        search="_search_in_conflict",
        help="A coach of it has another interview, or a workshop, at the same time.",
    )
    conflict_why = fields.Text(string="Conflict", compute="_compute_conflict")

    @api.depends(
        *("coach_ids", "state", "active"),
        *("date_start", "date_stop", "held_start", "held_stop"),
    )
    @api.depends_context("lang", "tz")
    def _compute_conflict(self):
        busy = self.filtered(lambda i: i.active and i.state in BUSY and all(i._span()))
        times = busy._coach_times() if busy else {}
        for interview in self:
            found = interview._meeting(times) if interview in busy else []
            interview.in_conflict = bool(found)
            interview.conflict_why = "\n".join(found) or False

    def _coach_times(self):
        """``{coach id: [(start, stop, interview or half-day)]}`` around these; sudo.

        Two queries and what they read, for any number of interviews.
        """
        spans = [interview._span() for interview in self]
        first, last = min(s[0] for s in spans), max(s[1] for s in spans)
        coaches = self.coach_ids._origin
        # sudo: that a coach is busy is told, and nothing of the other interview.
        here = self.sudo()
        times = {coach.id: [] for coach in coaches}
        for other in here.search(
            _during(first, last) & Domain("coach_ids", "in", coaches.ids)
        ):
            for coach in other.coach_ids & coaches:
                times[coach.id].append((*other._span(), other))
        # sudo (of the coaches): who they are as contacts, which trainers are kept as.
        sessions = here.env["cae.workshop.session"].search(
            [
                ("event_id.cae_trainer_ids", "in", coaches.sudo().partner_id.ids),
                ("event_id.active", "=", True),
                ("event_id.kanban_state", "!=", "cancel"),
                *(("date_start", "<", last), ("date_stop", ">", first)),
            ]
        )
        for session in sessions:
            for coach in session.event_id.cae_trainer_ids.user_ids & coaches:
                times[coach.id].append((session.date_start, session.date_stop, session))
        return times

    def _meeting(self, times):
        """What the coaches of this interview have at its time, in words."""
        start, stop = self._span()
        return [
            self._conflict_words(coach, begin, end, other)
            for coach in self.coach_ids._origin
            for begin, end, other in sorted(times[coach.id], key=lambda row: row[:2])
            if begin < stop and start < end and other != self._origin
        ]

    def _conflict_words(self, coach, begin, end, other):
        words = {
            "coach": coach.name,
            "start": format_datetime(self.env, begin, dt_format="short"),
            "end": format_time(self.env, end, time_format="short"),
        }
        if other._name == self._name:
            return self.env._(
                "%(coach)s has another interview then: %(start)s – %(end)s.", **words
            )
        return self.env._(
            "%(coach)s gives the workshop %(name)s then: %(start)s – %(end)s.",
            name=other.event_id.name,
            **words,
        )

    @api.model
    def _search_in_conflict(self, operator, value):
        if operator != "in":
            return NotImplemented
        options = {bool(item) for item in value}
        if options == {True, False}:
            return Domain.TRUE
        found = Domain("id", "in", self._conflicts_query())
        return found if True in options else ~found

    @api.model
    def _conflicts_query(self):
        """In the order of their start, each is compared with two: no row with all.

        The last end of those before, and the start of the next one.
        """
        for model in ("cae.interview", "cae.workshop.session", "event.event"):
            self.env[model].flush_model()
        return SQL(
            """
            SELECT source FROM (
                SELECT source, start, stop,
                       MAX(stop) OVER (own ROWS BETWEEN UNBOUNDED PRECEDING
                                                AND 1 PRECEDING) AS before,
                       LEAD(start) OVER own AS next
                  FROM (%s) AS times
                WINDOW own AS (PARTITION BY coach ORDER BY start, stop, source)
            ) AS beside
             WHERE source != 0 AND (before > start OR next < stop)
            """,
            TIMES,
        )


def _during(first, last):
    """Interviews that take time between two moments."""
    planned = Domain("state", "=", "planned")
    planned &= Domain("date_start", "<", last) & Domain("date_stop", ">", first)
    held = Domain("state", "=", "held")
    held &= Domain("held_start", "<", last) & Domain("held_stop", ">", first)
    return planned | held
