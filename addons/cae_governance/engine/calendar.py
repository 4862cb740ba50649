"""The calendar file of a meeting (RFC 5545)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Event:
    """A meeting; moments are UTC without zone. A higher ``sequence`` replaces."""

    uid: str
    sequence: int
    start: datetime
    end: datetime
    title: str
    place: str
    url: str
    stamp: datetime


def ics(event: Event) -> str:
    """The file, lines folded at 75 bytes."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//CAE for Odoo//Meetings//FR",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTAMP:{_moment(event.stamp)}",
        f"DTSTART:{_moment(event.start)}",
        f"DTEND:{_moment(event.end)}",
        f"SUMMARY:{_text(event.title)}",
    ]
    if event.place:
        lines.append(f"LOCATION:{_text(event.place)}")
    if event.url:
        lines.append(f"URL:{_one_line(event.url)}")
    lines += ["END:VEVENT", "END:VCALENDAR"]
    return "".join(f"{_fold(line)}\r\n" for line in lines)


def _moment(value):
    return f"{value:%Y%m%dT%H%M%SZ}"


def _one_line(value):
    return "".join(value.split("\r")).split("\n")[0]


def _text(value):
    for mark in ("\\", ";", ","):
        value = value.replace(mark, f"\\{mark}")
    return value.replace("\r", "").replace("\n", "\\n")


def _fold(line):
    parts, current = [], ""
    for letter in line:
        limit = 75 if not parts else 74
        if len((current + letter).encode()) > limit:
            parts.append(current)
            current = ""
        current += letter
    return "\r\n ".join([*parts, current])
