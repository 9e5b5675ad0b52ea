"""Charts as SVG, both axes logarithmic: no library is needed for a few lines."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, MARGIN = 420, 260, 52
COLORS = ("#1f5fbf", "#c2571a", "#2e7d32")


@dataclass(frozen=True)
class Line:
    """A name, and points with positive coordinates."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Chart:
    """Lines against one quantity."""

    title: str
    against: str
    lines: Sequence[Line]


def drawn(charts: Sequence[Chart]) -> str:
    """The charts, two in a row."""
    rows = -(-len(charts) // 2)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {rows * HEIGHT}" '
        'font-family="sans-serif" font-size="11">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for number, chart in enumerate(charts):
        x, y = number % 2 * WIDTH, number // 2 * HEIGHT
        parts += [f'<g transform="translate({x} {y})">', *_chart(chart), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _chart(chart: Chart) -> list[str]:
    points = [point for line in chart.lines for point in line.points]
    across, up = _Axis([x for x, _ in points]), _Axis([y for _, y in points])
    right, bottom = WIDTH - MARGIN / 2, HEIGHT - MARGIN
    parts = [f'<text x="{MARGIN}" y="20" font-weight="bold">{escape(chart.title)}</text>']
    for value in across.ticks:
        x = _number(MARGIN + across.place(value) * (right - MARGIN))
        parts.append(f'<path d="M{x} {MARGIN / 2 + 8}V{bottom}" stroke="#ddd"/>')
        parts.append(f'<text x="{x}" y="{bottom + 15}" text-anchor="middle">{value:g}</text>')
    for value in up.ticks:
        y = _number(bottom - up.place(value) * (bottom - MARGIN / 2 - 8))
        parts.append(f'<path d="M{MARGIN} {y}H{right}" stroke="#ddd"/>')
        parts.append(f'<text x="{MARGIN - 5}" y="{y}" dy="4" text-anchor="end">{value:g}</text>')
    parts.append(
        f'<text x="{right}" y="{bottom + 31}" text-anchor="end">{escape(chart.against)}</text>'
    )
    for number, line in enumerate(chart.lines):
        places = [
            (
                MARGIN + across.place(x) * (right - MARGIN),
                bottom - up.place(y) * (bottom - MARGIN / 2 - 8),
            )
            for x, y in line.points
        ]
        color = COLORS[number % len(COLORS)]
        path = " ".join(f"{_number(x)},{_number(y)}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{_number(x)}" cy="{_number(y)}" r="2.5" fill="{color}"/>'
            for x, y in places
        ]
        parts.append(
            f'<text x="{MARGIN + number * 110}" y="{bottom + 31}" fill="{color}">'
            f"{escape(line.name)}</text>"
        )
    return parts


class _Axis:
    """Powers of ten from below the least value to above the greatest."""

    def __init__(self, values: Sequence[float]) -> None:
        self._low = math.floor(math.log10(min(values)) + 1e-9)
        self._high = max(self._low + 1, math.ceil(math.log10(max(values)) - 1e-9))
        self.ticks = [10.0**power for power in range(self._low, self._high + 1)]

    def place(self, value: float) -> float:
        """From 0 to 1."""
        return (math.log10(value) - self._low) / (self._high - self._low)


def _number(value: float) -> str:
    return f"{value:.1f}"
