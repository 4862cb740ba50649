"""The screens of the governance in a real browser, on what the demo makes of it.

The secretary's register, the meeting held in June and the one to come, the member's
pages on a phone. Figures are read on the page. Pictures as in ``test_browser``.
"""

import re

import contract
import people
import pytest
from caetools import odoo
from screen import FORM, ROWS

pytestmark = pytest.mark.browser

SECRETARY, MEMBER, CANDIDATE = "secretaire", "ines", "nadia"
DATA = ".o_list_view .o_data_row"
MODAL = ".modal:not(.o_inactive_modal) "
#: Members called in June, present, represented.
CALLED, PRESENT, REPRESENTED = 22, 15, 5
#: Of the sharing of 21 436.58 €: reserve, fund, work, shares; what Inès gets of each.
SHARED = ("3215.49", "7502.80", "9646.46", "1071.83")
OWN_PARTS = ("232.43", "49.17")


@pytest.fixture(scope="module")
def database(prepared, serve_loaded, fresh_database):
    """Name of a database with the governance of the demo, and no month run."""

    def build():
        server = serve_loaded()
        client = contract.Client(server)
        people.set_company(client)
        # Minutes and counts are in the language of the company.
        client.call("res.partner", "write", ids=[1], vals={"lang": "fr_FR"})
        people.create_team(client)
        group = "cae_base.group_governance"
        people.create_user(client, SECRETARY, "Maud Prigent", group)
        server.stop()
        odoo.stream_inside(
            "demo_governance", server.database, log="governance", on_line=print
        )
        return server.database, None

    return fresh_database(prepared("governed", build)[0])


@pytest.fixture(scope="module")
def office(database, serve):
    return serve(database, *contract.PATIENCE)


@pytest.fixture(scope="module")
def admin(office):
    return contract.Client(office)


@pytest.fixture
def screen(office, screen_on):
    """The secretary's browser."""
    return screen_on(office, SECRETARY)


@pytest.fixture
def picture(size):
    """Function that keeps a picture, named by the width."""
    return lambda screen, name: screen.picture(
        name if size == "phone" else f"{name}_{size}"
    )


def text_of(screen, selector):
    """What is written there, with plain spaces."""
    text = screen.page.inner_text(selector)
    return re.sub(r"[\u202f\u00a0]", " ", text)


def amounts(screen, selector):
    """Amounts in euros written there: ``1 000,00 €`` is ``"1000.00"``."""
    found = re.findall(r"(-?\d[\d ]*,\d\d) €", text_of(screen, selector))
    return [each.replace(" ", "").replace(",", ".") for each in found]


def field(screen, name):
    return text_of(screen, f'.o_form_view [name="{name}"]')


def meeting_of(admin, state):
    (found,) = admin.search("cae.meeting", [("state", "=", state)])
    return found


def member_of(admin, code):
    (found,) = admin.search("cae.member", [("entrepreneur_id.code", "=", code)])
    return found


def test_register(screen, admin):
    screen.show("/odoo/cae-members", DATA)
    held = admin.read("cae.member", [("state", "=", "member")], ["share_amount"])
    assert screen.count(DATA) == len(held) == 24
    shown = amounts(screen, ".o_list_view")
    assert {f"{row['share_amount']:.2f}" for row in held} <= set(shown)
    screen.picture("members")
    screen.show(f"/odoo/cae-members/{member_of(admin, 'E0001')}", FORM)
    assert "1000.00" in amounts(screen, ".o_form_sheet")
    screen.picture("member")


def test_capital_in_the_books(admin):
    """What the register says is what the accounts 1013 and 4567 say."""
    moves = admin.read("cae.share.movement", [], ["amount"])
    capital = sum(round(100 * row["amount"]) for row in moves)
    codes = {"1013": -capital, "1012": 0, "4562": 0, "4567": -50000}
    for code, wanted in codes.items():
        rows = admin.read(
            "account.move.line",
            [("account_id.code", "=like", f"{code}%"), ("parent_state", "=", "posted")],
            ["balance"],
        )
        assert sum(round(100 * row["balance"]) for row in rows) == wanted, code


def test_applications(screen):
    screen.show("/odoo/cae-applications", ".o_kanban_record:not(.o_kanban_ghost)")
    assert screen.count(".o_kanban_record:not(.o_kanban_ghost)") == 4
    # Over, or within the months of warning.
    assert screen.count(".o_kanban_record .text-danger") >= 3
    screen.picture("applications")


def test_movements_and_redemptions(screen):
    screen.show("/odoo/cae-share-movements", DATA)
    assert screen.count(DATA) == 36
    screen.picture("share_movements")
    screen.show("/odoo/cae-redemptions", DATA)
    assert screen.count(DATA) == 2
    assert amounts(screen, f"{DATA}:first-child").count("500.00") == 3
    screen.picture("redemptions")


def test_register_on_a_day(screen):
    action = "/odoo/action-cae_governance.cae_share_register_action"
    screen.show(action, f"{MODAL}[name='date']")
    # The first field has the focus: its button has become an input.
    screen.page.fill(f"{MODAL}[name='date'] input", "31/12/2025")
    screen.page.keyboard.press("Escape")
    screen.page.click(f"{MODAL}button[name='action_open']")
    screen.settle(DATA)
    # The members of that day, who left on it among them.
    assert screen.count(DATA) == 22


def test_surplus(screen, admin):
    (sharing,) = admin.search("cae.surplus", [])
    screen.show(f"/odoo/cae-surplus/{sharing}", FORM)
    names = ("legal_amount", "fund_amount", "work_amount", "interest_amount")
    for name, wanted in zip(names, SHARED, strict=True):
        assert amounts(screen, f'.o_form_view [name="{name}"]') == [wanted]
    screen.picture("surplus")


