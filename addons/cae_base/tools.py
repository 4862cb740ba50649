"""What screens, documents and messages of all our addons write alike."""

import re

from odoo import tools
from odoo.fields import Domain

from .engine.texts import cleaned

#: ``CAE-WORKSHOP-TWICE: they signed up already.``
CODED = re.compile(r"^(CAE-[A-Z0-9-]+):\s*(.*)$", re.DOTALL)


def format_date(env, value, date_format=False) -> str:
    """A day or month as people read it, in the language of the words around it.

    Odoo's own falls back on the language of the user when the caller names none, while
    texts are then in English.
    """
    return tools.format_date(env, value, env.lang or "en_US", date_format)


def flag_domain(domain, values) -> Domain:
    """``domain`` for a boolean searched with the operator ``in``."""
    options = {bool(value) for value in values}
    if options == {True, False}:
        return Domain.TRUE
    return domain if True in options else ~domain


def words_domain(words, names, most=5) -> Domain:
    """What has each of the words in one of these fields; ``most`` words count."""
    return Domain.AND(
        Domain.OR(Domain(name, "ilike", word) for name in names)
        for word in cleaned(str(words), 500).split()[:most]
    )


def plain(refusal) -> str:
    """What went wrong, as people of the portal read it: words first, then the code.

    ``They signed up already. (CAE-WORKSHOP-TWICE)``
    """
    found = CODED.match(str(refusal))
    if not found:
        return str(refusal)
    code, text = found.groups()
    return f"{text[:1].upper()}{text[1:]} ({code})"


def told(title, message, kind="success", **more) -> dict:
    """Action that says what was done, then reads the screen again.

    :param kind: ``success``, ``warning`` or ``danger``
    """
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "type": kind,
            "title": title,
            "message": message,
            "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            **more,
        },
    }


def siren(partner) -> str:
    """First nine digits of a SIRET or SIREN, nothing for what is none."""
    digits = "".join(c for c in partner.company_registry or "" if c.isdigit())
    return digits[:9] if len(digits) in (9, 14) else ""


def address_line(partner) -> str:
    """Street and town of a contact, on one line."""
    parts = (
        partner.street,
        partner.street2,
        f"{partner.zip or ''} {partner.city or ''}",
    )
    return ", ".join(part.strip() for part in parts if part and part.strip())
