"""Quantile sketches: how many observations lie where, within 1 % of their values.

DDSketch with a logarithmic mapping (Masson, Rim, Lee: "DDSketch: A Fast and Fully-Mergeable
Quantile Sketch with Relative-Error Guarantees", PVLDB 12(12), 2019). Bin i has the values in
(gamma^(i-1), gamma^i] with gamma = (1 + ACCURACY) / (1 - ACCURACY), and the value that stands for
them is at most ACCURACY of any of them away from it. Negative values have bins of their own, zero
one too. Bins are never joined, so that merging adds counts and loses nothing; doubles have 71,000
bins, and an hour of latencies 50 to 200.

Rank rule. The p-th percentile of n observations is, as in model.percentile (Hyndman and Fan, type
7), between the observations of the ranks below and above (n - 1) p / 100, in proportion. Each of
the two is known within ACCURACY of itself, and so is, between them, the result.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from sys import float_info

from skafu.metrics.columns import CodecError, Reader, decode_ints, encode_ints, varint
from skafu.metrics.framing import squeezed, unsqueezed

__all__ = [
    "ACCURACY",
    "MAX_BODY",
    "MAX_SKETCHES",
    "CodecError",
    "Sketch",
    "decode_sketches",
    "encode_sketches",
    "merged",
]

ACCURACY = 0.01

_WIDTH = math.log((1 + ACCURACY) / (1 - ACCURACY))  # of a bin, as a logarithm
_SCALE = 1 / _WIDTH
MAX_SKETCHES = 4096
_MOST_BINS = 32 * 1024 * 1024  # all that 400 sketches can have
MAX_BODY = 1024 + 4 * 9 * MAX_SKETCHES + 2 * 9 * _MOST_BINS

type Bins = dict[int, int]
"""Numbers of observations by number of the bin; none is 0."""


class Sketch:
    """Observations as counts in bins; empty at first. Safe to change as long as one alone does."""

    __slots__ = ("negative", "positive", "zeros")

    def __init__(
        self, positive: Bins | None = None, zeros: int = 0, negative: Bins | None = None
    ) -> None:
        self.positive: Bins = {} if positive is None else positive
        self.zeros = zeros
        self.negative: Bins = {} if negative is None else negative

    @classmethod
    def of(cls, values: Sequence[float]) -> "Sketch":
        """The sketch of some values, which are finite."""
        if values and min(values) > 0:  # by far the most frequent, and quicker
            log, ceil, scale = math.log, math.ceil, _SCALE
            return cls(dict(Counter([ceil(log(value) * scale) for value in values])))
        sketch = cls()
        for value in values:
            sketch.add(value)
        return sketch

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sketch):
            return NotImplemented
        mine = self.positive, self.zeros, self.negative
        return mine == (other.positive, other.zeros, other.negative)

    __hash__ = None  # type: ignore[assignment] # it may change

    def __repr__(self) -> str:
        positive, negative = (dict(sorted(x.items())) for x in (self.positive, self.negative))
        return f"Sketch({positive}, {self.zeros}, {negative})"

    @property
    def count(self) -> int:
        """How many observations are inside."""
        return sum(self.positive.values()) + self.zeros + sum(self.negative.values())

    def add(self, value: float, count: int = 1) -> None:
        """Add as many observations of a value, which is finite. Raises ValueError for none."""
        if count < 1:
            raise ValueError(f"{count} observations cannot be added")
        if value == 0:
            self.zeros += count
            return
        bins = self.positive if value > 0 else self.negative
        number = math.ceil(math.log(abs(value)) * _SCALE)
        bins[number] = bins.get(number, 0) + count

    def merge(self, other: "Sketch") -> None:
        """Add all observations of another sketch: exactly what adding them one by one would do."""
        for mine, others in ((self.positive, other.positive), (self.negative, other.negative)):
            for number, count in others.items():
                mine[number] = mine.get(number, 0) + count
        self.zeros += other.zeros

    def bins(self) -> list[tuple[float, int]]:
        """The values that stand for the observations, in order, and how many each stands for."""
        found = [(-_value(n), self.negative[n]) for n in sorted(self.negative, reverse=True)]
        if self.zeros:
            found.append((0.0, self.zeros))
        found += [(_value(n), self.positive[n]) for n in sorted(self.positive)]
        return found

    def quantile(self, p: float) -> float:
        """The p-th percentile, 0 to 100, by the rank rule above.

        It may be up to ACCURACY beyond the least and the greatest observation: who knows these
        keeps it between them. Raises ValueError where there are no observations.
        """
        bins = self.bins()
        if not bins:
            raise ValueError("there are no observations")
        reached = list(accumulate(count for _, count in bins))
        rank = (reached[-1] - 1) * p / 100
        low = math.floor(rank)
        place = next(i for i, end in enumerate(reached) if end > low)
        value = bins[place][0]
        if rank == low or low + 1 < reached[place]:
            return value
        share = rank - low
        return value * (1 - share) + bins[place + 1][0] * share


def _value(number: int) -> float:
    """What stands for the values of a bin: 2 gamma^number / (gamma + 1)."""
    try:
        return min((1 + ACCURACY) * math.exp((number - 1) * _WIDTH), float_info.max)
    except OverflowError:  # the last bin begins below the greatest double, and ends above
        return float_info.max


def merged(sketches: Iterable[Sketch]) -> Sketch:
    """All observations of some sketches, which stay as they are."""
    total = Sketch()
    for each in sketches:
        total.merge(each)
    return total


# --- bytes ----------------------------------------------------------------------------------------
#
# Many sketches as columns: the numbers of bins (negative, zero: 0 or 1, positive) of all sketches;
# the first bin of each run; squeezed, the distances from bin to bin; squeezed, the counts.


def encode_sketches(sketches: Sequence[Sketch]) -> bytes:
    """Some sketches as a part of a payload's body. Raises ValueError for too many."""
    if len(sketches) > MAX_SKETCHES:
        raise ValueError(f"at most {MAX_SKETCHES} sketches are encoded together")
    if not sketches:
        return varint(0)
    runs = [sorted(bins.items()) for each in sketches for bins in (each.negative, each.positive)]
    steps = [b - a for run in runs for (a, _), (b, _) in pairwise(run)]
    counts = [count for run in runs for _, count in run]
    return (
        varint(len(sketches))
        + encode_ints([len(run) for run in runs[::2]])
        + encode_ints([len(run) for run in runs[1::2]])
        + encode_ints([each.zeros for each in sketches])
        + _some([run[0][0] for run in runs if run])
        + squeezed(_some(steps))
        + squeezed(_some(counts))
    )


