"""People who make alerts, edit them and delete one, while the engine is at it."""

from dataclasses import replace
from typing import Any

from skafu.alerts.model import Alert, Comparison, Definition, MissingData
from skafu.alerts.store import AlertStore
from skafu.metrics.model import Statistic
from skafu.shared import keys
from skafu.shared.table import Delete, Table, Update

from tests.property.alerts.fate import SECOND, TENANT, Fate

# Statistic, comparison, and threshold with recovery or a range.
SHAPES: tuple[tuple[str, str, float | None, float | None, float | None, float | None], ...] = (
    ("max", ">", 10.0, None, None, None),
    ("avg", ">", 10.0, None, None, None),
    ("avg", ">", 10.0, 7.0, None, None),
    ("max", ">=", 11.0, 7.0, None, None),
    ("min", "<", 1.0, None, None, None),
    ("avg", "<=", 6.0, None, None, None),
    ("sum", ">", 40.0, None, None, None),
    ("count", ">=", 5.0, None, None, None),
    ("avg", "outside", None, None, 4.0, 11.0),
    ("max", "outside", None, None, 2.0, 12.0),
    ("min", "inside", None, None, -2.0, 3.0),
)


def fields(shape: tuple[Any, ...]) -> dict[str, Any]:
    """A shape as fields of a definition."""
    statistic, comparison, threshold, recovery, lower, upper = shape
    return {
        "statistic": Statistic(statistic),
        "comparison": Comparison(comparison),
        "threshold": threshold,
        "recovery": recovery,
        "lower": lower,
        "upper": upper,
    }


class People:
    """Alerts A and B are edited, C is deleted."""

    def __init__(self, fate: Fate, table: Table) -> None:
        self.store = AlertStore(table)
        self._fate = fate
        self._table = table

    def begin(self, seconds: int) -> None:
        """Plan what is done in so many seconds."""
        r, stage = self._fate.random, self._fate.stage
        for name in ("A", "B", "C"):
            stage.at(r.choice((0, r.uniform(0, 100_000))), self.create, name)
        if self._fate.calm:
            return
        for name in ("A", "B"):
            for _ in range(r.randint(1, 2)):
                stage.at(r.uniform(100, seconds) * SECOND, self.edit, name)
        stage.at(r.uniform(300, seconds) * SECOND, self.delete, "C")

    def create(self, name: str) -> None:
        r, now = self._fate.random, self._fate.stage.now
        n = r.choice((1, 1, 2, 3))
        definition = Definition(
            metric="load",
            period=r.choice((30, 60)),
            evaluation_periods=n,
            datapoints_to_alarm=r.randint(1, n),
            missing_data=r.choice(list(MissingData)),
            group_by=() if name == "B" and r.random() < 0.3 else ("host",),
            **fields(r.choice(SHAPES[:4] if name == "A" else SHAPES)),
        )
        alert = Alert(name, 1, f"alert {name}", definition, created_at=now, edited_at=now)
        self.store.create(TENANT, alert)

    def edit(self, name: str) -> None:
        present = self.store.get(TENANT, name)
        if present is None:
            return
        r = self._fate.random
        changed = replace(
            present.definition,
            period=r.choice((30, 60)),
            missing_data=r.choice(list(MissingData)),
            group_by=r.choice(((), ("host",), ("host",), ("host",))),
            **r.choice(({}, {"recovery": None}, fields(r.choice(SHAPES)))),
        )
        edited = replace(present, definition=changed, edited_at=self._fate.stage.now)
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
