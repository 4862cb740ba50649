"""The graph of a statement as SVG: bars, a line, legible in black and white."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from math import ceil, floor

from .money import french

WIDTH, HEIGHT = 890, 220
LEFT, TOP, BOTTOM = 76, 8, 26
#: Steps between two lines of the grid, times a power of ten.
STEPS = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from ``low`` to ``high``, both multiples of ``step``."""

    low: int
    high: int
    step: int

    def y(self, value: Decimal | int) -> float:
        """Height of a value on the page, from the top."""
        part = (float(value) - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - part * (HEIGHT - BOTTOM - TOP), 1)


def scale(values: Sequence[Decimal]) -> Scale:
    """A scale with round steps that holds zero and every value."""
    low, high = min([Decimal(0), *values]), max([Decimal(0), *values])
    spread = max(high - low, Decimal(4))
    power = 10 ** max(0, len(str(int(spread / 4))) - 1)
    step = next(s * power for s in STEPS if s * power * 4 >= spread)
    return Scale(floor(low / step) * step, ceil(high / step) * step or step, step)


def bars_and_line(
    labels: Sequence[str],
    bars: Sequence[Decimal],
    line: Sequence[Decimal],
    color: str = "#555555",
    width: int = WIDTH,
) -> str:
    """An SVG image: dark bars, and a black line with white points.

    :param width: a narrower image keeps letters that are read on a phone
    """
    grid = scale([*bars, *line])
    slot = (width - LEFT) / len(labels)
    centers = [round(LEFT + slot * (i + 0.5), 1) for i in range(len(labels))]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" '
        f'viewBox="0 0 {width} {HEIGHT}" font-size="12" fill="#333333">',
        *_grid(grid, width),
        *_bars(grid, centers, bars, slot * 0.56, color),
        *_line(grid, centers, line),
        *_labels(centers, labels),
        "</svg>",
    ]
    return "".join(parts)


def _grid(grid: Scale, width):
    for value in range(grid.low, grid.high + 1, grid.step):
        y = grid.y(value)
        stroke = "#000000" if value == 0 else "#cccccc"
        yield (
            f'<line x1="{LEFT}" y1="{y}" x2="{width}" y2="{y}" stroke="{stroke}" '
            'stroke-width="1"/>'
        )
        label = french(value, "")[:-3]
        yield f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{label}</text>'


def _bars(grid, centers, values, width, color):
    zero = grid.y(0)
    for center, value in zip(centers, values, strict=True):
        y = grid.y(value)
        yield (
            f'<rect x="{round(center - width / 2, 1)}" y="{min(y, zero)}" '
            f'width="{round(width, 1)}" height="{round(abs(zero - y), 1)}" '
            f'fill="{escape(color)}"/>'
        )


def _line(grid, centers, values):
    points = [(x, grid.y(v)) for x, v in zip(centers, values, strict=True)]
    path = " ".join(f"{x},{y}" for x, y in points)
    # A white seam keeps the line apart from dark bars.
    for stroke, width in (("#ffffff", 6), ("#000000", 2.2)):
        yield (
            f'<polyline points="{path}" fill="none" stroke="{stroke}" '
            f'stroke-width="{width}"/>'
        )
    for x, y in points:
        yield (
            f'<circle cx="{x}" cy="{y}" r="4" fill="#ffffff" stroke="#000000" '
            'stroke-width="1.6"/>'
        )


def _labels(centers, labels):
    for center, label in zip(centers, labels, strict=True):
        yield (
            f'<text x="{center}" y="{HEIGHT - 8}" text-anchor="middle">'
            f"{escape(label)}</text>"
        )
