"""The same script over XML-RPC, odoorpc and JSON-2: load, run ten months, compare.

A program of the cooperative starts from an empty French company and must find what
attendus.json says, to the cent, whatever the endpoint (issue 2, §4.2 and §4.3).
"""

from collections import defaultdict
from dataclasses import dataclass, field

import contract
import pytest
from contract import ACTIVITIES, EXPECTED, LAST_DAY, MONTHS, cents

STEPS = ["contributions"]
LATE = "2026-05"
LATE_CODE = "A0001"
LATE_AMOUNT = 1000


@dataclass
class Coop:
    """What the script did over one endpoint."""

    client: contract.Client
    loads: dict = field(default_factory=dict)
    runs: dict = field(default_factory=dict)


@pytest.fixture(scope="module", params=contract.ENDPOINTS)
def coop(request, serve, demo_files):
    """A company that an endpoint loaded, with its ten months of contributions.

    As files over XML-RPC (the fixture ``loaded``), as rows over the others.
    """
    if request.param == "xmlrpc":
        _name, loads = request.getfixturevalue("loaded")
        server = request.getfixturevalue("serve_loaded")()
        result = Coop(contract.Client(server, request.param), loads)
    else:
        server = serve(None, *contract.PATIENCE)
        result = Coop(contract.Client(server, request.param))
        for dataset, path in demo_files:
            result.loads[dataset] = result.client.load(dataset, contract.rows_of(path))
    for month in MONTHS:
        result.runs[month] = result.client.run(month, steps=STEPS)
    yield result
    server.stop()


def documents(path):
    """How many records or documents a demo file stands for."""
    rows = contract.rows_of(path)
    if path.name == "ouvertures.csv":
        return len({(row["activite"], row["date"]) for row in rows})
    return len({next(iter(row.values())) for row in rows})


def test_load(coop, demo_files):
    if not coop.loads:
        pytest.skip("loaded before (CAE_E2E_LOADED)")
    for dataset, path in demo_files:
        expected = {"created": documents(path), "updated": 0, "unchanged": 0}
        if dataset == "schemes":
            # They are shipped; loading sets their labels.
            counts = coop.loads[dataset]
            assert counts["updated"] + counts["unchanged"] == expected["created"]
        else:
            assert coop.loads[dataset] == {**expected, "errors": []}, dataset


def test_figures(coop):
    found = contract.found_figures(coop.client)
    expected = contract.expected_figures()
    assert len(expected) == len(ACTIVITIES) * len(MONTHS) * 4
    assert not contract.differences(found, expected)


def test_margin(coop):
    for row in coop.client.figures().values():
        margin = cents(row["invoiced"]) - cents(row["purchases"])
        assert cents(row["gross_margin"]) == margin, row


def test_run_says_what_it_added(coop):
    expected = defaultdict(int)
    for (_code, month, _name), amount in contract.expected_figures(
        ["contribution"]
    ).items():
        expected[month] += amount
    for month, results in coop.runs.items():
        added = contract.total(result["contributions"]["total"] for result in results)
        assert (month, added) == (month, expected[month])
        last = results[-1]
        assert (last["month"], last["done"], last["remaining"]) == (month, True, 0)


def test_treasury(coop):
    rows = coop.client.call(
        "cae.activity", "treasury", codes=sorted(ACTIVITIES), date=LAST_DAY
    )
    found = {row["code"]: cents(row["treasury"]) for row in rows}
    expected = {code: cents(a["tresorerie"]) for code, a in ACTIVITIES.items()}
    assert not contract.differences(found, expected)
    for row in rows:
        parts = defaultdict(int)
        for part in row["parts"]:
            parts[part["group"]] += cents(part["amount"])
        assert parts["treasury"] == cents(row["treasury"])
        available = parts["treasury"] + parts["available"]
        assert available == cents(row["available"])
        assert available + parts["future"] == cents(row["future"])


