"""Delays of the notice of a meeting."""

from __future__ import annotations

from datetime import date, timedelta


def last_day(meeting: date, days: int) -> date:
    """Last day on which the notice may leave: the day of sending does not count."""
    return meeting - timedelta(days=days)


def late_by(sent: date, meeting: date, days: int) -> int:
    """Days that are missing between the notice and the meeting; 0 is in time."""
    return max(0, (sent - last_day(meeting, days)).days)
