"""What an entrepreneur is asked to do, and their coaching: on a phone and at a desk.

On the demo, by clicks; what came of it is read over RPC. Each width has its own
interview, workshop and document to supply, so that both do all of it.
"""

import base64
import io
import re
from datetime import datetime, time, timedelta, timezone
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import contract
import portal
import pytest
from babel.dates import format_datetime
from PIL import Image
from portal import DONE, amount, press, refuse, sent_once, text_of, texts_of
from screen import today

pytestmark = pytest.mark.browser

PERSON, COACH, ACCOUNTANT = "E0001", "conseil", "comptable"
#: Whose home has most to do, of different kinds.
BUSY = {"phone": "ines", "desk": "nadia"}
PARTS = ("review", "prospects", "action_plan", "needs")
TO_DO = ".o_cae_home .card:has(.badge) a.list-group-item"
APPOINTMENTS = ".o_cae_home .card:not(:has(.badge)) a.list-group-item"
#: What a row of the home names: a customer, a workshop, a document.
NAMED = re.compile(
    r"^(?:Corriger la facture (?:pour|de)|Donner mon avis sur|Fournir la pièce :"
    r"|Facturer le devis que|Émarger :|Signer le compte rendu de l’entretien du) "
    r"(.*?)(?: a accepté)?$"
)
SIGN = "#cae_sign .o_portal_sign_submit"
PDF = b"%PDF-1.4 attestation"


@pytest.fixture(scope="module")
def office(demo, fresh_database, serve):
    """The demo, where these tests write."""
    server = serve(fresh_database(demo), *contract.PATIENCE)
    client = contract.Client(server)
    for size in portal.SIZES:
        create_document_type(client, size)
        share_report(client, size)
    yield server
    server.stop()


def create_document_type(client, size):
    values = {"name": f"Attestation {size}", "for_cesa": True, "mandatory": True}
    client.create("cae.document.type", {**values, "portal": True, "sequence": 99})


def share_report(client, size):
    """An interview that was held, one day or two ago, with its report to sign."""
    coach = contract.Client(client.server, login=COACH)
    (person,) = client.search("cae.entrepreneur", [("code", "=", PERSON)])
    moment = datetime.now() - timedelta(days=1 + list(portal.SIZES).index(size))
    values = {part: f"<p>Point {part} {size}</p>" for part in PARTS}
    values |= {"date_start": f"{moment:%Y-%m-%d %H:%M:%S}"}
    values |= {"entrepreneur_ids": [(6, 0, [person])]}
    interview = coach.create("cae.interview", values)
    for step in ("action_held", "action_share"):
        coach.call("cae.interview", step, [interview])


@pytest.fixture(scope="module")
def client(office):
    return contract.Client(office)


@pytest.fixture
def ines(portal_of):
    return portal_of("ines")


def one(client, model, domain, *fields):
    (row,) = client.read(model, domain, list(fields), order="id desc", limit=1)
    return row


def from_home(screen, row, then="main"):
    """Tap on what there is to do."""
    screen.show("/my", TO_DO)
    press(screen, f"{TO_DO}:has-text('{row}')", then)


def test_each_thing_to_do_leads_where_it_says(portal_of, size):
    screen = portal_of(BUSY[size])
    screen.show("/my", TO_DO)
    rows = texts_of(screen, f"{TO_DO} > span:first-child")
    assert text_of(screen, ".o_cae_home .card-header .badge") == str(len(rows))
    assert len(rows) == screen.count(TO_DO) > 3
    kinds = set()
    for place, row in enumerate(rows):
        screen.show("/my", TO_DO)
        press(screen, f"{TO_DO} >> nth={place}")
        named = NAMED.match(row)
        if row.startswith("Factures que des clients tardent"):
            late = screen.count(".o_cae_invoices a:has-text('En retard')")
            assert late == amount(row.partition(":")[2])
        else:
            word = named[1] if named else row
            assert word in text_of(screen, "main"), row
        kinds.add(re.sub(r"\d+", "#", screen.page.url))
    assert len(kinds) > 2


