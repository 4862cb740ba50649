"""The cooperative of an entrepreneur on the portal: on a phone and at a desk.

On the demo, by clicks; what came of it is read over RPC. Each width has its own general
meeting: a proxy that is given and taken back, a vote by name, a sealed one.
"""

from datetime import datetime, timedelta, timezone

import contract
import portal
import pytest
from cae_governance_engine import sealing
from caetools import postgres
from playwright.sync_api import TimeoutError as TooLate
from portal import DONE, amount, pdf_of, press, refuse, text_of, texts_of
from screen import Screen
from test_isolation import code_of

pytestmark = pytest.mark.browser

MEMBER, CANDIDATE, PARTNER = "ines", "nadia", "e0018@example.org"
HOLDER = "Océane Quéméneur"
#: What the tellers of the sealed votes are called.
TELLERS = ("Marc Tréhet", "Maud Prigent")
#: Who turns on a second factor: with the login goes the password of that name.
CAREFUL = {"phone": "e0012@example.org", "desk": "e0026@example.org"}


@pytest.fixture(scope="module")
def office(demo, fresh_database, serve):
    """The demo, where these tests write; its yearly account is published."""
    server = serve(fresh_database(demo), *contract.PATIENCE)
    client = contract.Client(server)
    # Every deadline to become a member is near: the law leaves three years.
    vals = {"cae_member_warning_months": 36}
    client.call("res.company", "write", ids=[1], vals=vals)
    for login in (PARTNER, *CAREFUL.values()):
        (user,) = client.search("res.users", [("login", "=", login)])
        client.call("res.users", "write", [user], vals={"password": login})
    for size in portal.SIZES:
        convene(client, size)
    publish_account(client)
    yield server
    server.stop()


def meeting_name(size):
    return f"Assemblée {size}"


def convene(client, size):
    """A meeting to come, with a vote by name and a sealed one."""
    soon = datetime.now(timezone.utc) + timedelta(minutes=5)
    agenda = [("Comptes", "named"), ("Statuts", "secret")]
    meeting = client.create(
        "cae.meeting",
        {
            **{"name": meeting_name(size), "late_reason": "Tous sont d’accord"},
            "date": f"{soon:%Y-%m-%d %H:%M:%S}",
            "rule_set_id": client.ref("cae_governance.rule_set_sa_scop"),
            "resolution_ids": [
                (0, 0, {"title": title, "mode": mode}) for title, mode in agenda
            ],
        },
    )
    partners = client.search("res.partner", [("name", "in", TELLERS)])
    for partner in partners:
        _private, public = sealing.new_key()
        values = {"meeting_id": meeting, "partner_id": partner}
        teller = client.create("cae.ballot.teller", values)
        postgres.query(
            f"UPDATE cae_ballot_teller SET public_key = '{public}' WHERE id = {teller}",
            client.server.database,
        )
    client.call("cae.meeting", "action_convene", [meeting])


def publish_account(client):
    """Of the year so far: for the account it was over a month ago."""
    client.call("cae.shared.statement", "action_open_current")
    (account,) = client.search("cae.shared.statement", [])
    postgres.query(
        "UPDATE cae_shared_statement SET date_from = '2026-01-01',"
        f" date_to = '2026-10-31' WHERE id = {account}",
        client.server.database,
    )
    client.call("cae.shared.statement", "action_publish", [account])


@pytest.fixture(scope="module")
def client(office):
    return contract.Client(office)


@pytest.fixture
def ines(portal_of):
    return portal_of(MEMBER)


def from_cooperative(screen, path, then="main"):
    screen.show("/my", ".o_cae_home_links")
    press(screen, ".o_cae_home_links a[href='/my/cooperative']", f"a[href='{path}']")
    press(screen, f"a[href='{path}']", then)


def test_shares_and_certificate(ines, client):
    from_cooperative(ines, "/my/shares", ".card")
    (member,) = client.read(
        "cae.member", [("name", "=", "Inès N’Diaye")], ["share_count", "share_paid"]
    )
    assert (member["share_count"], member["share_paid"]) == (40, 1000)
    assert "40 parts" in text_of(ines, ".card >> nth=0")
    moved = [amount(t) for t in texts_of(ines, "li .text-end .d-block")]
    assert sum(moved) == 1000
    words = pdf_of(ines, "a:has-text('Attestation (PDF)')")
    assert all(word in words for word in ("N’Diaye", "40", "1 000,00"))
    # Each part of the surplus has its paper.
    (part, *_others) = texts_of(ines, ".list-unstyled span:last-child")
    assert part.removesuffix(" €") in pdf_of(ines, ".list-unstyled a >> nth=0")


