"""The journey of an entrepreneur in a real browser, from first contact to exit.

The office works on a desktop, the person on a phone, where each page is looked at as
wide as a desk too; another person of the portal sits at one. Days go by by moving what
was planned into the past; everything that people do is done by clicks. Pictures as in
``test_browser``.
"""

import re
from datetime import datetime, timedelta
from types import SimpleNamespace

import contract
import people
import pytest
from portal import draw
from screen import DESK, FORM, PHONE, ROWS, Screen, today

pytestmark = pytest.mark.browser

DATA = ".o_list_view .o_data_row"
MODAL = ".modal:not(.o_inactive_modal) "
SAVED = ".o_form_saved, .o_form_status_indicator_buttons.invisible"
#: Fields without which Odoo does not save; its words about them go after seconds.
MISSING = ".o_field_widget.o_field_invalid"
CARD = ".o_kanban_record:not(.o_kanban_ghost)"
TODAY = today()
YESTERDAY = TODAY - timedelta(days=1)
#: First day of the CAPE, of the CESA, and last day in the cooperative.
CAPE, CESA = TODAY - timedelta(days=150), TODAY - timedelta(days=30)
NAME, MAIL, MOBILE = "Nolwenn Kerbrat", "nolwenn@example.com", "06 12 34 56 78"
TRADE = "Reliure Kerbrat"
COACH, HEAD, MANAGER = "conseil", "responsable", "gerante"
PERSON, OTHER = "nolwenn", "yann"
PARTS = {
    "review": "Deux reliures vendues, un devis accepté.",
    "prospects": "Trois bibliothèques à rencontrer au printemps.",
    "action_plan": "Écrire aux bibliothèques ; suivre l'atelier sur les prix.",
    "needs": "De l'aide pour fixer un prix.",
}
ACTION = "Écrire aux trois bibliothèques"
#: Others who want to come, each in a stage of the board.
CANDIDATES = {
    "contact": ("Malo Kervella", "Réparation de vélos"),
    "information": ("Awa Diallo", "Traiteur"),
    "diagnosis": ("Gwenaël Prigent", "Élagage"),
}
ALERT = f"{CARD}:has-text('{TRADE}'):has-text('facture')"
DESCRIBED = "/cae/document/cae.workshop.certificate/"


def furnish(client):
    client.call("res.company", "write", ids=[1], vals={"name": "Les Brisants"})
    for login, name, group in (
        (COACH, "Solène Rault", "cae_base.group_coach"),
        (HEAD, "Denis Maréchal", "cae_coaching.group_coaching_manager"),
        (MANAGER, "Claire Le Gall", "cae_base.group_manager"),
    ):
        people.create_user(client, login, name, group)
    stages = client.read("cae.candidate.stage", [], ["kind"])
    for stage in stages:
        if stage["kind"] in CANDIDATES:
            name, wish = CANDIDATES[stage["kind"]]
            vals = {"stage_id": stage["id"], "wished_activity": wish}
            client.create("cae.candidate", {"name": name, **vals})


@pytest.fixture(scope="module")
def office(serve):
    """An empty cooperative with its team, a meeting and a workshop to come."""
    server = serve(None, *contract.PATIENCE)
    furnish(contract.Client(server))
    return server


@pytest.fixture(scope="module")
def admin(office):
    return contract.Client(office)


@pytest.fixture
def desk(office, screen_on):
    """Function that gives the desktop of somebody of the team."""
    known = {}
    return lambda user: (
        known.get(user) or known.setdefault(user, screen_on(office, user))
    )


@pytest.fixture
def portal(office, open_page):
    """Function that gives the screen of a person of the portal: a phone, or a desk."""
    known = {}

    def give(login):
        if login not in known:
            size = DESK if login == OTHER else PHONE
            page = open_page(office, login, path="/web/health", size=size)
            known[login] = Screen(page, office)
        return known[login]

    return give


@pytest.fixture
def visitor(office, browser):
    """The phone of somebody without a login."""
    width, height = PHONE
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="fr-FR",
        timezone_id="Europe/Paris",
    )
    yield Screen(context.new_page(), office)
    context.close()


