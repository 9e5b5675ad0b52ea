"""Units: what can be converted into what, and which unit an answer has.

Units are CloudWatch's (points.UNITS). Prefixes are powers of a thousand, and a byte has 8 bits.
"""

from collections.abc import Iterable
from typing import NamedTuple

from skafu.metrics.model import Statistic

NONE = "None"
"""How requests and sentences call it that points have no unit."""

RATE = "/Second"


class _Size(NamedTuple):
    """A unit as a fraction of its dimension's smallest: of whole numbers, so that a conversion is
    rounded once (1,500 milliseconds are 1.5 seconds exactly).
    """

    dimension: str
    up: float
    down: float


_SIZES = {
    "Seconds": _Size("time", 1.0, 1.0),
    "Milliseconds": _Size("time", 1.0, 1e3),
    "Microseconds": _Size("time", 1.0, 1e6),
} | {
    f"{prefix}{stem}".capitalize() + rate: _Size(f"data{rate}", 1000.0**power * bits, 1.0)
    for power, prefix in enumerate(("", "Kilo", "Mega", "Giga", "Tera"))
    for stem, bits in (("bytes", 8.0), ("bits", 1.0))
    for rate in ("", RATE)
}


class Scale(NamedTuple):
    """By what values are multiplied, and then divided."""

    times: float
    over: float

    def of(self, value: float) -> float:
        """The converted value."""
        return value * self.times / self.over


def dimension(unit: str | None) -> str:
    """Units of one dimension can be converted into each other; most are alone in theirs."""
    return _SIZES[unit].dimension if unit in _SIZES else unit or NONE


def scale(unit: str | None, wanted: str | None) -> Scale | None:
    """How to get from one unit to another of the same dimension; None where nothing changes."""
    if unit == wanted or unit is None or wanted is None:
        return None
    mine, other = _SIZES[unit], _SIZES[wanted]
    times, over = mine.up * other.down, mine.down * other.up
    # All are multiples of each other, or of 8: what can be shortened loses no digit on the way.
    return Scale(times / over, 1.0) if times >= over else Scale(1.0, over / times)


def common(units: Iterable[str | None]) -> str | None:
    """The unit that values of several units of one dimension are converted to: the one they all
    have, else Seconds, Bits (per second) where all are bits, Bytes (per second).
    """
    distinct = set(units)
    if len(distinct) == 1:
        return distinct.pop()
    (kind,) = {dimension(unit) for unit in distinct}
    if kind == "time":
        return "Seconds"
    bits = all("bits" in str(unit).lower() for unit in distinct)
    return ("Bits" if bits else "Bytes") + kind.removeprefix("data")


def answered(statistic: Statistic, unit: str | None) -> str | None:
    """The unit of a statistic of values with a unit; None where it has none."""
    if statistic == Statistic.COUNT:
        return "Count"
    if statistic != Statistic.RATE:
        return unit
    per_second = f"{unit}{RATE}"
    return per_second if per_second in _SIZES or unit == "Count" else None


def required(statistic: Statistic, unit: str | None) -> str | None:
    """The unit that points must have, or be convertible to, where a query says `unit`. A rate's may
    be that of the answer (Bytes/Second) or of the points (Bytes).
    """
    return unit.removesuffix(RATE) if unit and statistic == Statistic.RATE else unit
