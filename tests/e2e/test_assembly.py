"""A general meeting of 200 members, from the notice to the signed minutes.

A SCIC with two colleges of equal weight. The secretary and the chair work in their
browsers, the tellers in theirs, three members on phones; the others send what browsers
send. What must come out was reckoned by hand, in the comments.
"""

import concurrent.futures
import hashlib
import io
import random
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import assembly
import contract
import postman
import pypdf
import pytest
import secrecy
from assembly import name_of
from cae_governance_engine import sealing
from caetools import postgres
from screen import FORM, SIZE, Screen, today

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.browser
#: 140 members of A, 60 of B. 196 agreed to e-mail, the last four get letters.
COLLEGES = {"A": 140, "B": 60}
MEMBERS, BY_POST = 200, 4
OFFICE = {"secretary": 0, "chair": 1}
TELLERS = (2, 3)
#: Twenty members of A and ten of B are represented, by one holder each.
PROXIES = {
    **{giver: giver - 100 for giver in range(110, 130)},
    **{giver: giver - 30 for giver in range(180, 190)},
}
#: Five of each college neither come nor are represented: 160 are present, 30
#: represented. A votes with 115 + 20 = 135, B with 45 + 10 = 55.
ABSENT = {*range(130, 135), *range(190, 195)}
#: On phones: one of A, who votes for 110 too; one of A; one of B.
PHONES = (10, 5, 145)
#: Leaves before the sixth vote, and 129 with them.
LEAVES = 29
CANDIDATES = tuple(f"Candidate {letter}" for letter in "ABCDEFGH")
PHRASE = "a long pass phrase"
THREADS = 8
MODAL = ".o_dialog:not(.o_inactive_modal) "
AGENDA = (
    {"title": "Accounts", "mode": "show"},
    {"title": "Discharge", "mode": "named"},
    {"title": "Surplus", "mode": "secret"},
    {"title": "Board", "mode": "secret", "election": True, "seats": 5},
    {"title": "Statutes", "mode": "secret", "kind": "extraordinary"},
    {"title": "Contribution", "mode": "named"},
    {"title": "Powers", "mode": "show"},
)
#: Hands or ballots of each college: for, against, abstentions, blank. Abstentions and
#: blanks are not cast.
VOTES = {
    # 1/2 x 130/133 + 1/2 x 50/55 = 94.32 %
    "Accounts": {"A": (130, 3, 2, 0), "B": (50, 5, 0, 0)},
    # 1/2 x 50/135 + 1/2 x 40/50 = 58.51 %, although 90 are for and 95 against
    "Discharge": {"A": (50, 85, 0, 0), "B": (40, 10, 5, 0)},
    # 1/2 x 100/120 + 1/2 x 20/53 = 60.53 %
    "Surplus": {"A": (100, 20, 10, 5), "B": (20, 33, 0, 2)},
    # 1/2 x 90/135 + 1/2 x 20/30 = exactly two thirds, which are enough
    "Statutes": {"A": (90, 45, 0, 0), "B": (20, 10, 25, 0)},
    # Two of A are gone: 1/2 x 67/133 + 1/2 x 27/55 = 49.73 %
    "Contribution": {"A": (67, 66, 0, 0), "B": (27, 28, 0, 0)},
    "Powers": {"A": (133, 0, 0, 0), "B": (55, 0, 0, 0)},
}
SHARES = {
    "Accounts": ("adopted", "94.32"),
    "Discharge": ("adopted", "58.51"),
    "Surplus": ("adopted", "60.53"),
    "Statutes": ("adopted", "66.66"),
    "Contribution": ("rejected", "49.73"),
    "Powers": ("adopted", "100.00"),
}
#: Ballots of the election. 190, of which 9 are blank and 1 is void: 180 count, more
#: than 90 are needed. F has 90 and is not elected.
BALLOTS = {"ABCDE": 90, "ABFGH": 60, "CDEF": 30, "": 9, "?": 1}
ELECTED = {"A": 150, "B": 150, "C": 120, "D": 120, "E": 120}
NOT_ELECTED = {"F": 90, "G": 60, "H": 60}
CHOICES = ("for", "against", "abstain", "blank")