def plan_interview(client, size):
    """Next week, each width on a day of its own; when, and the interview."""
    coach = contract.Client(client.server, login=COACH)
    (person,) = client.search("cae.entrepreneur", [("code", "=", PERSON)])
    day = today() + timedelta(days=7 + list(portal.SIZES).index(size))
    moment = datetime.combine(day, time(14, 35), ZoneInfo("Europe/Paris"))
    start = moment.astimezone(timezone.utc)
    values = {"date_start": f"{start:%Y-%m-%d %H:%M:%S}", "mode": "video"}
    values |= {"place": f"Salle {size}", "video_url": f"https://visio.test/{size}"}
    values |= {"entrepreneur_ids": [(6, 0, [person])]}
    return moment, coach.create("cae.interview", values)


def test_next_appointment(ines, client, size):
    """From the home to where and with whom; when the coach calls it off it is gone."""
    moment, interview = plan_interview(client, size)
    short, whole = (
        format_datetime(moment.replace(tzinfo=None), pattern, locale="fr")
        for pattern in ("EEE d MMM HH:mm", "EEEE d MMMM, HH:mm")
    )
    row, card = f"{APPOINTMENTS}:has-text('{short}')", f".card:has-text('{whole}')"
    ines.show("/my", row)
    assert "Entretien d’accompagnement" in text_of(ines, row)
    press(ines, row, card)
    told = text_of(ines, card)
    for word in ("Solène Rault", "Visio", f"Salle {size}"):
        assert word in told, told
    call = ines.page.locator(f"{card} a:has-text('Rejoindre l’appel')")
    assert call.get_attribute("href") == f"https://visio.test/{size}"
    assert ines.fits()
    coach = contract.Client(client.server, login=COACH)
    reason = {"reason": "La formatrice est malade"}
    coach.call("cae.interview", "action_cancel", [interview], **reason)
    ines.show("/my/interviews", "main h3")
    assert not ines.count(card)
    ines.show("/my", ".o_cae_home")
    assert not ines.count(row)


def check_drawn(client, report):
    """The signature is kept as an image with the stroke that was drawn, and once."""
    mine = [("report_id", "=", report), ("entrepreneur_id.code", "=", PERSON)]
    (given,) = client.read("cae.interview.signature", mine, ["kind", "image"])
    assert given["kind"] == "drawn"
    image = Image.open(io.BytesIO(base64.b64decode(given["image"])))
    left, top, right, bottom = image.getchannel("A").getbbox()
    # As wide and as high as the strokes of the hand, not the whole frame.
    assert 60 < right - left < image.width and 15 < bottom - top < image.height


def test_report_is_signed(ines, client, size):
    day = today() - timedelta(days=1 + list(portal.SIZES).index(size))
    from_home(ines, f"{day:%d/%m/%Y}", SIGN)
    for part in PARTS:
        assert f"Point {part} {size}" in text_of(ines, "main")
    # By hand: nothing can be signed before there is a stroke.
    ines.page.click("#cae_sign .o_web_sign_draw_button")
    ines.page.wait_for_selector(f"{SIGN}[disabled]")
    portal.draw(ines)
    ines.page.click(f"{SIGN}:not([disabled])")
    ines.page.wait_for_selector("#cae_sign", state="detached")
    ines.settle("main img[alt=Signature]")
    assert "Inès N’Diaye" in portal.pdf_of(ines, "a:has-text('PDF')")
    report = int(ines.page.url.split("?")[0].rsplit("/", 1)[1])
    check_drawn(client, report)
    ines.show("/my", TO_DO)
    assert not ines.count(f"{TO_DO}:has-text('{day:%d/%m/%Y}')")


def test_action_is_commented_and_done(ines, client, size):
    person = one(client, "cae.entrepreneur", [("code", "=", PERSON)], "id")["id"]
    name = f"Relancer la mairie {size}"
    values = {"name": name, "entrepreneur_id": person, "owner": "person"}
    action = client.create("cae.coaching.action", values)
    from_home(ines, name, ".card")
    assert ines.page.url.endswith(f"#action-{action}")
    card, domain = f".card:has-text('{name}')", [("id", "=", action)]
    ines.page.fill(f"{card} textarea", "Rendez-vous pris le 12")
    press(ines, f"{card} button:has-text('Envoyer le mot')", DONE)
    assert "Rendez-vous pris le 12" in text_of(ines, card)
    assert one(client, "cae.coaching.action", domain, "state")["state"] == "todo"
    press(ines, f"{card} button[value=done]", DONE)
    assert one(client, "cae.coaching.action", domain, "state")["state"] == "done"
    assert ines.fits()


