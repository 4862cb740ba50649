from odoo import http
from odoo.http import request

from odoo.addons.cae_base.controllers.notice import answered, take_notice
from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from .support import _me

#: Projects on a page.
PAGE = 20
#: Steps of buttons without words.
STEPS = {
    "leave": "action_leave",
    "start": "action_start",
    "reopen": "action_reopen",
    "close": "action_close",
}
LIST = "/my/joint-projects"


class JointProjectPortal(CustomerPortal):
    """Joint projects of the people of the directory."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "cae_joint_project_count" in counters:
            # Also before there is a project: somebody proposes the first.
            values["cae_joint_project_count"] = len(_me())
        return values

    def _joint_project_render(self, template, **values):
        layout = self._prepare_portal_layout_values()
        return request.render(
            f"cae_coaching.{template}",
            {**layout, "page_name": template, **values},
        )

    def _joint_project_entry(self, person):
        """The person's entry of the directory."""
        return request.env["cae.directory.entry"].search(
            [("entrepreneur_id", "=", person.id)]
        )

    def _joint_project_found(self, project_id):
        return request.env["cae.joint.project"].search([("id", "=", project_id)])

    @http.route(
        [LIST, f"{LIST}/page/<int:page>"], type="http", auth="user", website=True
    )
    def joint_projects(self, page=1, search="", **_options):
        """Projects that look for partners or are under way, and the person's own."""
        person = _me()
        if not person:
            return request.not_found()
        projects = request.env["cae.joint.project"]
        domain = projects._matching(str(search)[:200])
        pages = pager(
            url=LIST,
            url_args={"search": search},
            total=projects.search_count(domain),
            page=page,
            step=PAGE,
        )
        return self._joint_project_render(
            "portal_joint_projects",
            projects=projects.search(domain, limit=PAGE, offset=pages["offset"]),
            mine=projects.search(
                [
                    "|",
                    ("user_id", "=", request.env.uid),
                    ("member_ids.user_id", "=", request.env.uid),
                ]
            ),
            entry=self._joint_project_entry(person),
            pager=pages,
            search=search,
            notice=take_notice(),
        )

    @http.route(f"{LIST}/new", type="http", auth="user", website=True)
    def joint_project_form(self, **_options):
        """The form of a new project."""
        person = _me()
        if not person:
            return request.not_found()
        return self._joint_project_render(
            "portal_joint_project_new",
            project=request.env["cae.joint.project"],
            entry=self._joint_project_entry(person),
            tags=_tags(person),
            notice=take_notice(),
        )

    @http.route(
        f"{LIST}/propose", type="http", auth="user", methods=["POST"], website=True
    )
    def joint_project_propose(self, **values):
        """The person proposes a project."""
        values["tags"] = request.httprequest.form.getlist("tags")
        made = []
        projects = request.env["cae.joint.project"]
        answer = answered(
            f"{LIST}/new", lambda: made.append(projects.action_propose(values))
        )
        return request.redirect(f"{LIST}/{made[0]}") if made else answer

    @http.route(f"{LIST}/<int:project_id>", type="http", auth="user", website=True)
    def joint_project(self, project_id, **_options):
        """A project, who takes part, and what was said."""
        person, project = _me(), self._joint_project_found(project_id)
        if not (person and project):
            return request.not_found()
        entry = self._joint_project_entry(person)
        return self._joint_project_render(
            "portal_joint_project",
            project=project,
            entry=entry,
            mine=project.user_id == request.env.user,
            members=project._places(),
            member=request.env.user in project._places().user_id,
            messages=project._words_for(entry),
            tags=_tags(person),
            notice=take_notice(),
        )

    @http.route(
        f"{LIST}/<int:project_id>/change",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def joint_project_change(self, project_id, **values):
        """The proposer rewrites it."""
        values["tags"] = request.httprequest.form.getlist("tags")
        return self._joint_project_do(project_id, "action_change_mine", values)

    @http.route(
        f"{LIST}/<int:project_id>/join",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def joint_project_join(self, project_id, text="", **_options):
        """The person takes part."""
        return self._joint_project_do(project_id, "action_join", text)

    @http.route(
        f"{LIST}/<int:project_id>/say",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def joint_project_say(self, project_id, text="", **_options):
        """A word on it."""
        return self._joint_project_do(project_id, "action_say", text)

    @http.route(
        f"{LIST}/<int:project_id>/step",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def joint_project_step(self, project_id, step="", **_options):
        """Leave, start, end, open again."""
        if step not in STEPS:
            return request.not_found()
        return self._joint_project_do(project_id, STEPS[step])

    def _joint_project_do(self, project_id, method, *values):
        project = self._joint_project_found(project_id)
        if not project:
            return request.not_found()
        answer = answered(
            f"{LIST}/{project_id}", lambda: getattr(project, method)(*values)
        )
        # Who left a project that ended may not see it any more.
        seen = self._joint_project_found(project_id)
        return answer if seen else request.redirect(LIST)


def _tags(person):
    return request.env["cae.directory.tag"].search(
        [("company_id", "=", person.company_id.id)]
    )
