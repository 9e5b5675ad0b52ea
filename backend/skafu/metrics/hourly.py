"""The hours of some series as bytes, for rollups.py; framing.py has the outside.

    version 4, numbers
    count, runs     how many hours, of how many series
    series          the series' positions in the group, and how many hours each has
    hours           since the epoch, as distances from the least
    counts          of observations
    times           of first and last point, as distances from the hour's start
    flags           1: quantiles are known, 2: the increase is certain
    forms, columns  for each series first, last, minimum, maximum, sum (aligned.py)

    version 5, details, of those hours alone whose minimum is not their maximum
    count           how many hours these are
    squares         squeezed, the highest 24 bits of each double
    forms, columns  squeezed, for each series increase
    sketches        of those hours whose quantiles are known (sketch.py)

A counter's minimum is its first value and its increase what lies between first and last, so a
counter costs little; a constant costs nothing.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import NamedTuple

from skafu.metrics.aligned import decode_column, encode_column
from skafu.metrics.columns import CodecError, Reader, decode_ints, encode_ints, varint
from skafu.metrics.framing import framed, squeezed, unframed, unsqueezed
from skafu.metrics.hours import Hour, constant_sketch
from skafu.metrics.sketch import MAX_BODY, Sketch, decode_sketches, encode_sketches
from skafu.shared.keys import HOUR_MS

NUMBERS, DETAILS = 4, 5
"""Versions of payloads."""

_MOST_HOURS = 4096
_MOST_BODY = 1024 + _MOST_HOURS * 160
_LEVEL = 9  # written once, and read often
_DROPPED_BITS = 40  # of a sum of squares, so that 12 of its mantissa stay
_EXACT, _EXACT_INCREASE = 1, 2
_COLUMNS = 5  # of doubles, for each series

type Hours = Mapping[int, Sequence[Hour]]
"""Hours by the position of their series in the group, in order of time."""

type Doubles = Sequence[float]


# --- numbers --------------------------------------------------------------------------------------


def encode_numbers(hours: Hours) -> bytes:
    """The numbers of at least one hour; details are left out. Raises ValueError for no hours, or
    too many.
    """
    positions = [position for position in sorted(hours) if hours[position]]
    runs = [hours[position] for position in positions]
    rows = [hour for run in runs for hour in run]
    if not 0 < len(rows) <= _MOST_HOURS:
        raise ValueError(f"a rollup has 1 to {_MOST_HOURS} hours")
    numbers = [hour.start // HOUR_MS for hour in rows]
    body = (
        varint(len(rows)),
        varint(len(runs)),
        encode_ints(positions),
        encode_ints([len(run) for run in runs]),
        encode_ints(numbers),
        encode_ints([hour.count for hour in rows]),
        encode_ints([hour.first_at - hour.start for hour in rows]),
        encode_ints([hour.last_at - hour.start for hour in rows]),
        encode_ints([_flags(hour) for hour in rows]),
        _encode_columns([column for run in runs for column in _columns(run)]),
    )
    return framed(NUMBERS, b"".join(body), _LEVEL)


def _flags(hour: Hour) -> int:
    return hour.exact * _EXACT | hour.exact_increase * _EXACT_INCREASE


def _columns(run: Sequence[Hour]) -> list[tuple[Doubles, Doubles]]:
    """The columns of a series, each with what it may follow from."""
    first, last = [hour.first for hour in run], [hour.last for hour in run]
    return [
        (first, ()),
        (last, first),
        ([hour.minimum for hour in run], list(map(min, first, last))),
        ([hour.maximum for hour in run], list(map(max, first, last))),
        ([hour.sum for hour in run], [hour.first * hour.count for hour in run]),
    ]


def _encode_columns(columns: Sequence[tuple[Doubles, Doubles]]) -> bytes:
    found = [encode_column(values, expected) for values, expected in columns]
    return bytes(form for form, _ in found) + b"".join([data for _, data in found])


def decode_numbers(payload: bytes) -> dict[int, list[Hour]]:
    """The hours without their details. Raises CodecError for what `encode_numbers` cannot have
    written.
    """
    _, body = unframed(payload, (NUMBERS,), _MOST_BODY)
    reader = Reader(body)
    count, runs = reader.varint(), reader.varint()
    if not 0 < runs <= count <= _MOST_HOURS:
        raise CodecError(f"a rollup of {count} hours of {runs} series")
    positions, sizes = decode_ints(reader, runs), decode_ints(reader, runs)
    if min(sizes) < 1 or sum(sizes) != count or any(a >= b for a, b in pairwise(positions)):
        raise CodecError("series of a rollup out of order")
    rows = _decode_rows(reader, count)
    forms = iter(reader.take(_COLUMNS * runs))
    hours: dict[int, list[Hour]] = {}
    for position, (a, b) in zip(positions, pairwise(accumulate(sizes, initial=0)), strict=True):
        hours[position] = _run(reader, forms, _Rows(*(column[a:b] for column in rows)))
    reader.end()
    return hours


class _Rows(NamedTuple):
    """The columns of integers."""

    starts: Sequence[int]
    counts: Sequence[int]
    first_at: Sequence[int]
    last_at: Sequence[int]
    flags: Sequence[int]


def _decode_rows(reader: Reader, count: int) -> _Rows:
    starts = [number * HOUR_MS for number in decode_ints(reader, count)]
    counts, after_first, after_last, flags = (decode_ints(reader, count) for _ in range(4))
    if min(counts) < 1:
        raise CodecError("a rollup of an hour without observations")
    first_at = [start + after for start, after in zip(starts, after_first, strict=True)]
    last_at = [start + after for start, after in zip(starts, after_last, strict=True)]
    return _Rows(starts, counts, first_at, last_at, flags)


def _run(reader: Reader, forms: Iterator[int], rows: _Rows) -> list[Hour]:
    """The hours of one series."""
    size = len(rows.starts)
    first = decode_column(reader, next(forms), size, ())
    last = decode_column(reader, next(forms), size, first)
    low = decode_column(reader, next(forms), size, list(map(min, first, last)))
    high = decode_column(reader, next(forms), size, list(map(max, first, last)))
    expected = [value * count for value, count in zip(first, rows.counts, strict=True)]
    total = decode_column(reader, next(forms), size, expected)
    unread = (None,) * size
    return list(
        map(
            Hour,
            *(rows.starts, rows.counts, total, low, high, unread),
            *(rows.first_at, first, rows.last_at, last, unread, unread),
            [bool(flag & _EXACT) for flag in rows.flags],
            [bool(flag & _EXACT_INCREASE) for flag in rows.flags],
        )
    )


# --- details --------------------------------------------------------------------------------------


def encode_details(hours: Hours) -> bytes | None:
    """The details of hours; None where all of them are constants. Raises ValueError where an hour
    has not all its details.
    """
    runs = [_varied(hours[position]) for position in sorted(hours)]
    rows = [hour for run in runs for hour in run]
    if not rows:
        return None
    body = (
        varint(len(rows)),
        squeezed(encode_ints([_high_bits(_known(hour.squares)) for hour in rows])),
        squeezed(
            _encode_columns(
                [([_known(hour.increase) for hour in run], _expected(run)) for run in runs if run]
            )
        ),
        encode_sketches([_known(hour.sketch) for hour in rows if hour.exact]),
    )
    return framed(DETAILS, b"".join(body), _LEVEL)


def _varied(run: Sequence[Hour]) -> list[Hour]:
    """The hours of a series that are no constants."""
    return [hour for hour in run if hour.minimum < hour.maximum]


def _expected(run: Sequence[Hour]) -> Doubles:
    return [hour.last - hour.first for hour in run]


def _known[Detail](detail: Detail | None) -> Detail:
    if detail is None:
        raise ValueError("an hour came without its details")
    return detail


def with_details(
    hours: dict[int, list[Hour]], payload: bytes | None
) -> dict[int, list[Hour]] | None:
    """The same hours with their details; None where there is no payload, and they need one. Raises
    CodecError for what `encode_details` cannot have written.
    """
    runs = [_varied(run) for run in hours.values()]
    rows = [hour for run in runs for hour in run]
    if payload is None:
        return None if rows else {position: _constants(run) for position, run in hours.items()}
    _, body = unframed(payload, (DETAILS,), _MOST_BODY + MAX_BODY)
    reader = Reader(body)
    if not rows or reader.varint() != len(rows):
        raise CodecError("a rollup's details are those of other hours")
    inside = unsqueezed(reader, _MOST_BODY)
    squares = iter(_doubles_of(decode_ints(inside, len(rows))))
    inside.end()
    increases = iter(_increases(unsqueezed(reader, _MOST_BODY), [run for run in runs if run]))
    found = decode_sketches(reader)
    reader.end()
    if len(found) != sum(hour.exact for hour in rows):
        raise CodecError("a rollup's sketches are those of other hours")
    sketches = iter(found)
    return {
        position: [
            (
                replace(
                    hour,
                    squares=next(squares),
                    increase=next(increases),
                    sketch=next(sketches) if hour.exact else None,
                )
                if hour.minimum < hour.maximum
                else _constant(hour)
            )
            for hour in run
        ]
        for position, run in hours.items()
    }


def _increases(reader: Reader, runs: Sequence[Sequence[Hour]]) -> list[float]:
    forms = reader.take(len(runs))
    columns = [
        decode_column(reader, form, len(run), _expected(run))
        for form, run in zip(forms, runs, strict=True)
    ]
    reader.end()
    return [value for column in columns for value in column]


def _constants(run: Sequence[Hour]) -> list[Hour]:
    return [_constant(hour) for hour in run]


def _constant(hour: Hour) -> Hour:
    """An hour whose details follow from its numbers."""
    sketch: Sketch = constant_sketch(hour.minimum, hour.count)
    return replace(hour, squares=0.0, increase=0.0, sketch=sketch)


def _high_bits(square: float) -> int:
    """The highest bits of a double that is not negative, rounded."""
    (bits,) = array("q", array("d", [square]).tobytes())
    return bits + (1 << _DROPPED_BITS - 1) >> _DROPPED_BITS


def kept(square: float) -> float:
    """What is read back of a sum of squares."""
    return _doubles_of([_high_bits(square)])[0]


def _doubles_of(high_bits: Iterable[int]) -> Doubles:
    try:
        bits = array("q", [each << _DROPPED_BITS for each in high_bits])
    except OverflowError as error:
        raise CodecError("squares of a rollup are none") from error
    return array("d", bits.tobytes()).tolist()