@pytest.fixture
def keeper():
    with postman.listening() as listening:
        yield listening


@pytest.fixture
def held(company_fresh, keeper, browser_of, browser):
    meeting = Assembly(company_fresh, keeper, browser_of, browser)
    yield meeting
    for context in meeting.contexts:
        context.close()


class Assembly:
    """The meeting, its people and their browsers."""

    def __init__(self, server, keeper, browser_of, browser):
        self.server, self.keeper = server, keeper
        self.browser_of, self.browser, self.contexts = browser_of, browser, []
        self.client = contract.Client(server)
        self.random = random.Random(200)
        self.partners = assembly.create_members(self.client, MEMBERS)
        assembly.create_colleges(self.client, COLLEGES)
        self._leave_to_post()
        for login, number in OFFICE.items():
            self._user(login, self.partners[number])
        postman.send_to(self.client, keeper)
        self.client.call(
            "res.company", "write", ids=[1], vals={"email": "coop@example.com"}
        )
        self.meeting = self._meeting()
        self.items = {
            row["title"]: row["id"]
            for row in self.client.read("cae.resolution", [], ["title"])
        }
        self.tellers = assembly.create_tellers(
            self.client, self.meeting, [self.partners[number] for number in TELLERS]
        )
        self.pages, self.kept, self.cast_order = {}, [], {}

    def _leave_to_post(self):
        names = ", ".join(f"'{name_of(MEMBERS - n - 1)}'" for n in range(BY_POST))
        postgres.query(
            "UPDATE cae_member SET e_notice_consent_date = NULL"
            f" WHERE name IN ({names})",
            self.server.database,
        )

    def _user(self, login, partner):
        groups = [(6, 0, [self.client.ref("cae_base.group_governance")])]
        values = {"login": login, "password": login, "partner_id": partner}
        values |= {"name": name_of(OFFICE[login]), "group_ids": groups}
        self.client.create("res.users", values)

    def _meeting(self):
        moment = datetime.now(timezone.utc) + timedelta(days=30)
        candidates = [(0, 0, {"name": name}) for name in CANDIDATES]
        agenda = [
            {**item, "sequence": place, "text": f"<p>Draft of {item['title']}</p>"}
            for place, item in enumerate(AGENDA)
        ]
        agenda[3]["candidate_ids"] = candidates
        return self.client.create(
            "cae.meeting",
            {
                "name": "Yearly meeting",
                "place": "Salle des fêtes",
                "date": f"{moment:%Y-%m-%d %H:%M:%S}",
                "rule_set_id": self._rules(),
                "weighted": True,
                "chair_id": self.partners[OFFICE["chair"]],
                "secretary_id": self.partners[OFFICE["secretary"]],
                "resolution_ids": [(0, 0, item) for item in agenda],
            },
        )

    def _rules(self):
        """Those of a SCIC; these statutes want a half, and three quarters, to come."""
        standard = self.client.ref("cae_governance.rule_set_scic")
        action = self.client.call("cae.rule.set", "action_adapt", ids=[standard])
        for kind, quorum in (("ordinary", "1/2"), ("extraordinary", "3/4")):
            domain = [("set_id", "=", action["res_id"]), ("kind", "=", kind)]
            ids = self.client.search("cae.rule.decision", [*domain, ("call", "=", "1")])
            values = {"quorum": quorum, "reason": "Statutes, article 20"}
            self.client.call("cae.rule.decision", "write", ids=ids, vals=values)
        return action["res_id"]

    # Who votes ------------------------------------------------------------------------

    def people(self, college):
        """Numbers of those whose vote is cast, of a college, in the order of names."""
        start = 0 if college == "A" else COLLEGES["A"]
        gone = {LEAVES, 129} if self.left else set()
        everybody = range(start, start + COLLEGES[college])
        return [n for n in everybody if n not in ABSENT | gone]

    left = False

    def caster(self, number):
        """Who casts the vote of a member."""
        return PROXIES.get(number, number)

    def on_phones(self, numbers):
        return [n for n in numbers if self.caster(n) in PHONES]

    def sealed_by(self, number, item, choice, keys):
        """Cast a ballot that is sealed here; ``(receipt, nonce, message)``."""
        paper, receipt, nonce = sealing.seal(choice, keys, 2)
        answer = self.voters.cast(
            name_of(self.caster(number)), item, self.electors[name_of(number)], paper
        )
        assert answer.get("result") == {"receipt": receipt}, answer
        return receipt, nonce, sealing.message_of(choice).decode().strip()

    # Screens --------------------------------------------------------------------------

    def screen(self, login):
        """The office's browser, kept open."""
        if login not in self.pages:
            context = self.browser_of(self.server, login, login, SIZE)
            self.pages[login] = Screen(context.new_page(), self.server)
        return self.pages[login]

    def phone(self, number):
        """A member's phone on their page of the meeting."""
        if number not in self.pages:
            context = self.browser.new_context(
                viewport={"width": 390, "height": 800}, locale="fr-FR"
            )
            self.contexts.append(context)
            page = self.pages[number] = context.new_page()
            page.on("dialog", lambda dialog: dialog.accept())
            page.goto(f"{self.server.url}/cae/m/{self.links[name_of(number)]}")
            assert width(page) <= 390
        return self.pages[number]

    def press(self, login, path, button, confirm=False):
        """Click a button of a record; its dialog, when there is one, is confirmed."""
        screen = self.screen(login)
        if screen.page.url != f"{self.server.url}{path}":
            screen.show(path, FORM)
        screen.page.click(f'.o_form_view button[name="{button}"]:visible')
        if confirm:
            screen.page.click(f"{MODAL}.modal-footer .btn-primary")
            screen.page.wait_for_selector(MODAL, state="detached")
        screen.settle(FORM)

    def at_meeting(self, login, button, confirm=False):
        self.press(login, f"/odoo/cae-meetings/{self.meeting}", button, confirm)

    def at_item(self, title, button):
        self.press("chair", f"/odoo/cae-resolutions/{self.items[title]}", button)

    def read(self, *fields):
        (row,) = self.client.read("cae.meeting", [("id", "=", self.meeting)], fields)
        return row

    def item(self, title, *fields):
        domain = [("id", "=", self.items[title])]
        (row,) = self.client.read("cae.resolution", domain, fields)
        return row


