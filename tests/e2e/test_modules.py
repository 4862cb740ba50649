"""The addons go into a database and out of it again, and Odoo's own data stays.

Odoo's command line does it, as an administrator would; its log must be clean.
"""

import os
import re
import subprocess

import contract
import pytest
import sellers
from caetools import databases, odoo, paths, postgres

FINDING = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) .*|^Traceback.*", re.M)
#: What Odoo has without us: count, and a total that must not move.
OWN_DATA = {
    "account_move": "SUM(amount_total) FILTER (WHERE state = 'posted')",
    "account_move_line": "SUM(debit)",
    "account_analytic_line": "SUM(amount)",
    "account_analytic_account": "COUNT(code)",
    "account_analytic_plan": "COUNT(*)",
    "account_partial_reconcile": "SUM(amount)",
    "account_payment": "SUM(amount)",
    "account_account": "COUNT(*)",
    "account_tax": "COUNT(*) FILTER (WHERE active)",
    "hr_employee": "COUNT(*)",
    "hr_version": "SUM(wage)",
    "res_partner": "COUNT(*)",
    "res_partner_bank": "COUNT(*)",
    "res_users": "COUNT(*)",
}
LEFT_OVER = (
    "SELECT table_name || '.' || column_name FROM information_schema.columns"
    " WHERE table_schema = 'public'"
    " AND (table_name LIKE 'cae\\_%' OR column_name LIKE 'cae\\_%')"
)


def module(action, database, *names):
    """Odoo's command ``module``; its log has no finding."""
    process = subprocess.run(
        odoo.command("module", action, "--database", database, *names),
        cwd=paths.ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, **odoo.environment()},
        check=False,
    )
    log = process.stdout + process.stderr
    assert not process.returncode, log[-2000:]
    assert not [match.group() for match in FINDING.finditer(log)]


def installed(database):
    return set(
        postgres.query(
            "SELECT name FROM ir_module_module"
            " WHERE state = 'installed' AND name LIKE 'cae\\_%'",
            database,
        )
    )


def own_data(database):
    return {
        table: postgres.query(f"SELECT COUNT(*), {total} FROM {table}", database)
        for table, total in OWN_DATA.items()
    }


@pytest.fixture
def empty(fresh_database):
    """A database with Odoo's modules only."""
    name = fresh_database(databases.base_template())
    yield name
    databases.drop(name)


@pytest.mark.parametrize(
    "names",
    [
        ["cae_base"],
        ["cae_payroll"],
        ["cae_governance"],
        ["cae_coaching"],
        ["cae_sale"],
    ],
)
def test_install_upgrade_uninstall(empty, names):
    before = own_data(empty)
    module("install", empty, *names)
    assert installed(empty) == {"cae_base", *names}
    module("upgrade", empty, "cae_base")
    module("uninstall", empty, "cae_base")
    assert installed(empty) == set()
    assert not postgres.query(LEFT_OVER, empty)
    kept = own_data(empty)
    # Where entries may be: the plan, the shared services, what is owed for expenses.
    for table in (
        "account_account",
        "account_analytic_plan",
        "account_analytic_account",
    ):
        del before[table], kept[table]
    assert kept == before


def test_uninstall_with_history(serve_loaded):
    """Documents, entries, analytic items and employees outlive the addons."""
    server = serve_loaded()
    contract.Client(server).run("2026-01")
    server.stop()
    before = own_data(server.database)
    module("uninstall", server.database, "cae_payroll")
    assert own_data(server.database) == before
    module("uninstall", server.database, "cae_base")
    assert installed(server.database) == set()
    assert own_data(server.database) == before
    assert not postgres.query(LEFT_OVER, server.database)
    assert postgres.query(
        "SELECT COUNT(*) > 1000 FROM account_move_line"
        " WHERE analytic_distribution IS NOT NULL",
        server.database,
    ) == ["t"]
    # And Odoo goes on without them.
    server.start()
    client = contract.Client(server)
    assert client.count("account.move", [("state", "=", "posted")]) > 500
    server.stop()


def test_glue_comes_with_its_app(empty):
    """Who installs Sales beside our addons has quotes; who does not, needs none."""
    module("install", empty, "cae_base")
    assert installed(empty) == {"cae_base"}
    module("install", empty, "sale")
    assert installed(empty) == {"cae_base", "cae_sale"}


def test_quotes_outlive_the_glue(selling):
    door = contract.Client(selling, login="ines")
    key = door.call("cae.invoicing", "save_quote", values=sellers.quote(door))
    door.call("cae.invoicing", "accept_quote", quote_id=key)
    door.call("cae.invoicing", "invoice_quote", quote_id=key)
    selling.stop()
    kept = (
        "SELECT COUNT(*), SUM(l.price_subtotal), COUNT(p.id) FROM sale_order_line l"
        " JOIN product_product p ON p.id = l.product_id"
    )
    before = own_data(selling.database), postgres.query(kept, selling.database)
    module("uninstall", selling.database, "cae_sale")
    assert installed(selling.database) >= {"cae_base"}
    assert (
        own_data(selling.database),
        postgres.query(kept, selling.database),
    ) == before
    assert not postgres.query(
        "SELECT column_name FROM information_schema.columns WHERE"
        " table_name = 'sale_order' AND column_name LIKE 'cae\\_%'"
        " OR column_name = 'cae_quote_id'",
        selling.database,
    )
    selling.start()
    client = contract.Client(selling)
    assert client.count("sale.order", [("state", "=", "sale")]) == 1
