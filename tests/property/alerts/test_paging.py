"""Random nights: instances come and go, messages are late, doubled and in any order, people
silence, acknowledge and change routes, channels fail. Whatever happens, what everybody has heard in
the end is right.
"""

import os
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random

import pytest

from skafu.alerts.channels import DEFAULT
from skafu.alerts.model import Level, Severity, State, instance_id
from skafu.alerts.paging.group import Who
from skafu.alerts.paging.model import Page, PageItem, Route, Step, Told
from skafu.metrics.model import Operator, TagFilter
from skafu.shared import keys
from skafu.shared.keys import MINUTE_MS
from skafu.shared.table import Delete
from tests.support.alerting import ALARM, INSUFFICIENT, OK, TENANT, minute
from tests.support.definitions import definition
from tests.support.paging import BROKEN, Paging, host, on_host

WORLDS = int(os.environ.get("SKAFU_PAGING_WORLDS", "15"))
MINUTES = 60
NAMES = ("a", "b", "c", "d")
LEVELS = (Level(Severity.HIGH, threshold=20), Level(Severity.CRITICAL, threshold=30))
SEVERE = TagFilter("severity", Operator.EQUAL, "critical")
SLACK_MS = 3 * MINUTE_MS  # a lost timer, and the sweep after it


@dataclass
class Night:
    """One random night. `calm`: messages come once, in order, and every channel works."""

    seed: int
    calm: bool = False
    cooldown: int = 0
    waits: bool = True
    late: list[str] = field(default_factory=list)
    stands: dict[str, tuple[State, int]] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.fate = Random(self.seed + 1_000_000)  # of messages: not of what happens
        self.world = Paging()
        self.wait, self.interval = self.random.choice([(0, 0), (30, 60), (60, 300), (0, 120)])
        self.world.publish(definition=definition(levels=LEVELS), cooldown=self.cooldown)
        self.world.route(*self.routes())
        self.pages: list[tuple[str, Page]] = []

    def routes(self) -> list[Route]:
        r = self.random
        group_by = r.choice([None, (), ("host",), ("alertname",), ("severity",)])
        steps = (Step(300, ("lead",)), Step(900, ("boss",))) if r.random() < 0.5 else ()
        route = Route(
            "ops",
            channels=("ops",),
            group_by=group_by,
            wait=self.wait,
            interval=self.interval,
            repeat=r.choice([0, 600]),
            steps=steps,
        )
        first = Route("severe", (SEVERE,), ("pager",), proceed=r.random() < 0.5)
        return [first, route] if r.random() < 0.5 else [route]

    def play(self) -> "Night":
        for at in range(1, MINUTES):
            for name in NAMES:
                if self.random.random() < 0.15:
                    self.happens(name, at)
            self.people(at)
            self.messages()
            self.world.passes(60)
        self.world.sender.answers.clear()
        for delivery in self.late:
            self.world.queue.send({"tenant": TENANT, "delivery": delivery})
        self.world.passes(4 * 3600)
        return self

    def happens(self, name: str, at: int) -> None:
        state, level = self.stands.get(name, (INSUFFICIENT, 0))
        choices = [(x, 0) for x in (OK, INSUFFICIENT)] + [(ALARM, n) for n in range(3)] * 2
        target, reached = self.random.choice([x for x in choices if x != (state, level)])
        delivery = self.world.story.happens(target, 10 + at, host(name), level=reached)
        self.stands[name] = (target, reached)
        self.late.append(delivery)

    def messages(self) -> None:
        """Some come now, some twice, some never but for the sweep, in any order."""
        if not self.calm:
            self.fate.shuffle(self.late)
        kept = []
        for delivery in self.late:
            luck = 0.0 if self.calm else self.fate.random()
            if luck < 0.7:
                self.world.queue.send({"tenant": TENANT, "delivery": delivery})
            if 0.6 < luck < 0.95:
                kept.append(delivery)
        self.late = kept
        if self.calm:
            return
        for channel in ("ops", "pager", "lead", DEFAULT):
            if self.fate.random() < 0.1:
                self.world.sender.answers[channel] = BROKEN
            elif self.fate.random() < 0.3:
                self.world.sender.answers.pop(channel, None)

    def people(self, at: int) -> None:
        r, world = self.random, self.world
        name = r.choice(NAMES)
        if r.random() < 0.04:
            world.silence(on_host(name), seconds=r.choice([120, 600]))
        if r.random() < 0.04:
            for key in [x for x in world.table.items if x.pk == keys.silences(TENANT)]:
                world.table.write(Delete(key))
        if r.random() < 0.1 and self.stands.get(name, (OK, 0))[0] is ALARM:
            # In the firing that the last transition belongs to, at whatever moment of it.
            world.acknowledge(host(name), minute(10 + at))
        if r.random() < 0.1:
            world.queue.send({"tenant": TENANT, "look": True})

    # --- what everybody has heard ---

    def heard(self, channel: str) -> list[Page]:
        """The pages of a channel, repetitions left out."""
        seen: dict[str, Page] = {}
        for page in self.world.pages(channel):
            known = seen.setdefault(page.id, page)
            assert replace(known, note="") == replace(page, note=""), "one name, two contents"
        return list(seen.values())

    def channels(self) -> set[str]:
        return {channel for channel, _ in self.world.sender.taken}

    def last_words(self) -> dict[tuple[str, str], PageItem]:
        """What each channel holds of each instance."""
        words: dict[tuple[str, str], PageItem] = {}
        for channel in self.channels():
            for page in self.heard(channel):
                for item in page.items:
                    words[channel, item.notification.instance] = item
        return words


