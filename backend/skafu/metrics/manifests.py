"""Manifests: what a compacted bucket's seal and a merged day's generations say (DESIGN 3).

A manifest is written last, put if absent and never changed: it alone makes what it names count. It
names directories and, by a bit for each of their groups in order, those that have points; the key
of every chunk, day chunk, rollup and sketch follows from group, tag and piece. The tag is a hash of
what the manifest was made from, so that two compactors that saw different things write to different
keys, and the manifest that got in tells whose count.

It also names, by a hash each, the parts of requests that are inside: what else of them turns up is
a copy. A *part* is what one request has in one bucket with one layout: one segment or late item.
Few of them stand in the manifest itself, many in roster items written before it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import batched

from skafu.metrics.columns import CodecError
from skafu.metrics.model import Segment
from skafu.shared import keys
from skafu.shared.table import Item, Value

PART_SERIES = 8
"""A generation tells for each so many series of a group whether there are points: a day chunk has
so many, a rollup twice as many. What is not there so is told from what is missing.
"""

PART_BYTES = 10
INLINE_PARTS = 48
"""So many parts a manifest names itself: half a KB."""

ROSTER_PARTS = 30_000
"""So many parts one roster item names: 300 KB."""

VERSION = 1
"""The grouping's version; part of every tag."""


def part_of(segment: Segment) -> bytes:
    """The name of a part."""
    return part_named(segment.layout, segment.bucket, segment.request)


def part_named(layout: str, bucket: int, request: str) -> bytes:
    """The name of what a request has in a bucket, which is named by its start, with a layout."""
    text = f"{layout} {bucket} {request}".encode()
    return blake2b(text, digest_size=PART_BYTES, person=b"part").digest()


def tag_of(directories: Iterable[str], content: Iterable[bytes | str]) -> str:
    """A hash of the grouping and of what was put in: sorted parts for a seal and a fold, the seals'
    tags for a day's first generation.
    """
    digest = blake2b(digest_size=8, person=b"tag")
    for each in (str(VERSION), *directories, "|", *content):
        raw = each.encode() if isinstance(each, str) else each
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.hexdigest()


@dataclass(frozen=True)
class Manifest:
    """A seal (`generation` 0, `start` the bucket's) or a generation (`start` the day's).

    `present` of a seal has a bit for each group of the directories in order, the lowest bit of the
    first byte first; that of a generation has a byte for each group, with a bit for each 8 series
    of it, so that a part that was never written is not taken for one that is missing. `points` is
    how many points are inside. `parts` are those it names itself, sorted; `rosters` is how many
    roster items name them all, where they are too many.
    """

    shard: int
    start: int
    generation: int
    tag: str
    directories: tuple[str, ...]
    present: bytes
    points: int
    parts: tuple[bytes, ...] = ()
    rosters: int = 0

    def has(self, number: int) -> bool:
        """Whether the group with this number, counted over all directories, has points."""
        if self.generation:
            return self.has_series(number, 0, 8 * PART_SERIES)
        byte = number // 8
        return byte < len(self.present) and bool(self.present[byte] >> number % 8 & 1)

    def has_series(self, number: int, first: int, size: int) -> bool:
        """Whether any of a group's series from position `first` on has points in a generation, told
        by parts of 8 series.
        """
        if number >= len(self.present):
            return False
        parts = self.present[number] >> first // PART_SERIES
        return bool(parts & (1 << -(-size // PART_SERIES)) - 1)

    @property
    def roster(self) -> str:
        """The name of its roster items' partition (`keys.roster`)."""
        if self.generation:
            return keys.roster_of_generation(self.start, self.generation)
        return keys.roster_of_seal(self.start)


def part_bits(groups: Mapping[int, int]) -> bytes:
    """`present` of a generation: for each group with points, by its number, a bit for each series
    that has some.
    """
    found = bytearray(max(groups, default=-1) + 1)
    for number, series in groups.items():
        for part in range(8):
            if series >> part * PART_SERIES & (1 << PART_SERIES) - 1:
                found[number] |= 1 << part
    return bytes(found)


def bits(numbers: Iterable[int]) -> bytes:
    """`present` of a seal, for these numbers of groups."""
    total = 0
    for number in numbers:
        total |= 1 << number
    return total.to_bytes((total.bit_length() + 7) // 8, "little")


def manifest_item(tenant: str, manifest: Manifest, expires: int) -> dict[str, Value]:
    """The item of a manifest that lives until `expires`, epoch milliseconds."""
    if manifest.generation:
        key = keys.generation(tenant, manifest.shard, manifest.start, manifest.generation)
    else:
        key = keys.seal(tenant, manifest.shard, manifest.start)
    return {
        **key._asdict(),
        "k": "generation" if manifest.generation else "seal",
        "v": VERSION,
        "t": manifest.tag,
        "d": " ".join(manifest.directories),
        "g": manifest.present,
        "n": manifest.points,
        "r": b"".join(manifest.parts),
        "rosters": manifest.rosters,
        "ttl": expires // 1000,
    }


def manifest_from(item: Item) -> Manifest:
    """Read a manifest. Raises CodecError for one that is damaged or of an unknown version."""
    if item.get("v") != VERSION:
        raise CodecError(f"manifest version {item.get('v')!r} is not known")
    try:
        pk, sk = str(item["pk"]), str(item["sk"])
        shard = int(keys.split(pk)[-1])
        generation = 0
        if item["k"] == "generation":
            start, generation = keys.generation_name(sk)
        else:
            start = keys.bucket_start(sk)
        present, named = item["g"], item["r"]
        if not isinstance(present, bytes) or not isinstance(named, bytes):
            raise CodecError("the manifest is damaged")
        return Manifest(
            shard=shard,
            start=start,
            generation=generation,
            tag=str(item["t"]),
            directories=tuple(str(item["d"]).split()),
            present=present,
            points=int(item["n"]),
            parts=_parts(named),
            rosters=int(item["rosters"]),
        )
    except (KeyError, ValueError) as error:
        raise CodecError("the manifest is damaged") from error


def _parts(joined: bytes) -> tuple[bytes, ...]:
    if len(joined) % PART_BYTES:
        raise CodecError("a list of parts is damaged")
    return tuple(joined[i : i + PART_BYTES] for i in range(0, len(joined), PART_BYTES))


def roster_items(
    tenant: str, manifest: Manifest, parts: Sequence[bytes], expires: int
) -> list[dict[str, Value]]:
    """The roster items of a manifest that names more parts than it holds, sorted; written before
    it.
    """
    return [
        {
            **keys.roster_part(
                tenant, manifest.shard, manifest.roster, manifest.tag, number
            )._asdict(),
            "k": "roster",
            "r": b"".join(some),
            "ttl": expires // 1000,
        }
        for number, some in enumerate(batched(parts, ROSTER_PARTS))
    ]


def roster_from(item: Item) -> tuple[bytes, ...]:
    """The parts that a roster item names. Raises CodecError for one that is damaged."""
    named = item.get("r")
    if not isinstance(named, bytes):
        raise CodecError("the item is no roster")
    return _parts(named)
