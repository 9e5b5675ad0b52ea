"""What queries have to answer, recomputed from the points one by one, the plain way."""

import math
from collections.abc import Iterator, Mapping, Sequence

type Points = Sequence[tuple[int, float]]
"""(timestamp, value), in any order."""

TOLERANCE = 1e-9
"""Sums are rounded once here, and once for each hour where they come from rollups."""


def reduced(statistic: str, points: Points) -> float:
    """One bucket's points, at least one, as one number."""
    values = sorted(value for _, value in points)
    count = len(values)
    match statistic:
        case "count":
            return float(count)
        case "sum":
            return math.fsum(values)
        case "avg":
            return math.fsum(values) / count
        case "min":
            return values[0]
        case "max":
            return values[-1]
        case "last":
            return max(points)[1]
        case "stddev":
            mean = math.fsum(values) / count
            return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / count)
        case _:
            rank = (count - 1) * float(statistic[1:]) / 100
            low, part = int(rank), rank % 1
            above = values[min(low + 1, count - 1)]
            return values[low] + (above - values[low]) * part


def recomputed(
    points: Points, statistic: str, period: int, start: int, end: int
) -> dict[int, float]:
    """By the start of each bucket that has points, in [start, end); `period` in milliseconds."""
    buckets: dict[int, list[tuple[int, float]]] = {}
    for at, value in points:
        if start <= at < end:
            buckets.setdefault(at // period * period, []).append((at, value))
    return {at: reduced(statistic, some) for at, some in buckets.items()}


def differences(answered: Mapping[int, float], expected: Mapping[int, float]) -> Iterator[str]:
    """Sentences about where an answer is not what was recomputed; none is good."""
    for at in sorted({*answered, *expected}):
        found, wanted = answered.get(at), expected.get(at)
        if found is None or wanted is None:
            yield f"{at}: answered {found}, recomputed {wanted}"
        elif not math.isclose(found, wanted, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
            yield f"{at}: answered {found!r}, recomputed {wanted!r}"