def width(page):
    """Pixels that the page needs beside each other."""
    return page.evaluate("document.documentElement.scrollWidth")


def at_once(call, rows):
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda row: call(*row), rows))


# The steps ---------------------------------------------------------------------------


def test_a_meeting_of_200_from_the_notice_to_the_signed_minutes(held, tmp_path):
    convene(held)
    give_proxies(held)
    keys = make_keys(held, tmp_path)
    sign_in(held)
    show_hands(held, "Accounts")
    vote_by_name(held, "Discharge")
    vote_in_secret(held, "Surplus", watched=True)
    elect(held)
    vote_in_secret(held, "Statutes")
    open_urns(held, keys)
    leave(held)
    vote_by_name(held, "Contribution")
    show_hands(held, "Powers")
    check_results(held)
    check_lists(held, tmp_path)
    sign_minutes(held)
    found = secrecy.dump(held.server.database)
    secrecy.check_after_closing(found, list(held.cast_order.values()))
    secrecy.check_voters(found)
    check_log(held)


def convene(held):
    """The notices leave in time; e-mails arrive, letters are printed and posted."""
    held.at_meeting("secretary", "action_convene", confirm=True)
    assert held.read("state", "member_count") == {
        **{"id": held.meeting, "state": "convened", "member_count": MEMBERS},
    }
    postman.deliver(held.client)
    assert len(held.keeper.messages) == MEMBERS - BY_POST
    held.electors = assembly.electors(held.client, held.meeting)
    held.links = {
        name_of(int(address[1:4])): link_of(messages)
        for address, messages in held.keeper.messages.items()
    }
    (message,) = held.keeper.messages["m007@example.com"]
    kinds = [part.get_content_type() for part in message.iter_attachments()]
    assert sorted(kinds) == ["application/pdf", "text/calendar"]
    (notice,) = [
        part.get_content()
        for part in message.iter_attachments()
        if part.get_content_type() == "application/pdf"
    ]
    text = text_of(notice)
    for item in AGENDA:
        assert text.count(item["title"]) >= 2
        assert f"Draft of {item['title']}" in text
    assert all(name in text for name in CANDIDATES)
    post_letters(held)
    rows = held.client.read("cae.meeting.notice", [], ["state", "late_days"])
    assert sorted(row["state"] for row in rows) == ["posted"] * 4 + ["sent"] * 196
    assert not any(row["late_days"] for row in rows)
    assert held.read("notice_state")["notice_state"] == "sent"


