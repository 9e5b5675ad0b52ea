"""Columns of doubles that often follow from other columns, bit for bit: the inside of a rollup
(hourly.py).

What follows costs nothing. What does not is kept as integers over a power of ten where the values
are decimals; sums of decimals often miss them by the last bit, and then have the distance, counted
in doubles, beside them.
"""

from array import array
from collections.abc import Sequence

from skafu.metrics.columns import (
    CodecError,
    Reader,
    decode_ints,
    encode_ints,
    from_planes,
    planes,
)

type Doubles = Sequence[float]


class _Form:
    """How a column is kept: the lower two bits of its byte, above them the power."""

    FOLLOWS, DECIMAL, NEAR, RAW = range(4)


_POWERS = (1.0, 10.0, 100.0, 1000.0, 10_000.0, 100_000.0, 1_000_000.0)
_EXACT = 2.0**53  # below it every integer is a double
_NEAR = 127
_SAMPLE = 4  # values that are tried before a whole column is scaled


def encode_column(values: Doubles, expected: Doubles) -> tuple[int, bytes]:
    """The form of a column of at least one value, and its bytes. `expected` are as many values that
    it may follow from, or none.
    """
    own = array("d", values)
    if own.tobytes() == array("d", expected).tobytes():
        return _Form.FOLLOWS, b""
    for k, power in enumerate(_POWERS):
        if _near(values[:_SAMPLE], power) and (found := _near(values, power)):
            ints, apart = found
            if any(apart):
                return _Form.NEAR | k << 2, encode_ints(ints) + encode_ints(apart)
            return _Form.DECIMAL | k << 2, encode_ints(ints)
    return _Form.RAW, planes("d", values)


def decode_column(reader: Reader, form: int, count: int, expected: Doubles) -> Doubles:
    """A column of this form. Raises CodecError for what cannot have been written."""
    kind, k = form & 3, form >> 2
    if kind == _Form.FOLLOWS:
        if len(expected) != count:
            raise CodecError("a column of a rollup follows from nothing")
        return expected
    if kind == _Form.RAW:
        return from_planes("d", count, reader).tolist()
    if k >= len(_POWERS):
        raise CodecError(f"unknown decimal exponent {k}")
    power = _POWERS[k]
    values = [i / power for i in decode_ints(reader, count)]
    if kind == _Form.DECIMAL:
        return values
    apart = decode_ints(reader, count)
    try:
        moved = array("q", [a + b for a, b in zip(_bits(values), apart, strict=True)])
    except OverflowError as error:
        raise CodecError("a number of a rollup that is none") from error
    return array("d", moved.tobytes()).tolist()


def _near(values: Doubles, power: float) -> tuple[list[int], list[int]] | None:
    """The integers that, divided by the power, are near these values, and how many doubles further
    on the values are; None where one is too far.
    """
    ints = []
    for value in values:
        scaled = value * power
        if not -_EXACT < scaled < _EXACT:  # NaN is not either
            return None
        ints.append(round(scaled))
    theirs = _bits([i / power for i in ints])
    apart = [mine - its for mine, its in zip(_bits(values), theirs, strict=True)]
    return (ints, apart) if max(map(abs, apart)) <= _NEAR else None


def _bits(values: Doubles) -> "array[int]":
    """Doubles as the integers that have their bits: neighbours differ by one."""
    return array("q", array("d", values).tobytes())
