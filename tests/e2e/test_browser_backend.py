"""Backend screens for everybody: WCAG 2.1 AA by axe, as far as Odoo's own reach it.

Every view of ours is opened in French on the demo, and beside them Odoo's nearest
ones. Ours break no rule that Odoo's of the same type keep; and what is marked in ours
is of a make (component, element with its classes, pair of colours) that Odoo shows too.
"""

import re
from datetime import date, timedelta
from pathlib import Path

import axe_playwright_python
import backend
import contract
import pytest
from screen import SIZE

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
WALK = Path(__file__).with_name("backend_walk.js")
WALKING = 600_000
#: Forms of what a demo has none of: the steps to one are too long for this test.
WITHOUT_RECORD = {
    "cae_base.cae_anonymised_action",
    "cae_base.cae_contribution_comparison_line_view_form",
    "cae_base.cae_shared_statement_action",
    "cae_base.cae_transfer_action",
    "cae_coaching.cae_erasure_action",
    "cae_coaching.cae_joint_project_action",
    "cae_governance.cae_ballot_view_form",
    "cae_payroll.cae_settlement_accrual_view_form",
}
#: Odoo's too, for more records in a day, or wider lists, than its screens have here.
FULLER = {
    ("aria-allowed-attr", ".o_calendar_widget"),
    ("scrollable-region-focusable", "DIV o_list_renderer o_renderer table-responsive"),
}
#: At the top of a form: an image, a button and a text that nobody can make out.
PLANTED = """
    document.querySelector(".o_form_sheet").insertAdjacentHTML("afterbegin", `
        <img src="/web/static/img/logo.png" class="o_cae_planted"/>
        <button class="btn o_cae_planted"><i class="fa fa-trash"></i></button>
        <p class="o_cae_planted" style="color: #7ab8a0; background: #fff">pale</p>`)
"""


@pytest.fixture(scope="module")
def server(demo, fresh_database, serve):
    """The demo, with records of what it has none of."""
    served = serve(fresh_database(demo), *contract.PATIENCE)
    add_records(contract.Client(served))
    return served


def add_records(client):
    """One of each that takes no more than a row."""
    activity = client.search("cae.activity", [("code", "=", "A0002")])[0]
    client.create(
        "cae.contribution.exemption",
        {"activity_id": activity, "kind": "exemption", "reason": "Congé parental"},
    )
    client.create(
        "cae.contribution.comparison",
        {"name": "Assemblée de juin", "month": "2026-10-01"},
    )
    client.create("cae.activity.exit", {"activity_id": activity, "date": "2026-11-30"})
    plan = client.search("account.analytic.plan", [], limit=1)[0]
    client.create("cae.adoption", {"plan_id": plan, "date": "2026-11-01"})
    add_records_of_odoo(client)


def add_records_of_odoo(client):
    """What Odoo's own screens show as ours do: people, and something to do later."""
    users = client.search("res.users", [("share", "=", False)])
    client.create("res.role", {"name": "Comptabilité", "user_ids": [(6, 0, users[:2])]})
    client.create(
        "mail.activity",
        {
            "res_model_id": client.ref("base.model_res_partner"),
            "res_id": client.search("res.partner", [], limit=1)[0],
            "activity_type_id": client.ref("mail.mail_activity_data_todo"),
            "date_deadline": f"{date.today() + timedelta(60)}",
            "user_id": users[0],
        },
    )


@pytest.fixture(scope="module")
def page(server, browser_of):
    """The administrator's web client, with axe and the walk in it."""
    page = browser_of(server, "admin", "admin", SIZE).new_page()
    page.set_default_timeout(WALKING)
    page.goto(f"{server.url}/odoo")
    page.wait_for_selector(".o_main_navbar")
    for path in (AXE, WALK):
        page.evaluate(path.read_text())
    yield page
    page.close()


@pytest.fixture(scope="module")
def seen(server, page):
    """What was found on each screen, ours and Odoo's."""
    screens = [*backend.Screens(contract.Client(server)).all(), *backend.of_odoo()]
    return page.evaluate(
        "([screens, rules]) => backendWalk.walk(screens, rules)", [screens, RULES]
    )


@pytest.fixture(scope="module")
def theirs(seen):
    """What Odoo's own screens break: ``{(type of view or None, rule, make)}``."""
    return {
        key
        for screen in seen
        for node in screen.get("nodes", ())
        if not (screen.get("own") or node["ours"])
        for key in (
            (screen["kind"], node["rule"], node["make"]),
            (None, node["rule"], node["make"]),
            (screen["kind"], node["rule"], None),
        )
    }


def excused(kind, node, theirs):
    """Whether Odoo shows the same on a screen of its own.

    Components and colours are the same in all types of view.
    """
    if (node["rule"], node["make"]) in FULLER:
        return True
    anywhere = node["make"].startswith(".") or " on " in node["make"]
    same = (None if anywhere else kind, node["rule"], node["make"])
    return same in theirs and (kind, node["rule"], None) in theirs


def ours(seen):
    """``(screen, node)`` of what is marked on our screens, and in ours on Odoo's."""
    for screen in seen:
        for node in screen.get("nodes", ()):
            if screen.get("own") or node["ours"]:
                yield screen, node


def test_every_screen_opens(seen):
    assert {s["name"]: s["error"] for s in seen if "error" in s} == {}
    own = [screen for screen in seen if screen.get("own")]
    assert len(own) > 300
    assert {screen["kind"] for screen in own} == set(backend.KINDS)
    empty = {screen["name"].split()[0] for screen in own if screen.get("empty")}
    assert empty <= WITHOUT_RECORD


def test_ours_are_as_accessible_as_odoos(seen, theirs):
    found = {}
    for screen, node in ours(seen):
        if not excused(screen["kind"], node, theirs):
            key = node["rule"], node["make"]
            found.setdefault(key, (screen["name"], node["html"]))
    assert found == {}


def test_what_is_wrong_is_found(page, seen, theirs):
    activity = {"action": "cae_base.cae_activity_action", "kind": "form"}
    page.evaluate("screen => backendWalk.open(screen)", activity)
    page.evaluate(PLANTED)
    nodes = page.evaluate(
        "rules => backendWalk.look('.o_action_manager', rules)", RULES
    )
    left = [node for node in nodes if not excused("form", node, theirs)]
    rules = {node["rule"] for node in left if re.search("o_cae_planted", node["html"])}
    assert rules == {"image-alt", "button-name", "color-contrast"}