def link_of(messages):
    """The link of the one notice; who got a login got another message before."""
    bodies = [message.get_body(("html",)).get_content() for message in messages]
    (link,) = [found for body in bodies for found in assembly.LINK.findall(body)]
    return link


def text_of(pdf):
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def post_letters(held):
    """Each letter has its own link, which works."""
    domain = [("channel", "=", "post")]
    rows = held.client.read("cae.meeting.notice", domain, ["elector_id"], order="id")
    assert len(rows) == BY_POST
    ids = [row["id"] for row in rows]
    # The address has a proof of the button, for the user who pressed it.
    secretary = contract.Client(held.server, login="secretary")
    button = secretary.call("cae.meeting.notice", "action_letters", ids=ids)
    pdf = fetch(held, button["url"])
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    found = assembly.LINK.findall(
        "".join(page.extract_text().replace("\n", "") for page in reader.pages)
    )
    assert len(set(found)) == BY_POST
    names = [row["elector_id"][1] for row in rows]
    held.links |= dict(zip(names, found, strict=True))
    held.voters = assembly.Voters(held.server, held.links)
    for name in names:
        assert name in held.voters.page(name)[0]
    held.client.call("cae.meeting.notice", "action_posted", ids=ids)


def fetch(held, path):
    """A document as the secretary's browser gets it."""
    answer = held.screen("secretary").page.request.get(f"{held.server.url}{path}")
    assert answer.status == 200
    return answer.body()


def give_proxies(held):
    """Thirty: one on a phone, one by the secretary, the others on line at once."""
    phone = held.phone(110)
    phone.select_option("select[name=holder]", label=name_of(10))
    phone.click("button[value=proxy]")
    phone.wait_for_selector("button[value=revoke]")
    assert name_of(10) in phone.inner_text("#cae_meeting_page")
    assert width(phone) <= 390
    enter_proxy(held, 111)
    rest = [(giver, PROXIES[giver]) for giver in PROXIES if giver > 111]
    assert at_once(lambda *pair: proxy(held, *pair), rest) == [""] * 28
    # One holds one at most; who holds one gives none; who gave one gives no second.
    assert "CAE-PROXY-LIMIT" in proxy(held, 130, 10)
    assert "CAE-PROXY-CHAIN" in proxy(held, 10, 131)
    assert "CAE-PROXY-TWICE" in proxy(held, 129, 30)
    # One changes their mind, twice.
    for holder in (30, 29):
        assert not held.voters.act(name_of(129), "revoke")
        assert not proxy(held, 129, holder)
    assert held.read("proxy_count")["proxy_count"] == 30


def proxy(held, giver, holder):
    elector = held.electors[name_of(holder)]
    return held.voters.act(name_of(giver), "proxy", holder=elector)


