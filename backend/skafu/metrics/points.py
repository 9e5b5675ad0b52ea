"""Points as clients send them: what is right about each, and what is wrong with it.

Checked by hand, because a batch is large and its series mostly known: for a series seen before, all
its checks are one look into a dictionary. pydantic would take twice as long, and a fifth of a cold
start.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from skafu.metrics.model import COUNTER, Series, Summary
from skafu.metrics.observations import FORMS, Refused, number, observations
from skafu.metrics.times import Window, instant_from
from skafu.shared.errors import FieldError

MAX_TAGS = 30
MAX_TAG_KEY = 128
MAX_TAG_VALUE = 256
UNITS = frozenset(
    {"Percent", "Count", "Count/Second", "None"}
    | {"Seconds", "Milliseconds", "Microseconds"}
    | {
        f"{size}{what}{rate}"
        for size, what in [("", "Bytes"), ("", "Bits")]
        + [(size, what) for size in ("Kilo", "Mega", "Giga", "Tera") for what in ("bytes", "bits")]
        for rate in ("", "/Second")
    }
)
"""CloudWatch's list (StandardUnit of its API)."""

NAME = re.compile(r"[A-Za-z_:][A-Za-z0-9_.:/-]{0,254}")
NAME_HELP = "must have 1 to 255 characters of A-Z a-z 0-9 _ : . / - and begin with a letter, _ or :"
GAUGE = "gauge"
_PLAIN = frozenset({"name", "value", "timestamp", "tags", "unit"})
_FIELDS = _PLAIN | {*FORMS, "counts", "type"}


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why one point was not taken: its place in the request, the field at fault, a sentence."""

    index: int
    field: str
    reason: str

    def error(self, form: str = "metrics") -> FieldError:
        """The same, with a path from the request's top."""
        path = f"{form}.{self.index}"
        return FieldError(path if self.field == form else f"{path}.{self.field}", self.reason)


@dataclass(slots=True)
class Batch:
    """The well-formed points of a request as columns; `series` are numbers in the book.
    `summaries` tells, by place in these columns, which are summaries; there, `values` has the mean.

    `outside` are the places, in these columns, of points whose time is not accepted now, `untimed`
    of those that came without a timestamp and were given the time of receipt. `rejected` lists the
    points outside, too.
    """

    series: list[int] = field(default_factory=list)
    timestamps: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    summaries: dict[int, Summary] = field(default_factory=dict)
    outside: set[int] = field(default_factory=set)
    untimed: set[int] = field(default_factory=set)
    rejected: list[Rejection] = field(default_factory=list)


class SeriesBook:
    """Series that were seen before, by number and by the way they were spelled."""

    def __init__(self) -> None:
        self.series: list[Series] = []
        self.spelled: dict[tuple[Any, ...], int] = {}
        self._numbers: dict[Series, int] = {}

    def number(self, spelling: tuple[Any, ...], series: Series) -> int:
        """The number of a series, which may be spelled in many ways."""
        number = self._numbers.setdefault(series, len(self.series))
        if number == len(self.series):
            self.series.append(series)
        self.spelled[spelling] = number
        return number


def read_points(
    raws: list[object], book: SeriesBook, window: Window, now: int, *, keyed: bool
) -> Batch:
    """Check every point. `now` becomes the timestamp of points without one, which are refused where
    the request is `keyed` (has an Idempotency-Key): a retry would stamp them anew.
    """
    batch = Batch()
    start, end = window
    for index, raw in enumerate(raws):
        try:
            series, stamp, value = _read(raw, book, keyed)
        except Refused as refused:
            batch.rejected.append(Rejection(index, refused.field, refused.reason))
            continue
        if stamp is None:
            batch.untimed.add(len(batch.series))
            stamp = now
        if not start <= stamp < end:
            batch.outside.add(len(batch.series))
            reason = window.outside(stamp) or ""
            batch.rejected.append(Rejection(index, "timestamp", reason))
        if isinstance(value, Summary):
            batch.summaries[len(batch.series)] = value
            value = value.mean
        batch.series.append(series)
        batch.timestamps.append(stamp)
        batch.values.append(value)
    return batch