def test_document_is_refused_and_supplied_again(ines, client, size):
    name = f"Attestation {size}"
    card = f".card:has(strong:text-is('{name}'))"
    from_home(ines, name, f"{card} input[type=file]")
    domain = [("type_id.name", "=", name), ("entrepreneur_id.code", "=", PERSON)]

    def supply(file, content):
        given = {"name": file, "mimeType": "application/pdf", "buffer": content}
        ines.page.set_input_files(f"{card} input[type=file]", given)
        return f"{card} button[type=submit]"

    refuse(ines, supply("page.html", b"<script>alert(1)</script>"), "PDF")
    refuse(ines, supply("vide.pdf", b""), "fichier")
    assert not client.count("cae.person.document", domain)
    press(ines, supply("attestation.pdf", PDF), DONE)
    assert "En vérification" in text_of(ines, card)
    ines.page.click(f"{card} summary")
    refuse(ines, supply("page.html", b"<p>"), "PDF")
    assert [ines.count("details[open]"), ines.count(f"{card} details[open]")] == [1, 1]
    document = one(client, "cae.person.document", domain, "state", "file_name")
    assert (document["state"], document["file_name"]) == ("received", "attestation.pdf")
    content, _kind = portal.file_of(ines, f"{card} a")
    assert content == PDF
    coach, ids = contract.Client(client.server, login=COACH), [document["id"]]
    vals = {"refusal": "Il manque la signature"}
    coach.call("cae.person.document", "write", ids, vals=vals)
    coach.call("cae.person.document", "action_refuse", ids)
    from_home(ines, name, card)
    assert "Refusée : Il manque la signature" in text_of(ines, card)
    press(ines, supply("signee.pdf", PDF), DONE)
    last = one(client, "cae.person.document", domain, "state", "file_name")
    assert (last["state"], last["file_name"]) == ("received", "signee.pdf")
    assert ines.fits()


def plan_workshop(client, size):
    begin = (datetime.now() + timedelta(days=3)).replace(hour=5, minute=0, second=0)
    event = client.create(
        "event.event",
        {
            **{"name": f"Fixer ses prix {size}", "cae_workshop": True},
            "date_begin": f"{begin:%Y-%m-%d %H:%M:%S}",
            "date_end": f"{begin + timedelta(hours=12):%Y-%m-%d %H:%M:%S}",
            **{"date_tz": "Europe/Paris", "seats_limited": True, "seats_max": 2},
        },
    )
    values = {"event_id": event, "date": f"{begin:%Y-%m-%d}", "part": "morning"}
    return SimpleNamespace(
        event=event, session=client.create("cae.workshop.session", values)
    )


def hold(client, workshop):
    """The day has come: it was yesterday."""
    day, ids = today() - timedelta(days=1), [workshop.event]
    vals = {"date_begin": f"{day} 00:00:00"}
    client.call("event.event", "write", ids, vals=vals)
    ids = [workshop.session]
    client.call("cae.workshop.session", "write", ids, vals={"date": f"{day}"})
    vals = {"date_end": f"{day} 18:00:00"}
    client.call("event.event", "write", [workshop.event], vals=vals)


