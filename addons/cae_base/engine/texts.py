"""What programs send as a text, and what an error says of it."""


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
