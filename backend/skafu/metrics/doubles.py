"""Columns of doubles as few bytes, bit for bit: the inside of a payload (codec.py).

Doubles that are short decimals become integers, all others stay what they are, -0.0, infinities and
NaN included. Where a series has many points it has a column of its own; where each has few, every
value has a class of its own, and the values of a class stand together.
"""

import math
from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise

from skafu.metrics.columns import (
    CodecError,
    Ints,
    Reader,
    decode_ints,
    encode_ints,
    from_planes,
    planes,
)

type Doubles = Sequence[float]


class _Form:
    """How a column is kept: its first byte."""

    CONSTANT, RAW, DECIMAL, MIXED, RUNS = range(5)


_POWERS = (1.0, 10.0, 100.0, 1000.0, 10_000.0, 100_000.0, 1_000_000.0)
# Below it every integer is a double, so integer / power is the double nearest to the decimal.
_EXACT = 2.0**53
_SAMPLE = 8  # values that are tried before a whole column is scaled
_RUN = 8  # points a series, on average, from which on each has a column of its own

# A value's class in a mixed column: the decimal exponent in the low three bits and, above, which of
# these integers holds it; or raw.
_INTEGERS = "bhiq"
_RAW_CLASS = 255
_CLASSES = frozenset(k | w << 3 for k in range(len(_POWERS)) for w in range(4)) | {_RAW_CLASS}


def encode_doubles(values: Doubles, series: Ints) -> bytes:
    """A column of at least one value; `series` tells, in order, which series each belongs to."""
    bounds = _bounds(series)
    if len(bounds) == 2 or len(values) >= _RUN * (len(bounds) - 1):
        runs = [_encode_run(values[a:b]) for a, b in pairwise(bounds)]
        return bytes((_Form.RUNS,)) + b"".join(runs)
    return _encode_mixed(values)


def decode_doubles(reader: Reader, series: Ints) -> Doubles:
    """The values of as many points as there are entries in `series`."""
    form = reader.take(1)[0]
    if form != _Form.RUNS:
        return _decode(reader, form, len(series))
    runs = [_decode(reader, reader.take(1)[0], b - a) for a, b in pairwise(_bounds(series))]
    return [value for run in runs for value in run]


def _bounds(series: Ints) -> list[int]:
    """Where the points of each series begin, and the end."""
    return [0, *(i for i, (a, b) in enumerate(pairwise(series), 1) if a != b), len(series)]


def _encode_run(values: Doubles) -> bytes:
    """The values of one series: one decimal exponent for all of them, if there is one."""
    bits = array("d", values).tobytes()
    if bits == bits[:8] * len(values):
        return bytes((_Form.CONSTANT,)) + planes("d", values[:1])
    for k, power in enumerate(_POWERS):
        if _scaled(values[:_SAMPLE], power) and (ints := _scaled(values, power)):
            return bytes((_Form.DECIMAL, k)) + encode_ints(ints)
    return _encode_mixed(values)


def _scaled(values: Doubles, power: float) -> list[int] | None:
    """The integers that, divided by the power, are these values bit for bit; None if there are
    none.
    """
    if not -_EXACT < min(values) * power <= max(values) * power < _EXACT:
        return None
    try:
        ints = [round(value * power) for value in values]
    except ValueError:  # NaN, which min and max may pass over
        return None
    back = array("d", [i / power for i in ints])
    return ints if back.tobytes() == array("d", values).tobytes() else None


def _encode_mixed(values: Doubles) -> bytes:
    """Values of many series: each has its own decimal exponent and width, or stays as it is."""
    classes = bytearray()
    columns: tuple[list[int], ...] = ([], [], [], [])
    raw: list[float] = []
    for value in values:
        # NaN fails the comparison; an integer has no negative zero.
        if -_EXACT < value < _EXACT and (value or math.copysign(1.0, value) > 0):
            for k, power in enumerate(_POWERS):
                i = round(value * power)
                if i / power == value and -_EXACT < i < _EXACT:
                    size = i if i >= 0 else ~i
                    w = 0 if size < 2**7 else 1 if size < 2**15 else 2 if size < 2**31 else 3
                    classes.append(k | w << 3)
                    columns[w].append(i)
                    break
            else:
                classes.append(_RAW_CLASS)
                raw.append(value)
        else:
            classes.append(_RAW_CLASS)
            raw.append(value)
    if len(raw) == len(values):
        return bytes((_Form.RAW,)) + planes("d", raw)
    ints = [planes(code, column) for code, column in zip(_INTEGERS, columns, strict=True)]
    return bytes((_Form.MIXED,)) + bytes(classes) + b"".join(ints) + planes("d", raw)


def _decode(reader: Reader, form: int, count: int) -> Doubles:
    match form:
        case _Form.CONSTANT:
            return from_planes("d", 1, reader).tolist() * count
        case _Form.RAW:
            return from_planes("d", count, reader).tolist()
        case _Form.DECIMAL:
            k = reader.take(1)[0]
            if k >= len(_POWERS):
                raise CodecError(f"unknown decimal exponent {k}")
            power = _POWERS[k]
            return [i / power for i in decode_ints(reader, count)]
        case _Form.MIXED:
            return _decode_mixed(reader, count)
        case _:
            raise CodecError(f"unknown form {form} of a column of values")


def _decode_mixed(reader: Reader, count: int) -> Doubles:
    classes = reader.take(count)
    if not _CLASSES.issuperset(classes):
        raise CodecError("unknown class of a value")
    # How many there are of each width is told by the classes alone: there is no count to be wrong.
    counts = [0, 0, 0, 0]
    for each in set(classes) - {_RAW_CLASS}:
        counts[each >> 3] += classes.count(each)
    columns: list[Iterator[float]] = [
        iter(from_planes(code, size, reader)) for code, size in zip(_INTEGERS, counts, strict=True)
    ]
    take = [column.__next__ for column in columns]
    raw = iter(from_planes("d", classes.count(_RAW_CLASS), reader)).__next__
    powers = _POWERS
    return [raw() if c == _RAW_CLASS else take[c >> 3]() / powers[c & 7] for c in classes]
