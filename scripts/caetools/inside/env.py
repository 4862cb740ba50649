"""An Odoo environment for the modules of this folder."""

import contextlib
import logging
import sys

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config


def configure(database: str) -> None:
    """Read our configuration file; log to the standard error stream."""
    config.parse_config(["--database", database, "--no-http"], setup_logging=True)
    logging.captureWarnings(True)


@contextlib.contextmanager
def environment(database: str, login: str | None = None, **context):
    """Yield an environment of a user or the superuser; commit when it ends well."""
    registry = Registry(database)
    with registry.cursor() as cursor:
        env = Environment(cursor, SUPERUSER_ID, context)
        if login:
            env = env(user=env["res.users"].search([("login", "=", login)]))
        yield env


def say(text: str) -> None:
    """Tell the script that started us."""
    print(text, file=sys.stdout, flush=True)
