"""Who may do what over RPC: an entrepreneur, a coach, an accountant, a stranger.

Read on the demo CAE: Inès N’Diaye (E0001) holds A0001 alone, Nadia Benoît (E0027)
shares an activity. Refusals are AccessError: fault 4 over XML-RPC, 403 over JSON-2.
"""

import contract
import people
import pytest

OWN, OTHER = "A0001", "A0002"
DENIED = {"xmlrpc": 4, "odoorpc": "odoo.exceptions.AccessError", "json2": 403}
MONEY = ("cae.activity", "cae.contribution.line", "cae.statement")
ACCOUNTING = (
    *("account.move", "account.move.line", "account.payment"),
    *("account.analytic.line", "account.analytic.account"),
)
#: What only some of the team may call: model, method, arguments.
TEAM_ONLY = [
    ("cae.period", "month_run", {"month": "2026-10"}),
    ("cae.period", "checks", {"month": "2026-10"}),
    ("cae.period", "lock", {"month": "2026-01"}),
    ("cae.period", "unlock", {"month": "2026-01", "reason": "x"}),
    ("cae.exchange", "load", {"dataset": "bills", "rows": []}),
    ("cae.exchange", "load_file", {
        "dataset": "bills", "name": "x.csv", "content_base64": ""}),
    ("cae.key.figures", "get", {"date": "2026-10-31"}),
    ("cae.key.figures", "overview", {"date": "2026-10-31"}),
    ("cae.key.figures", "series", {"keys": ["entrees"], "date": "2026-10-31"}),
    ("cae.activity", "ledger", {"codes": ["CAE"], "date_to": "2026-10-31"}),
    ("cae.activity", "ledger", {"codes": [""], "date_to": "2026-10-31"}),
]  # fmt: skip
MANAGERS_ONLY = [("cae.period", "unlock", {"month": "2026-01", "reason": "x"})]


@pytest.fixture(scope="module")
def admin(cooperative):
    return contract.Client(cooperative)


@pytest.fixture(scope="module")
def holdings(admin):
    """``{entrepreneur code: activity codes}``."""
    result = {}
    rows = contract.rows_of(contract.demo_data.FOLDER / "activites.csv")
    for row in rows:
        for pair in row["entrepreneurs"].split("|"):
            result.setdefault(pair.split(":")[0], set()).add(row["code"])
    return result


@pytest.fixture(scope="module", params=contract.ENDPOINTS)
def ines(request, cooperative):
    """An entrepreneur over one endpoint."""
    return contract.Client(cooperative, request.param, "ines")


@pytest.fixture(scope="module")
def nadia(cooperative):
    return contract.Client(cooperative, "xmlrpc", "nadia")


@pytest.fixture(scope="module")
def coach(cooperative):
    return contract.Client(cooperative, "xmlrpc", people.COACH)


def refused(client, model, method, ids=None, **named):
    """Fail unless the call ends with an AccessError."""
    with pytest.raises(contract.Refused) as caught:
        client.call(model, method, ids, **named)
    error = caught.value
    assert (error.kind, error.status) == ("access", DENIED[client.endpoint]), error
    return error


# Entrepreneurs ---------------------------------------------------------------------


def test_entrepreneur_reads_own_figures(ines, admin):
    month = "2026-05"
    (row,) = ines.figures([OWN], [month]).values()
    assert row == admin.figures([OWN], [month])[OWN, month]
    assert set(ines.figures([], [month])) == {(OWN, month)}


def test_entrepreneur_reads_own_ledger(ines, admin):
    assert ines.ledger([OWN]) == admin.ledger([OWN])
    assert [ledger["code"] for ledger in ines.ledger()] == [OWN]


def test_entrepreneur_reads_own_treasury_and_statement(ines, admin):
    for method, named in (
        ("treasury", {"date": contract.LAST_DAY}),
        ("statement", {"month": "2026-10"}),
    ):
        own = admin.call("cae.activity", method, codes=[OWN], **named)
        assert ines.call("cae.activity", method, codes=[], **named) == own