@cache
def played(seed: int, calm: bool = False) -> Night:
    """A whole night, for several tests to look at."""
    return Night(seed, calm, cooldown=0 if seed % 3 else 900).play()


SEEDS = range(WORLDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_night_everybody_has_heard_what_is_so(seed: int) -> None:
    night = played(seed)
    words = night.last_words()
    by_instance: dict[str, set[Told]] = defaultdict(set)
    for (_, instance), item in words.items():
        by_instance[instance].add(item.told)
    for name in NAMES:
        state, _ = night.stands.get(name, (OK, 0))
        told = by_instance.get(instance_id(host(name)), set())
        if state is ALARM:
            assert Told.FIRING in told, name
        elif state is OK:
            assert told <= {Told.RESOLVED}, name
        else:
            assert told <= {Told.RESOLVED, Told.UNKNOWN}, name
    assert night.world.pending() == []
    assert not night.world.queue.parked


@pytest.mark.parametrize("seed", SEEDS)
def test_who_hears_that_it_is_over_has_heard_that_it_fires(seed: int) -> None:
    night = played(seed)
    for channel in night.channels():
        open_ones: set[tuple[str, str]] = set()
        for page in night.heard(channel):
            for item in page.items:
                this = (page.group, item.notification.instance)
                if item.told is Told.FIRING or not item.news:
                    open_ones.add(this)
                    continue
                assert this in open_ones, f"{channel}: {item.told} before firing"
                if item.told is Told.RESOLVED:
                    open_ones.discard(this)


@pytest.mark.parametrize("seed", SEEDS)
def test_pages_have_one_name_and_one_content_and_nothing_is_new_twice(seed: int) -> None:
    night = played(seed)
    for channel in night.channels():
        new: set[tuple[str, str]] = set()
        for page in night.heard(channel):
            for item in page.items:
                if item.news:
                    fact = (page.group, item.notification.id)
                    assert fact not in new, f"{channel} heard of {fact} as new twice"
                    new.add(fact)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_the_messages_does_not_matter_in_the_end(seed: int) -> None:
    calm, wild = played(seed, calm=True), played(seed)
    assert calm.stands == wild.stands

    def end(night: Night) -> dict[str, tuple[Told, int]]:
        return {
            who.instance: (member.told, member.level)
            for group in night.world.open_groups()
            for who, member in group.members.items()
            if member.told is Told.FIRING
        }

    assert end(calm) == end(wild)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_fires_and_is_not_muted_is_told_in_time(seed: int) -> None:
    """Calm nights: at any moment nothing that fires is untold for longer than its route waits."""
    night = Night(seed, calm=True)
    patience = max(night.wait, night.interval) * 1000 + SLACK_MS
    untold: dict[tuple[str, Who], int] = {}
    for at in range(1, MINUTES):
        for name in NAMES:
            if night.random.random() < 0.15:
                night.happens(name, at)
        night.people(at)
        night.messages()
        night.world.passes(60)
        now = night.world.clock()
        before, untold = untold, {}
        for group in night.world.open_groups():
            for member in group.members.values():
                said = member.said
                told = said is not None and said.told is Told.FIRING
                this = (group.id, member.who)
                if member.told is Told.FIRING and not told and member.withheld is None:
                    untold[this] = before.get(this, now)
                    assert now - untold[this] <= patience
                    assert group.due <= now + patience


@pytest.mark.parametrize("seed", SEEDS)
def test_what_everybody_acknowledged_is_neither_escalated_nor_repeated(seed: int) -> None:
    night = Night(seed, calm=True).play()
    world = night.world
    for name, (state, _) in night.stands.items():
        if state is ALARM:
            world.acknowledge(host(name), minute(10 + MINUTES))
    world.queue.send({"tenant": TENANT, "look": True})
    world.passes(60)
    before = len(world.sender.sent)
    world.passes(4 * 3600)

    assert [page.cause for _, page in world.sender.sent[before:]] == []