def test_called_by_post_or_by_email(ines, client):
    def agreed():
        domain = [("name", "=", "Inès N’Diaye")]
        (member,) = client.read("cae.member", domain, ["e_notice"])
        return member["e_notice"]

    ines.show("/my/shares", "form[action$='/notice']")
    assert agreed()
    press(ines, "form[action$='/notice'] button[value=no]")
    assert not agreed()
    press(ines, "form[action$='/notice'] button[value=yes]")
    assert agreed()


def test_application_is_withdrawn_made_again_and_changed(portal_of, client):
    screen = portal_of(CANDIDATE)

    def entry():
        domain = [("name", "=", "Nadia Benoît")]
        fields = ["state", "requested_shares", "application_note"]
        (row,) = client.read("cae.member", domain, fields)
        return tuple(row[name] for name in fields)

    def apply(quantity, words):
        screen.page.fill("#quantity", quantity)
        screen.page.fill("#application_note", words)
        press(screen, "form[action$='/apply'] button", DONE)

    # The home says until when.
    deadline = "a.list-group-item:has-text('Devenir associé·e')"
    screen.show("/my", deadline)
    assert "01/05/2028" in text_of(screen, deadline)
    press(screen, deadline, "form[action$='/withdraw']")
    press(screen, "form[action$='/withdraw'] button", DONE)
    assert entry()[0] == "withdrawn"
    assert "01/05/2028" in text_of(screen, ".card:has(#quantity)")
    apply("12", "Je reste !")
    assert entry() == ("candidate", 12, "Je reste !")
    assert "12 part" in text_of(screen, ".alert-info")
    screen.page.click("summary:has-text('Modifier ma candidature')")
    assert screen.page.input_value("#quantity") == "12"
    apply("15", "Je reste, avec un peu plus.")
    assert entry() == ("candidate", 15, "Je reste, avec un peu plus.")
    assert screen.fits()


def test_commission_is_joined_and_left(ines, client, size):
    """Between the two, the home tells of its next meeting."""
    name = "Groupe Outils numériques"
    card = f".card:has(h4:has-text('{name}'))"
    mine = [("body_id.name", "=", name), ("member_id.name", "=", "Inès N’Diaye")]
    mine.append(("state", "=", "current"))
    from_cooperative(ines, "/my/bodies", card)
    press(ines, f"{card} form[action$='/join'] button", f"{card} form[action$='/quit']")
    assert "Inès N’Diaye" in text_of(ines, card)
    assert client.count("cae.mandate", mine) == 1
    meeting = plan_body_meeting(client, name, size)
    ines.show("/my", meeting)
    press(ines, meeting, f"details:has-text('Choix du logo {size}')")
    press(ines, f"{card} form[action$='/quit'] button", f"{card} form[action$='/join']")
    assert "Inès N’Diaye" not in text_of(ines, card)
    assert ines.fits()
    ines.show("/my", ".o_cae_home")
    assert not ines.count(meeting)


def plan_body_meeting(client, body, size):
    """In a week; the row of the home that leads to it."""
    (found,) = client.search("cae.body", [("name", "=", body)])
    soon, name = datetime.now(timezone.utc) + timedelta(days=7), f"Choix du logo {size}"
    values = {"body_id": found, "name": name, "date": f"{soon:%Y-%m-%d %H:%M:%S}"}
    client.create("cae.body.session", values)
    return f"a.list-group-item[href='/my/bodies']:has-text('{name}')"


def test_proxy_and_votes(ines, client, size):
    name = meeting_name(size)
    (meeting,) = client.search("cae.meeting", [("name", "=", name)])
    # The home tells of it too.
    ines.show("/my", f"a[href='/my/meetings/{meeting}']:has-text('{name}')")
    from_cooperative(ines, "/my/meetings", ".list-group-item")
    press(ines, f".list-group-item:has-text('{name}')", "select[name=holder]")
    ines.page.select_option("select[name=holder]", label=HOLDER)
    press(ines, "button[value=proxy]", "button[value=revoke]")
    assert f"à {HOLDER}" in text_of(ines, ".card:has(button[value=revoke])")
    proxies = [("meeting_id", "=", meeting)]
    (proxy,) = client.read("cae.proxy", proxies, ["state", "source"])
    assert (proxy["state"], proxy["source"]) == ("given", "member")
    press(ines, "button[value=revoke]", "select[name=holder]")
    (proxy,) = client.read("cae.proxy", proxies, ["state"])
    assert proxy["state"] == "revoked"

    client.call("cae.meeting", "action_open", [meeting])
    ines.show(f"/my/meetings/{meeting}", "button[value=present]")
    press(ines, "button[value=present]", "button[value=leave]")
    vote_by_name(ines, client, meeting)
    vote_in_secret(ines, client, meeting)