def test_from_first_contact_to_exit(admin, desk, portal, visitor):
    story = SimpleNamespace(admin=admin, desk=desk, portal=portal)
    sign_up_for_a_meeting(story, visitor)
    diagnose(story)
    decide(story)
    convert(story)
    open_the_portal(story)
    hold_an_interview(story)
    sign_the_report(story)
    answer_the_action(story)
    assess(story)
    wait_for_a_seat(story)
    attend(story)
    evaluate(story)
    certify(story)
    become_an_employee(story)
    be_alerted(story)
    solve(story)
    leave(story)
    look_at_the_path(story)


# Means ------------------------------------------------------------------------------


def text_of(screen, selector):
    """What is written there, with plain spaces."""
    return re.sub(r"[\u202f\u00a0]", " ", screen.page.inner_text(selector))


def show_portal(screen, path, selector):
    """Open a page of the portal, and look at it at both widths."""
    screen.show(path, selector)
    check_widths(screen)


def check_widths(screen):
    """Nothing is wider than the screen, what is tapped on a phone is tall enough."""
    own = screen.page.viewport_size
    screen.resize(DESK)
    assert screen.fits()
    screen.resize(PHONE)
    assert screen.fits()
    low = screen.page.eval_on_selector_all(
        "main .btn:visible, main .o_portal_wrap input:visible",
        "all => all.filter(e => e.type != 'checkbox'"
        " && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)",
    )
    assert not low
    screen.resize(own.values())


def fill(screen, name, text, scope=""):
    screen.page.locator(f'{scope}.o_field_widget[name="{name}"]').locator(
        "input, textarea"
    ).first.fill(text)


def fill_day(screen, name, text, scope=""):
    """A field of a date is a button until it has the focus."""
    field = f'{scope}[name="{name}"]'
    screen.page.locator(f"{field} button, {field} input").first.click()
    box = screen.page.locator(f"{field} input").first
    box.fill(text)
    box.press("Enter")


def fill_page(screen, name, text):
    """A text with an editor."""
    screen.page.click(f'[name="{name}"] .odoo-editor-editable')
    screen.page.keyboard.type(text)


def choose(screen, name, text, scope=""):
    """Of a relation."""
    box = screen.page.locator(f'{scope}[name="{name}"] input').first
    box.click()
    box.fill(text)
    item = f".o-autocomplete--dropdown-menu li:has-text('{text}')"
    screen.page.click(f"{item} >> nth=0")


def pick(screen, name, item, scope=""):
    """Of a list of values, and look at it before going on.

    Odoo's ``SelectMenu`` (web/static/src/core/select_menu/select_menu.js) knows the
    server's answer in ``onWillUpdateProps``, a frame before its box shows it. Whoever
    leaves the box in between empties the field: ``onInputBlur`` takes an empty box for
    a value that was erased. Nothing is said until *Save* finds it missing.
    """
    box = f'{scope}[name="{name}"] input'
    screen.page.click(box)
    screen.page.click(f".o_select_menu_menu .o-dropdown-item >> {item}")
    screen.settle(box)
    assert screen.page.input_value(box)


def press(screen, name, selector, scope=""):
    screen.page.click(f'{scope}button[name="{name}"]:visible')
    screen.settle(selector)


def confirm(screen, name, selector=FORM):
    """The button of a dialog, which then closes."""
    screen.page.click(f'{MODAL}button[name="{name}"]')
    screen.page.wait_for_selector(MODAL, state="detached")
    screen.settle(selector)


def save(screen):
    # The button stands beside the record's name: it moves when an answer names the
    # record (Odoo's FormStatusIndicator), and a press begun before ends beside it.
    screen.settle(FORM)
    screen.page.click(".o_form_button_save:visible")
    screen.page.wait_for_selector(f"{SAVED}, {MISSING}", state="attached")
    names = "all => all.map(field => field.getAttribute('name'))"
    assert not screen.page.eval_on_selector_all(MISSING, names)
    screen.settle(FORM)


def french(day):
    return f"{day:%d/%m/%Y}"


def one(admin, model, domain, fields):
    (row,) = admin.read(model, domain, fields)
    return row


