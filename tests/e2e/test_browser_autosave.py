"""The interview's form saves what is being written, and lets the coach write on."""

import contract
import people
import pytest
from screen import FORM, Screen

pytestmark = pytest.mark.browser

EVERY = 20_000
REVIEW = 'div[name="review"] .odoo-editor-editable'
CODE = "E0001"


@pytest.fixture(scope="module")
def server(serve_loaded):
    server = serve_loaded()
    people.create_team(contract.Client(server))
    return server


@pytest.fixture(scope="module")
def admin(server):
    return contract.Client(server)


@pytest.fixture
def interview(admin):
    (person,) = admin.search("cae.entrepreneur", [("code", "=", CODE)])
    (coach,) = admin.search("res.users", [("login", "=", people.COACH)])
    return admin.create(
        "cae.interview",
        {
            "entrepreneur_ids": [(6, 0, [person])],
            "coach_ids": [(6, 0, [coach])],
            "date_start": "2026-11-02 09:00:00",
        },
    )


@pytest.fixture
def screen(server, open_page):
    """The coach's browser, whose clock the test moves."""
    page = open_page(server, people.COACH, path="/web/health")
    page.clock.install()
    return Screen(page, server)


def review_of(admin, interview):
    (row,) = admin.read("cae.interview", [("id", "=", interview)], ["review"])
    return row["review"] or ""


def wait_for_saving(screen, action):
    """Do it, and wait until the form was saved of itself."""
    with screen.page.expect_response(lambda r: r.url.endswith("/web_save")) as saved:
        action()
        screen.page.clock.run_for(EVERY)
    assert saved.value.ok


def test_what_is_written_is_saved_while_writing(screen, admin, interview):
    screen.show(f"/odoo/cae-interviews/{interview}", FORM)
    screen.page.click(REVIEW)
    typing = screen.page.keyboard.type
    wait_for_saving(screen, lambda: typing("Trois nouveaux clients"))
    assert "Trois nouveaux clients" in review_of(admin, interview)
    wait_for_saving(screen, lambda: typing(", et un devis."))
    assert "Trois nouveaux clients, et un devis." in review_of(admin, interview)


def test_lines_are_saved_once_and_writing_goes_on(screen, admin, interview):
    screen.show(f"/odoo/cae-interviews/{interview}", FORM)
    actions = 'div[name="action_ids"]'
    screen.page.click(f"{actions} .o_field_x2many_list_row_add a")
    screen.page.fill(f'{actions} [name="name"] input', "Relancer la mairie")
    screen.page.clock.run_for(EVERY)
    domain = [("interview_id", "=", interview)]
    assert not admin.search("cae.coaching.action", domain)
    screen.page.click(REVIEW)
    typing = screen.page.keyboard.type
    wait_for_saving(screen, lambda: typing("Le point"))
    (row,) = admin.read("cae.coaching.action", domain, ["name"])
    assert row["name"] == "Relancer la mairie"
    wait_for_saving(screen, lambda: typing(" du mois"))
    assert "Le point du mois" in review_of(admin, interview)
    assert len(admin.search("cae.coaching.action", domain)) == 1


def test_what_is_refused_does_not_disturb(screen, admin, interview):
    screen.show(f"/odoo/cae-interviews/{interview}", FORM)
    parts = dict.fromkeys(("review", "prospects", "action_plan", "needs"), "<p>Vu</p>")
    admin.call("cae.interview", "write", ids=[interview], vals=parts)
    admin.call("cae.interview", "action_held", ids=[interview])
    admin.call("cae.interview", "action_share", ids=[interview])
    place = 'div[name="place"] input'
    wait_for_saving(screen, lambda: screen.page.fill(place, "Salle 4"))
    screen.page.wait_for_timeout(500)
    assert not screen.page.query_selector(".modal")
    assert screen.page.input_value(place) == "Salle 4"
    screen.page.click(".o_form_button_save")
    screen.page.wait_for_selector(".modal:has-text('CAE-INTERVIEW-SHARED')")