def test_key_figures(coop):
    found = coop.client.call("cae.key.figures", "get", date=LAST_DAY)
    expected = EXPECTED["chiffres_cles"]
    assert {key: float(value) for key, value in found.items()} == {
        key: float(value) for key, value in expected.items()
    }


def test_ledgers_add_up_to_the_general_ledger(coop):
    found = defaultdict(int)
    for activity in coop.client.ledger():
        for row in activity["rows"]:
            found[row["account"]] += cents(row["closing"])
            moved = cents(row["opening"]) + cents(row["debit"]) - cents(row["credit"])
            assert moved == cents(row["closing"]), row
    expected = general_ledger(coop.client)
    assert len(expected) > 10
    settled = {code: balance for code, balance in expected.items() if balance}
    assert {code: sum_ for code, sum_ in found.items() if sum_} == settled


def general_ledger(client):
    """``{account code: cents}`` of posted entries, as any client may read it."""
    groups = client.call(
        "account.move.line", "formatted_read_group",
        domain=[("parent_state", "=", "posted"), ("date", "<=", LAST_DAY)],
        groupby=["account_id"], aggregates=["balance:sum"],
    )  # fmt: skip
    ids = [group["account_id"][0] for group in groups]
    rows = client.read("account.account", [("id", "in", ids)], ["code"])
    codes = {row["id"]: row["code"] for row in rows}
    return {
        codes[group["account_id"][0]]: round(group["balance:sum"] * 100)
        for group in groups
    }


@pytest.mark.parametrize("day", ["2026-01-01", "2026-03-17", "2026-06-30", LAST_DAY])
def test_every_ledger_sums_to_zero(coop, day):
    ledgers = coop.client.ledger(date_to=day)
    assert set(ACTIVITIES) <= {ledger["code"] for ledger in ledgers}
    for ledger in ledgers:
        for column in ("opening", "closing"):
            assert contract.total(row[column] for row in ledger["rows"]) == 0, ledger
        movement = contract.total(
            value for row in ledger["rows"] for value in (row["debit"], -row["credit"])
        )
        assert movement == 0, ledger


def test_every_entry_is_balanced_per_activity(coop):
    assert not contract.unbalanced_entries(coop.client.server.database)


def test_internal_accounts_are_nil_in_the_books(coop):
    internal = {
        code: balance
        for code, balance in general_ledger(coop.client).items()
        if code.startswith("18")
    }
    assert internal and sum(internal.values()) == 0


def test_statement_of_a_month(coop):
    codes = sorted(ACTIVITIES)
    rows = coop.client.call("cae.activity", "statement", codes=codes, month="2026-10")
    for statement in rows:
        expected = ACTIVITIES[statement["code"]]["mois"]["2026-10"]
        by_key = {row["key"]: row for row in statement["rows"]}
        assert {
            *("turnover", "purchases", "gross_margin", "contribution"),
            *("charges", "payroll", "result"),
        } <= set(by_key)
        assert abs(cents(by_key["contribution"]["month"])) == abs(
            cents(expected["contribution"])
        )
        invoiced = cents(ACTIVITIES[statement["code"]]["facture_ht"])
        assert cents(by_key["turnover"]["to_date"]) == invoiced


def test_simulate_gives_what_was_charged(coop):
    for code, activity in ACTIVITIES.items():
        found = coop.client.call(
            "cae.contribution.scheme", "simulate",
            code=activity["bareme"], months=simulated(activity["mois"]),
        )  # fmt: skip
        charged = {row["month"]: cents(row["amount"]) for row in found}
        assert charged == {
            month: cents(figures["contribution"])
            for month, figures in activity["mois"].items()
        }, code
        assert all(row["explanation"] for row in found if row["amount"])


def simulated(months, **changed):
    """Months as ``simulate`` takes them; ``changed`` adds to the turnover."""
    return [
        {
            "month": month,
            "invoiced": float(figures["facture_ht"])
            + changed.get(month.replace("-", "_"), 0),
            "collected": float(figures["encaisse_ht"]),
            "purchases": float(figures["achats_ht"]),
        }
        for month, figures in months.items()
    ]


