from odoo import http
from odoo.http import request

from odoo.addons.cae_base.controllers.notice import (
    answered,
    give_notice,
    take_notice,
)
from odoo.addons.cae_base.controllers.statement import _file
from odoo.addons.cae_base.tools import format_date
from odoo.addons.portal.controllers.portal import CustomerPortal

PAGE = "/my/personal-data"
MIMETYPES = {"pdf": "application/pdf", "json": "application/json"}


class PersonalDataPortal(CustomerPortal):
    """What is kept of the person, why and how long; copies, and requests (RGPD)."""

    @http.route(PAGE, type="http", auth="user", website=True)
    def my_personal_data(self, **_options):
        """What is kept, by purpose, and what the person may ask."""
        people = _personal_files()
        if not people:
            return request.not_found()
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "cae_personal_data",
            "files": [_told(person) for person in people],
            "notice": take_notice(),
        }
        return request.render("cae_coaching.portal_my_personal_data", values)

    @http.route(
        f"{PAGE}/<int:person_id>/<any(pdf,json):kind>", type="http", auth="user"
    )
    def my_personal_file(self, person_id, kind):
        """The copy, to read or for another program."""
        person = _personal_files().filtered(lambda p: p.id == person_id)
        if not person:
            return request.not_found()
        name, content = person._personal_file(kind)
        return _file(content, name, MIMETYPES[kind])

    @http.route(f"{PAGE}/ask", type="http", auth="user", methods=["POST"], website=True)
    def ask_personal(self, person="", kind="", said="", sure="", **_options):
        """The request goes to the office, which answers within a month."""
        people = _personal_files()
        here = people.filtered(lambda p: str(p.id) == person)
        if not here or kind not in ("erasure", "copy"):
            return request.not_found()
        if kind == "erasure" and not sure:
            words = request.env._("Tick that you understood what erasure means.")
            give_notice(words, problem=True)
            return request.redirect(PAGE)
        return answered(
            PAGE,
            lambda: here._ask_personal(kind, said),
            request.env._("Thank you. The cooperative answers you within a month."),
        )


def _personal_files():
    """The person's own files, by the rights of the person."""
    people = request.env["cae.entrepreneur"]
    if not request.env.user.has_group("cae_base.group_entrepreneur"):
        return people
    return people.search([("user_id", "=", request.env.uid)])


def _told(person):
    """What the page shows of one file."""
    sections = person._given_sections()
    asked = person._personal_requests()[:1]
    return {
        "person": person,
        # sudo: the name of the cooperative, of a person of it.
        "company": person.company_id.sudo().name,
        "purposes": person._personal_purposes(sections),
        "counts": {title: len(records) for title, (records, _n) in sections.items()},
        "kept": person._kept_words().splitlines(),
        "asked": asked and format_date(request.env, asked.create_date.date()),
    }
