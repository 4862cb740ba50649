"""What went wrong, as people read it: the words first, the code for who helps them."""

import re

#: ``CAE-WORKSHOP-TWICE: they signed up already.``
CODED = re.compile(r"^(CAE-[A-Z0-9-]+):\s*(.*)$", re.DOTALL)


def plain(refusal):
    """``They signed up already. (CAE-WORKSHOP-TWICE)``"""
    found = CODED.match(str(refusal))
    if not found:
        return str(refusal)
    code, text = found.groups()
    return f"{text[:1].upper()}{text[1:]} ({code})"