def test_second_run_changes_nothing(coop):
    before = footprint(coop.client)
    for month in MONTHS:
        (result,) = coop.client.run(month, steps=STEPS)
        assert result["contributions"] == {"lines": 0, "total": 0.0}, month
    assert footprint(coop.client) == before


def footprint(client):
    """What a run would leave: counts and the last identifiers."""
    models = ("account.move", "account.move.line", "cae.contribution.line")
    models += ("account.analytic.line", "account.partial.reconcile")
    return {
        model: (client.count(model), client.search(model, [], order="id desc", limit=1))
        for model in models
    }


def test_reload_changes_nothing(coop, demo_files):
    """Also: rows and files are the same thing."""
    before = footprint(coop.client)
    client = coop.client
    for dataset, path in demo_files:
        if client.endpoint == "xmlrpc":
            result = client.load(dataset, contract.rows_of(path))
        else:
            result = client.load_file(dataset, path.name, path.read_bytes())
        assert result == {
            "created": 0,
            "updated": 0,
            "unchanged": documents(path),
            "errors": [],
        }, dataset
    assert footprint(coop.client) == before


def test_dry_run_writes_nothing(coop):
    before = footprint(coop.client)
    row = late_credit_note() | {"numero": "A2026-ESSAI"}
    result = coop.client.load("invoices", [row], dry_run=True)
    assert result == {"created": 1, "updated": 0, "unchanged": 0, "errors": []}
    assert footprint(coop.client) == before


def late_credit_note():
    """A credit note in a past month, which is still open."""
    return {
        "numero": "A2026-900001",
        "type": "avoir",
        "origine": "",
        "date": "20/05/2026",
        "activite": LATE_CODE,
        "client": "C00001",
        "libelle": "Geste commercial",
        "quantite": "1,00",
        "prix_unitaire_ht": f"{LATE_AMOUNT},00",
        "taux_tva": "20",
        "nature": "service",
    }


def test_late_credit_note_books_only_the_difference(coop):
    """It changes its own month and those whose due amount really is another one.

    TRANCHES charges 11 % of the turnover to date: 1 000 less in May take 110.00
    back, unless the minimum of 180 a month binds (180 × 5 = 900.00 to the end of May).
    """
    before = contract.found_figures(coop.client)
    counts = footprint(coop.client)
    result = coop.client.load("invoices", [late_credit_note()])
    assert (result["created"], result["errors"]) == (1, [])
    (added,) = coop.client.run(MONTHS[-1], steps=STEPS)
    after = contract.found_figures(coop.client)
    months = ACTIVITIES[LATE_CODE]["mois"]
    simulation = coop.client.call(
        "cae.contribution.scheme", "simulate",
        code=ACTIVITIES[LATE_CODE]["bareme"],
        months=simulated(months, **{LATE.replace("-", "_"): -LATE_AMOUNT}),
    )  # fmt: skip
    expected = dict(before)
    expected[LATE_CODE, LATE, "invoiced"] -= LATE_AMOUNT * 100
    for row in simulation:
        expected[LATE_CODE, row["month"], "contribution"] = cents(row["amount"])
    assert not contract.differences(after, expected)
    moved = {
        month: after[LATE_CODE, month, "contribution"]
        - before[LATE_CODE, month, "contribution"]
        for month in MONTHS
    }
    changed = {month: cents_ for month, cents_ in moved.items() if cents_}
    assert added["contributions"]["lines"] == len(changed)
    assert cents(added["contributions"]["total"]) == sum(changed.values())
    assert sum(changed.values()) == -LATE_AMOUNT * 11
    # One entry for the credit note, one for each month that moved.
    now = footprint(coop.client)
    new = now["account.move"][0] - counts["account.move"][0]
    assert new == 1 + len(changed)
    (again,) = coop.client.run(MONTHS[-1], steps=STEPS)
    assert again["contributions"] == {"lines": 0, "total": 0.0}
    assert footprint(coop.client) == now
    assert not contract.unbalanced_entries(coop.client.server.database)
