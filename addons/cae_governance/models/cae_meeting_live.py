from odoo import models

#: Pages that look at a session within a second, at most: a worker answers more.
LOOKS = 60


class CaeMeeting(models.Model):
    """What the projected page and the voters' pages show of a session."""

    _inherit = "cae.meeting"

    def _live(self):
        """State of the session, JSON-plain; nothing that is not for everybody."""
        self.ensure_one()
        current = self._current_resolution()
        return {
            "state": self.state,
            "members": self.member_count,
            "present": self.present_count,
            "represented": self.represented_count,
            "quorum": [
                {"text": line["text"], "reached": line["reached"]}
                for line in self._quorum_lines()
            ],
            "resolution": self._live_resolution(current),
        }

    def _pulse(self):
        """What a member's page looks at every few seconds: one query or two."""
        votes = self.resolution_ids.filtered(lambda r: r.state in ("open", "counting"))
        decided = self.resolution_ids.filtered(lambda r: r.state == "decided")
        return {"state": self.state, "open": votes.ids, "decided": len(decided)}

    def _pace(self):
        """Seconds after which the page of a member looks again, at least."""
        voters = self.env["cae.meeting.elector"].sudo()  # sudo: their number alone.
        return max(4, voters.search_count([("meeting_id", "=", self.id)]) // LOOKS)

    def _current_resolution(self):
        """The vote that is open or counted, or the last one decided, or the next.

        Tellers may open the urn of an earlier vote while the next one goes on.
        """
        items = self.resolution_ids.sorted(lambda r: (r.sequence, r.id))
        going = items.filtered(lambda r: r.state in ("open", "counting"))
        decided = items.filtered("date_decided").sorted("date_decided")
        return (
            going.filtered(lambda r: r.state == "open")[:1]
            or going[:1]
            or decided[-1:]
            or items.filtered(lambda r: r.state == "draft")[:1]
        )

    def _live_resolution(self, resolution):
        if not resolution:
            return False
        labels = dict(resolution._fields["outcome"]._description_selection(self.env))
        states = dict(resolution._fields["state"]._description_selection(self.env))
        decided = resolution.state == "decided"
        return {
            "number": resolution.number,
            "title": resolution.title,
            "state": resolution.state,
            "label": states[resolution.state],
            "voted": resolution.voted_count if resolution.mode != "show" else 0,
            "outcome": decided and labels.get(resolution.outcome, ""),
            "explanation": decided and (resolution.explanation or ""),
            "counts": decided
            and not resolution.election
            and [
                resolution.favour_count,
                resolution.against_count,
                resolution.abstain_count,
                resolution.blank_count,
            ],
        }
