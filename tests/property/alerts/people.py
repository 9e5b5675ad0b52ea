"""People who make alerts, edit them, delete one and make it again, while the engine is at it."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from skafu.alerts.model import (
    Alert,
    Comparison,
    Definition,
    Expression,
    Kind,
    Level,
    MissingData,
    Severity,
    Transform,
    TransformType,
)
from skafu.alerts.store import AlertStore
from skafu.metrics.model import Operator, Statistic, TagFilter
from skafu.shared import keys
from skafu.shared.table import Delete, Table, Update

from tests.property.alerts.fate import NEIGHBOUR, SECOND, TENANT, Fate
from tests.support.composites import composite, every, no, some

# Metric, statistic, comparison, and threshold with recovery or a range.
SHAPES: tuple[tuple[str, str, str, float | None, float | None, float | None, float | None], ...] = (
    ("load", "max", ">", 10.0, None, None, None),
    ("load", "avg", ">", 10.0, None, None, None),
    ("load", "avg", ">", 10.0, 7.0, None, None),
    ("load", "max", ">=", 11.0, 7.0, None, None),
    ("load", "min", "<", 1.0, None, None, None),
    ("load", "min", "<", 1.0, 4.0, None, None),
    ("load", "avg", "<=", 6.0, None, None, None),
    ("load", "sum", ">", 40.0, None, None, None),
    ("load", "count", ">=", 5.0, None, None, None),
    ("load", "count", "<", 4.0, 6.0, None, None),
    ("load", "avg", "outside", None, None, 4.0, 11.0),
    ("load", "max", "outside", None, None, 2.0, 12.0),
    ("load", "min", "inside", None, None, -2.0, 3.0),
    ("load", "p50", ">", 9.0, 7.5, None, None),
    ("load", "p90", ">=", 13.0, None, None, None),
    ("load", "last", ">", 11.0, None, None, None),
    ("load", "stddev", ">", 4.0, None, None, None),
    ("heat", "max", ">", 12.0, 8.0, None, None),
    ("heat", "avg", "<", 5.0, None, None, None),
    ("heat", "last", "outside", None, None, 4.0, 13.0),
    ("work", "increase", ">", 90.0, 40.0, None, None),
    ("work", "rate", ">=", 1.5, None, None, None),
    ("work", "rate", "<", 0.8, None, None, None),
)

KEEP_FIRING = (0, 0, 0, 45, 120)
GROUPINGS = ((), ("host",), ("host",), ("host",), ("agent",))
FILTERS = (
    (),
    (),
    (TagFilter("host", Operator.NOT_EQUAL, "b"),),
    (TagFilter("agent", Operator.EQUAL, "0"),),
)


def fields(shape: tuple[Any, ...]) -> dict[str, Any]:
    """A shape as fields of a definition, without what may be asked beyond it."""
    metric, statistic, comparison, threshold, recovery, lower, upper = shape
    return {
        "kind": Kind.METRIC,
        "metric": metric,
        "statistic": Statistic(statistic),
        "comparison": Comparison(comparison),
        "threshold": threshold,
        "recovery": recovery,
        "lower": lower,
        "upper": upper,
        "levels": (),
        "transform": None,
    }


HEARTBEAT = {**fields(("load", "count", "<", None, None, None, None)), "kind": Kind.HEARTBEAT}


def levels_of(shape: tuple[Any, ...], r: Random) -> tuple[Level, ...]:
    """One or two further thresholds, each stricter than the one before."""
    _, _, comparison, threshold, _, lower, upper = shape
    found: list[Level] = []
    for number, severity in enumerate((Severity.HIGH, Severity.CRITICAL)[: r.randint(1, 2)], 1):
        by = 1.5 * number
        if comparison == "outside":
            found.append(Level(severity, lower=lower - by, upper=upper + by))
        elif comparison == "inside":
            found.append(Level(severity, lower=lower + by / 2, upper=upper - by / 2))
        else:
            towards = 1 if comparison in (">", ">=") else -1
            recovery = r.choice((None, threshold + (by - 1) * towards))
            found.append(Level(severity, threshold=threshold + by * towards, recovery=recovery))
    return tuple(found)


def transformed(r: Random, period: int) -> dict[str, Any]:
    """An alert that compares what is made of its buckets."""
    kind = TransformType(r.choice(("change", "change_percent", "change_rate", "forecast")))
    limit = {"change": 3.0, "change_percent": 40.0, "change_rate": 0.05, "forecast": 12.0}[kind]
    if kind is TransformType.FORECAST:
        transform = Transform(kind, horizon=120, lookback=period * r.randint(4, 8))
    else:
        transform = Transform(kind, offset=period * r.randint(1, 4))
    shape = (r.choice(("load", "heat")), r.choice(("avg", "max", "last")), r.choice((">", "<")))
    return {**fields((*shape, limit, None, None, None)), "transform": transform}


def watched(r: Random, period: int, shapes: Sequence[tuple[Any, ...]] = SHAPES) -> dict[str, Any]:
    """What an alert looks at, and how."""
    luck = r.random()
    if luck < 0.12:
        return HEARTBEAT
    if luck < 0.24:
        return transformed(r, period)
    shape = r.choice(shapes)
    levels = levels_of(shape, r) if r.random() < 0.35 else ()
    return {**fields(shape), "levels": levels}


CONDITIONS = (
    every("A", "B"),
    some("A", "B"),
    no("A"),
    every("A", no("B")),
    some(no(every("A", "B")), "B"),
)
NESTED = (every("D", "A"), some(no("D"), "B"), no("D"))


class People:
    """Alerts A and B are edited, C is deleted, and perhaps made again; D is composed of A and B, E
    of D and one of these. A neighbour has alerts of the same names.
    """

    def __init__(self, fate: Fate, table: Table) -> None:
        self.store = AlertStore(table, clock=fate.clock())
        self.composed = fate.random.random() < 0.5
        self._fate = fate
        self._table = table

    def begin(self, seconds: int) -> None:
        """Plan what is done in so many seconds."""
        r, stage = self._fate.random, self._fate.stage
        for name in ("A", "B", "C"):
            self.store.create(NEIGHBOUR, self._new(name))
            stage.at(r.choice((0, r.uniform(0, 100_000))), self.create, name)
        if self.composed:
            stage.at(r.uniform(100, 200) * SECOND, self.compose, "D", CONDITIONS)
            stage.at(r.uniform(200, 300) * SECOND, self.compose, "E", NESTED)
        if self._fate.calm:
            return
        if self.composed:
            stage.at(r.uniform(300, seconds) * SECOND, self.compose, "D", CONDITIONS)
        for name in ("A", "B"):
            for _ in range(r.randint(1, 2)):
                stage.at(r.uniform(100, seconds) * SECOND, self.edit, name)
        deleted = r.uniform(300, seconds - 500)
        stage.at(deleted * SECOND, self.delete, "C")
        if r.random() < 0.5:
            stage.at((deleted + r.choice((2, 70, 400))) * SECOND, self.create, "C")

    def create(self, name: str) -> None:
        if self.store.get(TENANT, name) is None:
            self.store.create(TENANT, self._new(name))

    def _new(self, name: str) -> Alert:
        r, now = self._fate.random, self._fate.stage.now + self._fate.server()
        n, period = r.choice((1, 1, 2, 3)), r.choice((30, 60))
        plain = r.random() < 0.7
        definition = Definition(
            period=period,
            evaluation_periods=n,
            datapoints_to_alarm=r.randint(1, n),
            missing_data=r.choice(list(MissingData)),
            group_by=("host",) if plain else r.choice(GROUPINGS),
            filters=() if plain else r.choice(FILTERS),
            keep_firing=r.choice(KEEP_FIRING),
            **watched(r, period, SHAPES[:4] if name == "A" else SHAPES),
        )
        return Alert(name, 1, f"alert {name}", definition, created_at=now, edited_at=now)

    def compose(self, name: str, conditions: Sequence[Expression]) -> None:
        """Make a composite alert, or ask something else of it."""
        now = self._fate.stage.now + self._fate.server()
        made = composite(self._fate.random.choice(conditions), name)
        present = self.store.get(TENANT, name)
        if present is None:
            self.store.create(TENANT, replace(made, created_at=now, edited_at=now))
        else:
            edited = replace(present, definition=made.definition, edited_at=now)
            self.store.replace(TENANT, edited, present.version)

    def edit(self, name: str) -> None:
        present = self.store.get(TENANT, name)
        if present is None:
            return
        if present.definition.expression is not None:
            self.compose(name, CONDITIONS if name == "D" else NESTED)
            return
        r = self._fate.random
        period = present.definition.period
        changes: list[dict[str, Any]] = [
            {},
            {"recovery": None},
            {"missing_data": r.choice(list(MissingData))},
            {"group_by": r.choice(GROUPINGS), "filters": r.choice(FILTERS)},
            {"evaluation_periods": 3, "datapoints_to_alarm": r.randint(1, 3)},
            {"keep_firing": r.choice(KEEP_FIRING)},
            watched(r, period),
        ]
        if present.definition.transform is None:
            changes.append({"period": r.choice((30, 60)), "transform": None})
        changed = replace(present.definition, **{**r.choice(changes), **r.choice(changes)})
        now = self._fate.stage.now + self._fate.server()
        edited = replace(present, definition=changed, edited_at=now)
        self.store.replace(TENANT, edited, present.version)

    def delete(self, name: str) -> None:
        present = self.store.get(TENANT, name)
        if present is None:
            return
        if self._fate.random.random() < 0.5:
            self.store.delete(TENANT, name, present.version)
        else:  # cut short: the sweeper clears the rest
            rules = Update(keys.rules_version(TENANT), set={"k": "rules"}, add={"version": 1})
            self._table.transact([Delete(keys.alert(TENANT, name)), rules])