def test_workshop_from_the_seat_to_the_certificate(ines, client, size):
    workshop = plan_workshop(client, size)
    name, taken = f"Fixer ses prix {size}", [("event_id", "=", workshop.event)]
    card = f".card:has-text('{name}')"
    ines.show("/my/workshops", card)
    assert "2 places restantes" in text_of(ines, card)
    ines.page.fill(f"{card} textarea", "Savoir dire mon prix")
    press(ines, f"{card} form[action$='/join'] button", DONE)
    press(ines, f"{card} form[action$='/leave'] button", DONE)
    press(ines, f"{card} form[action$='/join'] button", DONE)
    assert "Vous êtes inscrit·e" in text_of(ines, card)
    assert client.count("event.registration", [*taken, ("state", "=", "open")]) == 1
    ines.show("/my", f"{APPOINTMENTS}:has-text('{name}')")
    press(ines, f"{APPOINTMENTS}:has-text('{name}')", card)
    hold(client, workshop)
    from_home(ines, f"Émarger : {name}", SIGN)
    ines.page.click("#cae_sign .o_web_sign_auto_button")
    ines.page.click(f"{SIGN}:not([disabled])")
    ines.page.wait_for_selector("#cae_sign", state="detached")
    ines.settle(DONE)
    line = one(client, "cae.workshop.attendance", taken, "state", "signed_name")
    assert (line["state"], line["signed_name"]) == ("present", "Inès N’Diaye")
    from_home(ines, f"Donner mon avis sur {name}", "main form select")
    for place, mark in enumerate(("5", "4", "4", "5")):
        ines.page.locator("main select").nth(place).select_option(mark)
    ines.page.fill("#comment", "Un exemple de plus")
    press(ines, "main form button", DONE)
    given = one(client, "cae.workshop.evaluation", taken, "average", "comment")
    assert (given["average"], given["comment"]) == (4.5, "Un exemple de plus")
    certificate = f"{card} a:has-text('Attestation')"
    assert not ines.count(certificate)
    client.call("event.event", "action_cae_certificates", [workshop.event])
    ines.show("/my/workshops", certificate)
    words = portal.pdf_of(ines, certificate)
    # Of one half-day.
    for word in ("Inès N’Diaye", name, "3,50 heures"):
        assert word in words, words
    assert ines.fits()


def test_where_i_stand(ines, client, size):
    mine = [("entrepreneur_id.code", "=", PERSON), ("kind", "=", "self")]
    before = client.count("cae.skill.assessment", mine)
    ines.show("/my/skills", "a[href^='/my/skills/grid/']")
    press(ines, "a[href^='/my/skills/grid/'] >> nth=0", "main form select")
    boxes = ines.page.locator("main form select")
    for place in range(boxes.count()):
        boxes.nth(place).select_option(index=2)
    level = boxes.first.evaluate("box => box.selectedOptions[0].text")
    ines.page.fill("#comment", f"Mieux qu’au printemps ({size})")
    press(ines, "main form button", DONE)
    press(ines, "main .list-group-item:has-text('La mienne')", ".o_cae_radar svg")
    assert f"Mieux qu’au printemps ({size})" in text_of(ines, "main")
    levels = texts_of(ines, "main li.list-group-item > div:first-of-type")
    assert {text.partition(" (")[0] in level for text in levels} == {True}
    assert f"Mieux qu’au printemps ({size})" in portal.pdf_of(ines, "main a.btn")
    assert client.count("cae.skill.assessment", mine) == before + 1
    assert ines.fits()


def test_the_cooperative_is_asked_and_answers(ines, client, size):
    subject, text = f"Frais de salon {size}", "Qui avance les 240 € ?"
    ines.show("/my/cooperative", "a[href='/my/services']")
    press(ines, "a[href='/my/services']", "#service")
    ines.page.select_option("#service", label="Comptabilité de l’activité")
    ines.page.fill("#subject", subject)
    ines.page.fill("#text", text)
    press(ines, "form[action$='/ask'] button", DONE)
    card, domain = f".card:has(b:text-is('{subject}'))", [("name", "=", subject)]
    request = one(client, "cae.service.request", domain, "state", "description")
    assert (request["state"], request["description"]) == ("new", text)
    ines.page.fill(f"{card} textarea", "C’est le 12 mars.")
    press(ines, f"{card} button", DONE)
    assert "C’est le 12 mars." in text_of(ines, card)
    sent_once(ines, f"{card} form")
    office, ids = contract.Client(client.server, login=ACCOUNTANT), [request["id"]]
    office.call("cae.service.request", "action_take", ids)
    vals = {"answer": "L’activité, sur facture."}
    office.call("cae.service.request", "write", ids, vals=vals)
    office.call("cae.service.request", "action_answer", ids)
    ines.show("/my/services", card)
    assert "L’activité, sur facture." in text_of(ines, f"{card} .alert-success")
    assert "Réponse donnée" in text_of(ines, card) and not ines.count(f"{card} form")
    assert ines.fits()