# The journey ------------------------------------------------------------------------


def sign_up_for_a_meeting(story, visitor):
    begin = datetime.now().replace(microsecond=0) + timedelta(days=7)
    story.admin.create(
        "event.event",
        {
            **{"name": "Découvrir la coopérative", "cae_information": True},
            **{"date_begin": f"{begin}", "date_end": f"{begin + timedelta(hours=2)}"},
            **{"seats_limited": True, "seats_max": 12, "date_tz": "Europe/Paris"},
        },
    )
    show_portal(visitor, "/cae/information", ".list-group-item")
    visitor.page.click(".list-group-item")
    visitor.settle("form #cae_name")
    check_widths(visitor)
    for key, value in (("name", NAME), ("email", MAIL), ("phone", MOBILE)):
        visitor.page.fill(f"#cae_{key}", value)
    visitor.page.check("#cae_consent")
    visitor.page.click("form[action^='/cae/information/'] button[type=submit]")
    visitor.settle(".alert-success")


def diagnose(story):
    screen = story.desk(COACH)
    screen.show("/odoo/cae-candidates", CARD)
    screen.picture("candidates")
    screen.page.click(f"{CARD}:has-text('{NAME}')")
    screen.settle(FORM)
    fill(screen, "wished_activity", "Reliure de livres anciens")
    fill(screen, "trade_name", TRADE)
    choose(screen, "coach_id", "Solène Rault")
    screen.page.click('.o_notebook .nav-link[name="diagnosis"]')
    screen.page.click('[name="diagnosis_ids"] .o_field_x2many_list_row_add a')
    screen.settle(f"{MODAL}.o_form_view")
    pick(screen, "fit", "nth=0", MODAL)
    fill_day(screen, "date_start", french(CAPE), MODAL)
    fill(screen, "project", "Relier et restaurer des livres", MODAL)
    fill(screen, "action_plan", "Trois clients à rencontrer", MODAL)
    screen.page.click(f"{MODAL}.o_form_button_save")
    screen.page.wait_for_selector(MODAL, state="detached")
    save(screen)
    story.candidate = one(
        story.admin,
        "cae.candidate",
        [("email", "=", MAIL)],
        ["stage_kind", "diagnosis_count"],
    )
    assert story.candidate["stage_kind"] == "diagnosis"
    assert story.candidate["diagnosis_count"] == 1


def decide(story):
    screen = story.desk(COACH)
    press(screen, "action_accept", f"{MODAL}.o_form_view")
    fill(screen, "note", "Projet mûr, premiers clients trouvés", MODAL)
    confirm(screen, "action_confirm")
    # The head of coaching converts, not the coach.
    assert not screen.count('button[name="action_convert"]')


def convert(story):
    screen = story.desk(HEAD)
    screen.show(f"/odoo/cae-candidates/{story.candidate['id']}", FORM)
    press(screen, "action_convert", f"{MODAL}.o_form_view")
    screen.page.click(f'{MODAL}button[name="action_convert"]')
    screen.page.wait_for_selector(MODAL, state="detached")
    screen.settle(f"{FORM} [name=code]")
    story.person = one(
        story.admin,
        "cae.entrepreneur",
        [("email", "=", MAIL)],
        ["name", "first_name", "phone", "coach_id", "code", "contract_ids"],
    )
    # Nothing of it was typed twice.
    assert (story.person["name"], story.person["first_name"]) == (NAME, "Nolwenn")
    assert story.person["phone"].replace(" ", "")[-9:] == MOBILE.replace(" ", "")[1:]
    assert story.person["coach_id"][1] == "Solène Rault"
    cape = one(
        story.admin,
        "cae.contract",
        [("id", "in", story.person["contract_ids"])],
        ["kind", "date_start"],
    )
    assert (cape["kind"], cape["date_start"]) == ("cape", CAPE.isoformat())
    (story.activity,) = story.admin.read(
        "cae.activity", [("name", "=", TRADE)], ["code"]
    )


