"""What programs send as a text, and what an error says of it."""

from unicodedata import category

#: Invisible characters that letters and pictures are joined, or kept apart, with.
JOINERS = "\u200c\u200d"
#: What a text has no use for: controls, half letters, what is not seen or turns the
#: order of letters round.
UNUSED = ("Cc", "Cf", "Cs")


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

    What is shown is what it says: nothing invisible, nothing that reverses letters.

    :param length: characters at most
    """
    # Of millions of letters none is looked at beyond what may be kept.
    text = value[: 10 * length] if isinstance(value, str) else ""
    shown = f"\n\r\t{JOINERS}"
    kept = (c for c in text if c in shown or category(c) not in UNUSED)
    return "".join(kept).strip().strip(JOINERS).strip()[:length]


def one_line(value, length: int) -> str:
    """What somebody typed, on one line with single spaces."""
    return " ".join(cleaned(value, 10 * length).split())[:length]
