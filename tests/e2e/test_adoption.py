"""Our addons come into a database with history, take it over, and leave it whole."""

import collections

import contract
import history
import people
from caetools import postgres
from installing import ADDONS, checksums, last_ids, module

PERIODS = "SELECT date FROM cae_period WHERE state = 'locked' AND active"


def adopt(client, plan):
    key = client.call("cae.adoption", "create", vals_list=[{"plan_id": plan}])[0]
    client.call("cae.adoption", "action_prepare", [key])
    rows = client.call(
        "cae.adoption.line", "search_read", domain=[("adoption_id", "=", key)],
        fields=["code", "chosen"],
    )  # fmt: skip
    return key, {row["code"]: row for row in rows}


def closing(client, day):
    """``{code: {first two digits: balance}}``."""
    ledgers = client.ledger(date_from="2020-01-01", date_to=day)
    found = {ledger["code"]: collections.Counter() for ledger in ledgers}
    for ledger in ledgers:
        for row in ledger["rows"]:
            found[ledger["code"]][row["account"][:2]] += row["closing"]
    return found


def test_history_is_taken_over_by_an_accountant(old_books, serve):
    """Accounts, people and open documents; a locked year; undone, and done again."""
    before, last = checksums(old_books), last_ids(old_books)
    module("install", old_books, *ADDONS)
    server = serve(old_books)
    admin = contract.Client(server)
    people.create_user(admin, "compta", "Compta", "cae_base.group_accountant")
    client = contract.Client(server, login="compta")
    plan = int(
        postgres.query(
            "SELECT id FROM account_analytic_plan"
            f" WHERE name->>'en_US' = '{history.PLAN}'",
            old_books,
        )[0]
    )
    key, rows = adopt(client, plan)
    for code, wage in (("ADA", 450), ("BOB", 300)):
        terms = {"kind": "cesa", "contract_start": "2024-01-01", "fixed_part": wage}
        client.call("cae.adoption.line", "write", [rows[code]["id"]], vals=terms)
    assert (rows["ADA"]["chosen"], rows["OLD"]["chosen"]) == (True, False)
    header = client.call("cae.adoption", "read", [key], fields=["date", "state"])[0]
    assert header["date"] == "2026-01-01"
    client.call("cae.adoption", "action_check", [key])
    assert checksums(old_books, last) == before
    client.call("cae.adoption", "action_adopt", [key])
    done = client.call(
        "cae.adoption", "read", [key], fields=["state", "left_text", "done_text"]
    )[0]
    assert done["state"] == "done" and not done["left_text"], done
    # What Odoo had is what it has: analytic items are made again with other ids.
    kept = {k: v for k, v in checksums(old_books, last).items() if "analytic" not in k}
    assert kept == {k: v for k, v in before.items() if "analytic" not in k}
    assert postgres.query(PERIODS, old_books) == ["2025-12-01"]
    assert not contract.unbalanced_entries(old_books)
    told = closing(client, "2026-02-28")
    # 1200 − 480 open of Ada's, its VAT 120; pay of January 375 each.
    assert told["ADA"]["41"] == 720
    assert told["ADA"]["70"] == -300
    assert told["ADA"]["64"] == told["BOB"]["64"] == 375
    assert told["ADA"]["43"] == told["BOB"]["43"] == -75
    assert told["BOB"]["41"] == 600
    assert told["BOB"]["40"] == -48
    assert all(round(sum(rows.values()), 2) == 0 for rows in told.values())
    found = client.read("cae.entrepreneur", [], ["name", "stage"])
    assert {p["name"]: p["stage"] for p in found} == {
        "Ada Lace": "cesa",
        "Bob Stone": "cesa",
    }
    assert client.run("2026-01")[-1]["done"]
    server.stop()
    # And it leaves again.
    module("uninstall", old_books, "cae_base")
    kept = {k: v for k, v in checksums(old_books, last).items() if "analytic" not in k}
    assert kept == {k: v for k, v in before.items() if "analytic" not in k}
