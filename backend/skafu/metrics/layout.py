"""Layouts: the sorted series of a batch, named by their content, as bytes.

    version  1 byte   1, or 2 where a series has a kind
    body     deflated (raw) canonical text: a JSON array with one [unit or null, metric, key, value,
             key, value, ...] for each series; in version 2 a series with a kind has
             [unit or null, kind] for its unit

The series are in order: by name, by tags (sorted pairs of key and value), by unit, by kind; texts
by their Unicode code points, none before any. That order is part of the API: columns rest on it.

JSON keeps any character apart from the separators. The hash is over the canonical text, so equal
lists have equal names whoever writes them, and a text that was damaged does not fit its name.
"""

import hashlib
import zlib
from base64 import b32encode
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from skafu.metrics.columns import CodecError
from skafu.metrics.model import Layout, Series

__all__ = ["MAX_BYTES", "CodecError", "decode", "encode", "fitting", "layout_of"]

VERSION = 1
WITH_KINDS = 2
HASH_BYTES = 10  # 16 characters of base32
MAX_BYTES = 350_000
"""DynamoDB's items end at 400 KB; a batch whose series need more becomes several layouts."""

_LEVEL = 6  # written once and read often
_MAX_TEXT = 16 * 1024 * 1024  # a request's body is at most 4 MB; escapes may lengthen a text


def layout_of(series: Iterable[Series]) -> Layout:
    """The layout of a set of series, in whatever order they come."""
    ordered = tuple(sorted(set(series), key=_order))
    return Layout(_hash(_text(ordered)), ordered)


def _order(series: Series) -> tuple[str, tuple[tuple[str, str], ...], str, str]:
    return series.metric, series.tags, series.unit or "", series.kind or ""


def _text(ordered: Sequence[Series]) -> bytes:
    rows = [
        [
            s.unit if s.kind is None else [s.unit, s.kind],
            s.metric,
            *(part for tag in s.tags for part in tag),
        ]
        for s in ordered
    ]
    return orjson.dumps(rows)


def _hash(text: bytes) -> str:
    digest = hashlib.blake2b(text, digest_size=HASH_BYTES).digest()
    return b32encode(digest).decode().lower()


def encode(layout: Layout) -> bytes:
    """The layout's list as bytes."""
    version = WITH_KINDS if any(each.kind for each in layout.series) else VERSION
    return bytes((version,)) + zlib.compress(_text(layout.series), level=_LEVEL, wbits=-15)


def decode(name: str, payload: bytes) -> Layout:
    """The layout of this name from its bytes.

    Raises CodecError for an unknown version (named) and for bytes that are not this layout's.
    """
    if not payload or payload[0] not in (VERSION, WITH_KINDS):
        version = payload[0] if payload else "none"
        raise CodecError(f"layout version {version} is not known")
    inflater = zlib.decompressobj(wbits=-15)
    try:
        text = inflater.decompress(payload[1:], _MAX_TEXT)
    except zlib.error as error:
        raise CodecError(f"layout {name} cannot be inflated") from error
    if not inflater.eof or inflater.unused_data or _hash(text) != name:
        raise CodecError(f"layout {name} is damaged: its content has another name")
    return Layout(name, tuple(_series(row) for row in orjson.loads(text)))


def _series(row: list[Any]) -> Series:
    unit, metric, *tags = row
    unit, kind = unit if isinstance(unit, list) else (unit, None)
    return Series(metric, tuple(zip(tags[::2], tags[1::2], strict=True)), unit, kind)


def fitting(layout: Layout) -> list[Layout]:
    """The layout itself or, when it does not fit into an item, halves of it that do, in order."""
    if len(_text(layout.series)) <= MAX_BYTES or len(encode(layout)) <= MAX_BYTES:
        return [layout]
    middle = len(layout.series) // 2
    halves = (layout.series[:middle], layout.series[middle:])
    return [part for half in halves for part in fitting(layout_of(half))]
