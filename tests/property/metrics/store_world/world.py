"""A faulty world around the real store: requests that crash, freeze and land late, clients that
retry for days, compactors that race and are down, items that expire late and in any order, readers
that are told old news.

Everything that stores, compacts and reads is the product's own code, over one table in memory; the
seed fixes all of it, so that a failing trial can be run again by number. Points are few and gather
around few moments: what matters is who meets whom.
"""

from collections.abc import Callable
from typing import Any

from skafu.metrics.compaction import Compactor
from skafu.metrics.tenancy import Bucketing, Sharding, Tenancy, tenancy_attributes
from skafu.shared import keys
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS
from skafu.shared.table import Delete, Put

from tests.property.metrics.store_world.clients import Clients
from tests.property.metrics.store_world.fate import SEAL_MS, SECOND, TENANT, Fate, Plan
from tests.property.metrics.store_world.faulty_table import Watched
from tests.property.metrics.store_world.ledger import Ledger, Wrong
from tests.property.metrics.store_world.processes import (
    Environment,
    Fleet,
    build_compactor,
    build_ingest,
    build_reader,
)
from tests.property.metrics.store_world.watching import Watch
from tests.support.actors import Stage

WRITERS_LEAVE_MS = 92 * SECOND
BACKLOG_MS = 12 * DAY_MS
"""The lives of what is stored allow compaction to be down for so long."""


