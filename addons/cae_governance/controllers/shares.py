from odoo import fields, http
from odoo.http import request

from odoo.addons.cae_base.controllers.notice import answered, take_notice
from odoo.addons.cae_base.engine.texts import cleaned
from odoo.addons.portal.controllers.portal import CustomerPortal

from ..models.cae_member_portal import AGAIN, APPLYING
from .given import number

#: Characters of a word to the cooperative.
NOTE = 2000


class SharesPortal(CustomerPortal):
    """What members see of the register, and the bodies that they may join."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "cae_member_count" in counters:
            values["cae_member_count"] = len(self._own_members())
        if "cae_body_count" in counters:
            mine = request.env.user._cae_member_companies()
            values["cae_body_count"] = len(mine) and request.env[
                "cae.body"
            ].search_count([])
        return values

    def _own_members(self):
        """Entries of the register of the person, by the rights of the person."""
        members = request.env["cae.member"]
        if not members.has_access("read"):
            return members
        return members.search([("partner_id", "=", request.env.user.partner_id.id)])

    @http.route("/my/shares", type="http", auth="user", website=True)
    def my_shares(self, **_options):
        """Own application, shares, movements, redemptions, parts of the surplus."""
        members = self._own_members()
        partner = request.env.user.partner_id
        parts = request.env["cae.surplus.line"]
        if members:
            # sudo: of booked sharings, the own parts alone.
            parts = parts.sudo().search(
                [
                    ("partner_id", "=", partner.id),
                    ("surplus_id.state", "=", "posted"),
                    ("company_id", "in", members.company_id.ids),
                ]
            )
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "cae_shares",
            "members": members,
            "parts": parts,
            "notice": take_notice(),
            **_application(members),
        }
        return request.render("cae_governance.portal_my_shares", values)

    @http.route(
        "/my/shares/apply", type="http", auth="user", methods=["POST"], website=True
    )
    def my_application(self, quantity="", note="", **_options):
        """Apply as a member, or change what was asked for."""
        person = request.env["cae.home"]._person()
        if not person:
            return request.not_found()
        members, wanted = request.env["cae.member"], number(str(quantity).strip())
        words = cleaned(note, NOTE)
        return _noted(lambda: members._apply(person, wanted, words))

    @http.route(
        "/my/shares/withdraw", type="http", auth="user", methods=["POST"], website=True
    )
    def my_withdrawal(self, **_options):
        """Withdraw the own application, as long as nobody has decided on it."""
        waiting = self._own_members().filtered(lambda m: m.state == "candidate")
        if not waiting:
            return request.not_found()
        return _noted(waiting._withdraw)

    @http.route(
        "/my/shares/notice", type="http", auth="user", methods=["POST"], website=True
    )
    def my_notice(self, accept="", **_options):
        """Accept notices of meetings by e-mail, or go back to the post."""
        self._own_members()._set_e_notice(accept == "yes")
        return request.redirect("/my/shares")

    @http.route("/my/bodies", type="http", auth="user", website=True)
    def my_bodies(self, **_options):
        """Bodies of the cooperative, who sits in them, and their meetings."""
        members = self._own_members().filtered(lambda m: m.state == "member")
        bodies = request.env["cae.body"]
        sessions = request.env["cae.body.session"]
        mine = []
        if members:
            bodies = bodies.search([("company_id", "in", members.company_id.ids)])
            mine = request.env.user._cae_own_bodies()
            sessions = sessions.search([("body_id", "in", mine)], limit=20)
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "cae_bodies",
            "bodies": bodies,
            "mine": mine,
            "sessions": sessions,
            "people": bodies._people_on_portal(),
            "names": _kinds_of(bodies),
        }
        return request.render("cae_governance.portal_my_bodies", values)

    @http.route(
        "/my/bodies/<int:body_id>/<any(join,quit):step>",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def my_body(self, body_id, step, **_options):
        """Join or leave a body that is open to all."""
        body = request.env["cae.body"].search([("id", "=", body_id)])
        member = self._own_members().filtered(
            lambda m: m.state == "member" and m.company_id == body.company_id
        )
        if not (body and member):
            return request.not_found()
        if step == "join":
            body._join(member)
        else:
            body._quit(member)
        return request.redirect("/my/bodies")


def _kinds_of(bodies):
    """``{body id: what it is}``, empty when its own name says so already."""
    kinds = dict(bodies._fields["kind"]._description_selection(request.env))
    return {
        body.id: "" if _same(kinds[body.kind], body.name) else kinds[body.kind]
        for body in bodies
    }


def _same(one, other):
    return one.casefold().replace("'", "’") == other.casefold().replace("'", "’")


def _application(members):
    """What the form of an application shows: ``{"applies", "apply", ...}``."""
    person = request.env["cae.home"]._person()
    company = person.company_id
    # sudo: what the statutes ask of a new member, and the price of a share.
    least = company.sudo().cae_member_shares
    kinds = request.env["cae.share.kind"].sudo()
    kind = kinds.search(
        [("company_id", "=", company.id), ("membership", "=", True)], limit=1
    )
    open_entries = members.filtered(
        lambda m: m.company_id == company and m.state not in ("left", *AGAIN)
    )
    return {
        "person": person,
        "applies": bool(person) and not open_entries,
        "may_apply": person.stage in APPLYING,
        "late": bool(person.membership_deadline)
        and person.membership_deadline < fields.Date.context_today(person),
        "least": least,
        "share": kind,
    }


def _noted(step):
    return answered("/my/shares", step, request.env._("It is noted."))
