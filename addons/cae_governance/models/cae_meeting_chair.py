"""Who chairs a meeting opens and closes it, and its votes, and nothing else."""

from odoo import models
from odoo.exceptions import AccessError

SECRETARY, CHAIR = "cae_base.group_governance", "cae_governance.group_chair"


class CaeMeeting(models.Model):
    _inherit = "cae.meeting"

    def _chaired(self):
        """These meetings, for who holds their session: the chair, or the secretary.

        :raises AccessError: for anybody else
        """
        self.check_access("read")
        user = self.env.user
        if self.env.su or user.has_group(SECRETARY):
            self.check_access("write")
            return self
        chairs = all(meeting.chair_id == user.partner_id for meeting in self)
        if not (chairs and user.has_group(CHAIR)):
            raise AccessError(
                self.env._(
                    "This is for who chairs the meeting (named on it, with the rights "
                    "of a chair) or for the governance secretary."
                )
            )
        # sudo: the chair opens and closes, without the right to change the meeting.
        return self.sudo()


class CaeResolution(models.Model):
    _inherit = "cae.resolution"

    def _chaired(self):
        """These resolutions, for who opens and closes their votes.

        :raises AccessError: for anybody else
        """
        self.check_access("read")
        # sudo: as the meetings, see there.
        return self.sudo() if self.meeting_id._chaired().env.su else self
