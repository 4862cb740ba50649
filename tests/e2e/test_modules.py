"""The addons go into a database and out of it again, and Odoo's own data stays.

Odoo's command line does it, as an administrator would; its log must be clean.
"""

import contract
import pytest
import sellers
from caetools import databases, postgres
from installing import ADDONS, checksums, installed, last_ids, module, own_data

LEFT_OVER = (
    "SELECT table_name || '.' || column_name FROM information_schema.columns"
    " WHERE table_schema = 'public'"
    " AND (table_name LIKE 'cae\\_%' OR column_name LIKE 'cae\\_%')"
)


@pytest.fixture
def empty(fresh_database):
    """A database with Odoo's modules only."""
    name = fresh_database(databases.base_template())
    yield name
    databases.drop(name)


@pytest.mark.parametrize(
    "names", [[name] for name in ADDONS] + [["cae_sale"], [*ADDONS]]
)
def test_install_upgrade_uninstall(old_books, names):
    """Each alone and all together, where there are two years of books already."""
    before, rows = own_data(old_books), checksums(old_books)
    last = last_ids(old_books)
    module("install", old_books, *names)
    assert installed(old_books) == {"cae_base", *names}
    assert checksums(old_books, last) == rows
    module("upgrade", old_books, "cae_base")
    module("uninstall", old_books, "cae_base")
    assert installed(old_books) == set()
    assert not postgres.query(LEFT_OVER, old_books)
    assert checksums(old_books, last) == rows
    kept = own_data(old_books)
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
    before, rows = own_data(server.database), checksums(server.database)
    module("uninstall", server.database, "cae_payroll")
    assert own_data(server.database) == before
    module("uninstall", server.database, "cae_base")
    assert installed(server.database) == set()
    assert own_data(server.database) == before
    assert checksums(server.database) == rows
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