def test_meeting_held(screen, admin):
    screen.show("/odoo/cae-meetings", DATA)
    assert screen.count(DATA) == 2
    screen.picture("meetings")
    screen.show(f"/odoo/cae-meetings/{meeting_of(admin, 'signed')}", FORM)
    assert field(screen, "present_count") == f"{PRESENT}"
    assert field(screen, "represented_count") == f"{REPRESENTED}"
    assert screen.count('.o_form_view [name="resolution_ids"] .o_data_row') == 11
    # Everything was decided: there is nothing to call again for.
    assert not screen.count('button[name="action_second_call"]')
    screen.picture("meeting")


@pytest.mark.parametrize(
    "button, count, name",
    [
        ("action_open_electors", CALLED, "attendance"),
        ("action_open_proxies", REPRESENTED + 1, "proxies"),
        ("action_open_notices", CALLED, "notices"),
        ("action_open_resolutions", 11, "resolutions"),
    ],
)
def test_lists_of_a_meeting(screen, admin, button, count, name):
    screen.show(f"/odoo/cae-meetings/{meeting_of(admin, 'signed')}", FORM)
    screen.page.click(f'button[name="{button}"]')
    screen.settle(DATA)
    assert screen.count(DATA) == count
    assert "cae.proxy" not in text_of(screen, ".o_list_view")
    screen.picture(name)


def test_vote_by_name(screen, admin):
    (voted,) = admin.search("cae.resolution", [("mode", "=", "named")])
    screen.show(f"/odoo/cae-resolutions/{voted}", FORM)
    shown = [
        field(screen, f"{name}_count") for name in ("favour", "against", "abstain")
    ]
    assert shown == ["15", "3", "2"]
    screen.picture("resolution")
    screen.page.click('.o_notebook .nav-link[name="votes"]')
    screen.settle('.o_form_view [name="vote_ids"] .o_data_row')
    assert screen.count('.o_form_view [name="vote_ids"] .o_data_row') == 20


def test_meeting_to_prepare(screen, admin):
    screen.show(f"/odoo/cae-meetings/{meeting_of(admin, 'draft')}", FORM)
    # Three recurring items, an election, and the candidates to admit.
    assert screen.count('.o_form_view [name="resolution_ids"] .o_data_row') == 5
    assert screen.count('button[name="action_convene"]') == 1
    screen.picture("meeting_draft")


def test_projected_page(screen, admin):
    path = f"/cae/meeting/{meeting_of(admin, 'signed')}/screen"
    screen.show(path, "#cae_meeting_screen [data-name=bar]:not(.d-none)")
    for name, wanted in (
        ("present", PRESENT),
        ("represented", REPRESENTED),
        ("members", CALLED),
    ):
        assert text_of(screen, f"[data-name={name}]") == f"{wanted}"
    screen.picture("meeting_screen")


@pytest.mark.parametrize(
    "path, count, name",
    [("cae-mandates", 1, "mandates"), ("cae-body-meetings", 3, "body_meetings")],
)
def test_bodies(screen, path, count, name):
    screen.show(f"/odoo/{path}", ROWS)
    assert screen.count(ROWS) >= count
    screen.picture(name)


@pytest.mark.parametrize(
    "path",
    ["cae-bodies", "cae-rules", "cae-colleges", "cae-share-kinds", "cae-minutes"],
)
def test_other_screens(screen, path):
    screen.show(f"/odoo/{path}", ".o_action_manager .o_view_controller")
    assert screen.count(f"{DATA}, .o_kanban_record:not(.o_kanban_ghost)")


@pytest.mark.parametrize("name", ["notice", "sheet", "minutes"])
def test_papers_of_a_meeting(screen, admin, name):
    path = f"/cae/meeting/{meeting_of(admin, 'signed')}/{name}.pdf"
    answer = screen.page.request.get(f"{screen.server.url}{path}")
    assert answer.body().startswith(b"%PDF")


def test_own_shares(portal_of, picture):
    screen = portal_of(MEMBER)
    screen.show("/my", 'a[href="/my/cooperative"]')
    screen.show("/my/cooperative", 'a[href="/my/shares"]')
    screen.show("/my/shares", ".card")
    shown = amounts(screen, "main")
    assert {"1000.00", "375.00", "500.00", "125.00", *OWN_PARTS} <= set(shown)
    assert screen.fits()
    picture(screen, "portal_shares")


def test_minutes(portal_of, picture, admin):
    screen = portal_of(MEMBER)
    screen.show("/my/meetings", ".list-group-item")
    assert screen.count(".list-group-item") == 1
    meeting = meeting_of(admin, "signed")
    screen.show(f"/my/meetings/{meeting}", "#cae_meeting_page")
    assert screen.count("#cae_meeting_page .border-top") == 11
    assert screen.fits()
    picture(screen, "portal_meeting")
    path = f"/cae/m/document?access=u{meeting}&name=minutes"
    answer = screen.page.request.get(f"{screen.server.url}{path}")
    assert answer.body().startswith(b"%PDF")


def test_bodies_of_a_member(portal_of, picture):
    screen = portal_of(MEMBER)
    screen.show("/my/bodies", ".card")
    assert screen.count("form[action$='/quit']") == 1
    assert screen.count("form[action$='/join']") == 1
    assert screen.fits()
    picture(screen, "portal_bodies")


def test_a_candidate_sees_the_own_application(portal_of):
    screen = portal_of(CANDIDATE)
    screen.show("/my/shares", ".card")
    assert "01/05/2028" in text_of(screen, ".card .alert")
    assert screen.fits()
    screen.show("/my/meetings", "main")
    assert not screen.count(".list-group-item")
