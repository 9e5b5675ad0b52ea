"""Series of values between which expressions compute."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from skafu.metrics.model import Tags


@dataclass(frozen=True, slots=True)
class Row:
    """One series: for each bucket a value, None where there is none, NaN where there are points but
    what is asked of them is not known. No value is infinite.
    """

    tags: Tags
    unit: str | None
    values: Sequence[float | None]


def applied(operation: Callable[..., float], *values: float | None) -> float | None:
    """An operation on single values. Without one of them, and where the result is no finite number
    (division by zero), there is no value; of what is not known nothing is known.
    """
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    try:
        found = operation(*known)
    except (ArithmeticError, ValueError):
        found = math.inf
    if any(math.isnan(value) for value in known):
        return math.nan
    return found if math.isfinite(found) else None


def column(operation: Callable[..., float], *columns: Sequence[float | None]) -> list[float | None]:
    """The operation on every bucket's values. Nearly always all of them are finite numbers, and
    looking at each of them costs more than computing with it.
    """
    rows = list(zip(*columns, strict=True))
    try:
        found = [None if None in row else operation(*row) for row in rows]
    except (ArithmeticError, ValueError):
        return [applied(operation, *row) for row in rows]
    if all(map(_finite, (*columns, found))):
        return found
    return [applied(operation, *row) for row in rows]


def _finite(values: Sequence[float | None]) -> bool:
    """Whether there are only finite numbers and gaps."""
    return all(map(math.isfinite, [value for value in values if value is not None]))
