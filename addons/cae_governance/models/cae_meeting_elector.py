import hashlib
import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: Who counts as present: by post they vote without coming.
HERE = ("present", "remote", "postal")


class CaeMeetingElector(models.Model):
    """Who may vote at a meeting, as the register said on the record date.

    Written by the meeting's steps alone: nobody has the right to write it.
    """

    _name = "cae.meeting.elector"
    _description = "Voter of a Meeting"
    _order = "meeting_id desc, name, id"

    meeting_id = fields.Many2one(
        "cae.meeting", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="meeting_id.company_id", store=True, index=True
    )
    meeting_state = fields.Selection(related="meeting_id.state", string="Meeting is")
    member_id = fields.Many2one(
        "cae.member", required=True, readonly=True, ondelete="restrict", index=True
    )
    partner_id = fields.Many2one(related="member_id.partner_id", store=True, index=True)
    name = fields.Char(required=True, readonly=True)
    college_id = fields.Many2one("cae.college", readonly=True, ondelete="restrict")
    college_weight = fields.Float(digits=(5, 2), readonly=True)
    share_count = fields.Integer(string="Shares", readonly=True)
    presence = fields.Selection(
        [
            ("absent", "Absent"),
            ("present", "Present"),
            ("remote", "Remote"),
            ("postal", "By post"),
        ],
        required=True,
        readonly=True,
        default="absent",
    )
    date_in = fields.Datetime(string="Came at", readonly=True)
    date_out = fields.Datetime(string="Left at", readonly=True)
    given_proxy_ids = fields.One2many("cae.proxy", "giver_id", readonly=True)
    held_proxy_ids = fields.One2many("cae.proxy", "holder_id", readonly=True)
    status = fields.Selection(
        [
            ("present", "Present"),
            ("remote", "Remote"),
            ("postal", "By post"),
            ("represented", "Represented"),
            ("absent", "Absent"),
        ],
        compute="_compute_status",
        store=True,
        index=True,
    )
    representative = fields.Char(compute="_compute_representative", compute_sudo=True)
    token_hash = fields.Char(readonly=True, copy=False, groups="base.group_system")

    _member_uniq = models.UniqueIndex(
        "(meeting_id, member_id)", "This member is already on the list."
    )
    _token_uniq = models.UniqueIndex("(token_hash) WHERE token_hash IS NOT NULL")

    @api.depends(
        "presence", "given_proxy_ids.state", "given_proxy_ids.holder_id.presence"
    )
    def _compute_status(self):
        for elector in self:
            elector.status = elector.presence
            proxy = elector._proxy()
            blank = proxy and not proxy.holder_id
            held = proxy.holder_id.presence in ("present", "remote")
            if elector.presence == "absent" and (blank or held):
                elector.status = "represented"

    @api.depends("given_proxy_ids.state", "given_proxy_ids.holder_id")
    def _compute_representative(self):
        for elector in self:
            proxy = elector._proxy()
            name = proxy.holder_id.name or self.env._("Blank proxy")
            elector.representative = name if proxy else False

    def _proxy(self):
        """The proxy in force that this voter gave."""
        return self.given_proxy_ids.filtered(lambda p: p.state != "revoked")[:1]

    def _represented(self):
        """Those for whom this voter votes, now."""
        held = self.held_proxy_ids.filtered(lambda p: p.state != "revoked")
        return held.giver_id.filtered(lambda e: e.status == "represented")

    def _refresh(self, day):
        """College and name as the register has them on the record date."""
        colleges = self.member_id._college_on(day)
        for elector in self:
            college = colleges.get(elector.member_id.id)
            elector.write(
                {
                    "name": elector.member_id.name,
                    "college_id": college.id if college else False,
                    "college_weight": college.weight if college else 0,
                }
            )

    # ------------------------------------------------------------------
    # Attendance
    # ------------------------------------------------------------------

    def action_present(self) -> bool:
        """Sign in: these voters are here.

        :raises UserError: ``CAE-MEETING-STATE``, ``CAE-PROXY-HOLDER``
        """
        return self._secretary()._sign_in("present")

    def action_remote(self) -> bool:
        """Sign in those who attend from a distance.

        :raises UserError: ``CAE-MEETING-REMOTE`` when the rules do not allow it
        """
        return self._secretary()._sign_in("remote")

    def action_left(self) -> bool:
        """These voters have left: they count no more for the quorum."""
        return self._secretary()._sign_out()

    def _secretary(self):
        """These voters as the meeting's steps write them."""
        self.meeting_id.check_access("write")
        # sudo: nobody may write the list of voters; who may write the meeting signs
        # people in.
        return self.sudo()

    def _sign_in(self, presence):
        """``self`` is sudo: the caller checked who signs in.

        Who comes in person takes their vote back from the proxy they gave.
        """
        for meeting, electors in self.grouped("meeting_id").items():
            meeting._check_state("open")
            if presence == "remote" and not meeting.rule_set_id.remote_attendance:
                raise UserError(
                    self.env._(
                        "CAE-MEETING-REMOTE: the rules do not let members attend from "
                        "a distance."
                    )
                )
            given = electors.given_proxy_ids.filtered(lambda p: p.state != "revoked")
            given._end(self.env._("Came in person."))
            new = electors.filtered(lambda e: e.presence != presence)
            new.write(
                {
                    "presence": presence,
                    "date_in": fields.Datetime.now(),
                    "date_out": False,
                }
            )
        return True

    def _hold(self):
        """Nobody else signs these voters in or out until the transaction ends.

        Not the turn of the meeting: a thousand members sign in within minutes. Each
        writes their own row, and the rows of those whom they represent; whoever gives
        or revokes a proxy writes the rows of both. Of two who write the same row Odoo
        starts the second again, which then sees what the first did.
        """
        self.env.cr.execute(
            SQL(
                "UPDATE cae_meeting_elector SET presence = presence WHERE id IN %s",
                self._ids or (0,),
            )
        )

    def _sign_out(self):
        for meeting, electors in self.grouped("meeting_id").items():
            meeting._check_state("open")
            here = electors.filtered(lambda e: e.presence in HERE)
            here.write({"presence": "absent", "date_out": fields.Datetime.now()})
        return True

    # ------------------------------------------------------------------
    # Personal links
    # ------------------------------------------------------------------

    def _new_token(self):
        """A new personal link; the one before opens nothing any more.

        Only its hash is kept: who reads the database cannot vote with it.
        """
        self.ensure_one()
        token = secrets.token_urlsafe(24)
        # sudo: links are made by the notices alone.
        self.sudo().token_hash = _hash(token)
        return token

    @api.model
    def _of_token(self, token):
        """The voter of a personal link (sudo), or nobody."""
        # sudo: the link itself is the right; it names one voter.
        domain = [("token_hash", "=", _hash(token))]
        return self.sudo().search(domain, limit=1)

    @api.model
    def _of_user(self, meeting_id):
        """The voter that the connected user is at a meeting (sudo), or nobody."""
        # sudo: one's own place on the list of voters.
        partner = self.env.user.partner_id
        domain = [("meeting_id", "=", meeting_id), ("partner_id", "=", partner.id)]
        domain.append(
            ("meeting_id.state", "in", ("convened", "open", "held", "signed"))
        )
        return self.sudo().search(domain, limit=1)


def _hash(token):
    return hashlib.sha256(str(token).encode()).hexdigest()
