"""Columns as agents send them once the server knows their layout: values without labels.

    {"columns": [{"layout": hash, "timestamp": 1795341783554, "values": [0.5, null, 12]}]}

`values` has one for each series of the layout, in the layout's order (layout.py), null where there
is none. `timestamp` is for all of them; `timestamps` has one for each instead.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from skafu.metrics.model import Layout
from skafu.metrics.observations import Refused, number
from skafu.metrics.points import Rejection, timestamp_of
from skafu.metrics.times import Window

FORM = "columns"
MAX_COLUMNS = 1_000
_FIELDS = frozenset({"layout", "timestamp", "timestamps", "values"})
_HASH = re.compile(r"[a-z2-7]{16}")


@dataclass(frozen=True, slots=True)
class Column:
    """Points of one layout, at most one of each series, in the layout's order.

    `untimed`: they came without a time of their own.
    """

    layout: Layout
    positions: Sequence[int]
    timestamps: Sequence[int]
    values: Sequence[float]
    untimed: bool = False

    def chosen(self, rows: Sequence[int]) -> "Column":
        """Some of the points, by their places here."""
        return Column(
            self.layout,
            [self.positions[i] for i in rows],
            [self.timestamps[i] for i in rows],
            [self.values[i] for i in rows],
            self.untimed,
        )


@dataclass(slots=True)
class Columnar:
    """The well-formed points of a request, and why the others are not taken."""

    columns: list[Column] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)

    @property
    def points(self) -> int:
        """How many are taken."""
        return sum(len(each.positions) for each in self.columns)


def layouts_named(raws: Iterable[object]) -> list[str]:
    """The layouts that columns name, each once, as far as they are names."""
    names = (raw.get("layout") for raw in raws if isinstance(raw, dict))
    return list(dict.fromkeys(x for x in names if isinstance(x, str) and _HASH.fullmatch(x)))


def points_in(raws: Iterable[object]) -> int:
    """How many points columns have, whatever is wrong with them."""
    lists = (raw.get("values") for raw in raws if isinstance(raw, dict))
    return sum(len(some) - some.count(None) for some in lists if isinstance(some, list))


def read_columns(
    raws: Sequence[object], layouts: Mapping[str, Layout], window: Window, now: int, *, keyed: bool
) -> Columnar:
    """Check every column; `layouts` has all that `layouts_named` names. `now` and `keyed` are those
    of `points.read_points`.
    """
    found = Columnar()
    for index, raw in enumerate(raws):
        wrong: list[Refused] = []
        try:
            column = _read(raw, layouts, window, None if keyed else now, wrong)
        except Refused as refused:
            wrong = [refused]
        else:
            if column.positions:
                found.columns.append(column)
        found.rejected += [Rejection(index, each.field, each.reason) for each in wrong]
    return found


def _read(
    raw: object,
    layouts: Mapping[str, Layout],
    window: Window,
    now: int | None,
    wrong: list[Refused],
) -> Column:
    """The good points of a column; what is wrong with single ones is added to `wrong`. Raises
    Refused for what is wrong with all of it.
    """
    if not isinstance(raw, dict):
        raise Refused(FORM, "must be an object")
    if not _FIELDS.issuperset(raw):
        name = next(name for name in raw if name not in _FIELDS)
        raise Refused(name, f"is unknown; known are {', '.join(sorted(_FIELDS))}")
    name = raw.get("layout")
    layout = layouts.get(name) if isinstance(name, str) else None
    if layout is None:
        raise Refused("layout", "must be the name of a layout, as an answer has told it")
    positions, values = _values(raw.get("values"), len(layout.series), wrong)
    if raw.get("timestamps") is None:
        stamp = timestamp_of(raw.get("timestamp"), keyed=now is None)
        at = stamp if stamp is not None else now or 0
        if (late := window.outside(at)) is not None:
            raise Refused("timestamp", late)
        return Column(layout, positions, [at] * len(positions), values, stamp is None)
    if raw.get("timestamp") is not None:
        raise Refused("timestamps", "cannot stand beside timestamp")
    rows, stamps = _timestamps(raw["timestamps"], positions, len(layout.series), window, wrong)
    if len(rows) < len(positions):
        positions, values = [positions[i] for i in rows], [values[i] for i in rows]
    return Column(layout, positions, stamps, values)


def _values(raw: object, series: int, wrong: list[Refused]) -> tuple[Sequence[int], list[float]]:
    """The places that have a value, and these."""
    if not isinstance(raw, list) or len(raw) != series:
        has = f"has {len(raw):,} values" if isinstance(raw, list) else "is no list"
        raise Refused("values", f"{has}; the layout has {series:,} series")
    if set(map(type, raw)) == {float} and all(map(math.isfinite, raw)):
        return range(series), raw
    positions, values = [], []
    for place, each in enumerate(raw):
        if each is None:
            continue
        try:
            values.append(number(each, f"values.{place}"))
        except Refused as refused:
            wrong.append(refused)
        else:
            positions.append(place)
    return positions, values


def _timestamps(
    raw: object, positions: Sequence[int], series: int, window: Window, wrong: list[Refused]
) -> tuple[list[int], list[int]]:
    """Which of these positions have a good timestamp, by their places in the list, and these."""
    if not isinstance(raw, list) or len(raw) != series:
        has = f"has {len(raw):,} timestamps" if isinstance(raw, list) else "is no list"
        raise Refused("timestamps", f"{has}; the layout has {series:,} series")
    rows, stamps = [], []
    for row, place in enumerate(positions):
        name = f"timestamps.{place}"
        try:
            stamp = timestamp_of(raw[place], name, keyed=True)
            late = None if stamp is None else window.outside(stamp)
            if stamp is None or late is not None:
                raise Refused(name, late or "is required")
        except Refused as refused:
            wrong.append(refused)
        else:
            rows.append(row)
            stamps.append(stamp)
    return rows, stamps