@pytest.mark.parametrize(
    "method, named",
    [
        ("ledger", {}),
        ("figures", {"months": ["2026-05"]}),
        ("treasury", {}),
        ("statement", {"month": "2026-05"}),
    ],
)
def test_entrepreneur_learns_nothing_of_others(ines, method, named):
    """The activity of another and one that does not exist get the same answer."""
    answers = []
    for code in (OTHER, "A0404"):
        with pytest.raises(contract.Refused) as caught:
            ines.call("cae.activity", method, codes=[OWN, code], **named)
        assert caught.value.kind in ("user", "access")
        answers.append(caught.value.message.replace(code, "…"))
    assert answers[0] == answers[1]


def test_entrepreneur_does_not_read_records_of_others(ines, admin):
    for model in MONEY:
        field = "code" if model == "cae.activity" else "activity_id.code"
        (other,) = admin.search(model, [(field, "=", OTHER)], limit=1)
        assert ines.search(model, [("id", "=", other)]) == []
        refused(ines, model, "read", [other], fields=["display_name"])
    (person,) = admin.search("cae.entrepreneur", [("code", "=", "E0003")])
    assert ines.search("cae.entrepreneur", [("id", "=", person)]) == []
    refused(ines, "cae.entrepreneur", "read", [person], fields=["name"])


def test_entrepreneur_finds_own_records_only(ines):
    found = ines.read("cae.activity", [], ["code"])
    assert [row["code"] for row in found] == [OWN]
    found = ines.read("cae.entrepreneur", [], ["code"])
    assert [row["code"] for row in found] == ["E0001"]
    lines = ines.read("cae.contribution.line", [], ["activity_id"])
    assert lines and len({line["activity_id"][0] for line in lines}) == 1


def test_entrepreneur_does_not_see_accounting(ines):
    """Portal users see what they follow, and no other journal item at all."""
    for model in ACCOUNTING:
        try:
            assert ines.search(model, []) == [], model
        except contract.Refused as error:
            assert error.kind == "access", model


@pytest.mark.parametrize("model, method, named", TEAM_ONLY)
def test_entrepreneur_runs_nothing(ines, model, method, named):
    refused(ines, model, method, **named)


@pytest.mark.parametrize(
    "model, values",
    [
        ("cae.activity", {"name": "x"}),
        ("cae.entrepreneur", {"first_name": "Inès", "last_name": "Autre"}),
        ("cae.contract", {"fixed_part": 9999.0}),
        ("cae.activity.share", {"share": 100.0}),
    ],
)
def test_entrepreneur_writes_nothing(ines, model, values):
    record = ines.search(model, [], limit=1)
    refused(ines, model, "write", record, vals=values)
    refused(ines, model, "unlink", record)
    refused(ines, model, "create", vals_list=[values])


def test_entrepreneur_does_not_touch_contributions(ines):
    line_stays(ines)


def line_stays(client):
    """Contributions are refused to everybody, for a reason that says what to do."""
    line = client.read("cae.contribution.line", [], ["amount"], limit=1)[0]
    for method, named in (("write", {"vals": {"amount": 1.0}}), ("unlink", {})):
        with pytest.raises(contract.Refused) as caught:
            client.call("cae.contribution.line", method, [line["id"]], **named)
        code = caught.value.code
        assert caught.value.kind == "access" or code == "CAE-CONTRIBUTION-POSTED"
    domain = [("id", "=", line["id"])]
    assert client.read("cae.contribution.line", domain, ["amount"]) == [line]


def test_shared_activity_is_seen_and_the_other_person_is_not(nadia, holdings):
    own = holdings["E0027"]
    assert {row["code"] for row in nadia.read("cae.activity", [], ["code"])} == own
    assert {code for code, _month in nadia.figures([], ["2026-05"])} == own
    found = nadia.read("cae.entrepreneur", [], ["code"])
    assert [row["code"] for row in found] == ["E0027"]
    shared = [
        code for code in own if sum(code in held for held in holdings.values()) > 1
    ]
    assert shared, "E0027 was to share an activity"


# Coaches ---------------------------------------------------------------------------


def coached(holdings):
    """Codes of the people of the coach's team, and of their activities."""
    rows = contract.rows_of(contract.demo_data.FOLDER / "entrepreneurs.csv")
    team = {row["code"] for row in rows if row["conseiller"] == people.COACHED_TEAM}
    return team, set().union(*(holdings.get(code, ()) for code in team))


