from uuid import uuid4

from odoo import http
from odoo.http import request

from odoo.addons.cae_base.controllers.notice import (
    answered,
    give_notice,
    quietly,
    take_notice,
)
from odoo.addons.portal.controllers.portal import CustomerPortal, pager

#: Entries of the directory on a page.
PAGE = 24


class SupportPortal(CustomerPortal):
    """Competences, directory and requests, as the persons see them."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        asked = [name for name in TILES if name in counters]
        person = _me() if asked else None
        return values | {n: TILES[n](person) if person else 0 for n in asked}

    def _support_page(self, template, name, **values):
        layout = self._prepare_portal_layout_values()
        return request.render(template, {**layout, "page_name": name, **values})

    # ------------------------------------------------------------------
    # Competences
    # ------------------------------------------------------------------

    @http.route("/my/skills", type="http", auth="user", website=True)
    def my_skills(self, **_options):
        """Assessments of the person, and grids to assess oneself."""
        person = _me()
        if not person:
            return request.not_found()
        return self._support_page(
            "cae_coaching.portal_my_skills",
            "cae_skills",
            assessments=request.env["cae.skill.assessment"].search(
                [("entrepreneur_id", "=", person.id)]
            ),
            grids=_grids(person),
            notice=take_notice(),
        )

    @http.route(
        "/my/skills/<int:assessment_id>", type="http", auth="user", website=True
    )
    def my_skill(self, assessment_id, **_options):
        """An assessment of the person."""
        assessment = request.env["cae.skill.assessment"].search(
            [("id", "=", assessment_id)]
        )
        if not assessment:
            return request.not_found()
        return self._support_page(
            "cae_coaching.portal_my_skill", "cae_skill", assessment=assessment
        )

    @http.route("/my/skills/grid/<int:grid_id>", type="http", auth="user", website=True)
    def my_grid(self, grid_id, **_options):
        """The form of a self-assessment."""
        grid = _grids(_me()).filtered(lambda g: g.id == grid_id)
        if not grid:
            return request.not_found()
        return self._grid_page(grid)

    def _grid_page(self, grid, error="", levels=None, comment=""):
        """:param levels: that were chosen, ``{id of a competence: id of a level}``"""
        return self._support_page(
            "cae_coaching.portal_my_grid",
            "cae_grid",
            grid=grid,
            levels=levels or {},
            comment=comment,
            notice=error and {"text": error, "problem": True},
        )

    @http.route(
        "/my/skills/grid/<int:grid_id>/assess",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def assess(self, grid_id, comment="", **options):
        """The person says where they stand."""
        levels = {
            name.removeprefix("skill_"): level
            for name, level in options.items()
            if name.startswith("skill_")
        }
        assessments = request.env["cae.skill.assessment"]
        error = quietly(
            lambda: assessments.action_assess_myself(grid_id, levels, comment)
        )
        grid = _grids(_me()).filtered(lambda g: g.id == grid_id)
        if error and grid:
            return self._grid_page(grid, error, levels, comment)
        done = request.env._("Thank you, your coach reads it.")
        give_notice(error or done, bool(error))
        return request.redirect("/my/skills")

    # ------------------------------------------------------------------
    # Directory
    # ------------------------------------------------------------------

    @http.route(
        ["/my/directory", "/my/directory/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def my_directory(self, page=1, search="", **_options):
        """Who offers what, of those who want to be found."""
        person = _me()
        if not person:
            return request.not_found()
        entries = request.env["cae.directory.entry"]
        domain = entries._matching(str(search)[:200])
        pages = pager(
            url="/my/directory",
            url_args={"search": search},
            total=entries.search_count(domain),
            page=page,
            step=PAGE,
        )
        return self._support_page(
            "cae_coaching.portal_my_directory",
            "cae_directory",
            entries=entries.search(domain, limit=PAGE, offset=pages["offset"]),
            mine=entries.search([("entrepreneur_id", "=", person.id)]),
            tags=request.env["cae.directory.tag"].search(
                [("company_id", "=", person.company_id.id)]
            ),
            pager=pages,
            search=search,
            notice=take_notice(),
        )

    @http.route(
        "/my/directory/save", type="http", auth="user", methods=["POST"], website=True
    )
    def save_entry(self, **values):
        """The person's own entry."""
        values["tags"] = request.httprequest.form.getlist("tags")
        entries = request.env["cae.directory.entry"]
        return answered(
            "/my/directory", lambda: entries.action_save_mine(values), _entry_saved
        )

    # ------------------------------------------------------------------
    # Requests
    # ------------------------------------------------------------------

    @http.route("/my/services", type="http", auth="user", website=True)
    def my_services(self, **_options):
        """What the shared services offer, and the person's requests."""
        person = _me()
        if not person:
            return request.not_found()
        requests = request.env["cae.service.request"].search(
            [("entrepreneur_id", "=", person.id)], order="id desc"
        )
        return self._support_page(
            "cae_coaching.portal_my_services",
            "cae_services",
            requests=requests,
            comments=requests._comments_shown(),
            services=_services(person),
            states=_states(),
            key=uuid4().hex,
            notice=take_notice(),
        )

    @http.route(
        "/my/services/ask", type="http", auth="user", methods=["POST"], website=True
    )
    def ask(self, service="", subject="", text="", key="", **_options):
        """The person asks for a service."""
        requests = request.env["cae.service.request"]
        return answered(
            "/my/services",
            lambda: requests.action_ask_mine(service, subject, text, key),
            _asked(),
        )

    @http.route(
        "/my/services/<int:request_id>",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def say(self, request_id, text="", step="", **_options):
        """A word on a request, or the end of it."""
        found = request.env["cae.service.request"].search([("id", "=", request_id)])
        if not found:
            return request.not_found()
        if step == "withdraw":
            return answered(
                "/my/services",
                found.action_withdraw_mine,
                request.env._("Your request is withdrawn."),
            )
        return answered("/my/services", lambda: found.action_say_mine(text), _asked())


def _me():
    """The connected entrepreneur, or nobody."""
    people = request.env["cae.entrepreneur"]
    if not people.has_access("read"):
        return people
    return people.search([("user_id", "=", request.env.uid)], limit=1)


def _count(model, domain):
    records = request.env[model]
    return records.search_count(domain) if records.has_access("read") else 0


def _services(person):
    return request.env["cae.service"].search(
        [("company_id", "=", person.company_id.id), ("requestable", "=", True)]
    )


def _states():
    """Where a request stands, said to who asked."""
    env = request.env
    return {
        "new": env._("Received"),
        "doing": env._("In hand"),
        "waiting": env._("Your answer is awaited"),
        "done": env._("Answered"),
        "refused": env._("Refused"),
        "withdrawn": env._("Withdrawn"),
    }


def _grids(person):
    return request.env["cae.skill.grid"].search(
        [("company_id", "=", person.company_id.id), ("skill_ids", "!=", False)]
        if person
        else [("id", "=", 0)]
    )


def _asked():
    return request.env._("It is sent. The answer is shown here, under your request.")


def _entry_saved():
    """What is said of the own entry of the directory, as it is now."""
    entries = request.env["cae.directory.entry"]
    if entries.search([("entrepreneur_id", "=", _me().id)]).published:
        return request.env._("Your entry is saved: the others find you.")
    return request.env._(
        "Your entry is saved. Nobody sees it as long as the box at the bottom is not "
        "ticked."
    )


#: Odoo hides a tile of the home that counts nothing, and with it the way to the first
#: request, assessment or entry: what can be begun counts.
TILES = {
    "cae_skill_count": lambda person: (
        len(_grids(person)) or _count("cae.skill.assessment", [])
    ),
    "cae_directory_count": len,
    "cae_service_count": lambda person: (
        len(_services(person)) or _count("cae.service.request", [])
    ),
}
