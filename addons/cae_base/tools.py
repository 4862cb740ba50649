"""What screens, documents and messages of all our addons write alike."""

from odoo import tools


def format_date(env, value, date_format=False) -> str:
    """A day or month as people read it, in the language of the words around it.

    Odoo's own falls back on the language of the user when the caller names none, while
    texts are then in English.
    """
    return tools.format_date(env, value, env.lang or "en_US", date_format)
