"""What lists are asked for and what they answer, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skafu.metrics.model import TagFilter


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: its unit as last sent, how many series it has, when it was last seen. With
    `complete` false it has at least so many.
    """

    name: str
    unit: str | None
    series: int
    last_seen: int
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Sighting:
    """A series, and when it was last seen."""

    metric: str
    tags: dict[str, str]
    last_seen: int


@dataclass(frozen=True, slots=True)
class TagKey:
    """A tag's key: how many series have it, with how many different values."""

    key: str
    series: int
    values: int


@dataclass(frozen=True, slots=True)
class TagValue:
    """One of a tag's values: how many series have it."""

    value: str
    series: int


@dataclass(frozen=True)
class Page[Row]:
    """Some rows, and after which position the next page begins (None: there is none). With
    `complete` false there are more that were not looked for.
    """

    rows: list[Row]
    after: Mapping[str, str] | None
    complete: bool = True


@dataclass(frozen=True)
class Asked:
    """What every list is asked for: at most `limit` rows behind `position` (empty at first); with
    `start` or `end`, epoch milliseconds, what was there between them.
    """

    tenant: str
    filters: Sequence[TagFilter]
    limit: int
    position: Mapping[str, str]
    start: int | None = None
    end: int | None = None