def open_the_portal(story):
    """Logins of the person, and of another one who takes seats."""
    people.create_entrepreneur_user(story.admin, PERSON, story.person["code"])
    other = story.admin.create(
        "cae.entrepreneur",
        {"first_name": "Yann", "last_name": "Le Goff", "date_entry": f"{CAPE}"},
    )
    row = one(story.admin, "cae.entrepreneur", [("id", "=", other)], ["code"])
    people.create_entrepreneur_user(story.admin, OTHER, row["code"])
    story.other = other
    screen = story.portal(PERSON)
    show_portal(screen, "/my/interviews", ".alert-info")
    assert screen.count(".breadcrumb-item") == 2


def hold_an_interview(story):
    screen = story.desk(COACH)
    screen.show("/odoo/cae-interviews/new", FORM)
    choose(screen, "entrepreneur_ids", NAME)
    # Over by now: what has not ended is not held.
    moment = datetime.now() - timedelta(hours=2)
    fill_day(screen, "date_start", f"{moment:%d/%m/%Y %H:%M}")
    fill(screen, "place", "Salle 2")
    save(screen)
    assert TRADE in text_of(screen, '[name="figures_html"]')
    for name, text in PARTS.items():
        fill_page(screen, name, text)
    screen.page.click('.o_notebook .nav-link[name="actions"]')
    screen.page.click('[name="action_ids"] .o_field_x2many_list_row_add a')
    row = '[name="action_ids"] .o_selected_row '
    fill(screen, "name", ACTION, row)
    choose(screen, "entrepreneur_id", NAME, row)
    fill_day(screen, "date_deadline", french(TODAY + timedelta(days=30)), row)
    save(screen)
    screen.picture("interview")
    press(screen, "action_held", 'button[name="action_share"]')
    press(screen, "action_share", 'button[name="action_sign"]')
    press(screen, "action_sign", f"{MODAL}.o_form_view")
    confirm(screen, "action_confirm")
    story.report = one(
        story.admin,
        "cae.interview.report",
        [("entrepreneur_ids", "in", [story.person["id"]])],
        ["state"],
    )
    assert story.report["state"] == "shared"


def sign_the_report(story):
    screen = story.portal(PERSON)
    show_portal(screen, "/my/interviews", ".list-group-item .text-bg-warning")
    # The home says it too.
    asked = f".o_cae_home a[href$='/my/interviews/{story.report['id']}']"
    show_portal(screen, "/my", asked)
    assert text_of(screen, ".o_cae_home h2") == "Bonjour Nolwenn"
    screen.page.click(asked)
    screen.settle("#cae_sign .o_portal_sign_submit")
    check_widths(screen)
    for text in PARTS.values():
        assert text in text_of(screen, "main")
    screen.page.click("#cae_sign .o_web_sign_draw_button")
    draw(screen)
    screen.picture("portal_report")
    screen.page.click("#cae_sign .o_portal_sign_submit:not([disabled])")
    screen.page.wait_for_selector("#cae_sign", state="detached")
    screen.settle("main img[alt=Signature]")
    path = f"/cae/document/cae.interview.report/{story.report['id']}/pdf"
    answer = screen.page.request.get(f"{screen.server.url}{path}")
    assert answer.body().startswith(b"%PDF")
    report = one(
        story.admin,
        "cae.interview.report",
        [("id", "=", story.report["id"])],
        ["state"],
    )
    assert report["state"] == "signed"


def answer_the_action(story):
    screen = story.portal(PERSON)
    show_portal(screen, "/my/actions", ".card")
    assert ACTION in text_of(screen, ".card")
    screen.page.fill(".card textarea", "Deux ont répondu !")
    screen.page.click(".card button[value=done]")
    screen.settle(".card .text-bg-success")
    # Back at the coach's.
    screen = story.desk(COACH)
    action = one(story.admin, "cae.coaching.action", [("name", "=", ACTION)], ["state"])
    assert action["state"] == "done"
    screen.show(f"/odoo/cae-coaching-actions/{action['id']}", FORM)
    screen.page.wait_for_selector(".o-mail-Message:has-text('Deux ont répondu !')")


