"""A radar of competences as inline SVG: it prints, and it reads in black and white."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from textwrap import wrap
from xml.sax.saxutils import escape

#: Fewer axes make no surface.
LEAST_AXES = 3
WIDTH, HEIGHT, RADIUS = 640, 400, 130
#: Read at half its size on a phone: large letters, on two lines of so many at most.
LETTER, LINE_HEIGHT = 18, 19
LABEL_LENGTH = 17


@dataclass(frozen=True)
class Series:
    """One line: a value for each axis, None where nothing was said.

    ``dash`` tells the lines apart without colour, as in ``stroke-dasharray``.
    """

    name: str
    values: tuple[int | None, ...]
    color: str = "#1f4e79"
    dash: str = ""


def svg(axes: Sequence[str], series: Sequence[Series], top: int) -> str:
    """The drawing; empty with less than three axes or without a scale.

    :param top: highest value of the scale
    :raises ValueError: when a series has not one value per axis, from 0 to ``top``
    """
    for one in series:
        if len(one.values) != len(axes):
            raise ValueError(f"{one.name}: {len(axes)} values are expected")
        if any(v is not None and not 0 <= v <= top for v in one.values):
            raise ValueError(f"{one.name}: values are from 0 to {top}")
    if len(axes) < LEAST_AXES or top <= 0:
        return ""
    parts = [*_web(len(axes), top), *_labels(axes)]
    for place, one in enumerate(series):
        parts += [*_line(one, len(axes), top), *_key(one, place)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"'
        f' viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Arial, sans-serif">'
        f"{''.join(parts)}</svg>"
    )


def _point(place, count, part):
    """Where a part of an axis is; the first axis points upwards."""
    angle = 2 * pi * place / count - pi / 2
    return (
        WIDTH / 2 + RADIUS * part * cos(angle),
        HEIGHT / 2 - 15 + RADIUS * part * sin(angle),
    )


def _polygon(points, style):
    text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{text}" {style}/>'


def _web(count, top):
    style = 'fill="none" stroke="#bbb" stroke-width="0.8"'
    for step in range(1, top + 1):
        yield _polygon([_point(n, count, step / top) for n in range(count)], style)
    x0, y0 = WIDTH / 2, HEIGHT / 2 - 15
    for place in range(count):
        x, y = _point(place, count, 1)
        yield (
            f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x:.1f}" y2="{y:.1f}"'
            ' stroke="#bbb"/>'
        )


def _labels(axes):
    for place, name in enumerate(axes):
        x, y = _point(place, len(axes), 1.12)
        side = x - WIDTH / 2
        anchor = "middle" if abs(side) < 5 else "start" if side > 0 else "end"
        lines = wrap(name, LABEL_LENGTH, max_lines=2, placeholder="…") or [""]
        # Above the drawing a label grows upwards, below downwards, beside both ways.
        grows = 0.5 if anchor != "middle" else 1 if y < HEIGHT / 2 else 0
        first = y + 6 - grows * (len(lines) - 1) * LINE_HEIGHT
        spans = "".join(
            f'<tspan x="{x:.1f}" y="{first + n * LINE_HEIGHT:.1f}">'
            f"{_text(line)}</tspan>"
            for n, line in enumerate(lines)
        )
        yield f'<text font-size="{LETTER}" text-anchor="{anchor}">{spans}</text>'


def _stroke(one):
    dash = f' stroke-dasharray="{escape(one.dash)}"' if one.dash else ""
    return f'stroke="{escape(one.color)}" stroke-width="2"{dash}'


def _line(one, count, top):
    known = [
        _point(n, count, value / top)
        for n, value in enumerate(one.values)
        if value is not None
    ]
    if len(known) > 2:
        yield _polygon(
            known, f'fill="{escape(one.color)}" fill-opacity="0.08" {_stroke(one)}'
        )
    for x, y in known:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{escape(one.color)}"/>'


def _key(one, place):
    y = HEIGHT - 8
    x = 10 + place * (WIDTH - 10) / 3
    yield (
        f'<line x1="{x:.1f}" y1="{y - 4}" x2="{x + 26:.1f}" y2="{y - 4}"'
        f" {_stroke(one)}/>"
    )
    yield (
        f'<text x="{x + 32:.1f}" y="{y}" font-size="{LETTER}">{_text(one.name)}</text>'
    )


def _text(name):
    """A text that XML may hold: no control character."""
    return escape("".join(c if c.isprintable() else " " for c in name))
