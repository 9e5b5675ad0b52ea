"""Bytes, and columns of integers as few of them: the inside of a payload (codec.py).

Integers are stored as unsigned offsets from their minimum, or their differences so, whichever
spread less, in the narrowest of 0, 1, 2, 4 or 8 bytes; a constant or regular column has none.
Numbers wider than a byte are kept as planes (all first bytes, then all second bytes, ...),
little-endian, because deflate finds more in them.
"""

import sys
from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

type Ints = Sequence[int]

_UNSIGNED = {1: "B", 2: "H", 4: "I", 8: "Q"}
_DIFFERENCES = 0x10  # flag in an integer column's first byte, beside the width
_VARINT_BITS = 70


class CodecError(Exception):
    """Bytes that are no payload, or one of a version that this code does not know."""


class Reader:
    """Takes bytes from the front of a body. Raises CodecError where there are too few."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise CodecError("the payload ends too early")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def varint(self) -> int:
        """An integer as `varint` wrote it."""
        result = 0
        for shift in range(0, _VARINT_BITS, 7):
            byte = self.take(1)[0]
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                return (result >> 1) ^ -(result & 1)
        raise CodecError("a number in the payload is too long")

    def end(self) -> None:
        """Nothing may be left."""
        if self._at != len(self._data):
            raise CodecError("the payload goes on after its end")


def varint(number: int) -> bytes:
    """A signed integer of at most 64 bits in groups of seven, the sign lowest: small ones take one
    byte.
    """
    rest = (number << 1) ^ (number >> 63)
    out = bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)


def planes(typecode: str, numbers: Sequence[int] | Sequence[float]) -> bytes:
    """Numbers of one of array's typecodes as planes of bytes."""
    column = array(typecode, numbers)
    if sys.byteorder == "big":
        column.byteswap()
    data, width = column.tobytes(), column.itemsize
    return data if width == 1 else b"".join([data[i::width] for i in range(width)])


def from_planes(typecode: str, count: int, reader: Reader) -> "array[Any]":
    """`count` numbers as `planes` wrote them."""
    column = array(typecode)
    width = column.itemsize
    taken = reader.take(count * width)
    data = bytearray(taken)
    if width > 1:
        for i in range(width):
            data[i::width] = taken[i * count : (i + 1) * count]
    column.frombytes(data)
    if sys.byteorder == "big":
        column.byteswap()
    return column


def encode_ints(numbers: Ints) -> bytes:
    """A column of at least one integer. Raises ValueError for one of more than 62 bits."""
    low, high = min(numbers), max(numbers)
    if low < -(2**62) or high >= 2**62:
        raise ValueError("integers of a column have at most 62 bits")
    steps = [after - before for before, after in pairwise(numbers)]
    if steps and max(steps) - min(steps) < high - low:
        least = min(steps)
        width = _width(max(steps) - least)
        head = bytes((width | _DIFFERENCES,)) + varint(numbers[0]) + varint(least)
        return head + _offsets(steps, least, width)
    width = _width(high - low)
    return bytes((width,)) + varint(low) + _offsets(numbers, low, width)


def _width(spread: int) -> int:
    """The bytes that an offset of this size takes."""
    if spread == 0:
        return 0
    return next(width for width in _UNSIGNED if spread < 1 << 8 * width)


def _offsets(numbers: Ints, base: int, width: int) -> bytes:
    return planes(_UNSIGNED[width], [n - base for n in numbers]) if width else b""


def decode_ints(reader: Reader, count: int) -> Ints:
    """A column of `count` integers; a regular one comes back as a range."""
    form = reader.take(1)[0]
    width = form & ~_DIFFERENCES
    if width and width not in _UNSIGNED:
        raise CodecError(f"unknown form {form} of an integer column")
    first = reader.varint()
    if form & _DIFFERENCES:
        return _from_differences(reader, count, first, width)
    if width:
        return [first + n for n in from_planes(_UNSIGNED[width], count, reader).tolist()]
    return [first] * count


def _from_differences(reader: Reader, count: int, first: int, width: int) -> Ints:
    least = reader.varint()
    if width:
        steps = from_planes(_UNSIGNED[width], count - 1, reader).tolist()
        return list(accumulate([least + n for n in steps], initial=first))
    return range(first, first + least * count, least) if least else [first] * count