def assess(story):
    """Where the person stands, in their own words: the radar."""
    screen = story.portal(PERSON)
    show_portal(screen, "/my/skills", "a[href^='/my/skills/grid/']")
    screen.page.click("a[href^='/my/skills/grid/']")
    screen.settle("main form select")
    check_widths(screen)
    word = "Je ne sais pas par où commencer"
    screen.page.fill("#comment", word)
    screen.page.click("main form button")
    screen.settle("main .alert-danger")
    assert screen.page.input_value("#comment") == word
    boxes = screen.page.locator("main form select")
    for place in range(boxes.count()):
        boxes.nth(place).select_option(index=1 + (place * 2) % 4)
    screen.page.click("main form button")
    screen.settle("main .list-group-item")
    screen.page.click("main .list-group-item")
    screen.settle(".o_cae_radar svg")
    check_widths(screen)
    screen.picture("portal_skills")
    row = one(
        story.admin,
        "cae.skill.assessment",
        [("entrepreneur_id", "=", story.person["id"])],
        ["kind", "state"],
    )
    assert (row["kind"], row["state"]) == ("self", "done")


def wait_for_a_seat(story):
    begin = datetime.now().replace(hour=5, minute=0, second=0, microsecond=0)
    begin += timedelta(days=3)
    (coach,) = story.admin.read("res.users", [("login", "=", COACH)], ["partner_id"])
    story.workshop = story.admin.create(
        "event.event",
        {
            **{"name": "Fixer ses prix", "cae_workshop": True},
            **{"date_begin": f"{begin}", "date_end": f"{begin + timedelta(hours=15)}"},
            **{"seats_limited": True, "seats_max": 1, "date_tz": "Europe/Paris"},
            "cae_trainer_ids": [(6, 0, [coach["partner_id"][0]])],
        },
    )
    story.session = story.admin.create(
        "cae.workshop.session",
        {"event_id": story.workshop, "date": f"{begin:%Y-%m-%d}", "part": "morning"},
    )
    join(story.portal(OTHER), "text-bg-success")
    screen = story.portal(PERSON)
    join(screen, "text-bg-warning")
    assert "position 1" in text_of(screen, "main") or "number 1" in text_of(
        screen, "main"
    )
    screen.picture("portal_workshops")
    other = story.portal(OTHER)
    other.page.click("form[action$='/leave'] button")
    other.settle("main .alert-success")
    show_portal(screen, "/my/workshops", "main .text-bg-success")
    assert not screen.count("main .text-bg-warning")


def join(screen, badge):
    show_portal(screen, "/my/workshops", "form[action$='/join']")
    screen.page.fill("form textarea", "Savoir dire mon prix")
    screen.page.click("form[action$='/join'] button")
    screen.settle(f"main .{badge}")


def attend(story):
    """The day has come: it was yesterday."""
    day = YESTERDAY
    event = [story.workshop]
    vals = {"date_begin": f"{day} 00:00:00"}
    story.admin.call("event.event", "write", ids=event, vals=vals)
    story.admin.call(
        "cae.workshop.session", "write", ids=[story.session], vals={"date": f"{day}"}
    )
    vals = {"date_end": f"{day} 18:00:00"}
    story.admin.call("event.event", "write", ids=event, vals=vals)
    screen = story.portal(PERSON)
    show_portal(screen, "/my/workshops", "a[href^='/my/workshops/sheet/']")
    screen.page.click("a[href^='/my/workshops/sheet/']")
    screen.settle("#cae_sign .o_portal_sign_submit")
    check_widths(screen)
    # The name that is there, written out.
    screen.page.click("#cae_sign .o_web_sign_auto_button")
    screen.page.click("#cae_sign .o_portal_sign_submit:not([disabled])")
    screen.page.wait_for_selector("#cae_sign", state="detached")
    screen.settle("main .alert-success")
    line = one(
        story.admin,
        "cae.workshop.attendance",
        [("event_id", "=", story.workshop)],
        ["state", "signed_name", "signed_place"],
    )
    assert (line["state"], line["signed_name"]) == ("present", NAME)
    assert line["signed_place"] == "portal"
    desk = story.desk(COACH)
    desk.show(f"/odoo/cae-half-days/{story.session}", FORM)
    press(desk, "action_trainer_sign", MODAL)
    desk.page.click(f"{MODAL}footer .btn-primary")
    desk.page.wait_for_selector('button[name="action_trainer_sign"]', state="detached")
    desk.settle(FORM)
    sheet = one(
        story.admin,
        "cae.workshop.session",
        [("id", "=", story.session)],
        ["trainer_name", "signed_count"],
    )
    assert (sheet["trainer_name"], sheet["signed_count"]) == ("Solène Rault", 1)


