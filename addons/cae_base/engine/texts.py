"""What programs send as a text, and what an error says of it."""

from unicodedata import category


def short(value) -> str:
    """A value that cannot be used, as an error names it."""
    try:
        text = str(value)[:60]
    except ValueError:  # an integer of thousands of digits
        return type(value).__name__
    # Half a letter cannot be sent back.
    return text.encode(errors="backslashreplace").decode()


def storable(value) -> bool:
    """Whether it is a text that the database can compare: no null, no half letter."""
    if not isinstance(value, str) or "\x00" in value:
        return False
    return value.encode(errors="ignore").decode() == value


def cleaned(value, length: int) -> str:
    """What somebody typed, as the database can keep it: lines stay, nulls go.

    :param length: characters at most
    """
    text = value if isinstance(value, str) else ""
    kept = (c for c in text if c in "\n\r\t" or category(c) not in ("Cc", "Cs"))
    return "".join(kept).strip()[:length]


def one_line(value, length: int) -> str:
    """What somebody typed, on one line with single spaces."""
    return " ".join(cleaned(value, 10 * length).split())[:length]
