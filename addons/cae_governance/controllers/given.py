"""What people send, whatever it is."""


def own_meeting(access):
    """The meeting of ``u<meeting>``, for the connected user; 0 for a link.

    The token of a link may begin with any letter.
    """
    return number(access[1:]) if access[:1] == "u" and len(access) < 12 else 0


def number(value):
    """The id that somebody sent; 0 for what is none."""
    text = str(value) if not isinstance(value, bool) else ""
    return int(text) if text.isdecimal() and len(text) < 10 else 0