def evaluate(story):
    screen = story.portal(PERSON)
    show_portal(screen, "/my/workshops", "a[href$='/evaluation']")
    screen.page.click("a[href$='/evaluation']")
    screen.settle("main form select")
    check_widths(screen)
    for place, mark in enumerate(("5", "5", "4", "5")):
        screen.page.locator("main select").nth(place).select_option(mark)
    screen.page.fill("#comment", "Un exemple de plus")
    screen.page.click("main form button")
    screen.settle("main .alert-success")
    given = one(
        story.admin,
        "cae.workshop.evaluation",
        [("event_id", "=", story.workshop)],
        ["average"],
    )
    assert given["average"] == 4.75


def certify(story):
    desk = story.desk(HEAD)
    desk.show(f"/odoo/cae-workshops/{story.workshop}", FORM)
    press(desk, "action_cae_certificates", DATA)
    assert desk.count(DATA) == 1
    screen = story.portal(PERSON)
    show_portal(screen, "/my/workshops", f"a[href^='{DESCRIBED}']")
    path = screen.page.get_attribute(f"a[href^='{DESCRIBED}']", "href")
    answer = screen.page.request.get(f"{screen.server.url}{path}")
    assert answer.body().startswith(b"%PDF")


def become_an_employee(story):
    screen = story.desk(MANAGER)
    (cape,) = story.person["contract_ids"]
    screen.show(f"/odoo/cae-contracts/{cape}", FORM)
    fill_day(screen, "date_end", french(CESA - timedelta(days=1)))
    save(screen)
    screen.show("/odoo/cae-contracts/new", FORM)
    choose(screen, "entrepreneur_id", story.person["code"])
    pick(screen, "kind", "text=CESA")
    fill_day(screen, "date_start", french(CESA))
    save(screen)
    row = one(
        story.admin, "cae.entrepreneur", [("id", "=", story.person["id"])], ["stage"]
    )
    assert row["stage"] == "cesa"


def run_the_job(admin):
    """What the scheduler does each night."""
    job = admin.ref("cae_coaching.cron_coaching_alerts")
    admin.call("ir.cron", "method_direct_trigger", ids=[job])


def alerts_of(admin, story):
    return admin.read(
        "cae.coaching.alert",
        [("cause", "=", "no_invoice"), ("activity_id", "=", story.activity["id"])],
        ["state", "activity_ids", "coach_id"],
    )


def be_alerted(story):
    run_the_job(story.admin)
    (alert,) = alerts_of(story.admin, story)
    assert alert["state"] == "open" and len(alert["activity_ids"]) == 1
    reminder = one(
        story.admin,
        "mail.activity",
        [("id", "in", alert["activity_ids"])],
        ["user_id", "summary"],
    )
    assert reminder["user_id"] == alert["coach_id"] == story.person["coach_id"]
    screen = story.desk(COACH)
    screen.show("/odoo/cae-my-alerts", CARD)
    assert screen.count(ALERT) == 1
    # Among what Odoo reminds the coach of.
    screen.page.click(".o_menu_systray .fa-clock-o")
    # Late, today, to come.
    screen.page.click("[data-model_name='cae.coaching.alert'] .text-truncate >> nth=2")
    screen.page.wait_for_selector(".o-mail-ActivityMenu", state="detached")
    screen.settle(".o_view_controller")
    open_groups(screen)
    assert TRADE in text_of(screen, ".o_content")
    # And on the page where the day begins.
    screen.show("/odoo/cae-my-people", f"{CARD}:has-text('{NAME}')")
    assert TRADE in text_of(screen, f"{CARD}:has-text('{NAME}')")
    screen.picture("desk")
    # A second night adds nothing.
    run_the_job(story.admin)
    assert alerts_of(story.admin, story) == [alert]


