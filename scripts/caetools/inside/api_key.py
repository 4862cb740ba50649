"""Make an API key for a user of a database: prints ``api-key: …``."""

import sys
from datetime import timedelta

from odoo import fields

from . import env as inside


def main(database: str, login: str) -> None:
    """Make a key that lasts a day."""
    inside.configure(database)
    with inside.environment(database) as env:
        user = env["res.users"].search([("login", "=", login)])
        keys = env["res.users.apikeys"].with_user(user).sudo()
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        inside.say(f"api-key: {keys._generate('rpc', 'tests', tomorrow)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
