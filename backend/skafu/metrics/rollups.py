"""Rollups: the hours of up to 16 series in one generation of a day, as items (DESIGN 3).

Numbers stand in one item and details - sketches, squares, increases - in another, because most
questions need the numbers alone. Percentiles, stddev, rate and increase need both.
"""

from collections.abc import Iterable, Iterator

from skafu.metrics.columns import CodecError
from skafu.metrics.hourly import Hours, decode_numbers, encode_details, encode_numbers, with_details
from skafu.metrics.hours import Hour, growth, hours_of, merge_hours
from skafu.shared import keys
from skafu.shared.table import Item, Value

__all__ = [
    "ROLLUP_SERIES",
    "CodecError",
    "Hour",
    "growth",
    "hours_from",
    "hours_of",
    "merge_hours",
    "rollup_items",
    "sketch_items",
]

ROLLUP_SERIES = 16
"""So many series of a group one rollup has: part n has the positions from 16 n on."""

PIECE_BYTES = 300_000
"""DynamoDB's items end at 400 KB."""

# pylint: disable=too-many-arguments,too-many-positional-arguments # a key's parts


def rollup_items(
    tenant: str,
    shard: int,
    day: int,
    generation: int,
    group_hash: str,
    part: int,
    tag: str,
    hours: Hours,
    expires: int,
) -> list[dict[str, Value]]:
    """The items of the numbers that one generation of a day, named by its start, has of one part of
    a group; they live until `expires`, epoch milliseconds. Raises ValueError for no hours, and for
    series that belong to other parts.
    """
    if any(position // ROLLUP_SERIES != part for position in hours):
        raise ValueError(f"part {part} of a group has {ROLLUP_SERIES} series of its own")
    partition = keys.merged(tenant, shard, keys.ROLLUPS, group_hash, part)
    payload = encode_numbers(hours)
    return list(_items("rollup", partition, (day, generation, tag), payload, expires))


def sketch_items(
    tenant: str,
    shard: int,
    day: int,
    generation: int,
    group_hash: str,
    part: int,
    tag: str,
    hours: Hours,
    expires: int,
) -> list[dict[str, Value]]:
    """The items of the details of the same hours: sketches, squares and increases; none where every
    hour is a constant. Raises ValueError where an hour has not all its details.
    """
    payload = encode_details(hours)
    if payload is None:
        return []
    partition = keys.merged(tenant, shard, keys.SKETCHES, group_hash, part)
    return list(_items("sketch", partition, (day, generation, tag), payload, expires))


# pylint: enable=too-many-arguments,too-many-positional-arguments


def hours_from(
    rollups: Iterable[Item], sketched: Iterable[Item] | None
) -> dict[int, list[Hour]] | None:
    """The hours of one part of a group in one generation of a day under one tag, from its items in
    any order; without details where `sketched` is None. None where a piece is missing.

    Raises CodecError for damaged items and for those of an unknown version.
    """
    items = list(rollups)
    if any(item.get("empty") for item in items):
        return {}  # a metric was deleted, and nothing is left (rewriting.py)
    payload = _payload(items)
    if payload is None:
        return None
    hours = decode_numbers(payload)
    if sketched is None:
        return hours
    return with_details(hours, _payload(sketched))


def _items(
    kind: str, partition: str, name: tuple[int, int, str], payload: bytes, expires: int
) -> Iterator[dict[str, Value]]:
    day, generation, tag = name
    total = -(-len(payload) // PIECE_BYTES)
    for piece in range(total):
        yield {
            **keys.merged_piece(partition, day, generation, tag, piece)._asdict(),
            "k": kind,
            "p": payload[piece * PIECE_BYTES : (piece + 1) * PIECE_BYTES],
            "of": total,
            "ttl": expires // 1000,
        }


def _payload(items: Iterable[Item]) -> bytes | None:
    """The pieces joined; None where one is missing."""
    pieces: dict[int, bytes] = {}
    total = 1
    for item in items:
        payload, total = item.get("p"), int(item.get("of", 0))
        if not isinstance(payload, bytes) or total < 1:
            raise CodecError("the item is no piece of a rollup")
        *_, piece = keys.merged_name(str(item["sk"]))
        pieces[piece] = payload
    if any(piece not in pieces for piece in range(total)):
        return None
    return b"".join(pieces[piece] for piece in range(total))
