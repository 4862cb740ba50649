"""The same script over XML-RPC, odoorpc and JSON-2: load, run ten months, compare.

A program of the cooperative starts from an empty French company and must find what
attendus.json says, to the cent, whatever the endpoint (issue 2, §4.2 and §4.3).
"""

import os
from collections import defaultdict
from dataclasses import dataclass, field

import contract
import pytest
from contract import ACTIVITIES, EXPECTED, LAST_DAY, MONTHS, cents

FULL = os.environ.get("CAE_TEST_FULL") == "1"
STEPS = ["contributions"]
LATE = "2026-05"
LATE_CODE = "A0001"
LATE_AMOUNT = 1000
#: Loaded over odoorpc and JSON-2 in the quick set: two activities of each scheme, one
#: that began in the year (A0009) and one that two people share (A0027).
FEW = ("A0001", "A0003", "A0004", "A0005", "A0009", "A0017", "A0018", "A0020")
FEW += ("A0026", "A0027")


@dataclass
class Coop:
    """What the script did over one endpoint, and for which activities."""

    client: contract.Client
    codes: tuple = tuple(ACTIVITIES)
    loads: dict = field(default_factory=dict)
    runs: dict = field(default_factory=dict)

    @property
    def rows(self):
        return contract.demo_rows(self.codes)

    def expected(self, *names):
        return contract.expected_figures(self.codes, names or tuple(contract.FIGURES))


@pytest.fixture(scope="module", params=contract.ENDPOINTS)
def coop(request, serve):
    """A company that an endpoint loaded, with its ten months of contributions.

    Everything as files over XML-RPC (the fixture ``loaded``), rows over the others.
    """
    if request.param == "xmlrpc":
        _name, loads = request.getfixturevalue("loaded")
        server = request.getfixturevalue("serve_loaded")()
        result = Coop(contract.Client(server, request.param), loads=loads)
    else:
        server = serve(None, *contract.PATIENCE)
        codes = tuple(ACTIVITIES) if FULL else FEW
        result = Coop(contract.Client(server, request.param), codes)
        for dataset, rows in result.rows.items():
            result.loads[dataset] = result.client.load(dataset, rows)
    for month in MONTHS:
        result.runs[month] = result.client.run(month, steps=STEPS)
    yield result
    server.stop()


def documents(dataset, rows):
    """How many records or documents rows stand for."""
    if dataset == "opening":
        return len({(row["activite"], row["date"]) for row in rows})
    return len({next(iter(row.values())) for row in rows})


def test_load(coop):
    if not coop.loads:
        pytest.skip("loaded before (CAE_E2E_LOADED)")
    for dataset, rows in coop.rows.items():
        expected = {"created": documents(dataset, rows), "updated": 0, "unchanged": 0}
        if dataset == "schemes":
            # They are shipped; loading sets their labels.
            counts = coop.loads[dataset]
            assert counts["updated"] + counts["unchanged"] == expected["created"]
        else:
            assert coop.loads[dataset] == {**expected, "errors": []}, dataset


def test_figures(coop):
    found = contract.found_figures(coop.client)
    expected = coop.expected()
    assert len(expected) == len(coop.codes) * len(MONTHS) * 4
    assert not contract.differences(found, expected)


def test_margin(coop):
    for row in coop.client.figures().values():
        margin = cents(row["invoiced"]) - cents(row["purchases"])
        assert cents(row["gross_margin"]) == margin, row


def test_run_says_what_it_added(coop):
    expected = defaultdict(int)
    for (_code, month, _name), amount in coop.expected("contribution").items():
        expected[month] += amount
    for month, results in coop.runs.items():
        added = contract.total(result["contributions"]["total"] for result in results)
        assert (month, added) == (month, expected[month])
        last = results[-1]
        assert (last["month"], last["done"], last["remaining"]) == (month, True, 0)


def test_treasury(coop):
    rows = coop.client.call(
        "cae.activity", "treasury", codes=list(coop.codes), date=LAST_DAY
    )
    found = {row["code"]: cents(row["treasury"]) for row in rows}
    expected = {code: cents(ACTIVITIES[code]["tresorerie"]) for code in coop.codes}
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
    expected = dict(EXPECTED["chiffres_cles"])
    if len(coop.codes) < len(ACTIVITIES):
        for key, figure in (
            ("ca_ht_facture", "facture_ht"),
            ("contributions", "contribution"),
        ):
            expected[key] = sum(coop.expected(figure).values()) / 100
    assert {key: float(value) for key, value in found.items()} == {
        key: float(value) for key, value in expected.items()
    }


def test_key_figures_are_explained_and_add_up_over_time(coop):
    found = coop.client.call("cae.key.figures", "get", date=LAST_DAY)
    rows = coop.client.call("cae.key.figures", "overview", date=LAST_DAY)
    explained = {row["key"]: row for row in rows}
    for key, value in found.items():
        assert explained[key]["value"] == value
        assert explained[key]["definition"] and explained[key]["source"], key
    assert explained["part_femmes"]["national"]["value"] == 48
    (series,) = coop.client.call(
        *("cae.key.figures", "series"),
        keys=["ca_ht_facture"],
        date=LAST_DAY,
        step="month",
        count=len(MONTHS),
    )
    months = [row["date_to"][:7] for row in series["values"]]
    assert months == list(MONTHS)
    total = sum(cents(row["value"]) for row in series["values"])
    assert total == cents(found["ca_ht_facture"])


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
    assert set(coop.codes) <= {ledger["code"] for ledger in ledgers}
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
    rows = coop.client.call(
        "cae.activity", "statement", codes=list(coop.codes), month="2026-10"
    )
    assert [statement["code"] for statement in rows] == list(coop.codes)
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
    for code in coop.codes:
        activity = ACTIVITIES[code]
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


def test_reload_changes_nothing(coop):
    """Also: rows and files are the same thing."""
    before = footprint(coop.client)
    for dataset, rows in coop.rows.items():
        if coop.client.endpoint == "xmlrpc":
            result = coop.client.load(dataset, rows)
        else:
            content = contract.csv_of(rows)
            result = coop.client.load_file(dataset, f"{dataset}.csv", content)
        assert result == {
            "created": 0,
            "updated": 0,
            "unchanged": documents(dataset, rows),
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
