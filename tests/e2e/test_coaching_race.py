"""Two people at one moment, on the real program: seats, signatures, conversions."""

import concurrent.futures
import http.cookiejar
import re
import urllib.parse
import urllib.request
from datetime import date, timedelta

import contract
import people
import pytest
from caetools import postgres
from contract import Refused

#: So many at a time.
CROWD = 5
PARTS = ("review", "prospects", "action_plan", "needs")


@pytest.fixture
def coop(company_fresh):
    return Coop(company_fresh)


class Coop:
    """An empty cooperative with its manager."""

    def __init__(self, server):
        self.server, self.client = server, contract.Client(server)

    def count(self, table, where):
        query = f"SELECT COUNT(*) FROM {table} WHERE {where}"
        return int(postgres.query(query, self.server.database)[0])

    def sign_up(self, meeting, mail):
        """A visitor takes a seat on the public page; the status of the answer."""
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        visitor = urllib.request.build_opener(jar)
        page = f"{self.server.url}/cae/information/{meeting}"
        text = visitor.open(page).read().decode()
        token = re.search(r'name="csrf_token"\s+value="([^"]+)"', text)[1]
        form = {"csrf_token": token, "name": "Somebody", "email": mail, "consent": "1"}
        return visitor.open(page, urllib.parse.urlencode(form).encode()).status

    def at_once(self, steps):
        """What each of these answers, or how it was refused."""
        with concurrent.futures.ThreadPoolExecutor(len(steps)) as pool:
            running = [pool.submit(step) for step in steps]
        return [one.exception() or one.result() for one in running]


def test_the_last_seat_is_taken_once(coop):
    day = date.today() + timedelta(days=30)
    meeting = coop.client.create(
        "event.event",
        {
            "name": "Information",
            "cae_information": True,
            "date_begin": f"{day} 09:00:00",
            "date_end": f"{day} 11:00:00",
            "seats_limited": True,
            "seats_max": 1,
        },
    )
    coop.at_once(
        [lambda n=n: coop.sign_up(meeting, f"p{n}@example.com") for n in range(CROWD)]
    )
    assert coop.count("event_registration", "state = 'open'") == 1
    assert coop.count("cae_candidate", "TRUE") == 1


def test_a_candidate_is_converted_once(coop):
    client = coop.client
    (stage,) = client.search("cae.candidate.stage", [("kind", "=", "contact")])[:1]
    candidate = client.create(
        "cae.candidate",
        {"first_name": "Awa", "last_name": "Diop", "stage_id": stage},
    )
    decision = client.create(
        "cae.candidate.decision",
        {"candidate_ids": [(6, 0, [candidate])], "decision": "accepted"},
    )
    client.call("cae.candidate.decision", "action_confirm", ids=[decision])
    wizards = [
        client.create(
            "cae.candidate.conversion",
            {"candidate_id": candidate, "make_activity": False},
        )
        for _number in range(CROWD)
    ]
    others = [contract.Client(coop.server) for _number in wizards]
    coop.at_once(
        [
            lambda one=one, key=key: one.call(
                "cae.candidate.conversion", "action_convert", ids=[key]
            )
            for one, key in zip(others, wizards, strict=True)
        ]
    )
    assert coop.count("cae_entrepreneur", "TRUE") == 1
    assert coop.count("cae_contract", "kind = 'cape'") == 1


def test_a_report_is_signed_once(coop):
    client = coop.client
    coach = people.create_user(
        client, "coach", "Solène", "cae_coaching.group_coaching_manager"
    )
    person = client.create(
        "cae.entrepreneur",
        {"first_name": "Inès", "last_name": "Test", "code": "E1", "coach_id": coach},
    )
    people.create_entrepreneur_user(client, "ines", "E1")
    own = contract.Client(coop.server, login="coach", password="coach")
    interview = own.create(
        "cae.interview",
        {
            "entrepreneur_ids": [(6, 0, [person])],
            "date_start": f"{date.today() - timedelta(days=2)} 09:00:00",
            **dict.fromkeys(PARTS, "<p>Said</p>"),
        },
    )
    own.call("cae.interview", "action_held", ids=[interview])
    own.call("cae.interview", "action_share", ids=[interview])
    report = own.search("cae.interview.report", [])
    hands = [
        contract.Client(coop.server, login="ines", password="ines")
        for _number in range(CROWD)
    ]
    answers = coop.at_once(
        [
            lambda one=one: one.call(
                "cae.interview.report", "action_sign", ids=report, name="Inès Test"
            )
            for one in hands
        ]
    )
    assert coop.count("cae_interview_signature", "TRUE") == 1
    assert answers.count(True) == 1
    refused = [answer for answer in answers if answer is not True]
    assert all(isinstance(one, Refused) for one in refused)
    assert all("CAE-INTERVIEW-SIGNED" in str(one) for one in refused)


def test_a_form_asks_the_cooperative_once(coop):
    client = coop.client
    person = {"first_name": "Inès", "last_name": "Test", "code": "E1"}
    client.create("cae.entrepreneur", person)
    people.create_entrepreneur_user(client, "ines", "E1")
    answers_it = people.create_user(
        client, "comptable", "Ada", "cae_base.group_accountant"
    )
    vals = {"name": "Accounting", "user_ids": [(6, 0, [answers_it])]}
    form = {"service": client.create("cae.service", vals), "key": "a-form"}
    form |= {"subject": "My return", "text": "Help"}
    hands = [
        contract.Client(coop.server, login="ines", password="ines")
        for _number in range(CROWD)
    ]
    answers = coop.at_once(
        [
            lambda one=one: one.call("cae.service.request", "action_ask_mine", **form)
            for one in hands
        ]
    )
    assert answers == [answers[0]] * CROWD and isinstance(answers[0], int)
    assert coop.count("cae_service_request", "TRUE") == 1
    # One to-do for the office.
    assert coop.count("mail_activity", "res_model = 'cae.service.request'") == 1


def test_who_signs_up_is_told_and_is_a_candidate(coop):
    """Odoo's confirmation commits while it is sent: nothing of a sign-up is lost."""
    day = date.today() + timedelta(days=30)
    meeting = coop.client.create(
        "event.event",
        {
            "name": "Information",
            "cae_information": True,
            "date_begin": f"{day} 09:00:00",
            "date_end": f"{day} 11:00:00",
        },
    )
    assert coop.count("event_mail", f"event_id = {meeting}")
    assert coop.sign_up(meeting, "awa@example.com") == 200
    assert coop.count("event_registration", "cae_candidate_id IS NOT NULL") == 1
    assert coop.count("ir_cron_trigger", "TRUE")