def enter_proxy(held, giver):
    """The secretary types the proxy that came on paper."""
    screen = held.screen("secretary")
    screen.show(f"/odoo/cae-meetings/{held.meeting}", FORM)
    screen.page.click('button[name="action_open_proxies"]')
    screen.settle(".o_list_view .o_data_row")
    screen.page.click(".o_list_button_add:visible")
    for field, number in (("giver_id", giver), ("holder_id", PROXIES[giver])):
        screen.page.fill(f".o_selected_row [name={field}] input", name_of(number))
        item = f".o-autocomplete--dropdown-item:has-text('{name_of(number)}')"
        screen.page.click(item)
    screen.page.click(".o_list_button_save:visible")
    screen.page.wait_for_selector(".o_selected_row", state="detached")
    screen.settle(".o_list_view .o_data_row")
    assert held.read("proxy_count")["proxy_count"] == 2


def make_keys(held, folder):
    """Both tellers make their keys in their browsers, and keep their files."""
    files = {}
    for login in held.tellers:
        page = held.screen(login).page
        page.goto(f"{held.server.url}/my/meetings/{held.meeting}")
        with page.expect_download() as download:
            page.fill("form.o_cae_teller_key input[type=password]", PHRASE)
            page.click("form.o_cae_teller_key button")
        files[login] = folder / f"{login}.json"
        files[login].write_bytes(Path(download.value.path()).read_bytes())
        page.wait_for_selector("form.o_cae_teller_key", state="detached")
    return files


def sign_in(held):
    """The day has come: 160 sign in, and the projected page follows."""
    # The thirty days have passed.
    moment = f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S}"
    postgres.query(
        f"UPDATE cae_meeting SET date = '{moment}' WHERE id = {held.meeting}",
        held.server.database,
    )
    held.at_meeting("chair", "action_open")
    held.projected = held.screen("chair").page.context.new_page()
    held.projected.goto(f"{held.server.url}/cae/meeting/{held.meeting}/screen")
    shown(held, present=0, represented=0)
    # The page is served with zeros: the quorum comes with its first answer.
    held.projected.wait_for_function(
        "document.querySelectorAll('[data-name=quorum] .text-danger').length === 2"
    )
    for number in PHONES:
        phone = held.phone(number)
        phone.reload()
        phone.click("button[value=present]")
        phone.wait_for_selector("button[value=leave]")
    here = set(range(MEMBERS)) - ABSENT - set(PROXIES) - set(PHONES)
    # Forty with their phones, at once; the others sign at the door.
    own = sorted(here)[:40]
    answers = at_once(
        lambda n: held.voters.act(name_of(n), "present"), [(n,) for n in own]
    )
    assert answers == [""] * 40
    door = [held.electors[name_of(number)] for number in here - set(own)]
    held.client.call("cae.meeting.elector", "action_present", ids=door)
    # Who is represented does not vote, nor does who is not there.
    assert "CAE" in held.voters.act(name_of(110), "vote", resolution="0")
    row = held.read("present_count", "represented_count", "attending_count")
    assert (row["present_count"], row["represented_count"]) == (160, 30)
    # The page that is projected knows without being loaded again.
    shown(held, present=160, represented=30)
    quorum = held.projected.inner_text("[data-name=quorum]")
    assert held.projected.locator("[data-name=quorum] .text-success").count() == 2
    assert re.findall(r"\d+", quorum) == ["190", "100", "190", "150"]


def shown(held, **counts):
    for name, count in counts.items():
        held.projected.wait_for_function(
            "([name, count]) => document.querySelector(`[data-name=${name}]`)"
            ".textContent === `${count}`",
            arg=[name, count],
        )


def show_hands(held, title):
    """The chair opens; the hands of each college are typed; it is counted."""
    held.at_item(title, "action_open_vote")
    screen = held.screen("chair")
    for row, counts in enumerate(VOTES[title].values()):
        line = f'[name="hand_ids"] .o_data_row >> nth={row}'
        screen.page.click(f"{line} >> [name=favour_count]")
        names = ("favour_count", "against_count", "abstain_count", "blank_count")
        for name, count in zip(names, counts, strict=True):
            screen.page.fill(f"{line} >> [name={name}] input", str(count))
    held.at_item(title, "action_close_vote")
    shown(held, title=f"{list(held.items).index(title) + 1}. {title}")