class World:
    """One trial: `live` it, then `rest`. Both raise Wrong."""

    def __init__(self, seed: int, stage: Stage) -> None:
        self.fate = Fate(seed, stage)
        self.stage = stage
        r = self.fate.random
        self.table = Watched(self.fate, page_size=r.choice((2, 3, 5, 1000)))
        self.ledger = Ledger()
        self.watch = Watch(self.fate, self.table, self.ledger)
        self.table.changed = self.watch.changed
        self.ingests = Fleet(self.table, self.fate, build_ingest)
        self.compactors = Fleet(self.table, self.fate, build_compactor)
        self.readers = Fleet(self.table, self.fate, build_reader)
        self._down = 0
        # In some worlds whole runs compact, with marks and leases; elsewhere single steps do.
        self._runs = r.random() < 0.3
        self.episodes = self._episodes()
        chosen = [self.episodes[0], *(r.choice(self.episodes) for _ in range(2))]
        sites = [at // BUCKET_MS * BUCKET_MS for at in chosen]
        self.clients = Clients(self.fate, self.ledger, self.ingests, sites, self._next_episode)
        self.tenancy = self._tenancy()

    def _episodes(self) -> list[int]:
        """When much happens: around a few borders of buckets, days or weeks apart."""
        r, at, found = self.fate.random, self.stage.now, []
        for _ in range(r.choice((3, 4, 5))):
            steps = (20 * MINUTE_MS, HOUR_MS, DAY_MS, DAY_MS, 8 * DAY_MS, 12 * DAY_MS)
            at += r.choice(steps[:5] if self._runs else steps)
            found.append(at // BUCKET_MS * BUCKET_MS + BUCKET_MS - r.randrange(60) * SECOND)
        if (
            r.random() < 0.5 and not self._runs
        ):  # the first points leave the accepted range, and raw retention
            found.append(found[0] // BUCKET_MS * BUCKET_MS + 30 * DAY_MS + r.randrange(BUCKET_MS))
        return sorted(found)

    def _next_episode(self) -> int | None:
        later = [at for at in self.episodes if at > self.stage.now]
        return later[0] + self.fate.random.randrange(15 * MINUTE_MS) if later else None

    def _tenancy(self) -> Tenancy:
        """Shards and buckets, which change with an hour far enough ahead."""
        r = self.fate.random
        hours = [at // HOUR_MS * HOUR_MS + HOUR_MS for at in self.episodes]
        first = self.stage.now // HOUR_MS * HOUR_MS - 60 * DAY_MS
        counts = r.choice(((1, 1), (1, 1), (1, 3), (2, 1), (2, 3), (3, 1)))
        shards = zip((first, r.choice(hours)), counts, strict=True)
        length = r.choice((BUCKET_MS, BUCKET_MS, 5 * MINUTE_MS))
        return Tenancy(
            sharding=Sharding(tuple(shards)), bucketing=Bucketing(((r.choice(hours), length),))
        )

    # --- life -------------------------------------------------------------------------------------

    def live(self) -> None:
        """Everything that happens until the last episode is over."""
        record = {**keys.tenant_settings(TENANT)._asdict(), "k": "tenant"}
        self.table.write(Put({**record, **tenancy_attributes(self.tenancy)}))
        self.table.write(
            Put({**keys.registry(TENANT)._asdict(), "k": "registry", "tenant": TENANT})
        )
        for at in self.episodes:
            self.stage.at(at - self.stage.now, self._episode)
        self.stage.run(self.episodes[-1] + 2 * HOUR_MS)

    def _episode(self) -> None:
        """Begins with whatever the time since the last one has done."""
        r = self.fate.random
        if r.random() < 0.3:
            self._down = self.stage.now + r.choice((HOUR_MS, DAY_MS, 9 * DAY_MS))
        if r.random() < 0.2:
            self._forget()
        self._work_off()
        self._expire()
        self._step(r.choice((15, 20, 30)))
        if r.random() < 0.7:
            self._contend()

    def _contend(self) -> None:
        """The bucket that ends next: who writes to it last, and who seals it first."""
        r, now = self.fate.random, self.stage.now
        start, end = self.tenancy.bucketing.start(now), self.tenancy.bucketing.end(now)
        for _ in range(4):
            at = end - r.randint(1, 20) * SECOND
            leave = end - now + WRITERS_LEAVE_MS - r.randrange(20) * SECOND
            again = [end + SEAL_MS + r.randrange(40) * SECOND for _ in range(3)]
            self.stage.at(leave, self.clients.begin, at, again)
        for _ in range(3):
            at = end - r.randint(1, 20) * SECOND
            late = end - now + SEAL_MS + r.choice((r.randrange(-200, 0), r.randint(-6, 6))) * SECOND
            self.stage.at(late, self.clients.begin, at)
        for shard in self.tenancy.sharding.all(start, end):
            for _ in range(2):
                wait = end - now + SEAL_MS + r.randint(-2, 8) * SECOND
                self.stage.at(wait, self._seal, shard, start, None, 0.7)

    def _seal(self, shard: int, bucket: int, event: int | None, linger: float) -> None:
        if self.stage.now < self._down:
            return
        kinds = ("chunk", "usage", "seal")
        plan = self.fate.plan(0.35, 0.15, lingers=kinds, linger=linger)
        self.stage.play(0, self._run, plan, lambda x: x.seal(TENANT, shard, bucket, event))

    def _step(self, left: int) -> None:
        """A moment of an episode, and the next one."""
        r = self.fate.random
        for chance, act in (
            (0.5, self.clients.begin),
            (0.45, self._compact),
            (0.2, self._look),
            (0.05, self.watch.look_at_requests),
            (0.1, self._expire),
            (0.03, self._contend),
        ):
            if r.random() < chance:
                act()
        if left:
            self.stage.at(self._pace(), self._step, left - 1)

    def _pace(self) -> int:
        """Slowly where it matters: when writers leave a bucket, and when it is sealed."""
        r, inside = self.fate.random, self.stage.now % BUCKET_MS
        chance = r.random()
        if chance < 0.75:
            return r.choice((0, 0, 1, 3, 5, 10)) * SECOND + r.randrange(SECOND)
        if chance < 0.9:
            borders = (WRITERS_LEAVE_MS, SEAL_MS, BUCKET_MS, BUCKET_MS + WRITERS_LEAVE_MS)
            border = next(at for at in borders if at > inside)
            return max(0, border - inside + r.randint(-8, 8) * SECOND)
        return r.choice((MINUTE_MS, 3 * MINUTE_MS, 10 * MINUTE_MS, HOUR_MS))

    def _expire(self) -> None:
        """Expired items disappear late and in any order."""
        now, r = self.stage.now // 1000, self.fate.random
        for key, item in list(self.table.items.items()):
            ends = item.get("ttl")
            if isinstance(ends, int) and ends < now and r.random() < 0.5:
                self.table.write(Delete(key))

    def _forget(self) -> None:
        """Marks and leases are no more than hints."""
        for key, item in list(self.table.items.items()):
            if item["k"] in ("mark", "lease") and self.fate.random.random() < 0.5:
                self.table.write(Delete(key))

    def _look(self) -> None:
        r, days = self.fate.random, self.ledger.days
        if not days:
            return
        day = r.choice(days[-2:] if r.random() < 0.5 else days)
        start, end = day, day + DAY_MS
        if r.random() < 0.5:
            points = self.ledger.sent(day, day + DAY_MS)
            start = r.choice(points).at // BUCKET_MS * BUCKET_MS if points else day
            end = start + BUCKET_MS
        hours = r.random() < 0.4
        self.stage.play(0, self.watch.slow_reader, self.readers, start, end, hours)

    # --- compaction -------------------------------------------------------------------------------

    def _compact(self) -> None:
        r, now, days = self.fate.random, self.stage.now, self.ledger.days
        days = [day for day in days if day < now]
        if now < self._down or not days:
            return
        day = r.choice(days[-2:]) if r.random() < 0.5 else r.choice(days)
        event = now + r.choice((0, 0, 0, -3 * SECOND, -60 * SECOND, -HOUR_MS, r.randrange(DAY_MS)))
        shard = r.choice(self.tenancy.sharding.all(day, day + DAY_MS))
        if self._runs and r.random() < 0.6:
            plan = self.fate.plan(0.35, 0.25, long=True)
            self.stage.play(0, self._run, plan, lambda x: self._whole_run(x, event))
            return
        if r.random() < 0.6:
            buckets = sorted(
                {self.tenancy.bucketing.start(p.at) for p in self.ledger.sent(day, day + DAY_MS)}
            )
            if r.random() < 0.5:
                buckets.append(self.tenancy.bucketing.start(now - BUCKET_MS))
            self._seal(shard, r.choice([b for b in buckets if b < now] or [day]), event, 0.3)
            return
        for _ in range(r.choice((1, 2, 2))):
            kinds = ("usage", "generation", "generation", "day")
            plan = self.fate.plan(0.35, 0.25, long=True, lingers=kinds, linger=0.5)
            self.stage.play(0, self._run, plan, lambda x: self._finish_day(x, shard, day, event))
        if r.random() < 0.5:  # somebody reads what is being moved
            wait = r.choice((1, 3, 10)) * SECOND
            look = (self.readers, day, day + DAY_MS, False)
            self.stage.play(wait, self.watch.slow_reader, *look)

    def _run(self, plan: Plan, act: Callable[[Compactor], object]) -> None:
        def task(environment: Environment[Compactor]) -> None:
            act(environment.work)

        self.compactors.invoke(plan, task)

    def _whole_run(self, compactor: Compactor, event: int) -> None:
        """A run, whose time may be up at any moment."""
        hurry = 0.0 if self.fate.quiet else self.fate.random.choice((0.0, 0.0, 0.02, 0.2))

        def remaining() -> int:
            return 0 if self.fate.random.random() < hurry else MINUTE_MS

        report = compactor.run(event, remaining)
        if report.failed:
            raise Wrong("a run has failed")

    def _finish_day(self, compactor: Compactor, shard: int, day: int, event: int) -> None:
        compactor.merge(TENANT, shard, day, event)
        compactor.fold(TENANT, shard, day, event)

    def _work_off(self) -> None:
        """What is older than the backlog that the lives allow for gets done, by a compactor that
        nothing happens to.
        """
        for day in self.ledger.days:
            if day + DAY_MS + BACKLOG_MS < self.stage.now:
                self._compact_quietly(day, self.stage.now)

    def _compact_quietly(self, day: int, at: int) -> None:
        compactor = build_compactor(self.table, self.stage)
        for shard in self.tenancy.sharding.all(day, day + DAY_MS):
            self._finish_day(compactor, shard, day, at)

    def counts(self) -> dict[str, int]:
        """What has happened."""
        fleets: tuple[Fleet[Any], ...] = (self.ingests, self.compactors, self.readers)
        return {
            "trials": 1,
            "steps": sum(fleet.calls for fleet in fleets),
            "checks": self.watch.checks,
            "tries": self.clients.tries,
            "acknowledged points": self.clients.acked,
        }

    # --- rest -------------------------------------------------------------------------------------

    def rest(self) -> None:
        """What was in flight is lost, compaction runs until nothing moves: then no late item is
        left, and the merged days alone have everything.
        """
        self.fate.quiet = True
        self.stage.now += self.fate.random.choice((1, 1, 5)) * DAY_MS + 3 * HOUR_MS
        self._expire()
        self._expire()
        compactor = build_compactor(self.table, self.stage)
        for turn in range(3):
            self.stage.now += turn * HOUR_MS
            if self._runs:
                self._whole_run(compactor, self.stage.now)
                continue
            for day in self.ledger.days:
                self._compact_quietly(day, self.stage.now)
        self.watch.everything("at rest, ")
        if left := self.watch.leftovers():
            raise Wrong(f"late items are left: {left[:3]}")
