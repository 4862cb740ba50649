from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.models.cae_owned import OWNED

from ..engine import sealing
from ..engine.rules import GovernanceError
from .cae_rule_set import coded

OWNED["cae.ballot.teller"] = {"public_key": False}


class CaeBallotTeller(models.Model):
    """A teller (scrutateur) and the public key that their own browser made.

    The private key never leaves them: it is a file under a pass phrase.
    """

    _name = "cae.ballot.teller"
    _description = "Teller"
    _inherit = ["cae.owned"]
    _order = "meeting_id, id"
    _rec_name = "partner_id"

    meeting_id = fields.Many2one(
        "cae.meeting", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="meeting_id.company_id", store=True, index=True
    )
    partner_id = fields.Many2one(
        "res.partner", string="Teller", required=True, ondelete="restrict"
    )
    public_key = fields.Char(readonly=True, copy=False)
    fingerprint = fields.Char(
        compute="_compute_fingerprint",
        help="The teller sees the same on their key file.",
    )

    _partner_uniq = models.UniqueIndex(
        "(meeting_id, partner_id)", "This teller is already there."
    )

    @api.depends("public_key")
    def _compute_fingerprint(self):
        for teller in self:
            key = teller.public_key
            teller.fingerprint = key and sealing.fingerprint(key)

    @api.model
    def _of_user(self, meeting_id):
        """The teller that the connected user is (sudo), or nobody."""
        # sudo: one's own place among the tellers.
        partner = self.env.user.partner_id
        domain = [("meeting_id", "=", meeting_id), ("partner_id", "=", partner.id)]
        return self.sudo().search(domain, limit=1)

    def _set_key(self, public_key):
        """``self`` is sudo and of the connected user.

        :raises UserError: ``CAE-BALLOT-KEY``, ``CAE-BALLOT-STARTED``
        """
        try:
            sealing.check_public_key(public_key)
        except GovernanceError as error:
            raise coded(self.env, error) from error
        self._check_not_started()
        self._check_own_key(public_key)
        self._cae_own().write({"public_key": public_key})

    def _check_own_key(self, public_key):
        """With one key for two, one teller would read the parts of the other.

        :raises UserError: ``CAE-BALLOT-KEY``
        """
        others = self.meeting_id.teller_key_ids - self
        if public_key in others.mapped("public_key"):
            raise UserError(
                self.env._("CAE-BALLOT-KEY: this is the key of another teller.")
            )

    def write(self, vals):
        """Who replaces a teller makes a key of their own.

        :raises UserError: ``CAE-BALLOT-STARTED``
        """
        if {"meeting_id", "partner_id"} & set(vals):
            self._check_not_started()
            self._cae_own().public_key = False
        return super().write(vals)

    def _check_not_started(self):
        # sudo: whether a secret vote goes on, for tellers, who read no ballots.
        if (
            self.env["cae.ballot"]
            .sudo()
            .search_count(
                [("meeting_id", "in", self.meeting_id.ids), ("state", "!=", "counted")]
            )
        ):
            raise UserError(
                self.env._(
                    "CAE-BALLOT-STARTED: a secret vote goes on: its tellers and their "
                    "keys stay."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        self._check_not_started()

    def action_forget_key(self) -> bool:
        """The teller lost their key: they make another one.

        :raises UserError: ``CAE-BALLOT-STARTED``
        """
        self.check_access("write")
        self._check_not_started()
        self._cae_own().write({"public_key": False})
        return True


class CaeMeeting(models.Model):
    _inherit = "cae.meeting"

    teller_key_ids = fields.One2many(
        "cae.ballot.teller",
        "meeting_id",
        string="Tellers",
        copy=False,
        help="Needed for secret votes: two at least. Each makes a key on their page of "
        "the meeting; the urn opens with so many of them together as set here.",
    )
    teller_needed = fields.Integer(string="Tellers Who Open the Urn", default=2)

    def _to_open(self, teller):
        """Urns of this meeting that this teller has not opened yet (sudo)."""
        # sudo: the urns of a teller.
        ballots = self.env["cae.ballot"].sudo()
        sealed = ballots.search(
            [("meeting_id", "=", self.id), ("state", "=", "sealed")]
        )
        return sealed.filtered(
            lambda b: (
                teller.public_key in b.keys
                and b._place(teller) not in b.part_ids.mapped("place")
            )
        )