def choices_of(held, title):
    """``[(number, choice)]`` of those who vote, in a random order."""
    rows = []
    for college, counts in VOTES[title].items():
        choices = [
            choice
            for choice, count in zip(CHOICES, counts, strict=True)
            for _n in range(count)
        ]
        held.random.shuffle(choices)
        rows += zip(held.people(college), choices, strict=True)
    held.random.shuffle(rows)
    return rows


def split(held, rows):
    """Those who vote on phones, and the others."""
    phones = set(held.on_phones([number for number, *_rest in rows]))
    return (
        [row for row in rows if row[0] in phones],
        [row for row in rows if row[0] not in phones],
    )


def vote_by_name(held, title):
    item = held.items[title]
    # Not before it is open.
    first = name_of(5)
    given = {"resolution": item, "elector": held.electors[first], "choice": "for"}
    assert "CAE-VOTE-CLOSED" in held.voters.act(first, "vote", **given)
    held.at_item(title, "action_open_vote")
    on_phones, others = split(held, choices_of(held, title))
    answers = at_once(
        lambda number, choice: held.voters.act(
            name_of(held.caster(number)),
            "vote",
            resolution=item,
            elector=held.electors[name_of(number)],
            choice=choice,
        ),
        others,
    )
    assert answers == [""] * len(others)
    for number, choice in on_phones:
        page = fresh(held, number)
        page.click(f"{form_of(held, number)} input[value={choice}]")
        with page.expect_navigation():
            page.click(f"{form_of(held, number)} button[value=vote]")
        assert not page.locator(".alert-danger").count()
    assert "CAE-VOTE-TWICE" in held.voters.act(first, "vote", **given)
    held.at_item(title, "action_close_vote")
    assert "CAE-VOTE-CLOSED" in held.voters.act(first, "vote", **given)


def fresh(held, number):
    """The phone of who casts the vote of a member, with what is open now."""
    page = held.phone(held.caster(number))
    # Not reload(): it fails when the page, which follows the votes, reloads by itself.
    page.goto(page.url.partition("#")[0])
    page.wait_for_selector("body[data-cae-ready]")
    assert width(page) <= 390
    return page


def form_of(held, number):
    """The form on which the vote of a member is cast."""
    card = "#cae_meeting_page .card.border-primary"
    name = name_of(number)
    if held.caster(number) == number:
        return f"{card}:not(:has-text('Member')) form"
    return f"{card}:has-text('{name}') form"


def seal_on_phone(held, number, codes):
    """Choose, seal and cast in the browser; the receipt that it shows."""
    page = fresh(held, number)
    form = form_of(held, number)
    for code in codes or ["blank"]:
        page.check(f"{form} input[value={code}]")
    page.click(f"{form} > button")
    page.wait_for_selector(f"{form} .o_cae_receipt:not(.d-none)")
    assert width(page) <= 390
    return page.inner_text(f"{form} .o_cae_receipt code")


def vote_in_secret(held, title, watched=False):
    rows = [
        (number, [] if choice == "blank" else [choice])
        for number, choice in choices_of(held, title)
    ]
    cast_in_secret(held, title, rows, watched)


