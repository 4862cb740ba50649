"""From each earlier version to this one: the same figures, and the schema of a new one.

A version is a tag ``v*``; while there is none, a commit of before stands for it. Its
addons are checked out beside, installed with its own code, given data and a month;
then this code upgrades the database, as an administrator does.
"""

import subprocess

import contract
import pytest
from caetools import databases, odoo, paths, postgres, tree
from installing import ADDONS, installed, module, update

#: Stands for an earlier version until there is a tag.
BEFORE_TAGS = "e213c439dfb1"
MONTH = "2026-01"
CODES = ("A0001", "A0003", "A0008")
#: Tables and columns of ours, or added to Odoo's tables, with their types.
COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable
      FROM information_schema.columns
     WHERE table_schema = 'public'
       AND (table_name LIKE 'cae\\_%' OR column_name LIKE 'cae\\_%') ORDER BY 1, 2
"""
CONSTRAINTS = """
    SELECT r.relname, c.conname, pg_get_constraintdef(c.oid)
      FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
     WHERE r.relname LIKE 'cae\\_%' AND c.contype IN ('c', 'f', 'u') ORDER BY 1, 2
"""
INDEXES = """
    SELECT tablename, indexname, indexdef FROM pg_indexes
     WHERE schemaname = 'public'
       AND (tablename LIKE 'cae\\_%' OR indexname LIKE '%cae\\_%') ORDER BY 1, 2
"""
RECORDS = """
    SELECT module, model, name FROM ir_model_data
     WHERE module LIKE 'cae\\_%' ORDER BY 1, 2, 3
"""


def git(*arguments):
    return subprocess.run(
        ["git", "-C", str(paths.ROOT), *map(str, arguments)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def versions():
    """Earlier versions, the oldest first: tags, else a commit."""
    tags = git("tag", "--list", "v*", "--sort", "version:refname").stdout.split()
    return tags or [BEFORE_TAGS]


@pytest.fixture(params=versions())
def version(request, tmp_path):
    """``(folder, variables)`` of an earlier version's addons, for its own Odoo."""
    folder = tmp_path / "version"
    made = git("worktree", "add", "--detach", folder, request.param)
    if made.returncode:
        pytest.skip(f"{request.param} is not in this clone: {made.stderr.strip()}")
    config = tmp_path / "odoo.conf"
    folders = [folder / "addons", *tree.addons_paths(tree.source())]
    lines = [
        f"addons_path = {','.join(map(str, folders))}"
        if line.startswith("addons_path")
        else line
        for line in paths.CONFIG.read_text().splitlines()
    ]
    config.write_text("\n".join(lines) + "\n")
    yield {"ODOO_RC": str(config)}
    git("worktree", "remove", "--force", folder)


def fill(server):
    """Some activities of the demo with their documents, and a month."""
    client = contract.Client(server)
    rows = contract.demo_rows(CODES)
    holders = {c.split(":")[0] for a in rows["activities"]
               for c in a["entrepreneurs"].split("|")}  # fmt: skip
    rows["entrepreneurs"] = [r for r in rows["entrepreneurs"] if r["code"] in holders]
    for dataset in rows:
        result = client.load(dataset, rows[dataset])
        assert not result["errors"], (dataset, result["errors"][:3])
    client.run(MONTH, steps=["contributions", "statements"])


def told(client):
    """What a person reads: ledgers, figures, statements, treasuries."""
    return (
        client.ledger(CODES),
        client.figures(CODES),
        client.call("cae.activity", "treasury", codes=list(CODES), date=MONTH + "-31"),
        client.call("cae.activity", "statement", codes=list(CODES), month=MONTH),
    )


@pytest.mark.slow
def test_upgraded_from_an_earlier_version(
    version, serve, fresh_database, template, monkeypatch
):
    database = fresh_database(databases.base_template())
    module("install", database, *ADDONS, environment=version, clean=False)
    with monkeypatch.context() as patched:
        patched.setattr(odoo, "environment", lambda e=odoo.environment: e() | version)
        server = serve(database, *contract.PATIENCE)
        fill(server)
        before = told(contract.Client(server))
        server.stop()
    update(database, *ADDONS)
    new = set(ADDONS) - installed(database)
    if new:
        module("install", database, *sorted(new))
    for query in (COLUMNS, CONSTRAINTS, INDEXES):
        assert missing(query, database, template) == []
        assert missing(query, template, database) == []
    # Nothing that this version no longer has is left behind.
    assert missing(RECORDS, template, database) == []
    assert missing(RECORDS, database, template) == []
    server = serve(database, *contract.PATIENCE)
    client = contract.Client(server)
    assert told(client) == before
    assert client.run(MONTH, steps=["contributions"])[-1]["contributions"] == {
        "lines": 0,
        "total": 0.0,
    }
    fresh = serve(None, *contract.PATIENCE)
    fill(fresh)
    assert told(client) == told(contract.Client(fresh))
    for one in (server, fresh):
        one.stop()
        databases.drop(one.database)


def missing(query, database, other):
    """Rows of one database that the other one has not."""
    known = set(postgres.query(query, other))
    return [row for row in postgres.query(query, database) if row not in known]
