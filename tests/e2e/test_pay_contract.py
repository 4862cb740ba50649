"""The public names of pay over RPC: arguments, keys of results, codes of errors.

Bad input is answered with its code, and nothing is written.
"""

import base64

import contract
import people
import pytest
from contract import Refused
from paymasters import BEFORE, MONTH, USERS

#: What bad input must leave alone.
TABLES = (
    *("cae_pay_line", "cae_pay_share", "cae_pay_request", "cae_settlement"),
    *("cae_settlement_share", "cae_payslip", "account_move", "account_move_line"),
)
LOADED = {"created", "updated", "unchanged", "errors", "missing"}
ERROR = {"code", "row", "column", "message"}
ACTION = {"type", "name", "res_model", "view_mode", "target", "context"}


@pytest.fixture(scope="module")
def server(serve_paying):
    """September is paid; October and the balances wait. Everybody has a matricule."""
    server = serve_paying()
    client = contract.Client(server)
    for person in client.search("cae.entrepreneur", []):
        vals = {"matricule": f"M{person:05}"}
        client.call("cae.entrepreneur", "write", [person], vals=vals)
    yield server
    server.stop()


@pytest.fixture(scope="module", params=("xmlrpc", "odoorpc"))
def client(server, request):
    """Somebody with the rights on accounting and pay, and no others."""
    return contract.Client(server, request.param, USERS[0])


def footprint(server):
    """What is in the tables of pay."""
    return contract.stored(server.database, TABLES)


def refused(client, code, model, method, *ids, **named):
    """The call is refused with this code, and nothing is written."""
    before = footprint(client.server)
    with pytest.raises(Refused) as caught:
        client.call(model, method, *ids, **named)
    assert (caught.value.kind, caught.value.code) == ("user", code), caught.value
    assert footprint(client.server) == before


def lines(client, state, month=BEFORE):
    domain = [("month", "=", f"{month}-01"), ("state", "=", state)]
    return client.search("cae.pay.line", domain, limit=1, order="id")


def settlements(client):
    domain = [("state", "=", "approved"), ("due", ">", 0)]
    return client.search("cae.settlement", domain, limit=1, order="id")


# Names and results -------------------------------------------------------------------


def test_the_run_of_a_month(client):
    (result,) = client.run(BEFORE, steps=["pay"])
    assert result["pay"] == {"lines": 0, "cost": 0.0, "gross": 0.0}


def test_pay_is_decided_by_its_buttons(client):
    line = lines(client, "posted")
    for method in ("action_ask_refusal", "action_ask_undo"):
        action = client.call("cae.pay.line", method, line)
        assert ACTION <= set(action)
        assert action["context"]["default_line_ids"] == line
    assert client.call("cae.pay.line", "action_undo", line, reason="Erreur") is True
    client.run(BEFORE, steps=["pay"])
    domain = [("month", "=", f"{BEFORE}-01"), ("state", "=", "draft")]
    again = client.search("cae.pay.line", domain)
    for line in again:
        call = client.call
        assert call("cae.pay.line", "action_refuse", [line], reason="Non") is True
        assert call("cae.pay.line", "action_draft", [line]) is True
        assert call("cae.pay.line", "action_approve", [line]) is True
        assert call("cae.pay.line", "action_post", [line]) is True


def test_settlements_are_decided_by_their_buttons(client):
    ids = settlements(client)
    for method in ("action_ask_draft", "action_ask_undo"):
        action = client.call("cae.settlement", method, ids)
        assert ACTION <= set(action)
        assert action["context"]["default_settlement_ids"] == ids
    assert client.call("cae.settlement", "action_draft", ids, reason="Attendre")
    assert client.call("cae.settlement", "action_compute", ids) is True
    assert client.call("cae.settlement", "action_approve", ids) is True
    assert client.call("cae.settlement", "action_post", ids) is True
    opened = client.call("cae.settlement", "action_open_pay", ids)
    pay = [*opened["domain"], ("state", "=", "posted")]
    assert client.count("cae.pay.line", pay) == 1
    assert client.call("cae.settlement", "action_undo", ids, reason="Erreur") is True
    assert client.call("cae.settlement", "action_compute", ids) is True
    assert client.call("cae.settlement", "action_approve", ids) is True
    (row,) = client.read("cae.settlement", [("id", "in", ids)], ["state", "reason"])
    assert (row["state"], row["reason"]) == ("approved", False)


def test_elements_and_payslips(client):
    exchange = "cae.payroll.exchange"
    result = client.call(exchange, "export_elements", month=BEFORE, template="generic")
    assert set(result) == {"name", "content_base64", "rows"}
    content = base64.b64decode(result["content_base64"]).decode("utf-8-sig")
    assert len(content.splitlines()) in (result["rows"], result["rows"] + 1)
    bad = {"matricule": "M99999", "brut": "1", "cout": "1", "net": "1"}
    loaded = client.call(
        exchange, "load_payslips",
        month=BEFORE, rows=[bad], dry_run=True, late="refuse",
    )  # fmt: skip
    assert set(loaded) == LOADED
    assert loaded["errors"] and set(loaded["errors"][0]) == ERROR
    loaded = client.call(
        exchange, "load_payslips_file",
        month=BEFORE, name="paie.csv", content_base64="", dry_run=True, encoding="",
        late="refuse",
    )  # fmt: skip
    assert set(loaded) == LOADED
    assert loaded["errors"][0]["code"] == "CAE-FILE-EMPTY"


