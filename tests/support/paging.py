"""Paging as a whole over a table in memory: transitions that happen, a queue with the notifier
behind it, channels that answer as they are told to, time that a test moves.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from skafu.alerts.channels import DEFAULT, TOPIC, Channel, ChannelStore, ChannelType
from skafu.alerts.deliveries import Delivery, DeliveryStore, PageDelivery, Status
from skafu.alerts.deliveries_queue import DeliveriesConsumer, answers_of
from skafu.alerts.engagement.store import EngagementStore
from skafu.alerts.model import Alert, State, instance_id
from skafu.alerts.notifier import Notifier
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.paging.courier import Courier, HandedOver
from skafu.alerts.paging.group import Fate, Group
from skafu.alerts.paging.groups import GroupStore
from skafu.alerts.paging.model import Engagement, Page, Policy, Route, Silence, Told
from skafu.alerts.paging.taking import Taker
from skafu.alerts.paging.timers import TimerSweep
from skafu.alerts.routing.store import PolicyStore
from skafu.alerts.silences.store import SilenceStore
from skafu.metrics.model import Operator, TagFilter, Tags
from skafu.shared import keys
from skafu.shared.errors import Unavailable
from skafu.shared.table import Query
from tests.support.alerting import ALARM, OK, TENANT, Storyteller, minute
from tests.support.clocks import FakeClock
from tests.support.memory_table import InMemoryTable
from tests.support.queue import URL, FakeQueue

CONSOLE = "https://skafu.example"
FINE = Outcome(Result.DELIVERED, 200)
BROKEN = Outcome(Result.FAILED, 500, "answered 500")
GONE = Outcome(Result.GONE, 410, "answered 410")


def host(name: str) -> Tags:
    return (("host", name),)


def on_host(name: str) -> TagFilter:
    return TagFilter("host", Operator.EQUAL, name)


@dataclass
class FakeSender:
    """Channels that answer as they are told to, fine if nothing is said. `sent` are all tries, and
    `taken` those that a channel took.
    """

    answers: dict[str, Outcome] = field(default_factory=dict)
    sent: list[tuple[str, Page]] = field(default_factory=list)
    taken: list[tuple[str, Page]] = field(default_factory=list)
    meanwhile: Callable[[str, Page], object] = lambda channel, page: None

    def send(self, channel: Channel, page: Page) -> Outcome:
        self.sent.append((channel.id, page))
        outcome = self.answers.get(channel.id, FINE)
        if outcome.result is Result.DELIVERED:
            self.taken.append((channel.id, page))
        self.meanwhile(channel.id, page)
        return outcome


@dataclass
class Paging:  # pylint: disable=too-many-public-methods # it is what a test says
    """Where a test does not say otherwise it is minute 10, and all alerts are one."""

    table: InMemoryTable = field(default_factory=InMemoryTable)
    clock: FakeClock = field(default_factory=lambda: FakeClock(minute(10)))
    sender: FakeSender = field(default_factory=FakeSender)

    def __post_init__(self) -> None:
        self.channels = ChannelStore(self.table)
        self.deliveries = DeliveryStore(self.table)
        self.groups = GroupStore(self.table)
        self.story = Storyteller(self.table)
        self.queue = FakeQueue(self.clock)
        self.notifier = self.another()
        self.sweep_timers = TimerSweep(self.table, self.queue, self.clock)
        self.pauses: list[int] = []
        self._silences = 0

    def another(self) -> Notifier:
        """A notifier of its own over the same table and queue."""
        return Notifier(
            self.deliveries,
            self.groups,
            Taker(self.table, self.deliveries, self.clock, CONSOLE, self.pause),
            Courier(self.deliveries, self.channels, self.sender, self.clock),
            self.queue,
            self.clock,
        )

    def pause(self, attempt: int) -> None:
        self.pauses.append(attempt)

    # --- what people set up ---

    def webhook(self, *channels: str, kind: ChannelType = ChannelType.WEBHOOK) -> None:
        for each in channels:
            if each != DEFAULT and self.channels.get(TENANT, each) is None:
                made = replace(TOPIC, id=each, name=each, type=kind, url="https://h.x/")
                self.channels.create(TENANT, made)

    def publish(self, *channels: str, **changes: Any) -> Alert:
        """The alert, with channels of its own."""
        self.webhook(*channels)
        return self.story.publish(channels=channels, **changes)

    def route(self, *routes: Route) -> None:
        """The tenant's routes from here on."""
        for route in routes:
            self.webhook(*route.channels, *(x for step in route.steps for x in step.channels))
        store = PolicyStore(self.table)
        store.replace(TENANT, Policy(store.get(TENANT).version + 1, routes))

    def silence(self, *matchers: TagFilter, seconds: int = 600, **changes: Any) -> str:
        """From now on for so long; its id."""
        self._silences += 1
        now = self.clock()
        made = Silence(f"silence-{self._silences}", 1, matchers, now, now + seconds * 1000)
        SilenceStore(self.table).create(TENANT, replace(made, **changes))
        return made.id

    def acknowledge(self, tags: Tags, began: int, by: str | None = "ann") -> None:
        """Somebody acknowledges the firing of an instance that began then; None: takes it back."""
        member = instance_id(tags)
        store = EngagementStore(self.table)
        known = store.stored(TENANT, [(self.story.alert.id, member)])
        revision = known[self.story.alert.id, member].revision
        at = None if by is None else self.clock()
        made = Engagement(self.story.alert.id, member, began, by, at)
        store.change(TENANT, [(made, revision)], [])

    # --- what happens ---

    def deliver(self, delivery: str) -> HandedOver:
        self.clock.advance(1)
        return self.notifier.deliver(TENANT, delivery)

    def fires(self, name: str, at: int = 9, level: int = 0) -> str:
        """An instance goes to ALARM, and the notifier hears of it; the transition's id."""
        return self.hears(ALARM, name, at, level)

    def resolves(self, name: str, at: int) -> str:
        return self.hears(OK, name, at, 0)

    def hears(self, target: State, name: str, at: int, level: int = 0) -> str:
        delivery = self.story.happens(target, at, host(name), level=level)
        self.queue.send({"tenant": TENANT, "delivery": delivery})
        self.batch()
        return delivery

    def batch(self) -> None:
        """What is visible in the queue is delivered once."""
        consumer = DeliveriesConsumer(answers_of(self.notifier), self.queue, URL)
        self.queue.deliver(lambda event, _: consumer.consume(event))

    def passes(self, seconds: int) -> None:
        """Time passes; messages come when they are visible, the sweep once a minute."""
        end = self.clock() + seconds * 1000
        sweep = self.clock() + 60_000
        while True:
            self.drain()
            ahead = [x.visible for x in self.queue.waiting if x.visible > self.clock()]
            moment = min([*ahead, sweep])
            if moment > end:
                break
            self.clock.now = moment
            if moment == sweep:
                self.sweep()
                sweep += 60_000
        self.clock.now = end
        self.drain()

    def drain(self) -> None:
        """Deliver what is visible now, until nothing is."""
        while any(x.visible <= self.clock() for x in self.queue.waiting):
            self.batch()

    def sweep(self) -> None:
        """What the sweeper does for deliveries every minute, if the table lets it."""
        with suppress(Unavailable):
            self._sweep()

    def _sweep(self) -> None:
        self.sweep_timers.sweep(TENANT)
        until = keys.instant(self.clock() - 60_000 + 1)
        waiting = Query(keys.pending(TENANT), index="GSI1", between=(keys.instant(0), until))
        for item in list(self.table.query_all(waiting)):
            self.queue.send({"tenant": TENANT, "delivery": str(item["sk"])})

    # --- what came of it ---

    def told(self, channel: str | None = None) -> list[tuple[str, Told]]:
        """What channels took, in order: channel and what was said of the group."""
        return [(x, page.told) for x, page in self.sender.taken if channel in (None, x)]

    def pages(self, channel: str | None = None) -> list[Page]:
        """The pages that channels took, in order."""
        return [page for x, page in self.sender.taken if channel in (None, x)]

    def says(self, page: Page) -> list[str]:
        """The instances of a page: "+web-1" fires, "-web-1" is resolved, "?web-1" unknown; in
        brackets what is not new.
        """
        signs = {Told.FIRING: "+", Told.RESOLVED: "-", Told.UNKNOWN: "?"}
        said = []
        for item in page.items:
            text = signs[item.told] + "".join(value for _, value in item.notification.tags)
            said.append(text if item.news else f"({text})")
        return said

    def status(self, delivery: str) -> Status:
        found = self.deliveries.get(TENANT, delivery)
        assert found is not None
        return found.status

    def fates(self, delivery: str) -> tuple[Fate, ...]:
        """What became of a transition that was taken."""
        found = self.deliveries.get(TENANT, delivery)
        assert isinstance(found, Delivery) and found.fates is not None
        return found.fates

    def page_of(self, delivery: str) -> str:
        """The one page that a transition was told in."""
        [name] = [each.page for each in self.fates(delivery) if each.page is not None]
        return name

    def tries(self, delivery: str) -> list[tuple[str, Result]]:
        """What was tried for a page, or for the one page of a transition."""
        found = self.deliveries.get(TENANT, delivery)
        name = delivery if isinstance(found, PageDelivery) else self.page_of(delivery)
        return [(x.channel, x.outcome.result) for x in self.deliveries.attempts(TENANT, name)]

    def pending(self) -> list[object]:
        index = Query(keys.pending(TENANT), index="GSI1")
        return [item["sk"] for item in self.table.query_all(index)]

    def open_groups(self) -> list[Group]:
        found = self.groups.get_many(TENANT, self.groups.open_ids(TENANT))
        return list(found.values())
