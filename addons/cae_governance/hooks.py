from odoo.tools import SQL

from .models.cae_ballot import URN


def post_init_hook(env):
    """Give the French companies their capital journal and accounts."""
    env["res.company"].search([("chart_template", "=", "fr")])._cae_configure()


def uninstall_hook(env):
    """Drop the urns of votes that were never closed: Odoo does not know them."""
    rows = env.execute_query(
        SQL(
            "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' "
            "AND c.relnamespace = current_schema()::regnamespace AND c.relname ~ %s",
            rf"^{URN}\d+$",
        )
    )
    for (name,) in rows:
        env.cr.execute(SQL("DROP TABLE %s", SQL.identifier(name)))
