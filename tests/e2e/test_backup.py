"""A database is saved with its files, and comes back elsewhere, neutralized."""

import os
import subprocess
import zipfile

import contract
from caetools import databases, odoo, paths, postgres

MONTH = "2026-01"
#: Entries, activities' items, contributions, files kept.
FIGURES = (
    "SELECT COUNT(*), SUM(debit) FROM account_move_line WHERE parent_state = 'posted'",
    "SELECT COUNT(*), SUM(amount) FROM account_analytic_line",
    "SELECT COUNT(*), SUM(amount) FROM cae_contribution_line",
    "SELECT COUNT(*), md5(string_agg(data_hash, '' ORDER BY id)) FROM cae_statement",
    "SELECT COUNT(*), md5(string_agg(checksum, '' ORDER BY id)) FROM ir_attachment",
)


def command(*arguments):
    """Odoo's command ``db``, as an administrator types it."""
    tools = str(postgres.programs())
    variables = {**os.environ, **odoo.environment()}
    variables["PATH"] = os.pathsep.join((tools, variables["PATH"]))
    process = subprocess.run(
        odoo.command("db", *arguments),
        cwd=paths.ROOT, env=variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not process.returncode, process.stdout + process.stderr


def figures(database):
    return [postgres.query(query, database) for query in FIGURES]


def test_dumped_with_its_files_and_restored_neutralized(serve_loaded, serve, tmp_path):
    server = serve_loaded()
    client = contract.Client(server)
    client.run(MONTH)
    (statement, *_rest) = client.search("cae.statement", [("published", "=", True)])
    client.call("cae.period", "statement_batch", month=MONTH)
    told = client.ledger(date_to="2026-01-31")
    before = figures(server.database)
    pdf = pdf_of(server.database, statement)
    server.stop()
    archive = tmp_path / "backup.zip"
    command("dump", server.database, archive)
    with zipfile.ZipFile(archive) as saved:
        names = saved.namelist()
    assert "dump.sql" in names
    assert any(name.startswith("filestore/") for name in names)
    restored = f"{server.database}_restored"
    try:
        command("load", "--neutralize", restored, archive)
        assert figures(restored) == before
        # Its files came with it, to the byte.
        assert pdf_of(restored, statement) == pdf
        # It sends nothing and does nothing by itself.
        active = "SELECT COUNT(*) FROM ir_cron WHERE active AND id NOT IN (SELECT"
        active += " res_id FROM ir_model_data WHERE name = 'autovacuum_job')"
        assert postgres.query(active, restored) == ["0"]
        again = serve(restored, *contract.PATIENCE)
        client = contract.Client(again)
        assert client.ledger(date_to="2026-01-31") == told
        assert client.run(MONTH)[-1]["contributions"]["lines"] == 0
        again.stop()
    finally:
        databases.drop(restored)
        databases.drop(server.database)


def pdf_of(database, statement):
    """The bytes of a statement's PDF, from the files of the database."""
    (name,) = postgres.query(
        "SELECT a.store_fname FROM cae_statement s JOIN ir_attachment a"
        f" ON a.id = s.pdf_id WHERE s.id = {statement}",
        database,
    )
    content = (paths.DATA / "filestore" / database / name).read_bytes()
    assert content.startswith(b"%PDF")
    return content