def open_groups(screen):
    while screen.count(".o_group_header:not(.o_group_open)"):
        screen.page.click(".o_group_header:not(.o_group_open) >> nth=0")
        screen.settle(".o_group_open")


def solve(story):
    """An invoice, as the tools of the cooperative send them."""
    customer = {
        **{"code": "C90001", "activite": story.activity["code"]},
        **{"nom": "Bibliothèque de Quimper", "type": "entreprise"},
        **{"siren": "", "cp": "29000", "ville": "Quimper", "pays": "FR"},
    }
    assert not story.admin.load("customers", [customer])["errors"]
    row = {
        **{"numero": f"F{YESTERDAY:%Y}-900001", "type": "facture", "origine": ""},
        # Late at night the job's day, of UTC, is not yet that of Paris.
        **{"date": f"{YESTERDAY}", "activite": story.activity["code"]},
        **{"client": "C90001", "libelle": "Reliure", "quantite": 1},
        **{"prix_unitaire_ht": 480, "taux_tva": 20, "nature": "service"},
    }
    assert not story.admin.load("invoices", [row])["errors"]
    run_the_job(story.admin)
    (alert,) = alerts_of(story.admin, story)
    assert (alert["state"], alert["activity_ids"]) == ("closed", [])
    screen = story.desk(COACH)
    screen.show("/odoo/cae-my-alerts", ".o_kanban_view")
    assert not screen.count(ALERT)


def leave(story):
    screen = story.desk(HEAD)
    path = f"/odoo/cae-entrepreneurs/{story.person['id']}"
    screen.show(path, FORM)
    press(screen, "action_exit", f"{MODAL}.o_form_view")
    screen.page.click(f'{MODAL}[name="exit_reason_id"] input')
    screen.page.click(".o-autocomplete--dropdown-menu li >> nth=0")
    confirm(screen, "action_confirm")
    more = screen.page.locator(".o-form-buttonbox .o_button_more")
    if more.count():
        more.click()
    press(screen, "action_exit_interviews", ".o_list_view")
    screen.page.click(".o_list_button_add:visible")
    screen.settle(FORM)
    fill(screen, "helpful", "Les entretiens et le collectif")
    fill(screen, "learned", "Tenir une trésorerie")
    save(screen)
    row = one(
        story.admin,
        "cae.entrepreneur",
        [("id", "=", story.person["id"])],
        ["date_exit", "exit_reason_id", "exit_interview_count"],
    )
    assert row["date_exit"] == TODAY.isoformat() and row["exit_reason_id"]
    assert row["exit_interview_count"] == 1


def word_of(admin, state):
    """What a state of the path is called on the screen."""
    (field,) = admin.call(
        "cae.entrepreneur",
        "fields_get",
        allfields=["path_state"],
        attributes=["selection"],
        context={"lang": people.FRENCH["lang"]},
    ).values()
    return dict(field["selection"])[state]


def look_at_the_path(story):
    screen, left = story.desk(HEAD), word_of(story.admin, "left")
    for day, state in (
        (CAPE + timedelta(days=10), "CAPE"),
        (CESA + timedelta(days=10), "CESA"),
        (TODAY + timedelta(days=1), left),
    ):
        action = "/odoo/action-cae_coaching.cae_path_report_action"
        screen.show(action, f"{MODAL}.o_form_view")
        fill_day(screen, "day", french(day), MODAL)
        screen.page.click(f'{MODAL}button[name="action_open"]')
        screen.settle(ROWS)
        open_groups(screen)
        row = f"{DATA}:has-text('{NAME}')"
        assert state in text_of(screen, f"{row} td[name=state]"), day
    screen.show(f"/odoo/cae-entrepreneurs/{story.person['id']}", FORM)
    screen.page.click('.o_notebook .nav-link[name="path"]')
    shown = text_of(screen, '[name="path_html"]')
    places = [shown.index(word) for word in ("CAPE", "CESA", left)]
    assert places == sorted(places)