def _some(numbers: Sequence[int]) -> bytes:
    return encode_ints(numbers) if numbers else b""


def decode_sketches(reader: Reader) -> list[Sketch]:
    """What `encode_sketches` wrote. Raises CodecError for bins that cannot be."""
    count = reader.varint()
    if not 0 <= count <= MAX_SKETCHES:
        raise CodecError(f"a payload of {count} sketches")
    if not count:
        return []
    negative, positive = decode_ints(reader, count), decode_ints(reader, count)
    zeros = decode_ints(reader, count)
    sizes = [size for pair in zip(negative, positive, strict=True) for size in pair]
    if min(sizes) < 0 or min(zeros) < 0 or sum(sizes) > _MOST_BINS:
        raise CodecError("a sketch's number of bins cannot be")
    runs = _runs(reader, sizes)
    return [Sketch(runs[2 * i + 1], zeros[i], runs[2 * i]) for i in range(count)]


def _runs(reader: Reader, sizes: Sequence[int]) -> list[Bins]:
    filled = sum(1 for size in sizes if size)
    firsts = iter(_ints(reader, filled))
    total = sum(sizes)
    steps = _squeezed_ints(reader, total - filled)
    counts = _squeezed_ints(reader, total)
    if min(steps, default=1) < 1 or min(counts, default=1) < 1:
        raise CodecError("a sketch's bins are out of order or empty")
    runs: list[Bins] = []
    step = place = 0
    for size in sizes:
        if not size:
            runs.append({})
            continue
        numbers = accumulate(steps[step : step + size - 1], initial=next(firsts))
        runs.append(dict(zip(numbers, counts[place : place + size], strict=True)))
        step += size - 1
        place += size
    return runs


def _squeezed_ints(reader: Reader, count: int) -> Sequence[int]:
    inside = unsqueezed(reader, 16 + 9 * count)
    found = _ints(inside, count)
    inside.end()
    return found


def _ints(reader: Reader, count: int) -> Sequence[int]:
    return decode_ints(reader, count) if count else ()