# Exact types are asked for, because True is an instance of int, and because it is quick.
# pylint: disable=unidiomatic-typecheck


def _read(raw: object, book: SeriesBook, keyed: bool) -> tuple[int, int | None, float | Summary]:
    """Series, timestamp and value of a point. Raises Refused."""
    if type(raw) is not dict:
        raise Refused("metrics", "must be an object")
    plain = _PLAIN.issuperset(raw)
    if not plain and not _FIELDS.issuperset(raw):
        raise _unknown_field(raw)
    name, tags, unit = raw.get("name"), raw.get("tags"), raw.get("unit")
    kind = None if plain else _kind(raw.get("type"))
    spelling = None
    try:
        spelling = (name, unit, *(tags.items() if tags is not None else ()))
        if kind is not None:
            spelling += (kind,)
        series = book.spelled.get(spelling)
    except (AttributeError, TypeError):  # tags are no object, or something cannot be hashed
        series = None
    if series is None:
        found = Series(_name(name), _tags(tags), _unit(unit), kind)
        series = book.number(spelling or (), found)
    value, stamp = raw.get("value"), raw.get("timestamp")
    if not plain:
        value = observations(raw)
    elif type(value) is not float or not math.isfinite(value):
        value = number(value)
    if type(stamp) is not int:
        stamp = timestamp_of(stamp, keyed=keyed)
    return series, stamp, value


# pylint: enable=unidiomatic-typecheck


def _unknown_field(raw: Mapping[str, object]) -> Refused:
    name = next(name for name in raw if name not in _FIELDS)
    return Refused(name, f"is unknown; known are {', '.join(sorted(_FIELDS))}")


def _kind(kind: object) -> str | None:
    if kind is None or kind == GAUGE:
        return None
    if kind != COUNTER:
        raise Refused("type", f"must be {GAUGE} or {COUNTER}")
    return COUNTER


def timestamp_of(value: object, name: str = "timestamp", *, keyed: bool) -> int | None:
    """Epoch milliseconds, or None where there is no timestamp: a null is taken for a field that is
    not there, here as in `tags` and `unit`. Raises Refused.
    """
    if value is None:
        if keyed:
            raise Refused(name, "is required where the request has an Idempotency-Key")
        return None
    try:
        return instant_from(value)
    except ValueError as error:
        raise Refused(name, str(error)) from error


def _name(name: object) -> str:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise Refused("name", NAME_HELP)
    return name


def _tags(tags: object) -> tuple[tuple[str, str], ...]:
    if tags is None:
        return ()
    if not isinstance(tags, dict):
        raise Refused("tags", "must be an object of texts")
    if len(tags) > MAX_TAGS:
        raise Refused("tags", f"has {len(tags)} tags; {MAX_TAGS} are allowed")
    for key, value in tags.items():
        _check_tag(key, value)
    return tuple(sorted(tags.items()))


def _check_tag(key: str, value: object) -> None:
    if not 1 <= len(key) <= MAX_TAG_KEY:
        raise Refused("tags", f"a tag's key has 1 to {MAX_TAG_KEY} characters")
    if not isinstance(value, str):
        raise Refused(f"tags.{key}", "must be a text")
    if len(value) > MAX_TAG_VALUE:
        raise Refused(f"tags.{key}", f"has {len(value)} characters; {MAX_TAG_VALUE} are allowed")
    try:
        (key + value).encode()
    except UnicodeEncodeError as error:  # half of a surrogate pair, which no text can hold
        raise Refused("tags", "has a key or value that is no Unicode text") from error


def _unit(unit: object) -> str | None:
    if unit is None or unit == "None":
        return None
    if not isinstance(unit, str) or unit not in UNITS:
        raise Refused("unit", f"must be one of {', '.join(sorted(UNITS))}")
    return unit
