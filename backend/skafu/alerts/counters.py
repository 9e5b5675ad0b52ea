"""What counters have grown by in one bucket, as the query language has it.

A counter begins anew from zero where its value falls. The growth from the last point before a
bucket to the first one in it belongs to the bucket; of a series' very first point nothing is known.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from skafu.metrics.hours import growth
from skafu.metrics.model import Sample, Summary


class Reading(NamedTuple):
    """One point of a counter; a summary's is its mean."""

    at: int
    value: float


def readings(samples: Iterable[Sample]) -> list[Reading]:
    """Points in order of time, those of the same time in order of their values."""
    return sorted(Reading(at, v.mean if isinstance(v, Summary) else v) for at, v in samples)


def increase(before: Reading | None, points: Sequence[Reading]) -> float | None:
    """What one counter grew by over its points of a bucket, from the last one before them; None
    where there is nothing that it could have grown from.
    """
    chain = [*points] if before is None else [before, *points]
    if len(chain) < 2:
        return None
    return total(growth(one.value, other.value) for one, other in zip(chain, chain[1:]))


def total(growths: Iterable[float]) -> float:
    """The sum; infinite where no double is large enough."""
    try:
        return math.fsum(growths)
    except OverflowError:
        return math.inf
