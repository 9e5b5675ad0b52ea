"""What surrounds the engine, with its faults: the table, the points, the queues."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from skafu.alerts.codec import decision_from
from skafu.alerts.model import Cause, Decision
from skafu.metrics.model import Segment
from skafu.shared.errors import Unavailable
from skafu.shared.keys import Key
from skafu.shared.table import Check, Page, Put, Query, Value, Write

from tests.property.alerts.fate import SECOND, TENANT, Fate
from tests.property.alerts.notifying import Notifier
from tests.support.memory_table import InMemoryTable
from tests.support.points import MemoryPoints
from tests.support.queues import MemoryQueue


class Watcher(Protocol):
    """Who is there when a decision is written. Both may raise, or let others in."""

    by_people: bool
    """Whether it is people whose calls are made."""

    def before_decision(self, decision: Decision) -> None:
        """It was planned."""

    def decided(self, decision: Decision) -> None:
        """It has been written."""


class Crash(BaseException):
    """The process is gone, wherever it was."""


class FaultyTable(InMemoryTable):
    """Lets others in after reads, and is throttled now and then; around the writing of a decision
    nearly anything may happen.
    """

    def __init__(self, fate: Fate, watcher: Watcher) -> None:
        super().__init__(page_size=6)
        self._fate = fate
        self._watcher = watcher
        self.before_write = self._before_write
        self.writes = 0

    def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
        self._throttle(0.001)
        return super().get(key, consistent=consistent)

    def query(self, query: Query) -> Page:
        self._throttle(0.001)
        page = super().query(query)
        if query.pk.startswith(f"{TENANT}#decisions"):
            self._fate.dawdle(0.04)
        return page

    def transact(self, writes: Sequence[Write | Check]) -> None:
        super().transact(writes)
        for decision in _decisions(writes):
            self._watcher.decided(decision)

    def _before_write(self, writes: Sequence[Write | Check]) -> None:
        self.writes += 1
        for decision in _decisions(writes):
            self._watcher.before_decision(decision)

    def _throttle(self, p: float) -> None:
        fate = self._fate
        if fate.stage.playing and not self._watcher.by_people and fate.chance(p):
            raise Unavailable("throttled")


def _decisions(writes: Sequence[Write | Check]) -> list[Decision]:
    puts = [write for write in writes if isinstance(write, Put)]
    found = [decision_from(str(x.item["body"])) for x in puts if x.item["k"] == "decision"]
    return [decision for decision in found if decision.cause is not Cause.LATE]


class SlowPoints(MemoryPoints):
    """Others may get in between what is read here and what is made of it."""

    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self._fate = fate

    def segments(self, *arguments: Any, **options: Any) -> list[Segment]:
        if self._fate.chance(0.005):
            raise Unavailable("throttled")
        found = super().segments(*arguments, **options)
        self._fate.dawdle(0.4)
        return found


class Deliveries(MemoryQueue):
    """The notifier's queue; whoever sends may crash just before."""

    def __init__(self, fate: Fate, notifier: Notifier) -> None:
        super().__init__()
        self._fate = fate
        self._notifier = notifier

    def send(self, message: Mapping[str, object], delay_s: int = 0) -> None:
        if self._fate.stage.playing and self._fate.chance(0.05):
            raise Crash  # after the decision, before the queue
        delay = self._fate.random.uniform(50, 500)
        self._fate.stage.at(delay, self._notifier.notify, str(message["delivery"]), 1)


class Wake(MemoryQueue):
    """The sweeper's queue; some messages get lost."""

    def __init__(self, fate: Fate, wake: Callable[[Sequence[str]], None]) -> None:
        super().__init__()
        self._fate = fate
        self._wake = wake
        self._asked: set[str] = set()

    def send(self, message: Mapping[str, object], delay_s: int = 0) -> None:
        """Of those that several environments ask for mostly one comes; that keeps worlds quick."""
        fate, name = self._fate, str(message)
        again = name in self._asked and fate.random.random() < 0.8
        self._asked.add(name)
        if not again and not fate.chance(0.1):
            delay = delay_s * SECOND + fate.random.uniform(0, 500)
            fate.stage.play(delay, self._wake, message["alerts"])