def open_vote(client, meeting, title):
    domain = [("meeting_id", "=", meeting), ("title", "=", title)]
    (resolution,) = client.search("cae.resolution", domain)
    client.call("cae.resolution", "action_open_vote", [resolution])
    return resolution


def vote_by_name(screen, client, meeting):
    resolution = open_vote(client, meeting, "Comptes")
    screen.show("/my", "a.list-group-item:has-text('Voter : Comptes')")
    press(screen, "a.list-group-item:has-text('Voter : Comptes')", ".o_cae_choices")
    screen.page.check(".o_cae_choices input[value=against]")
    press(screen, "button[value=vote]", ".alert-success")
    assert "A voté" in text_of(screen, ".border-primary")
    domain = [("resolution_id", "=", resolution)]
    (vote,) = client.read("cae.resolution.vote", domain, ["choice", "elector_id"])
    assert (vote["choice"], vote["elector_id"][1]) == ("against", "Inès N’Diaye")
    client.call("cae.resolution", "action_close_vote", [resolution])


def vote_in_secret(screen, client, meeting):
    resolution = open_vote(client, meeting, "Statuts")
    screen.page.once("dialog", lambda dialog: dialog.accept())
    screen.show(f"/my/meetings/{meeting}", "body[data-cae-ready] form.o_cae_secret")
    screen.page.check("form.o_cae_secret input[value=for]")
    screen.page.click("form.o_cae_secret > button")
    screen.page.wait_for_selector(".o_cae_receipt code:visible")
    receipt = text_of(screen, ".o_cae_receipt code")
    domain = [("resolution_id", "=", resolution)]
    assert len(receipt) > 20 and screen.fits()
    press(screen, ".o_cae_receipt a", ".border-primary .alert-success")
    screen.show("/my", ".o_cae_home")
    assert "Voter" not in text_of(screen, ".o_cae_home")
    client.call("cae.resolution", "action_close_vote", [resolution])
    (urn,) = client.read("cae.ballot", domain, ["ballot_count"])
    assert urn["ballot_count"] == 1


def test_directory_is_searched_and_the_own_entry_changed(ines, client, size):
    from_cooperative(ines, "/my/directory", "[name=search]")
    search, found = "form[action='/my/directory'] button", "main .card b:first-child"
    ines.page.fill("[name=search]", "Clisson")
    press(ines, search)
    assert texts_of(ines, ".card .justify-content-between b") == ["Cédric Fontaine"]
    ines.page.fill("[name=search]", "scaphandrier")
    press(ines, search, ".alert-info")
    press(ines, ".alert-info a", found)
    offers = f"Sites, maintenance, audits ({size})"
    ines.page.fill("#offers", offers)
    ines.page.fill("#website", "ftp://ines.example.com")
    refuse(ines, "form[action$='/save'] button", "https://")
    # What was typed is not to be typed again.
    assert ines.page.input_value("#offers") == offers
    assert ines.page.is_checked("#published")
    ines.page.fill("#website", "https://ines.example.com")
    press(ines, "form[action$='/save'] button", DONE)
    domain = [("entrepreneur_id.code", "=", "E0001")]
    (entry,) = client.read("cae.directory.entry", domain, ["offers", "website"])
    assert (entry["offers"], entry["website"]) == (offers, "https://ines.example.com")
    ines.page.uncheck("#published")
    press(ines, "form[action$='/save'] button", DONE)
    assert "Inès N’Diaye" not in texts_of(ines, ".card .justify-content-between b")
    ines.page.check("#published")
    press(ines, "form[action$='/save'] button", DONE)
    assert "Inès N’Diaye" in texts_of(ines, ".card .justify-content-between b")


