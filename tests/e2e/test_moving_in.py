"""A cooperative comes from other programs: its files, converted, loaded, compared.

The export is made up (``tests/data/moving-in``): titles and values of its own, in the
shapes that such programs give. Its totals are reckoned from its own files here.
"""

import csv
import io
import json
import os
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal

import contract
import pytest
from caetools import paths, sync

FOLDER = paths.ROOT / "tests/data/moving-in"
MAPPING = paths.ROOT / "scripts/mappings/exemple.json"
OWN = "STRUCT"
RESULTS = ("6", "7", "186", "187", "110", "119")


def rows(name):
    content = (FOLDER / name).read_bytes()
    codec = "utf-8-sig" if name == "societaires.csv" else "cp1252"
    return list(csv.DictReader(io.StringIO(content.decode(codec)), delimiter=";"))


def amount(text):
    return Decimal((text or "0").replace(",", "."))


def signed(row):
    return amount(row["Débit"]) - amount(row["Crédit"])


def move_in(server, *options):
    """``scripts/sync``, as on a command line: its exit code and what it said."""
    process = subprocess.run(
        [sys.executable, paths.SCRIPTS / "sync", FOLDER, "--mapping", MAPPING,
         "--url", server.url, "--database", server.database, *options],
        env={**os.environ, sync.PASSWORD_VARIABLE: "admin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return process.returncode, process.stdout + process.stderr


@pytest.fixture(scope="module")
def moved(serve):
    """A new cooperative where the files of the former programs were loaded."""
    server = serve(None, *contract.PATIENCE)
    client = contract.Client(server)
    client.call(
        "cae.share.kind", "create",
        vals_list=[{"name": "Part A", "code": "A", "value": 15}],
    )  # fmt: skip
    code, said = move_in(server)
    assert code == 0, said
    yield server, client, said
    server.stop()


def test_every_file_is_loaded_and_again_changes_nothing(moved):
    server, _client, said = moved
    assert "activites.csv: 4 created" in said
    assert "associes.csv: 3 created" in said
    code, again = move_in(server)
    assert code == 0, again
    assert " created" not in again.replace("0 created", "")
    assert "ouvertures.csv: 0 created, 0 updated, 4 unchanged" in again


def test_openings_are_those_of_the_export_to_the_cent(moved):
    _server, client, _said = moved
    ledgers = client.call(
        "cae.activity", "ledger",
        codes=[], date_from="2026-01-01", date_to="2026-01-01",
    )  # fmt: skip
    expected = defaultdict(lambda: defaultdict(Decimal))
    for row in rows("balance_analytique.csv"):
        key = "RESULTS" if row["Compte"].startswith(RESULTS) else row["Compte"][:3]
        expected[row["Code analytique"]][key] += signed(row)
    checked = 0
    for ledger in ledgers:
        if ledger["code"] not in expected:
            continue
        found = defaultdict(Decimal)
        for row in ledger["rows"]:
            code = row["account"]
            key = "RESULTS" if code.startswith(RESULTS) else code[:3]
            found[key] += Decimal(str(row["closing"]))
        wanted = {k: v for k, v in expected[ledger["code"]].items() if v}
        assert {k: v for k, v in found.items() if v} == wanted, ledger["code"]
        checked += 1
    assert checked == 4


def test_treasury_is_what_the_export_says(moved):
    _server, client, _said = moved
    told = {row["Code analytique"]: row for row in rows("totaux.csv")}
    found = client.call("cae.activity", "treasury", codes=[], date="2026-01-01")
    assert len(found) == 4
    for activity in found:
        row = told[activity["code"]]
        assert Decimal(str(activity["treasury"])) == amount(row["Trésorerie"])


def test_the_register_of_members_is_whole(moved):
    _server, client, _said = moved
    members = client.call(
        "cae.member", "search_read",
        domain=[], fields=["share_count", "share_amount", "state"],
    )  # fmt: skip
    total = rows("societaires.csv")[-1]
    assert sum(m["share_count"] for m in members) == int(total["Parts"])
    assert Decimal(str(sum(m["share_amount"] for m in members))) == amount(
        total["Montant"]
    )
    assert {m["state"] for m in members} == {"member"}


def test_the_first_year_is_trued_up(moved):
    """Months run again by the rules: what differs from the former charges is told."""
    _server, client, _said = moved
    for month in ("2026-01", "2026-02"):
        client.run(month, steps=["contributions"])
    found = {
        (row["code"], row["month"]): Decimal(str(row["contribution"]))
        for row in client.call(
            "cae.activity", "figures", codes=[], months=["2026-01", "2026-02"]
        )
        if row["contribution"]
    }
    former = {
        (row["Code analytique"], row["Mois"]): amount(row["Contribution"])
        for row in rows("contributions_2026.csv")
    }
    gaps = {
        key: found[key] - former[key] for key in former if found[key] != former[key]
    }
    # The former program had charged the invoice and forgotten its credit note.
    assert gaps == {("ELI01", "2026-02"): Decimal("-10.00")}


def test_what_the_mapping_does_not_know_is_told(tmp_path):
    mapping = json.loads(MAPPING.read_text())
    mapping["entrepreneurs"]["columns"]["statut"]["values"].pop("Convention CAPE")
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(mapping))
    process = subprocess.run(
        [sys.executable, paths.SCRIPTS / "sync", FOLDER, "--mapping", broken,
         "--convert", tmp_path / "out"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert process.returncode
    said = process.stdout + process.stderr
    assert "entrepreneurs.csv, row 2: Situation is 'Convention CAPE'" in said
