"""What a table holds, in numbers that can be compared with another table's. Pure.

A segment or late item tells when it was received, so of these it is known on which side of a
backup's moment they are: each that was received before has to be in what was restored, and as it
was. What else differs has changed since the backup, or is what was lost: it is told.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from skafu.metrics.columns import CodecError
from skafu.metrics.items import segment_from
from skafu.metrics.manifests import manifest_from
from skafu.shared.keys import day_of, split
from skafu.shared.table import Item

POINTS = frozenset({"segment", "late", "folded"})
MANIFESTS = frozenset({"seal", "generation"})
UNKNOWN = "?"
TOLERANCE = 1e-9
"""Sums of doubles depend on the order of their parts; which items there are is compared exactly."""


@dataclass(frozen=True)
class Place:
    """What is counted together: `day` is that of points and manifests (YYYYMMDD), else empty."""

    kind: str
    tenant: str
    day: str = ""


@dataclass(frozen=True)
class Fact:
    """One item. `digest` is of its key and its content, `at` when it was received (epoch ms) as far
    as it tells, `points` and `total` how many points are in it and their sum.
    """

    place: Place
    digest: int
    at: int | None = None
    points: int = 0
    total: float = 0.0
    damaged: bool = False


@dataclass
class Tally:
    """Items of one table: for each place the facts by digest. Some 200 bytes for an item."""

    facts: dict[Place, dict[int, Fact]] = field(default_factory=dict)

    def add(self, fact: Fact) -> None:
        """Count an item."""
        self.facts.setdefault(fact.place, {})[fact.digest] = fact

    def merge(self, other: "Tally") -> None:
        """Count all that another one has."""
        for found in other.facts.values():
            for fact in found.values():
                self.add(fact)

    def of(self, place: Place) -> Mapping[int, Fact]:
        """The facts of a place."""
        return self.facts.get(place, {})

    @property
    def items(self) -> int:
        """How many items."""
        return sum(map(len, self.facts.values()))


@dataclass(frozen=True)
class Row:
    """A place in both tables. `missing` is how many items the restored table lacks that were there
    at the backup's moment, `only_restored` how many the source lacks by now.
    """

    place: Place
    source: int
    restored: int
    missing: int
    only_restored: int
    source_points: int
    restored_points: int
    source_total: float
    restored_total: float


@dataclass(frozen=True)
class Comparison:
    """Two tables. `problems` are what makes the restored one no copy; none when it is one."""

    rows: Sequence[Row]
    problems: Sequence[str]

    @property
    def holds(self) -> bool:
        return not self.problems


def fact_of(item: Item) -> Fact:
    """What is known of an item from itself."""
    kind, parts = str(item.get("k", UNKNOWN)), split(str(item["pk"]))
    tenant = "" if parts[0] in ("member", "registry") else parts[0]
    digest = _digest(item)
    try:
        if kind in POINTS:
            segment = segment_from(item)
            place = Place(kind, tenant, day_of(segment.bucket))
            total = math.fsum(segment.values)
            return Fact(place, digest, segment.receipt, len(segment.timestamps), total)
        if kind in MANIFESTS:
            manifest = manifest_from(item)
            place = Place(kind, tenant, day_of(manifest.start))
            return Fact(place, digest, points=manifest.points)
    except CodecError:
        return Fact(Place(kind, tenant), digest, damaged=True)
    return Fact(Place(kind, tenant), digest)


def _digest(item: Item) -> int:
    made = blake2b(digest_size=8)
    for name in sorted(item):
        made.update(f"{name} {item[name]!r}\0".encode())
    return int.from_bytes(made.digest(), "big")


def alive(items: Iterable[Item], at: int) -> Iterator[Item]:
    """Those whose life is not over at a moment (epoch ms): when DynamoDB removes the others is up
    to it.
    """
    for item in items:
        life = item.get("ttl")
        if not isinstance(life, int) or life * 1000 > at:
            yield item


def compare(source: Tally, restored: Tally, until: int) -> Comparison:
    """The restored table beside its source; `until` (epoch ms) is a moment before the backup at
    which everything received was written.
    """
    places = sorted(
        source.facts.keys() | restored.facts.keys(), key=lambda each: vars(each).items()
    )
    rows = [_row(place, source.of(place), restored.of(place), until) for place in places]
    return Comparison(rows, tuple(_problems(rows, source, restored)))


def _row(place: Place, source: Mapping[int, Fact], restored: Mapping[int, Fact], until: int) -> Row:
    lacking = [fact for digest, fact in source.items() if digest not in restored]
    return Row(
        place=place,
        source=len(source),
        restored=len(restored),
        missing=sum(each.at is not None and each.at <= until for each in lacking),
        only_restored=len(restored.keys() - source.keys()),
        source_points=sum(each.points for each in source.values()),
        restored_points=sum(each.points for each in restored.values()),
        source_total=math.fsum(each.total for each in source.values()),
        restored_total=math.fsum(each.total for each in restored.values()),
    )


def _problems(rows: Sequence[Row], source: Tally, restored: Tally) -> Iterator[str]:
    if not restored.items:
        yield "The restored table is empty."
    for row in rows:
        where = f"{row.place.kind} of {row.place.tenant or 'everybody'} {row.place.day}".rstrip()
        if row.missing:
            yield f"{where}: {row.missing} items that were there before the backup are missing."
        found = restored.of(row.place)
        if damaged := sum(each.damaged for each in found.values()):
            was = sum(each.damaged for each in source.of(row.place).values())
            yield f"{where}: {damaged} items cannot be read (in the source: {was})."
        same = row.source == row.restored and not row.only_restored
        if same and not math.isclose(row.source_total, row.restored_total, rel_tol=TOLERANCE):
            yield f"{where}: the sum is {row.restored_total}, in the source {row.source_total}."
