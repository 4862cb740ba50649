from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.cae_base.engine import key_figures as engine
from odoo.addons.cae_base.engine.key_figures import Choice, Period

ATTENDANCE = ("participation_ag", "presence_ag")
HELD = ("held", "signed")


class CaeKeyFigures(models.AbstractModel):
    """Members as the register has them, and who came to the meetings."""

    _inherit = "cae.key.figures"

    @api.model
    def _sources(self):
        return [*super()._sources(), (ATTENDANCE, self._attendance_figures)]

    @api.model
    def _records(self):
        meetings = ("cae.meeting", self._meeting_domain)
        return {**super()._records(), **dict.fromkeys(ATTENDANCE, meetings)}

    @api.model
    def _member_condition(self) -> SQL:
        """As the register says; as the file of the person says, of who is not in it."""
        self.env["cae.member"].flush_model()
        return SQL(
            """
            CASE WHEN EXISTS (SELECT FROM cae_member g WHERE g.entrepreneur_id = p.id)
                 THEN EXISTS (SELECT FROM cae_member g
                               WHERE g.entrepreneur_id = p.id
                                 AND g.date_member <= t.last
                                 AND (g.date_left IS NULL OR g.date_left >= t.last))
                 ELSE %s END
            """,
            super()._member_condition(),
        )

    @api.model
    def _meeting_domain(self, _key, period: Period, _choice: Choice):
        query = SQL(
            "SELECT m.id FROM (%s) t JOIN %s",
            self._period_query([period]),
            self._held_meetings(),
        )
        self.env["cae.meeting"].flush_model()
        return Domain("id", "in", [row[0] for row in self.env.execute_query(query)])

    @api.model
    def _held_meetings(self) -> SQL:
        """Meetings ``m`` held in the period ``t``, by the clock of the cooperative."""
        return SQL(
            """
            cae_meeting m
              ON m.company_id = %s AND m.state = ANY(%s)
             AND (m.date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date
                 BETWEEN t.first AND t.last
            """,
            self.env.company.id,
            list(HELD),
            self.env.company._cae_time_zone(),
        )

    @api.model
    def _attendance_figures(self, periods: list[Period], choice: Choice) -> dict:
        """Attendance at general meetings: one query.

        Of chosen people, for those alone who may read who came.
        """
        if choice and not self.env["cae.meeting.elector"].has_access("read"):
            return self._hidden(ATTENDANCE, periods)
        for name in ("cae.meeting", "cae.meeting.elector", "cae.member"):
            self.env[name].flush_model()
        rows = self._rows(self._attendance_query(periods, choice))
        counts = {n: row for n, *row in rows}
        result = {key: [] for key in ATTENDANCE}
        for number in range(len(periods)):
            called, attending, present = counts.get(number, (0, 0, 0))
            for key, part in zip(ATTENDANCE, (attending, present), strict=True):
                result[key].append(engine.percent(part, called))
        return result

    @api.model
    def _attendance_query(self, periods, choice) -> SQL:
        chosen = SQL()
        if choice:
            chosen = SQL(
                """
                JOIN cae_member g ON g.id = e.member_id
                JOIN (%s) c ON c.n = t.n AND c.id = g.entrepreneur_id
                """,
                self._chosen_query(periods, choice),
            )
        return SQL(
            """
            SELECT t.n, COUNT(*), COUNT(*) FILTER (WHERE e.status <> 'absent'),
                   COUNT(*) FILTER (WHERE e.presence IN ('present', 'remote'))
              FROM (%s) t
              JOIN %s
              JOIN cae_meeting_elector e ON e.meeting_id = m.id
              %s
             GROUP BY 1
            """,
            self._period_query(periods),
            self._held_meetings(),
            chosen,
        )
