"""The payload of segments and late items: points as columns, a few bytes each. Standard library
only: no cold start pays for it. framing.py has the outside; the body is

    version 1   count, then the columns: series, timestamps, values (columns.py, doubles.py)
    version 3   the same, for points among which there are summaries: behind the timestamps stand
                these (summaries.py), and the values are those of the other points

Points are sorted by (series, timestamp, place in the request).
"""

from collections.abc import Mapping, Sequence
from itertools import compress
from types import MappingProxyType
from typing import NamedTuple

from skafu.metrics.columns import CodecError, Reader, decode_ints, encode_ints, varint
from skafu.metrics.doubles import decode_doubles, encode_doubles
from skafu.metrics.framing import framed, unframed
from skafu.metrics.model import Summary
from skafu.metrics.summaries import MAX_BINS, decode_summaries, encode_summaries

__all__ = [
    "MAX_PAYLOAD",
    "MAX_POINTS",
    "NO_SUMMARIES",
    "VERSION",
    "CodecError",
    "Columns",
    "decode",
    "decode_values",
    "encode",
    "encode_values",
    "most_bytes",
]

VERSION = 1
WITH_SUMMARIES = 3
MAX_POINTS = 65_536
"""More than a request may have; what a broken count can cost a reader is bounded by it."""

# The widest columns, and a mixed column's class byte; then five numbers for each summary, and bins.
_MAX_PLAIN = 64 + MAX_POINTS * (8 + 8 + 9)
MAX_BODY = 2 * _MAX_PLAIN + MAX_POINTS * 5 * 9 + MAX_BINS * (9 + 8)

MAX_PAYLOAD = 380_000
"""DynamoDB's items end at 400 KB (409,600 bytes), their keys and names included."""

NO_SUMMARIES: Mapping[int, Summary] = MappingProxyType({})


class Columns(NamedTuple):
    """Points as columns of equal length: position of the series in the layout or group, epoch
    milliseconds, value. `summaries` tells, by place in the columns, which points are summaries;
    there, `values` has their mean.
    """

    series: Sequence[int]
    timestamps: Sequence[int]
    values: Sequence[float]
    summaries: Mapping[int, Summary] = NO_SUMMARIES


def encode(
    series: Sequence[int],
    timestamps: Sequence[int],
    values: Sequence[float],
    summaries: Mapping[int, Summary] = NO_SUMMARIES,
) -> bytes:
    """Pack points that are sorted by (series, timestamp).

    Raises ValueError for no points, more than MAX_POINTS, columns of different length or series out
    of order."""
    count = len(series)
    if not 0 < count <= MAX_POINTS or len(timestamps) != count or len(values) != count:
        raise ValueError(f"a payload has 1 to {MAX_POINTS} points in columns of equal length")
    if series[0] < 0 or not _ordered(series):
        raise ValueError("points of a payload are sorted by series")
    body = varint(count) + encode_ints(series) + encode_ints(timestamps)
    if summaries:
        return framed(WITH_SUMMARIES, body + encode_values(series, values, summaries))
    return framed(VERSION, body + encode_doubles(values, series))


def decode(payload: bytes) -> Columns:
    """Unpack what `encode` packed, bit for bit.

    Raises CodecError for anything else: an unknown version (named), a wrong checksum, bytes that
    end early or go on."""
    most = _MAX_PLAIN if payload[:1] == bytes((VERSION,)) else MAX_BODY
    version, body = unframed(payload, (VERSION, WITH_SUMMARIES), most)
    reader = Reader(body)
    count = reader.varint()
    if not 0 < count <= MAX_POINTS:
        raise CodecError(f"a payload of {count} points")
    series = decode_ints(reader, count)
    if series[0] < 0 or not _ordered(series):
        raise CodecError("series of a payload out of order")
    timestamps = decode_ints(reader, count)
    if version == VERSION:
        columns = Columns(series, timestamps, decode_doubles(reader, series))
    else:
        columns = Columns(series, timestamps, *decode_values(reader, series))
    reader.end()
    return columns


def _ordered(series: Sequence[int]) -> bool:
    return list(series) == sorted(series)


def encode_values(
    series: Sequence[int], values: Sequence[float], summaries: Mapping[int, Summary]
) -> bytes:
    """The summaries, none too, and then the values of all other points. Raises ValueError where
    a summary has a place outside the columns.
    """
    out = encode_summaries(summaries, len(series))
    if not summaries:
        return out + encode_doubles(values, series)
    plain = [row not in summaries for row in range(len(series))]
    if any(plain):
        out += encode_doubles(list(compress(values, plain)), list(compress(series, plain)))
    return out


def decode_values(
    reader: Reader, series: Sequence[int]
) -> tuple[Sequence[float], Mapping[int, Summary]]:
    """What `encode_values` wrote; the value of a summary is its mean."""
    summaries = decode_summaries(reader, len(series))
    if not summaries:
        return decode_doubles(reader, series), NO_SUMMARIES
    plain = [each for row, each in enumerate(series) if row not in summaries]
    others = iter(decode_doubles(reader, plain) if plain else ())
    values = [
        summaries[row].mean if row in summaries else next(others) for row in range(len(series))
    ]
    return values, summaries


def most_bytes(series: Sequence[int], summaries: Mapping[int, Summary]) -> int:
    """So many bytes a payload of these points takes at most, with columns as wide as can be."""
    bins = sum(len(each.bins) for each in summaries.values())
    return 64 + len(series) * (8 + 8 + 9) + len(summaries) * 5 * 9 + bins * (9 + 8)
