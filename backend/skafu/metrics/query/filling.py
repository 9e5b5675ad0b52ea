"""What stands in buckets that have no point."""

import math
from collections.abc import Sequence

from skafu.metrics.query.question import Fill


def filled(
    fill: Fill, values: Sequence[float | None], timestamps: Sequence[int], now: int
) -> list[float | None]:
    """The values with their gaps (None) filled; buckets that begin after `now` stay as they are.

    "previous" repeats the last value, "linear" draws a line over time between the values on both
    sides: gaps before the first value stay, with "linear" those behind the last one too. A NaN is
    no gap: there are points, but what is asked of them is not known. It is neither filled nor
    filled from.
    """
    found = list(values)
    if fill is Fill.NULL:
        return found
    known = [n for n, value in enumerate(found) if value is not None and not math.isnan(value)]
    if fill is Fill.LINEAR:
        _draw(found, timestamps, known)
        return found
    last: float | None = 0.0 if fill is Fill.ZERO else None
    for n, value in enumerate(found):
        if value is not None:
            if fill is Fill.PREVIOUS and not math.isnan(value):
                last = value
        elif timestamps[n] <= now:
            found[n] = last
    return found


def _draw(found: list[float | None], timestamps: Sequence[int], known: Sequence[int]) -> None:
    for low, high in zip(known, known[1:], strict=False):
        before, after = found[low], found[high]
        if high - low > 1 and before is not None and after is not None:
            width = timestamps[high] - timestamps[low]
            for n in range(low + 1, high):
                if found[n] is None:
                    share = (timestamps[n] - timestamps[low]) / width
                    # Weighted from both sides: their difference may be too large for a double.
                    found[n] = before * (1 - share) + after * share