def test_runs_have_no_public_name(client):
    """What runs a month goes through ``cae.period``, with its checks and its lock."""
    for model, method in (
        ("cae.pay.run", "_run"),
        ("cae.pay.run", "_propose"),
        ("cae.settlement.run", "_compute"),
        ("cae.settlement", "_post_settlement"),
        ("cae.pay.line", "_paying"),
        ("cae.pay.line", "_post_pay"),
    ):
        with pytest.raises(Refused) as caught:
            client.call(model, method)
        assert caught.value.kind == "access", caught.value


# Bad input ---------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["", "   ", 5, False, ["x"], {"a": 1}])
def test_reasons(client, reason):
    line, waiting = lines(client, "posted"), settlements(client)
    for model, method, ids in (
        ("cae.pay.line", "action_undo", line),
        ("cae.settlement", "action_draft", waiting),
    ):
        refused(client, "CAE-PAY-REASON", model, method, ids, reason=reason)


def test_states(client):
    line, waiting = lines(client, "posted"), settlements(client)
    for method, named in (
        ("action_approve", {}),
        ("action_draft", {}),
        ("action_post", {}),
        ("action_refuse", {"reason": "Non"}),
        ("write", {"vals": {"gross": 1}}),
        ("write", {"vals": {"state": "draft"}}),
        ("unlink", {}),
    ):
        refused(client, "CAE-PAY-STATE", "cae.pay.line", method, line, **named)
    for method, named in (
        ("action_approve", {}),
        ("action_compute", {}),
        ("action_undo", {"reason": "Non"}),
        ("write", {"vals": {"due": 1}}),
        ("write", {"vals": {"left_amount": 1}}),
    ):
        refused(
            client, "CAE-SETTLEMENT-STATE", "cae.settlement", method, waiting, **named
        )


def test_values_of_a_settlement(client):
    ids = settlements(client)
    client.call("cae.settlement", "action_draft", ids, reason="Essai")
    client.call("cae.settlement", "action_compute", ids)
    for vals in (
        {"left_amount": -1},
        {"left_amount": "beaucoup"},
        {"left_amount": 1e12},
        {"left_amount": True},
        {"month": "0001-01-01"},
        {"month": "octobre"},
        {"month": False},
        {"left_reason": 12},
        {"left_reason": "x" * 100_000},
    ):
        refused(
            client, "CAE-SETTLEMENT-VALUE", "cae.settlement", "write", ids, vals=vals
        )
    everything = {"left_amount": 9_000_000, "left_reason": "Tout"}
    refused(
        client, "CAE-SETTLEMENT-LEFT", "cae.settlement", "write", ids, vals=everything
    )
    client.call("cae.settlement", "action_approve", ids)


def test_requests(client):
    (person,) = client.search("cae.entrepreneur", [], limit=1)
    sound = {"entrepreneur_id": person, "month": f"{MONTH}-01", "kind": "net"}
    for name, value in (
        ("amount", -1), ("amount", "NaN"), ("amount", 1e300), ("kind", "tout"),
        ("month", "0001-01-01"), ("state", "done"), ("note", {"a": 1}),
    ):  # fmt: skip
        vals = [{**sound, "amount": 100, name: value}]
        refused(client, "CAE-PAY-REQUEST", "cae.pay.request", "create", vals_list=vals)


@pytest.mark.parametrize(
    ("method", "named", "code"),
    [
        ("export_elements", {"month": "2026-13", "template": "generic"},
         "CAE-PERIOD-MONTH"),
        ("export_elements", {"month": 202609, "template": "generic"},
         "CAE-PERIOD-MONTH"),
        ("export_elements", {"month": BEFORE, "template": "inconnu"},
         "CAE-PAYROLL-TEMPLATE"),
        ("export_elements", {"month": BEFORE, "template": 5}, "CAE-PAYROLL-TEMPLATE"),
        ("export_elements", {"month": "2026-01", "template": "generic"},
         "CAE-PAYROLL-EMPTY"),
        ("load_payslips", {"month": "septembre", "rows": []}, "CAE-PERIOD-MONTH"),
    ],
)  # fmt: skip
def test_calls_of_the_exchange(client, method, named, code):
    refused(client, code, "cae.payroll.exchange", method, **named)


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({"rows": "M1"}, "CAE-LOAD-TYPE"),
        ({"rows": {"matricule": "M1"}}, "CAE-LOAD-TYPE"),
        ({"rows": [], "late": "peut-être"}, "CAE-LOAD-VALUE"),
        ({"rows": [{"matricule": "X9", "brut": "1", "cout": "1", "net": "1"}]},
         "CAE-LOAD-MATRICULE"),
    ],
)  # fmt: skip
def test_rows_of_payslips(client, named, code):
    before = footprint(client.server)
    result = client.call("cae.payroll.exchange", "load_payslips", month=BEFORE, **named)
    assert code in {error["code"] for error in result["errors"]}
    assert footprint(client.server) == before


def test_others_are_refused(server):
    """Who may not decide on pay is told so, whatever the method."""
    client = contract.Client(server)
    people.create_user(client, "coach9", "Coach", "cae_base.group_coach")
    other = contract.Client(server, login="coach9")
    line, waiting = lines(client, "posted"), settlements(client)
    before = footprint(server)
    for model, method, ids, named in (
        ("cae.pay.line", "action_undo", line, {"reason": "Non"}),
        ("cae.settlement", "action_post", waiting, {}),
        ("cae.settlement", "action_draft", waiting, {"reason": "Non"}),
        ("cae.payroll.exchange", "export_elements", None,
         {"month": BEFORE, "template": "generic"}),
        ("cae.payroll.exchange", "load_payslips", None, {"month": BEFORE, "rows": []}),
    ):  # fmt: skip
        with pytest.raises(Refused) as caught:
            other.call(model, method, ids, **named)
        assert caught.value.kind == "access", caught.value
    assert footprint(server) == before
