"""Blocks: many points of few series, as the payloads of chunks and day chunks (DESIGN 3).

A block is cut into pieces, one item each. The outside of a piece is framing.py's, its version 2,
and the body

    number, of    which piece this is, and how many there are
    count, runs   how many points, of how many series
    series        the series' positions in the group, and how many points each has
    base          the least timestamp
    timestamps    for each series how many series before it had the very same ones; or 0, and then
                  its own, from the base
    values        summaries, then the other points' values (codec.py)

What one agent sends has one timestamp, so a series' timestamps mostly cost one byte.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, groupby, pairwise

from skafu.metrics.codec import (
    MAX_BODY,
    MAX_POINTS,
    NO_SUMMARIES,
    CodecError,
    Columns,
    decode_values,
    encode_values,
)
from skafu.metrics.columns import Ints, Reader, decode_ints, encode_ints, varint
from skafu.metrics.framing import framed, unframed
from skafu.metrics.model import Summary
from skafu.metrics.summaries import MAX_BINS
from skafu.shared import keys
from skafu.shared.table import Item, Value

__all__ = [
    "DAY_SERIES",
    "CodecError",
    "Columns",
    "chunk_items",
    "columns_from",
    "day_items",
    "decode_block",
    "encode_block",
]

VERSION = 2
PIECE_POINTS = 60_000
PIECE_BYTES = 300_000
"""DynamoDB's items end at 400 KB."""

DAY_SERIES = 8
"""So many series of a group one day chunk has: part n has the positions from 8 n on."""

NOTHING = Columns((), (), (), NO_SUMMARIES)
_LEVEL = 6  # written once, and read often
_MOST_PIECES = 1000


