"""A chain of amounts as SVG, legible in black and white: a bar per line, from above.

A total stands on the zero line; a step starts where the line before it ends.
"""

from collections.abc import Sequence
from decimal import Decimal
from html import escape
from typing import NamedTuple

from .money import ZERO, french

WIDTH, ROW = 890, 27
#: Where the bars are; names come before them, amounts after.
LEFT, RIGHT = 330, 770
#: Half the empty space between two bars.
GAP = 4
MINUS = "\N{MINUS SIGN}"


class Bar(NamedTuple):
    """A line: what is added (or taken, when negative), or a total of what precedes."""

    label: str
    amount: Decimal
    total: bool = False


def waterfall(bars: Sequence[Bar], color: str = "#555555") -> str:
    """An SVG image: totals filled, what is taken grey, what is added white."""
    spans = _spans(bars)
    height = ROW * len(bars)
    scale = _Scale(spans)
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
            f'height="{height}" viewBox="0 0 {WIDTH} {height}" font-size="14" '
            f'fill="#222222">',
            _line(scale.x(ZERO), 0, scale.x(ZERO), height, "#000000"),
            *(
                _row(index, bar, span, scale, color)
                for index, (bar, span) in enumerate(zip(bars, spans, strict=True))
            ),
            *_links(spans, scale),
            "</svg>",
        )
    )


def _spans(bars: Sequence[Bar]) -> list[tuple[Decimal, Decimal]]:
    """Where each bar starts and ends."""
    spans, running = [], ZERO
    for bar in bars:
        start = ZERO if bar.total else running
        running = bar.amount if bar.total else running + bar.amount
        spans.append((start, running))
    return spans


class _Scale:
    def __init__(self, spans):
        values = [ZERO, *(value for span in spans for value in span)]
        self.low = min(values)
        self.spread = max(values) - self.low or Decimal(1)

    def x(self, value: Decimal) -> float:
        part = (value - self.low) / self.spread
        return round(LEFT + float(part) * (RIGHT - LEFT), 1)


def _row(index, bar, span, scale, color) -> str:
    left, right = sorted(scale.x(value) for value in span)
    top, middle = index * ROW, index * ROW + ROW / 2 + 5
    fill = color if bar.total else "#c4c4c4" if bar.amount < 0 else "#ffffff"
    weight = ' font-weight="bold"' if bar.total else ""
    return (
        f'<rect x="{left}" y="{top + GAP}" width="{max(1.0, round(right - left, 1))}" '
        f'height="{ROW - 2 * GAP}" fill="{escape(fill)}" stroke="#333333" '
        f'stroke-width="1"/>'
        f'<text x="0" y="{middle}"{weight}>{escape(bar.label)}</text>'
        f'<text x="{WIDTH}" y="{middle}" text-anchor="end"{weight}>'
        f"{_amount(bar)}</text>"
    )


def _amount(bar: Bar) -> str:
    if bar.total:
        return french(bar.amount).replace("-", MINUS)
    sign = MINUS if bar.amount < 0 else "+"
    return f"{sign} {french(abs(bar.amount))}"


def _links(spans, scale):
    """What ties each bar to the next one."""
    for index, (_start, end) in enumerate(spans[:-1], 1):
        y = index * ROW
        yield _line(scale.x(end), y - GAP, scale.x(end), y + GAP, "#888888")


def _line(x1, y1, x2, y2, stroke) -> str:
    return (
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{stroke}" '
        f'stroke-width="1"/>'
    )