def test_joint_project_from_the_idea_to_its_end(portal_of, client, size):
    ines, partner, name = portal_of(MEMBER), portal_of(PARTNER), f"Salon {size}"
    from_cooperative(ines, "/my/joint-projects", "a[href$='/new']")
    press(ines, "a[href$='/new']", "#joint_name")
    ines.page.fill("#joint_name", name)
    ines.page.fill("#joint_description", "Un stand à trois au salon de mai.")
    ines.page.fill("#joint_wants", "Une traduction")
    press(ines, "form[action$='/propose'] button", f"h3:has-text('{name}')")
    address = ines.page.url.partition("?")[0].removeprefix(ines.server.url)

    partner.show("/my/joint-projects", ".card")
    partner.page.fill("[name=search]", name)
    press(partner, ".input-group button", ".card")
    press(partner, f"a.card:has-text('{name}')", "#joint_join")
    assert "Inès N’Diaye" in text_of(partner, "main")
    partner.page.fill("#joint_join", "Je traduis les fiches")
    press(partner, "form[action$='/join'] button", "button[value=leave]")

    ines.show(address, "li:has-text('Cédric Fontaine')")
    assert "Je traduis les fiches" in text_of(ines, "main")
    ines.page.fill("#joint_say", "Merci ! Rendez-vous jeudi.")
    press(ines, "form[action$='/say'] button")
    press(ines, "button[value=start]", "button[value=reopen]")
    partner.show(address, "#joint_say")
    assert "Merci ! Rendez-vous jeudi." in text_of(partner, "main")
    assert ines.fits() and partner.fits()
    press(ines, "button[value=close]", "button[value=reopen]")
    domain = [("name", "=", name)]
    (project,) = client.read("cae.joint.project", domain, ["state", "member_count"])
    assert (project["state"], project["member_count"]) == ("closed", 1)


def test_yearly_account(ines, client):
    from_cooperative(ines, "/my/cooperative/account", ".card")
    (account,) = client.read("cae.shared.statement", [], ["data", "contributions"])
    shown = text_of(ines, ".list-group >> nth=0")
    assert contract.cents(amount(shown.partition("€")[0].rsplit(" activités ")[1]))
    total = contract.total(each["contribution"] for each in all_months())
    assert contract.cents(account["contributions"]) == total
    uses = texts_of(ines, ".card-body + .list-group >> nth=0 >> .text-nowrap")
    assert [contract.cents(amount(t.removesuffix("€"))) for t in uses] == [
        contract.cents(use["amount"]) for use in account["data"]["uses"]
    ]
    words = pdf_of(ines, ".card-header a")
    assert uses[0].removesuffix(" €") in words
    assert ines.fits()


def all_months():
    for activity in contract.ACTIVITIES.values():
        yield from activity["mois"].values()


def test_two_factors(office, browser, size):
    """Turned on by the person; then the password alone opens nothing."""
    login, (width, height) = CAREFUL[size], portal.SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="fr-FR"
    )
    screen = Screen(context.new_page(), office)
    log_in(screen, login)
    secret = turn_on(screen, login)
    context.clear_cookies()
    log_in(screen, login)
    second = "form:has(#totp_token) button[type=submit]"
    screen.page.fill("#totp_token", "000000")
    press(screen, second, ".alert-danger")
    # The password alone has opened nothing.
    screen.page.goto(f"{office.url}/my/accounts")
    assert "/web/login" in screen.page.url
    log_in(screen, login)
    # The step that turned it on has used its code.
    screen.page.fill("#totp_token", code_of(secret, ahead=1))
    press(screen, second, ".o_cae_home h2")
    assert screen.fits()
    context.close()


def log_in(screen, login):
    screen.page.goto(f"{screen.server.url}/web/login?redirect=/my")
    screen.page.fill("input[name=login]", login)
    screen.page.fill("input[name=password]", login)
    with screen.page.expect_navigation():
        screen.page.click(".oe_login_form button[type=submit]")


def turn_on(screen, login):
    """Password, secret, code: what the dialogs ask for; the secret."""
    word, confirm = ".modal [name=password]:visible", ".modal-footer .btn-primary"
    screen.show("/my/security", "#auth_totp_portal_enable")
    open_dialog(screen, "#auth_totp_portal_enable", word)
    screen.page.fill(word, login)
    screen.page.click(f"{confirm}:visible")
    secret = text_of(screen, ".modal [name=secret]")
    screen.page.fill(".modal [name=code]", code_of(secret))
    screen.page.click(f"{confirm}:visible")
    screen.settle("#auth_totp_portal_disable")
    return secret


def open_dialog(screen, button, wanted):
    """Odoo's button does nothing until its script has started: clicked again then."""
    for patience in (5_000, 5_000, None):
        screen.page.click(button)
        try:
            return screen.page.wait_for_selector(wanted, timeout=patience)
        except TooLate:
            if patience is None:
                raise
