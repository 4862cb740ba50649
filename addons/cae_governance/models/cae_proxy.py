from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import proxies
from ..engine.rules import GovernanceError
from .cae_rule_set import coded


class CaeProxy(models.Model):
    """A member lets another one vote for them at a meeting.

    Revocable until it was used; never edited nor deleted.
    """

    _name = "cae.proxy"
    _description = "Proxy"
    _order = "meeting_id desc, id desc"
    _rec_name = "giver_id"

    meeting_id = fields.Many2one(
        "cae.meeting", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="meeting_id.company_id", store=True, index=True
    )
    giver_id = fields.Many2one(
        "cae.meeting.elector",
        string="Given by",
        required=True,
        ondelete="cascade",
        index=True,
        domain="[('meeting_id', '=', meeting_id)]",
    )
    holder_id = fields.Many2one(
        "cae.meeting.elector",
        string="Held by",
        ondelete="restrict",
        index=True,
        domain="[('meeting_id', '=', meeting_id), ('id', '!=', giver_id)]",
        help="Empty: a blank proxy.",
    )
    state = fields.Selection(
        [("given", "Given"), ("used", "Used"), ("revoked", "Revoked")],
        required=True,
        readonly=True,
        default="given",
        index=True,
    )
    source = fields.Selection(
        [("secretary", "Entered by the secretary"), ("member", "Given on line")],
        required=True,
        readonly=True,
        default="secretary",
    )
    date_revoked = fields.Datetime(string="Revoked on", readonly=True)
    reason = fields.Char(readonly=True)

    _giver_uniq = models.UniqueIndex(
        "(giver_id) WHERE state != 'revoked'",
        "CAE-PROXY-TWICE: this member has given a proxy: revoke it first.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """:raises UserError: ``CAE-PROXY-*``, ``CAE-MEETING-STATE``"""
        source = "member" if self.env.su else "secretary"
        fixed = {"state": "given", "source": source}
        self._check_free([vals.get("giver_id") for vals in vals_list])
        rest = ("date_revoked", "reason")
        records = super().create(
            [
                {**{k: v for k, v in vals.items() if k not in rest}, **fixed}
                for vals in vals_list
            ]
        )
        for meeting in records.meeting_id:
            meeting._check_state("draft", "convened", "open")
            meeting._take_turn()
        (records.giver_id | records.holder_id)._hold()
        records._check_proxies()
        return records

    def write(self, vals):
        """:raises UserError: ``CAE-PROXY-KEPT``: it ends by its steps alone

        The office has the right to write: without it a screen lets nobody save a new
        proxy either.
        """
        if not self.env.su:
            self.check_access("write")
            raise UserError(
                self.env._(
                    "CAE-PROXY-KEPT: a proxy is not edited: revoke it, and enter "
                    "another one."
                )
            )
        return super().write(vals)

    @api.model
    def _check_free(self, giver_ids):
        """Say it in words; of two at once the index lets one through."""
        # sudo: whether a proxy was given, of whoever.
        if self.sudo().search_count(
            [("giver_id", "in", giver_ids), ("state", "!=", "revoked")]
        ):
            raise coded(self.env, GovernanceError("CAE-PROXY-TWICE", ""))

    def _check_proxies(self):
        """Limits, chains and double use, over all proxies of the meetings."""
        for meeting in self.meeting_id:
            mine = self.filtered(lambda p: p.meeting_id == meeting)  # noqa: B023
            people = mine.giver_id | mine.holder_id
            if people.meeting_id != meeting:
                raise UserError(
                    self.env._("CAE-PROXY-MEETING: they vote at another meeting.")
                )
            if any(giver.presence != "absent" for giver in mine.giver_id):
                raise UserError(
                    self.env._(
                        "CAE-PROXY-PRESENT: who is present votes in person. Note that "
                        "they have left first."
                    )
                )
            # sudo: the limit counts everybody's proxies.
            held = meeting.sudo().proxy_ids.filtered(lambda p: p.state != "revoked")
            try:
                proxies.check(
                    [
                        proxies.Proxy(p.giver_id.id, p.holder_id.id or None)
                        for p in held
                    ],
                    # sudo: it counts all voters, whom a member does not read.
                    meeting.sudo().max_proxy,
                    meeting.rule_set_id.blank_proxies != "refused",
                )
            except GovernanceError as error:
                raise coded(self.env, error) from error

    def action_revoke(self) -> bool:
        """Take proxies back before they are used.

        :raises UserError: ``CAE-PROXY-USED``, ``CAE-MEETING-STATE``
        """
        self.meeting_id.check_access("write")
        return self._revoke(self.env._("Revoked by the secretary."))

    def _revoke(self, reason):
        self.meeting_id._check_state("draft", "convened", "open")
        if any(proxy.state == "used" for proxy in self):
            raise UserError(
                self.env._("CAE-PROXY-USED: somebody has voted with this proxy.")
            )
        for meeting in self.meeting_id:
            meeting._take_turn()
        return self._end(reason)

    def _end(self, reason):
        self.giver_id._hold()
        # sudo: nobody may edit a proxy; it ends by this step alone.
        self.sudo().filtered(lambda p: p.state != "revoked").write(
            {
                "state": "revoked",
                "date_revoked": fields.Datetime.now(),
                "reason": reason,
            }
        )
        return True
