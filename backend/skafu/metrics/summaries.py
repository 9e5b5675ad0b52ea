"""Summaries (points that are many observations) as bytes: a part of a payload's body.

number      how many there are; nothing follows none
places      in the columns of the points
bins        how many bins each has
counts      of those without bins
derived     1 for each whose sum, minimum and maximum follow from its bins, 0 for the others
sums, minimums, maximums    of the others
values      of all bins, and how often each occurs
"""

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise

from skafu.metrics.columns import CodecError, Ints, Reader, decode_ints, encode_ints, varint
from skafu.metrics.doubles import decode_doubles, encode_doubles
from skafu.metrics.model import Summary

MAX_BINS = 262_144
"""More than the bins of a payload; what a broken count can cost a reader is bounded by it."""

type Bins = tuple[tuple[float, int], ...]


def derived(bins: Bins) -> tuple[float, float, float]:
    """Sum, minimum and maximum of observations of which nothing but their bins is known. Raises
    ArithmeticError where no double is large enough.
    """
    try:
        total = math.fsum([value * count for value, count in bins])
    except ValueError:  # infinities of both signs
        total = math.inf
    if math.isinf(total):
        raise ArithmeticError("no number holds the sum of observations")
    return total, bins[0][0], bins[-1][0]


def _is_derived(summary: Summary) -> bool:
    if not summary.bins:
        return False
    known = summary.sum, summary.minimum, summary.maximum
    try:
        found = derived(summary.bins)
    except ArithmeticError:
        return False
    # -0.0 equals 0.0, and has another sign.
    return known == found and all(
        math.copysign(1.0, a) == math.copysign(1.0, b) for a, b in zip(known, found, strict=True)
    )


def encode_summaries(summaries: Mapping[int, Summary], points: int) -> bytes:
    """Summaries by their places among so many points. Raises ValueError for a place outside."""
    if not summaries:
        return varint(0)
    places = sorted(summaries)
    if places[0] < 0 or places[-1] >= points:
        raise ValueError("a summary in a payload has no point")
    found = [summaries[place] for place in places]
    flags = [int(_is_derived(each)) for each in found]
    sizes = [len(each.bins) for each in found]
    counts = [each.count for each in found if not each.bins]
    told = [each for each, flag in zip(found, flags, strict=True) if not flag]
    out = [varint(len(places)), encode_ints(places), encode_ints(sizes)]
    out += [encode_ints(counts)] if counts else []
    out.append(encode_ints(flags))
    if told:
        out += [
            _doubles([each.sum for each in told]),
            _doubles([each.minimum for each in told]),
            _doubles([each.maximum for each in told]),
        ]
    bins = [each for summary in found for each in summary.bins]
    if bins:
        out.append(encode_doubles([value for value, _ in bins], _owners(sizes)))
        out.append(encode_ints([count for _, count in bins]))
    return b"".join(out)


def _doubles(values: Sequence[float]) -> bytes:
    return encode_doubles(values, [0] * len(values))


def _owners(sizes: Ints) -> Ints:
    """For each bin the number of the summary that has it."""
    return [owner for owner, size in enumerate(sizes) for _ in range(size)]


def decode_summaries(reader: Reader, points: int) -> dict[int, Summary]:
    """What `encode_summaries` wrote. Raises CodecError for what it cannot have written."""
    number = reader.varint()
    if not 0 <= number <= points:
        raise CodecError(f"{number} summaries among {points} points")
    if not number:
        return {}
    places, sizes = decode_ints(reader, number), decode_ints(reader, number)
    if places[0] < 0 or places[-1] >= points or any(a >= b for a, b in pairwise(places)):
        raise CodecError("summaries of a payload out of order")
    if min(sizes) < 0 or sum(sizes) > MAX_BINS:
        raise CodecError("a payload's number of bins cannot be")
    plain = sizes.count(0)
    counted = iter(decode_ints(reader, plain) if plain else ())
    flags = decode_ints(reader, number)
    if any(flag not in (0, 1) or flag > size for flag, size in zip(flags, sizes, strict=True)):
        raise CodecError("a summary of a payload follows from nothing")
    known = iter(_told(reader, number - sum(flags)))
    found = zip(flags, _bins(reader, sizes), strict=True)
    return {
        place: _summary(own, next(counted) if not own else 0, None if flag else next(known))
        for place, (flag, own) in zip(places, found, strict=True)
    }


def _summary(bins: Bins, count: int, told: tuple[float, float, float] | None) -> Summary:
    count = sum(times for _, times in bins) if bins else count
    if count < 1:
        raise CodecError("a summary of nothing")
    try:
        return Summary(count, *(told or derived(bins)), bins)
    except ArithmeticError as error:
        raise CodecError("a summary of a payload is too large") from error


def _told(reader: Reader, number: int) -> list[tuple[float, float, float]]:
    if not number:
        return []
    column = [0] * number
    sums, minimums, maximums = (decode_doubles(reader, column) for _ in range(3))
    return list(zip(sums, minimums, maximums, strict=True))


def _bins(reader: Reader, sizes: Ints) -> list[Bins]:
    owners = _owners(sizes)
    if not owners:
        return [()] * len(sizes)
    values = decode_doubles(reader, owners)
    pairs = list(zip(values, decode_ints(reader, len(owners)), strict=True))
    if any(count < 1 for _, count in pairs):
        raise CodecError("a bin of nothing")
    return [tuple(pairs[a:b]) for a, b in pairwise(accumulate(sizes, initial=0))]