def cast_in_secret(held, title, rows, watched=False):
    """All ballots; the tellers open the urns later."""
    item = held.items[title]
    held.at_item(title, "action_open_vote")
    (ballot, *_others) = held.client.read(
        "cae.ballot", [("resolution_id", "=", item)], ["keys"]
    )
    on_phones, others = split(held, rows)
    order = {}
    cast = []
    # Half of them one after the other: their order is known, and must be forgotten.
    for number, codes in others[: len(others) // 2]:
        cast.append(held.sealed_by(number, item, codes, ballot["keys"]))
        order.setdefault(college_of(held, title, number), []).append(cast[-1][0])
    for number, codes in on_phones:
        receipt = seal_on_phone(held, number, codes)
        held.kept.append((title, receipt, codes))
        order.setdefault(college_of(held, title, number), []).append(receipt)
    if watched:
        found = secrecy.dump(held.server.database)
        secrecy.check_before_closing(found, cast[:20])
    rest = at_once(
        lambda number, codes: (
            number,
            held.sealed_by(number, item, codes, ballot["keys"]),
        ),
        others[len(others) // 2 :],
    )
    for number, (receipt, *_opened) in rest:
        order.setdefault(college_of(held, title, number), []).append(receipt)
    held.cast_order |= order
    shown(held, voted=len(rows))
    held.at_item(title, "action_close_vote")
    again = held.voters.cast(
        name_of(5),
        item,
        held.electors[name_of(5)],
        sealing.seal([], ballot["keys"], 2)[0],
    )
    assert "CAE-VOTE-CLOSED" in again["error"]["data"]["message"]


def college_of(held, title, number):
    """The urn into which the ballot of a member goes."""
    if title == "Board":
        return title
    return title, "A" if number < COLLEGES["A"] else "B"


def elect(held):
    codes = {
        name[-1]: f"c{key}"
        for key, name in (
            (row["id"], row["name"])
            for row in held.client.read("cae.resolution.candidate", [], ["name"])
        )
    }
    ballots = [
        [codes.get(letter, "nobody") for letter in letters]
        for letters, count in BALLOTS.items()
        for _n in range(count)
    ]
    held.random.shuffle(ballots)
    numbers = held.people("A") + held.people("B")
    # A page cannot send what is void: whoever has it wrote it themselves.
    place = ballots.index(["nobody"])
    own = numbers.index(8)
    ballots[place], ballots[own] = ballots[own], ballots[place]
    cast_in_secret(held, "Board", list(zip(numbers, ballots, strict=True)))


def open_urns(held, files):
    """Each teller alone opens nothing; both open the five urns."""
    ballots = held.client.read("cae.ballot", [], ["state", "ballot_count"])
    assert [row["state"] for row in ballots] == ["sealed"] * 5
    assert sorted(row["ballot_count"] for row in ballots) == [55, 55, 135, 135, 190]
    for login in held.tellers:
        page = held.screen(login).page
        page.goto(f"{held.server.url}/my/meetings/{held.meeting}")
        for left in range(5, 0, -1):
            page.wait_for_selector("body[data-cae-ready]")
            form = "form.o_cae_teller_open"
            assert page.locator(form).count() == left
            page.set_input_files(f"{form} >> nth=0 >> input[type=file]", files[login])
            page.fill(f"{form} >> nth=0 >> input[type=password]", PHRASE)
            with page.expect_navigation():
                page.click(f"{form} >> nth=0 >> button")
        states = held.client.read("cae.ballot", [], ["state"])
        wanted = "sealed" if login == held.tellers[0] else "counted"
        assert {row["state"] for row in states} == {wanted}


def leave(held):
    """Who leaves takes with them whom they represent."""
    assert not held.voters.act(name_of(LEAVES), "leave")
    held.left = True
    row = held.read("present_count", "represented_count", "quorum_text")
    assert (row["present_count"], row["represented_count"]) == (159, 29)
    assert "188" in row["quorum_text"]
    shown(held, present=159, represented=29)


def check_results(held):
    for title, (outcome, share) in SHARES.items():
        row = held.item(
            title, "outcome", "explanation", "result", "favour_count", "against_count"
        )
        assert (title, row["outcome"]) == (title, outcome), row["explanation"]
        assert share in row["explanation"], row["explanation"]
        totals = [sum(counts) for counts in zip(*VOTES[title].values(), strict=True)]
        assert [row["favour_count"], row["against_count"]] == totals[:2]
        colleges = {
            college["code"]: tuple(college["votes"][choice] for choice in CHOICES)
            for college in row["result"]["colleges"]
        }
        assert colleges == VOTES[title]
    candidates = held.client.read(
        "cae.resolution.candidate", [], ["name", "vote_count", "elected"]
    )
    votes = {row["name"][-1]: row["vote_count"] for row in candidates}
    assert votes == ELECTED | NOT_ELECTED
    assert {row["name"][-1] for row in candidates if row["elected"]} == set(ELECTED)
    row = held.item("Board", "outcome", "explanation", "result")
    assert row["outcome"] == "elected"
    result = row["result"]
    assert (result["ballots"], result["blank"], result["void"]) == (190, 10, 1)
    assert result["needed"] == 91


def check_lists(held, folder):
    """Who voted on a phone finds the ballot in the list; anyone counts again."""
    urns = held.client.read("cae.ballot", [], ["resolution_id"])
    command = [sys.executable, "-I", str(ROOT / "scripts/verify-ballot")]
    page = held.phone(PHONES[0])
    said = []
    for urn in urns:
        path = f"/cae/ballot/{urn['id']}/list?access={held.links[name_of(PHONES[0])]}"
        answer = page.request.get(f"{held.server.url}{path}")
        file = folder / f"list-{urn['id']}.json"
        file.write_bytes(answer.body())
        kept = [r for title, r, _c in held.kept if title == urn["resolution_id"][1]]
        done = subprocess.run(
            [*command, str(file), kept[0]], capture_output=True, text=True, check=False
        )
        said.append(done.stdout)
        for receipt in kept[1:]:
            done = subprocess.run(
                [*command, str(file), receipt],
                capture_output=True,
                text=True,
                check=False,
            )
            said.append(done.stdout)
    for _title, receipt, codes in held.kept:
        written = sealing.message_of(codes).decode().strip()
        assert any(f"In the list: {receipt} {written}" in text for text in said)


def sign_minutes(held):
    """Written by the secretary, completed, signed by the chair, kept as they are."""
    held.at_meeting("chair", "action_close")
    held.at_meeting("secretary", "action_write_minutes")
    screen = held.screen("secretary")
    screen.page.click('.nav-link[name="minutes"]')
    line = screen.page.locator('[name="minutes"] .odoo-editor-editable p', has_text="…")
    line.last.click()
    screen.page.keyboard.press("End")
    screen.page.keyboard.type("Member 005 asked about the reserves.")
    screen.page.click(".o_form_button_save:visible")
    screen.settle(FORM)
    assert "about the reserves" in held.read("minutes")["minutes"]
    held.screen("chair").page.goto("about:blank")
    held.at_meeting("chair", "action_sign_minutes", confirm=True)
    row = held.read("state", "number", "minutes_hash", "date_signed")
    assert (row["state"], row["number"]) == ("signed", 1)
    assert row["date_signed"] == f"{today()}"
    pdf = fetch(held, f"/cae/meeting/{held.meeting}/minutes.pdf")
    assert hashlib.sha256(pdf).hexdigest() == row["minutes_hash"]
    check_minutes(text_of(pdf))
    # The members find the same; the personal links are dead.
    page = held.screen(held.tellers[0]).page
    path = f"/cae/m/document?access=u{held.meeting}&name=minutes"
    assert page.request.get(f"{held.server.url}{path}").body() == pdf
    link = held.links[name_of(5)]
    assert page.request.get(f"{held.server.url}/cae/m/{link}").status == 404
    write = ("cae.meeting", "write")
    vals = {"minutes": "<p>Nothing happened.</p>"}
    code = assembly.refused(held.client.call, *write, ids=[held.meeting], vals=vals)
    assert code == "CAE-MEETING-SIGNED"


def check_minutes(text):
    for number in OFFICE.values():
        assert name_of(number) in text
    assert all(name_of(number) in text for number in TELLERS)
    for words in ("Salle des fêtes", "about the reserves", "159", "29", "196"):
        assert words in text, words
    for title, (_outcome, share) in SHARES.items():
        assert title in text
        assert f"{share} %" in text, title
    for letter, count in (ELECTED | NOT_ELECTED).items():
        assert re.search(rf"Candidate {letter} · {count}\b", text), letter
    # The seals of the five urns, however they are broken into lines.
    assert len(re.findall(r"[0-9a-f]{64}", text.replace(" ", ""))) == 5


def check_log(held):
    """The server's log names no voter's link, and no moment of a ballot."""
    log = held.server.log.read_text()
    assert "/cae/ballot/cast" not in log
    assert not any(link in log for link in held.links.values())
