from datetime import datetime

from odoo import api, fields, models
from odoo.tools import SQL


class CaeHome(models.AbstractModel):
    """Meetings, votes and the deadline of membership on the home of a person."""

    _inherit = "cae.home"

    @api.model
    def _coming_queries(self, own):
        values = {
            "partner": own.person.partner_id.id,
            "now": fields.Datetime.now(),
            "today": own.day,
        }
        queries = [SQL(text, **values) for text in (MEETINGS, VOTES, SESSIONS)]
        return [*super()._coming_queries(own), *queries, *self._membership(own)]

    @api.model
    def _membership(self, own):
        """The last day to become a member, once it is near."""
        # sudo: whether the own deadline is near, by the company's own setting.
        person = own.person.sudo()
        if not person.membership_soon:
            return []
        day = datetime.combine(person.membership_deadline, datetime.min.time())
        return [SQL("SELECT 'membership', 0, NULL, %s::timestamp", day)]

    @api.model
    def _cooperative(self, person):
        own = [
            (
                self.env._("My shares"),
                self.env._("My application as a member, shares, certificate"),
                "/my/shares",
                "fa-certificate",
            ),
            (
                self.env._("General meetings"),
                self.env._("Notices, proxies, votes and minutes"),
                "/my/meetings",
                "fa-gavel",
            ),
            (
                self.env._("Bodies of the cooperative"),
                self.env._("Who does what, commissions to join"),
                "/my/bodies",
                "fa-sitemap",
            ),
        ]
        return [*own, *super()._cooperative(person)]

    @api.model
    def _words(self):
        vote = self.env._("Vote: %(name)s", name="%(name)s")
        return {
            **super()._words(),
            "meeting": ("%(name)s", "/my/meetings/%(id)s", False),
            "vote": (vote, "/my/meetings/%(id)s", True),
            "session": ("%(name)s", "/my/bodies", False),
            "membership": (self.env._("Become a member"), "/my/shares", True),
        }


MEETINGS = """
    SELECT 'meeting', m.id, m.name, m.date
      FROM cae_meeting_elector e
      JOIN cae_meeting m ON m.id = e.meeting_id
     WHERE e.partner_id = %(partner)s AND m.active
       AND (m.state = 'open' OR m.state = 'convened' AND m.date >= %(now)s)
"""
VOTES = """
    SELECT 'vote', m.id, r.title, NULL::timestamp
      FROM cae_meeting_elector e
      JOIN cae_meeting m ON m.id = e.meeting_id
      JOIN cae_resolution r ON r.meeting_id = m.id
     WHERE e.partner_id = %(partner)s AND e.presence IN ('present', 'remote')
       AND m.state = 'open' AND r.state = 'open' AND r.mode IN ('named', 'secret')
       AND NOT EXISTS (SELECT 1 FROM cae_resolution_vote v
                        WHERE v.resolution_id = r.id AND v.elector_id = e.id)
       AND NOT EXISTS (SELECT 1 FROM cae_ballot_voter v
                         JOIN cae_ballot b ON b.id = v.ballot_id
                        WHERE b.resolution_id = r.id AND v.elector_id = e.id)
"""
SESSIONS = """
    SELECT DISTINCT 'session', s.id, s.name, s.date
      FROM cae_body_session s
      JOIN cae_mandate m ON m.body_id = s.body_id
     WHERE m.partner_id = %(partner)s AND m.date_start <= %(today)s
       AND (m.date_last IS NULL OR m.date_last >= %(today)s)
       AND NOT COALESCE(s.done, FALSE) AND s.date >= %(now)s
"""