def encode_block(columns: Columns) -> list[bytes]:
    """Pack points that are sorted by (series, timestamp), in as few pieces as fit into items.

    Raises ValueError for no points, columns of different length, or points out of order.
    """
    count = len(columns.series)
    if not 0 < count == len(columns.timestamps) == len(columns.values):
        raise ValueError("a block has points, in columns of equal length")
    points = list(zip(columns.series, columns.timestamps, strict=True))
    if points[0][0] < 0 or any(a > b for a, b in pairwise(points)):
        raise ValueError("points of a block are sorted by series and timestamp")
    if columns.summaries and not 0 <= min(columns.summaries) <= max(columns.summaries) < count:
        raise ValueError("a summary in a block has no point")
    parts = -(-count // PIECE_POINTS)
    size = -(-count // parts)
    bodies = [
        body
        for start in range(0, count, size)
        for body in _bodies(_between(columns, start, min(start + size, count)))
    ]
    return [
        framed(VERSION, varint(number) + varint(len(bodies)) + body, _LEVEL)
        for number, body in enumerate(bodies)
    ]


def _between(columns: Columns, start: int, end: int) -> Columns:
    summaries: Mapping[int, Summary] = columns.summaries
    if summaries:
        rows = sorted(summaries)
        rows = rows[bisect_left(rows, start) : bisect_left(rows, end)]
        summaries = {row - start: summaries[row] for row in rows}
    return Columns(
        columns.series[start:end],
        columns.timestamps[start:end],
        columns.values[start:end],
        summaries or NO_SUMMARIES,
    )


def _bodies(columns: Columns) -> list[bytes]:
    """The bodies, without their heads, of so many pieces as are needed."""
    count = len(columns.series)
    bins = sum(len(each.bins) for each in columns.summaries.values())
    if count == 1 or bins <= MAX_BINS:
        body = _body(columns)
        if count == 1 or len(body) < PIECE_BYTES or len(framed(VERSION, body)) < PIECE_BYTES - 16:
            return [body]
    halves = _between(columns, 0, count // 2), _between(columns, count // 2, count)
    return [body for half in halves for body in _bodies(half)]


def _body(columns: Columns) -> bytes:
    runs = [(position, sum(1 for _ in run)) for position, run in groupby(columns.series)]
    sizes = [size for _, size in runs]
    return b"".join(
        (
            varint(len(columns.series)),
            varint(len(runs)),
            encode_ints([position for position, _ in runs]),
            encode_ints(sizes),
            _encode_times(columns.timestamps, sizes),
            encode_values(columns.series, columns.values, columns.summaries),
        )
    )


def _encode_times(timestamps: Sequence[int], sizes: Ints) -> bytes:
    base = min(timestamps)
    out = [varint(base)]
    last: dict[bytes, int] = {}
    for number, (start, end) in enumerate(pairwise(accumulate(sizes, initial=0))):
        own = timestamps[start:end]
        spelled = array("q", own).tobytes()
        before = last.get(spelled)
        last[spelled] = number
        if before is None:
            out += [varint(0), encode_ints([at - base for at in own])]
        else:
            out.append(varint(number - before))
    return b"".join(out)


def decode_block(pieces: Sequence[bytes]) -> Columns:
    """Unpack all pieces of a block, in whatever order they come, bit for bit.

    Raises CodecError for anything else: an unknown version (named), damage, pieces that are missing
    or of several blocks.
    """
    found: dict[int, Columns] = {}
    totals = set()
    for piece in pieces:
        number, total, columns = _decode_piece(piece)
        found[number] = columns
        totals.add(total)
    if len(totals) != 1 or sorted(found) != list(range(*totals)):
        raise CodecError("pieces of a block are missing or of another one")
    return found[0] if len(found) == 1 else _joined([found[n] for n in range(len(found))])


def _decode_piece(piece: bytes) -> tuple[int, int, Columns]:
    _, body = unframed(piece, (VERSION,), MAX_BODY)
    reader = Reader(body)
    number, total, count, runs = (reader.varint() for _ in range(4))
    if not 0 <= number < total <= _MOST_PIECES:
        raise CodecError(f"piece {number} of {total}")
    if not 0 < runs <= count <= MAX_POINTS:
        raise CodecError(f"a piece of {count} points of {runs} series")
    positions, sizes = decode_ints(reader, runs), decode_ints(reader, runs)
    if positions[0] < 0 or any(a >= b for a, b in pairwise(positions)):
        raise CodecError("series of a block out of order")
    if min(sizes) < 1 or sum(sizes) != count:
        raise CodecError("a piece's series have not as many points as the piece")
    series: list[int] = []
    for position, size in zip(positions, sizes, strict=True):
        series += [position] * size
    timestamps = _decode_times(reader, sizes)
    values, summaries = decode_values(reader, series)
    reader.end()
    return number, total, Columns(series, timestamps, values, summaries)


def _decode_times(reader: Reader, sizes: Ints) -> list[int]:
    base = reader.varint()
    runs: list[Sequence[int]] = []
    for number, size in enumerate(sizes):
        back = reader.varint()
        if back == 0:
            run: Sequence[int] = [base + at for at in decode_ints(reader, size)]
        elif 0 < back <= number and len(runs[number - back]) == size:
            run = runs[number - back]
        else:
            raise CodecError("timestamps of a block that are nowhere")
        runs.append(run)
    return [at for run in runs for at in run]


def _joined(parts: Sequence[Columns]) -> Columns:
    summaries: dict[int, Summary] = {}
    start = 0
    for part in parts:
        summaries |= {start + row: each for row, each in part.summaries.items()}
        start += len(part.series)
    return Columns(
        [each for part in parts for each in part.series],
        [each for part in parts for each in part.timestamps],
        [each for part in parts for each in part.values],
        summaries or NO_SUMMARIES,
    )


# --- items ----------------------------------------------------------------------------------------


def chunk_items(
    tenant: str, shard: int, bucket: int, group_hash: str, tag: str, columns: Columns, expires: int
) -> list[dict[str, Value]]:
    """The items of a group's points of one bucket, named by its start, that live until `expires`,
    epoch milliseconds. Raises ValueError as `encode_block` does.
    """
    pieces = encode_block(columns)
    return [
        {
            **keys.chunk(tenant, shard, bucket, group_hash, tag, number)._asdict(),
            "k": "chunk",
            "p": piece,
            "of": len(pieces),
            "ttl": expires // 1000,
        }
        for number, piece in enumerate(pieces)
    ]


def day_items(  # pylint: disable=too-many-arguments,too-many-positional-arguments # a key's parts
    tenant: str,
    shard: int,
    day: int,
    generation: int,
    group_hash: str,
    part: int,
    tag: str,
    columns: Columns,
    expires: int,
) -> list[dict[str, Value]]:
    """The items of the points that one generation of a day, named by its start, has of one part of
    a group. Raises ValueError as `encode_block` does, and for series that belong to other parts.
    """
    if any(each // DAY_SERIES != part for each in set(columns.series)):
        raise ValueError(f"part {part} of a group has {DAY_SERIES} series of its own")
    pieces = encode_block(columns)
    partition = keys.merged(tenant, shard, keys.DAYS, group_hash, part)
    return [
        {
            **keys.merged_piece(partition, day, generation, tag, number)._asdict(),
            "k": "day",
            "p": piece,
            "of": len(pieces),
            "ttl": expires // 1000,
        }
        for number, piece in enumerate(pieces)
    ]


def columns_from(items: Iterable[Item]) -> Columns | None:
    """The points of chunk or day items that are of one bucket, or day and generation, and one tag,
    in any order; None where a piece is missing. Raises CodecError for damaged ones and for those of
    an unknown version.
    """
    pieces: dict[str, bytes] = {}
    wanted = 1
    for item in items:
        if item.get("empty"):  # a metric was deleted, and nothing is left (rewriting.py)
            return NOTHING
        payload, wanted = item.get("p"), int(item.get("of", 0))
        if not isinstance(payload, bytes) or wanted < 1:
            raise CodecError("the item is no piece of a block")
        pieces[str(item["sk"])] = payload
    return decode_block(list(pieces.values())) if len(pieces) >= wanted else None
