"""What people send, whatever it is."""


def number(value):
    """The id that somebody sent; 0 for what is none."""
    text = str(value) if not isinstance(value, bool) else ""
    return int(text) if text.isdecimal() and len(text) < 10 else 0
