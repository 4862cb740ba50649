from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from .documents import json_file
from .given import number
from .meeting import elector_of, vote_of


class BallotController(http.Controller):
    """Secret votes: what voters and tellers send from their browsers.

    The route that takes a ballot writes no log line (see ``quiet``).
    """

    @http.route("/cae/ballot/cast", type="jsonrpc", auth="public")
    def cast(self, access="", resolution=0, elector=0, paper=""):
        """A sealed ballot; returns its receipt."""
        caster = elector_of(access)
        item, voter = vote_of(caster, resolution, elector)
        return {"receipt": item._cast_secret(voter, caster, paper)}

    @http.route("/cae/ballot/teller/key", type="jsonrpc", auth="user")
    def teller_key(self, meeting=0, public_key=""):
        """The public key of the connected teller."""
        teller = request.env["cae.ballot.teller"]._of_user(number(meeting))
        if not teller:
            raise UserError(
                request.env._("CAE-BALLOT-TELLER: you are no teller of this vote.")
            )
        teller._set_key(public_key)
        return True

    @http.route("/cae/ballot/teller/parts", type="jsonrpc", auth="user")
    def teller_parts(self, ballot=0):
        """What the connected teller decrypts."""
        urn, teller = _urn_and_teller(ballot)
        return urn._parts_for(teller)

    @http.route("/cae/ballot/teller/give", type="jsonrpc", auth="user")
    def teller_give(self, ballot=0, parts=()):
        """What the connected teller decrypted."""
        urn, teller = _urn_and_teller(ballot)
        return urn._give_parts(teller, parts)

    @http.route("/cae/ballot/<int:ballot_id>/list", type="http", auth="public")
    def published(self, ballot_id, access=""):
        """The published list, for the members called to the meeting and the office."""
        # sudo: published to those who may see it, checked below.
        urn = request.env["cae.ballot"].sudo().browse(ballot_id).exists()
        office = request.env.user.has_group("cae_base.group_governance")
        in_company = urn.company_id in request.env.user.company_ids
        member = elector_of(access) if access else elector_of(f"u{urn.meeting_id.id}")
        allowed = (office and in_company) or member.meeting_id == urn.meeting_id
        if not urn or urn.state != "counted" or not allowed:
            return request.not_found()
        return json_file(urn._published(), f"ballot-{urn.id}.json")


def _urn_and_teller(ballot_id):
    # sudo: the urn gives a teller what is sealed to their own key alone.
    urn = request.env["cae.ballot"].sudo().browse(number(ballot_id)).exists()
    teller = request.env["cae.ballot.teller"]._of_user(urn.meeting_id.id)
    if not (urn and teller):
        raise UserError(
            request.env._("CAE-BALLOT-TELLER: you are no teller of this vote.")
        )
    return urn, teller
