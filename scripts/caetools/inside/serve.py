"""Odoo's command line as the tests serve it: a password costs one round of its hash.

Odoo's own tests do the same (``odoo.tests.common``): the 600 000 rounds of a real
server take half a second, and the tests log in hundreds of times.
"""

from odoo.cli.command import main
from odoo.service import server


def hash_quickly(load=server.load_server_wide_modules) -> None:
    """Load the first modules, then lower the rounds that Odoo begins with."""
    load()
    from odoo.addons.base.models import res_users

    res_users.MIN_ROUNDS = 1


if __name__ == "__main__":
    server.load_server_wide_modules = hash_quickly
    main()
