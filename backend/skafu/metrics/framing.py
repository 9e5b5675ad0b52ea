"""The outside of every payload of points.

    version   1 byte
    checksum  4 bytes   CRC-32 of all that follows, little-endian
    flags     1 byte    1: the body is deflated (raw)
    body

A payload is written once and read for ever: a change of a format is a new version beside the old
one. The versions: 1 and 3 are segments (codec.py), 2 is a piece of a block (blocks.py), 4 and 5 are
rollups (hourly.py).
"""

import zlib
from collections.abc import Container

from skafu.metrics.columns import CodecError, Reader, varint

_DEFLATED = 1
_HEAD = 6


def framed(version: int, body: bytes, level: int = 1) -> bytes:
    """A payload around a body, deflated where that makes it shorter."""
    deflated = zlib.compress(body, level=level, wbits=-15)
    rest = bytes((_DEFLATED,)) + deflated if len(deflated) < len(body) else b"\0" + body
    return bytes((version,)) + zlib.crc32(rest).to_bytes(4, "little") + rest


def unframed(payload: bytes, known: Container[int], most: int) -> tuple[int, bytes]:
    """The version and the body, of at most so many bytes.

    Raises CodecError for anything else: a version that is not known here (named), a wrong checksum,
    bytes that cannot be inflated to their end.
    """
    if not payload:
        raise CodecError("the payload is empty")
    if payload[0] not in known:
        raise CodecError(f"payload version {payload[0]} is not known")
    if len(payload) < _HEAD:
        raise CodecError("the payload ends too early")
    rest = payload[5:]
    if zlib.crc32(rest) != int.from_bytes(payload[1:5], "little"):
        raise CodecError("the payload's checksum is wrong")
    return payload[0], _body(rest[0], rest[1:], most)


def squeezed(data: bytes) -> bytes:
    """A part of a body that is deflated by itself, in whichever way is shortest, behind its length:
    numbers of a few bits each need a code of their own, and searching them for repetitions costs
    more than it finds.
    """
    ways = [data]
    for strategy in (zlib.Z_HUFFMAN_ONLY, zlib.Z_DEFAULT_STRATEGY):
        deflater = zlib.compressobj(9, wbits=-15, strategy=strategy)
        ways.append(deflater.compress(data) + deflater.flush())
    shortest = min(ways, key=len)
    deflated = shortest is not data
    return varint(len(shortest) << 1 | deflated) + shortest


def unsqueezed(reader: Reader, most: int) -> Reader:
    """What `squeezed` was given, at most so many bytes. Raises CodecError for anything else."""
    length = reader.varint()
    if length < 0:
        raise CodecError("a part of a payload ends before it begins")
    return Reader(_body(length & 1, reader.take(length >> 1), most))


def _body(flags: int, data: bytes, most: int) -> bytes:
    if flags == 0:
        return data
    if flags != _DEFLATED:
        raise CodecError(f"unknown flags {flags}")
    inflater = zlib.decompressobj(wbits=-15)
    try:
        body = inflater.decompress(data, most)
    except zlib.error as error:
        raise CodecError("the payload cannot be inflated") from error
    if not inflater.eof or inflater.unused_data:
        raise CodecError("the payload cannot be inflated to its end")
    return body
