"""scripts/sync as the cron of a cooperative calls it, with the key of a small user.

Folder in, statements, pay elements and key figures out; killed and called again.
"""

import csv
import hashlib
import json
import os
import signal
import subprocess
import time

import contract
import pytest
import toolshed
from caetools import paths
from contract import Refused
from toolshed import LOAD, MONTH, NIGHTLY, PAY, READ

PATIENCE = 120
#: What no tool may read, and what none may call.
HIDDEN = (
    *("cae.entrepreneur", "cae.contract", "cae.activity.share", "cae.pay.line"),
    *("cae.pay.request", "cae.payslip", "cae.interview", "cae.interview.note"),
    *("cae.social.file", "cae.member", "cae.ledger.line", "account.move"),
    *("account.move.line", "account.payment", "account.bank.statement.line"),
)


@pytest.fixture(scope="module")
def server(serve):
    server = serve(None, *contract.PATIENCE)
    toolshed.prepare(server)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def client(server):
    return contract.Client(server)


@pytest.fixture(scope="module")
def key(client):
    """The key of the user of the nightly exchange."""
    return toolshed.tool(client, "nightly", *NIGHTLY)


@pytest.fixture(scope="module")
def incoming(tmp_path_factory):
    return toolshed.files(tmp_path_factory.mktemp("in") / "files", toolshed.january())


