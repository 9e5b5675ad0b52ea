"""The largest and the smallest series."""

import math
from collections.abc import Sequence

from skafu.metrics.query.values import Row


def ranked(rows: Sequence[Row], most: int, *, largest: bool) -> list[Row]:
    """At most `most` rows, the one with the largest (smallest) average over the range first, equals
    in order of tags. Gaps do not count; rows without any value come last.
    """
    sign = -1.0 if largest else 1.0

    def rank(row: Row) -> tuple[float, object]:
        average = _average(row)
        return (math.inf if average is None else sign * average), row.tags

    return sorted(rows, key=rank)[:most]


def _average(row: Row) -> float | None:
    known = [value for value in row.values if value is not None and not math.isnan(value)]
    # Shares first: the sum may be too large for a double.
    return math.fsum(value / len(known) for value in known) if known else None
