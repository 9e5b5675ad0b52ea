"""Groups of series that are kept together once they are compacted, and the directories that list
them.

A group is a layout: the sorted list of up to 64 series, named by its content. A directory is the
list of the groups of a population of series, named by its content too; a bucket's seal and a day's
generation name directories instead of repeating them, and tell by a bit for each group whether it
has points. From one bucket to the next the population hardly changes, so a directory is written
once in days or weeks.

Rules. Every series of a population is in at least one of its groups. A metric with 32 series or
more has groups of its own, smaller ones share groups with their neighbours in the order of names:
a point then costs as little where there are a thousand metrics of one series each as where there is
one metric of a thousand.
"""

import zlib
from base64 import b32encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import orjson

from skafu.metrics import layout as layouts
from skafu.metrics.columns import CodecError
from skafu.metrics.layout import layout_of
from skafu.metrics.model import Layout, Series
from skafu.shared import keys
from skafu.shared.table import Item, Value

GROUP_SERIES = 64
OWN_GROUP = 32
"""From so many series on a metric shares its groups with no other."""

DIRECTORY_GROUPS = 4_096
"""So many groups one directory lists: 250,000 series, about 120 KB."""

VERSION = 1
_HASH_BYTES = 10
_MAX_TEXT = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class GroupName:
    """A group as a directory lists it: its hash, its first and last metric, how many series."""

    hash: str
    first: str
    last: str
    size: int

    def may_hold(self, metric: str) -> bool:
        """Whether the metric is within the range of names; the group itself tells for sure."""
        return self.first <= metric <= self.last


@dataclass(frozen=True)
class Directory:
    """Some groups; `hash` is a hash of that list and names it in the table."""

    hash: str
    groups: tuple[GroupName, ...]


def grouped(series: Iterable[Series]) -> list[Layout]:
    """The groups of a population, in order. Depends on the set of series alone."""
    population = layout_of(series).series
    groups: list[Layout] = []
    shared: list[Series] = []
    for own in _by_metric(population):
        if len(own) >= OWN_GROUP or len(shared) + len(own) > GROUP_SERIES:
            if shared:
                groups.append(layout_of(shared))
                shared = []
        if len(own) >= OWN_GROUP:
            parts = -(-len(own) // GROUP_SERIES)
            size = -(-len(own) // parts)
            groups += [layout_of(own[i : i + size]) for i in range(0, len(own), size)]
        else:
            shared += own
    if shared:
        groups.append(layout_of(shared))
    return groups


def _by_metric(population: Sequence[Series]) -> Iterator[list[Series]]:
    own: list[Series] = []
    for each in population:
        if own and own[0].metric != each.metric:
            yield own
            own = []
        own.append(each)
    if own:
        yield own


def name_of(group: Layout) -> GroupName:
    """How a directory lists a group."""
    series = group.series
    return GroupName(group.hash, series[0].metric, series[-1].metric, len(series))


def directories_of(groups: Sequence[GroupName]) -> list[Directory]:
    """The directories of a list of groups; their order is kept. None for no groups."""
    return [
        _directory(tuple(groups[i : i + DIRECTORY_GROUPS]))
        for i in range(0, len(groups), DIRECTORY_GROUPS)
    ]


def _directory(groups: tuple[GroupName, ...]) -> Directory:
    digest = blake2b(_text(groups), digest_size=_HASH_BYTES, person=b"directory").digest()
    return Directory(b32encode(digest).decode().lower(), groups)


def _text(groups: Iterable[GroupName]) -> bytes:
    return orjson.dumps([[x.hash, x.first, x.last, x.size] for x in groups])


def group_item(tenant: str, group: Layout, now: int, life: int) -> dict[str, Value]:
    """The item of a group that shall live for `life` milliseconds from now on."""
    return {
        **keys.group(tenant, group.hash)._asdict(),
        "k": "group",
        "p": layouts.encode(group),
        "refreshed": now,
        "ttl": (now + life) // 1000,
    }


def group_from(item: Item) -> Layout:
    """Read a group. Raises CodecError for one that is damaged."""
    payload = item.get("p")
    if not isinstance(payload, bytes):
        raise CodecError("the item is no group")
    return layouts.decode(str(item["sk"]), payload)


def directory_item(tenant: str, directory: Directory, now: int, life: int) -> dict[str, Value]:
    """The item of a directory that shall live for `life` milliseconds from now on."""
    payload = bytes((VERSION,)) + zlib.compress(_text(directory.groups), level=6, wbits=-15)
    return {
        **keys.directory(tenant, directory.hash)._asdict(),
        "k": "directory",
        "p": payload,
        "refreshed": now,
        "ttl": (now + life) // 1000,
    }


def directory_from(item: Item) -> Directory:
    """Read a directory. Raises CodecError for one that is damaged or of an unknown version."""
    name, payload = str(item["sk"]), item.get("p")
    if not isinstance(payload, bytes) or not payload:
        raise CodecError("the item is no directory")
    if payload[0] != VERSION:
        raise CodecError(f"directory version {payload[0]} is not known")
    inflater = zlib.decompressobj(wbits=-15)
    try:
        text = inflater.decompress(payload[1:], _MAX_TEXT)
        found = _directory(tuple(GroupName(*row) for row in orjson.loads(text)))
    except (zlib.error, orjson.JSONDecodeError, TypeError) as error:
        raise CodecError(f"directory {name} cannot be read") from error
    if found.hash != name:
        raise CodecError(f"directory {name} is damaged: its content has another name")
    return found
