"""The payload of segments and late items: points as columns, a few bytes each. Standard library
only: no cold start pays for it.

    version   1 byte    1
    checksum  4 bytes   CRC-32 of all that follows, little-endian
    flags     1 byte    1: the body is deflated (raw)
    body                count, then the columns: series, timestamps, values (columns.py)

Points are sorted by (series, timestamp, place in the request). A payload is written once and read
for ever: a change of the format is a new version beside this one.
"""

import zlib
from collections.abc import Sequence
from typing import NamedTuple

from skafu.metrics.columns import CodecError, Reader, decode_ints, encode_ints, varint
from skafu.metrics.doubles import decode_doubles, encode_doubles

__all__ = ["MAX_POINTS", "VERSION", "CodecError", "Columns", "decode", "encode"]

VERSION = 1
MAX_POINTS = 65_536
"""More than a request may have; what a broken count can cost a reader is bounded by it."""

_DEFLATED = 1
_HEAD = 6
_MAX_BODY = 64 + MAX_POINTS * (8 + 8 + 9)  # the widest columns, and a mixed column's class byte


class Columns(NamedTuple):
    """Points as columns of equal length: position of the series in the layout, epoch milliseconds,
    value.
    """

    series: Sequence[int]
    timestamps: Sequence[int]
    values: Sequence[float]


def encode(series: Sequence[int], timestamps: Sequence[int], values: Sequence[float]) -> bytes:
    """Pack points that are sorted by (series, timestamp).

    Raises ValueError for no points, more than MAX_POINTS, columns of different length or series out
    of order."""
    count = len(series)
    if not 0 < count <= MAX_POINTS or len(timestamps) != count or len(values) != count:
        raise ValueError(f"a payload has 1 to {MAX_POINTS} points in columns of equal length")
    if series[0] < 0 or not _ordered(series):
        raise ValueError("points of a payload are sorted by series")
    body = b"".join(
        (
            varint(count),
            encode_ints(series),
            encode_ints(timestamps),
            encode_doubles(values, series),
        )
    )
    deflated = zlib.compress(body, level=1, wbits=-15)
    rest = bytes((_DEFLATED,)) + deflated if len(deflated) < len(body) else b"\0" + body
    return bytes((VERSION,)) + zlib.crc32(rest).to_bytes(4, "little") + rest


def decode(payload: bytes) -> Columns:
    """Unpack what `encode` packed, bit for bit.

    Raises CodecError for anything else: an unknown version (named), a wrong checksum, bytes that
    end early or go on."""
    if not payload:
        raise CodecError("the payload is empty")
    if payload[0] != VERSION:
        raise CodecError(f"payload version {payload[0]} is not known")
    if len(payload) < _HEAD:
        raise CodecError("the payload ends too early")
    rest = payload[5:]
    if zlib.crc32(rest) != int.from_bytes(payload[1:5], "little"):
        raise CodecError("the payload's checksum is wrong")
    reader = Reader(_body(rest[0], rest[1:]))
    count = reader.varint()
    if not 0 < count <= MAX_POINTS:
        raise CodecError(f"a payload of {count} points")
    series = decode_ints(reader, count)
    if series[0] < 0 or not _ordered(series):
        raise CodecError("series of a payload out of order")
    columns = Columns(series, decode_ints(reader, count), decode_doubles(reader, series))
    reader.end()
    return columns


def _ordered(series: Sequence[int]) -> bool:
    return list(series) == sorted(series)


def _body(flags: int, data: bytes) -> bytes:
    if flags == 0:
        return data
    if flags != _DEFLATED:
        raise CodecError(f"unknown flags {flags}")
    inflater = zlib.decompressobj(wbits=-15)
    try:
        body = inflater.decompress(data, _MAX_BODY)
    except zlib.error as error:
        raise CodecError("the payload cannot be inflated") from error
    if not inflater.eof or inflater.unused_data:
        raise CodecError("the payload cannot be inflated to its end")
    return body
