from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal


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
        """Own shares, movements, redemptions and parts of the surplus."""
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
        }
        return request.render("cae_governance.portal_my_shares", values)

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