@pytest.fixture
def sync(server, key, tmp_path):
    """Function that calls it; the process and its log."""
    keys = tmp_path / "key"
    keys.write_text(f"{key}\n")

    def call(*arguments, wait=True):
        command = [
            *(paths.SCRIPTS / "sync", "--url", server.url),
            *("--database", server.database, "--user", "nightly"),
            *("--key-file", keys, "--log", tmp_path / "sync.csv"),
        ]
        process = subprocess.Popen(
            [*map(str, command), *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if wait:
            process.output, _nothing = process.communicate(timeout=600)
        return process

    return call


def logged(tmp_path):
    text = (tmp_path / "sync.csv").read_text("utf-8-sig")
    return list(csv.DictReader(text.splitlines(), delimiter=";"))


def prints(folder):
    """``{name: hash}`` of what is in a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def export(folder):
    return ("--export", folder, "--month", MONTH)


# The nightly exchange ----------------------------------------------------------------


def test_both_ways(sync, incoming, tmp_path, client):
    out = tmp_path / "out"
    process = sync(incoming, *export(out))
    assert process.returncode == 0, process.output
    names = set(prints(out))
    for code in toolshed.CODES:
        for kind in ("pdf", "json"):
            assert f"releves/{code}-{MONTH}-v1.{kind}" in names
    others = {f"releves-{MONTH}.csv", f"chiffres-cles-{MONTH}.csv"}
    assert others | {f"paie/generic-{MONTH}.csv"} <= names
    check_whole(out)
    check_figures(out, client)
    rows = logged(tmp_path)
    assert [row["objet"] for row in rows if row["etape"] == "load"] == [
        *("clients.csv", "factures.csv", "achats.csv", "reglements.csv"),
    ]
    assert {row["resultat"] for row in rows} == {"done"}
    assert len(rows) == 4 + len(names)


def check_whole(folder):
    """Each file that has its name is whole."""
    for path in folder.rglob("*"):
        if path.suffix == ".pdf":
            content = path.read_bytes()
            assert content.startswith(b"%PDF") and b"%%EOF" in content[-20:], path
        elif path.suffix == ".json":
            told = json.loads(path.read_text())
            assert told["data"]["income"], path


def check_figures(folder, client):
    """The CSV files say what the server says, with commas."""
    text = (folder / f"releves-{MONTH}.csv").read_text("utf-8-sig")
    found = {
        (row["activite"], row["cle"]): row["montant"]
        for row in csv.DictReader(text.splitlines(), delimiter=";")
    }
    for code in toolshed.CODES:
        (statement,) = client.call(
            "cae.activity", "statement", codes=[code], month=MONTH
        )
        (turnover,) = (r for r in statement["rows"] if r["key"] == "turnover")
        assert found[code, "turnover"] == f"{turnover['month']:.2f}".replace(".", ",")
    text = (folder / f"chiffres-cles-{MONTH}.csv").read_text("utf-8-sig")
    figures = dict(line.split(";") for line in text.splitlines()[1:])
    told = client.call("cae.key.figures", "get", date="2026-01-31")
    assert float(figures["ca_ht_facture"].replace(",", ".")) == told["ca_ht_facture"]
    assert figures["entrepreneurs_actifs"] == str(told["entrepreneurs_actifs"])


def test_calling_again_writes_nothing(sync, incoming, tmp_path):
    out = tmp_path / "out"
    assert sync(incoming, *export(out)).returncode == 0
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    before = prints(out)
    process = sync(incoming, *export(out))
    assert process.returncode == 0, process.output
    assert prints(out) == before
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == times


@pytest.mark.parametrize("files", [1, 4, 7])
def test_killed_and_called_again(sync, tmp_path, files):
    whole, out = tmp_path / "whole", tmp_path / "out"
    assert sync(*export(whole)).returncode == 0
    process = sync(*export(out), wait=False)
    limit = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < limit:
        if len(list(out.rglob("*-v1.*"))) >= files:
            os.kill(process.pid, signal.SIGKILL)
            break
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, "it ended before it was killed"
    check_whole(out)
    assert prints(out) != prints(whole)
    process = sync(*export(out))
    assert process.returncode == 0, process.output
    assert prints(out).items() >= prints(whole).items()
    assert not [p for p in prints(out) if p.endswith(".part")]


def test_dry_run_writes_nothing(sync, incoming, tmp_path, client):
    before = client.count("account.move")
    process = sync(incoming, *export(tmp_path / "out"), "--dry-run")
    assert process.returncode == 0, process.output
    assert "would be written" in process.output
    assert not (tmp_path / "out").exists()
    assert client.count("account.move") == before


def test_what_is_refused_is_told(sync, incoming, tmp_path):
    """A faulty file stops what leans on it; the log says where, the code is 1."""
    folder = tmp_path / "faulty"
    folder.mkdir()
    bad = contract.csv_of([{**toolshed.january()["invoices"][0], "date": "31/02/2026"}])
    (folder / "factures.csv").write_bytes(bad)
    process = sync(folder, *export(tmp_path / "out"))
    assert process.returncode == 1
    assert not (tmp_path / "out").exists()
    assert "CAE-LOAD-DATE" in logged(tmp_path)[-1]["detail"]
    # People and their data are not for tools.
    (folder / "factures.csv").unlink()
    people = contract.csv_of(toolshed.january()["entrepreneurs"])
    (folder / "entrepreneurs.csv").write_bytes(people)
    assert sync(folder).returncode == 1
    assert "CAE-ACCESS" in logged(tmp_path)[-1]["detail"]
    # An export of a month without pay is no failure.
    process = sync("--export", tmp_path / "out", "--month", "2026-02")
    assert process.returncode == 0, process.output
    assert sync("--export", tmp_path / "out").returncode == 1
    assert sync("--export", tmp_path / "out", "--month", "février").returncode == 2


# What a tool may do ------------------------------------------------------------------


def calls():
    """``{name: (group that may, model, method, arguments)}``"""
    row = toolshed.january()["invoices"][:1]
    return {
        "statements": (READ, "cae.statement", "search_count", {"domain": []}),
        "figures": (READ, "cae.activity", "figures", {"months": [MONTH]}),
        "treasury": (READ, "cae.activity", "treasury", {"date": "2026-01-31"}),
        "ledger": (READ, "cae.activity", "ledger", {"codes": ["A0001"]}),
        "key figures": (READ, "cae.key.figures", "get", {"date": "2026-01-31"}),
        "load": (LOAD, "cae.exchange", "load", {"dataset": "invoices", "rows": row}),
        "pay elements": (
            PAY, "cae.payroll.exchange", "export_elements",
            {"month": MONTH, "template": "generic"},
        ),
        **{
            name: (None, "cae.exchange", "load", {"dataset": name, "rows": []})
            for name in ("entrepreneurs", "activities", "schemes", "members")
        },
        "run": (None, "cae.period", "month_run", {"month": MONTH}),
        "lock": (None, "cae.period", "lock", {"month": MONTH}),
        "payslips": (
            None, "cae.payroll.exchange", "load_payslips", {"month": MONTH, "rows": []}
        ),
        "the cooperative": (READ, "cae.activity", "ledger", {"codes": []}),
        "its own accounts": (None, "cae.activity", "ledger", {"codes": ["CAE"]}),
    }  # fmt: skip


@pytest.fixture(scope="module")
def tools(client):
    """``{group: client}``: a user with this group alone."""
    found = {}
    for number, group in enumerate(NIGHTLY):
        login = f"tool{number}"
        toolshed.tool(client, login, group)
        found[group] = contract.Client(client.server, "json2", login)
    return found


def may(tool, model, method, named):
    try:
        tool.call(model, method, **named)
    except Refused as error:
        assert error.kind == "access", error
        return False
    return True


def test_a_tool_calls_what_it_needs_and_no_more(tools):
    found, wanted = {}, {}
    for name, (group, *call) in calls().items():
        for own, tool in tools.items():
            found[name, own] = may(tool, *call)
            wanted[name, own] = own == group
    assert found == wanted


def test_a_tool_reads_nobody(tools):
    read = [
        (own, model)
        for own, tool in tools.items()
        for model in HIDDEN
        if may(tool, model, "search_read", {"domain": [], "fields": ["id"], "limit": 1})
    ]
    assert not read


def test_a_tool_writes_nothing_by_itself(tools, client):
    (activity,) = client.search("cae.activity", [("code", "=", "A0001")])
    for tool in tools.values():
        for model, method, named in (
            ("cae.activity", "write", {"ids": [activity], "vals": {"name": "X"}}),
            ("cae.statement", "create", {"vals_list": [{}]}),
            ("res.partner", "create", {"vals_list": [{"name": "X"}]}),
        ):
            with pytest.raises(Refused) as caught:
                tool.call(model, method, **named)
            # Statements are written by the run of the month, whoever asks.
            known = caught.value.code == "CAE-STATEMENT-COMPUTED"
            assert known or caught.value.kind == "access", (model, method)


def test_a_tool_finds_no_bank_account_of_a_person(tools, client):
    domain = [("sanitized_acc_number", "=like", "FR76%")]
    assert client.count("res.partner.bank", domain)
    for tool in tools.values():
        assert not tool.count("res.partner.bank", domain)


def test_a_tool_reads_drafts_of_nobody(tools, client):
    """Only what the entrepreneurs have, with pay in one amount as coaches read it."""
    domain = [("published", "=", False)]
    assert tools[READ].count("cae.statement", domain) == 0
    (ledger,) = tools[READ].ledger(["A0001"], date_to="2026-01-31")
    staff = {r["account"] for r in ledger["rows"] if r["account"].startswith("42")}
    assert staff <= {"42"}
    rows = {row["account"]: row for row in client.ledger(["A0001"])[0]["rows"]}
    assert any(account.startswith("42") for account in rows)


def test_a_tool_works_in_its_company_alone(tools, client):
    """A company that the context names is no way into another one."""
    other = client.create("res.company", {"name": "Another cooperative"})
    row = toolshed.january()["invoices"][:1]
    context = {"allowed_company_ids": [other]}
    for group, model, method, named in (
        (LOAD, "cae.exchange", "load", {"dataset": "invoices", "rows": row}),
        (PAY, "cae.payroll.exchange", "export_elements",
         {"month": MONTH, "template": "generic"}),
        (READ, "cae.key.figures", "get", {}),
    ):  # fmt: skip
        assert not may(tools[group], model, method, {**named, "context": context})