def test_coach_sees_the_team_and_its_activities(coach, holdings):
    team, activities = coached(holdings)
    assert 0 < len(team) < 60
    everybody = coach.call(
        "cae.entrepreneur", "search_read",
        domain=[("active", "in", [True, False])], fields=["code"],
    )  # fmt: skip
    assert {row["code"] for row in everybody} == team
    assert {code for code, _month in coach.figures([], ["2026-05"])} == activities
    assert {ledger["code"] for ledger in coach.ledger()} == activities


def test_coach_does_not_see_others(coach, admin, holdings):
    _team, activities = coached(holdings)
    other = min(set(contract.ACTIVITIES) - activities)
    with pytest.raises(contract.Refused) as caught:
        coach.ledger([other])
    assert caught.value.code in ("CAE-ACTIVITY-UNKNOWN", "CAE-ACCESS")
    (record,) = admin.search("cae.activity", [("code", "=", other)])
    refused(coach, "cae.activity", "read", [record], fields=["name"])


def test_coach_reads_no_pay_by_name(coach, admin):
    """The ledger shows what staff cost by month, and nobody in it."""
    people_ = admin.read("cae.entrepreneur", [], ["partner_id", "name"])
    partners = {person["partner_id"][0] for person in people_}
    fields = ["name", "partner_id", "move_id", "debit", "credit", "account_id"]
    # Staff accounts are one: 427 alone would say what is garnished.
    domain = [("account_id.code", "=like", "42%")]
    assert coach.read("cae.ledger.line", domain, fields) == []
    items = coach.read("cae.ledger.line", [("account_id", "=", False)], fields)
    assert items, "the coach was to see staff accounts"
    assert not any(item["partner_id"] or item["move_id"] for item in items)
    items = coach.read(
        "cae.ledger.line", [("partner_id", "in", list(partners))], fields
    )
    assert items == []
    names = [person["name"] for person in people_]
    told = str(coach.read("cae.ledger.line", [], ["name", "display_name"]))
    assert [name for name in names if name in told] == []


def test_coach_knows_the_analytic_accounts_of_the_team(coach, holdings):
    _team, activities = coached(holdings)
    found = coach.read("account.analytic.account", [], ["code"])
    assert {account["code"] for account in found} <= activities


@pytest.mark.parametrize("model, method, named", TEAM_ONLY)
def test_coach_closes_nothing(coach, model, method, named):
    refused(coach, model, method, **named)


def test_coach_writes_no_money(coach):
    for model in ("cae.activity", "cae.contract"):
        record = coach.search(model, [], limit=1)
        refused(coach, model, "unlink", record)
    line_stays(coach)


# Others of the team ----------------------------------------------------------------


@pytest.mark.parametrize("model, method, named", MANAGERS_ONLY)
@pytest.mark.parametrize("login", ["comptable", "paie"])
def test_unlocking_is_for_managers(cooperative, login, model, method, named):
    refused(contract.Client(cooperative, "xmlrpc", login), model, method, **named)


def test_payroll_officer_does_not_run_months(cooperative):
    payroll = contract.Client(cooperative, "xmlrpc", "paie")
    refused(payroll, "cae.period", "month_run", month="2026-10")


def test_accountant_runs_a_month(cooperative):
    """With no more rights than the accountant's; nothing is left to add."""
    accountant = contract.Client(cooperative, "xmlrpc", "comptable")
    result = accountant.run("2026-10", steps=["contributions"])[-1]
    assert result["contributions"] == {"lines": 0, "total": 0.0}
    assert len(accountant.figures([], ["2026-10"])) == len(contract.ACTIVITIES)
    codes = {ledger["code"] for ledger in accountant.ledger()}
    assert codes >= {*contract.ACTIVITIES, "CAE"}


def test_accountant_does_not_write_contributions_by_hand(cooperative):
    line_stays(contract.Client(cooperative, "xmlrpc", "comptable"))


# Strangers -------------------------------------------------------------------------


def test_wrong_password(cooperative):
    with pytest.raises(Exception, match="wrong login or password"):
        cooperative.xmlrpc("comptable", "nope")


def test_wrong_api_key(cooperative):
    client = cooperative.json2("comptable", key="0" * 40)
    with pytest.raises(contract.serving.JsonError) as caught:
        client.call("cae.activity", "figures", codes=[], months=["2026-05"])
    assert caught.value.status == 401


def test_private_methods_stay_private(ines):
    refused(ines, "cae.period", "_run_contributions", deadline=0)
    refused(ines, "cae.activity", "_find", codes=[])
