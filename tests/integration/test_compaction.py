"""Compaction on the deployed stack, its clock played forward by its event: what was sent is what a
query answers, whatever has been done with it meanwhile.
"""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from skafu.metrics.compaction.compactor import Compactor
from skafu.shared import keys
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS
from skafu.shared.metering import MeteredTable
from skafu.shared.table import ConditionFailed, Table, Write

from local.api import Api
from tests.integration.playing import Player, Sent, player, without_schedule, wrong_answers
from tests.integration.system import System, now_ms

STATISTICS = ("avg", "sum", "min", "max", "count", "last", "p50", "p99", "stddev")
QUARTER = 15 * MINUTE_MS
SEALED_AFTER = 5 * MINUTE_MS
METRIC, IDS = "played.load", ("a", "b", "c")


class Cut(BaseException):
    """The process ends here."""


class CutOff(MeteredTable):
    """A table of whose writes only so many are done."""

    def __init__(self, table: Table, writes: int) -> None:
        super().__init__(table)
        self._left = writes

    def _take(self, writes: int) -> None:
        self._left -= writes
        if self._left < 0:
            raise Cut

    def write(self, write: Write) -> None:
        self._take(1)
        super().write(write)

    def write_many(self, writes: Sequence[Write]) -> list[ConditionFailed | None]:
        some = writes[: max(self._left, 0)]
        done = super().write_many(some) if some else []
        self._take(len(writes))
        return done


class Story:
    """Three days of three series, live; some of it as late data, and what compaction does."""

    def __init__(self, system: System) -> None:
        self.now = now_ms()
        self.start = self.now // DAY_MS * DAY_MS - 2 * DAY_MS
        self.player: Player = player(system, self.start)
        self.sent: dict[str, list[tuple[int, float]]] = {name: [] for name in IDS}
        self.retries: list[tuple[list[dict[str, object]], str]] = []
        self._random = random.Random(1)

    @property
    def expected(self) -> Sent:
        return {METRIC: self.sent}

    @property
    def api(self) -> Api:
        return self.player.api

    def points(self, start: int, step: int) -> list[tuple[str, int, float]]:
        """For each series one point every minute or so in the quarter from `start` on."""
        return [
            (name, at + self._random.randrange(step), round(self._random.gauss(50, 20), 2))
            for at in range(start, start + QUARTER, step)
            for name in IDS
        ]

    def live(self, start: int, end: int) -> None:
        """Every quarter of an hour an agent sends what it has measured in it."""
        for bucket in range(start, end, QUARTER):
            self.player.clock.now = bucket + QUARTER - 1
            chosen = self.points(bucket, 3 * MINUTE_MS)
            self._send(self._taken(chosen), f"live {bucket}")

    def backfill(self, start: int, sent: int | None = None) -> None:
        """Points of a quarter that is over: by the gateway now, or as if `sent` then."""
        body = self._taken(self.points(start, 5 * MINUTE_MS))
        if sent is not None:
            self.player.clock.now = sent
            self._send(body, f"late {start} {sent}")
            return
        answer = self.api.call("POST", "/api/metrics", {"metrics": body}, key=f"late {start}")
        assert answer.status == 202 and answer.json()["accepted"] == len(body), answer

    def _send(self, body: list[dict[str, object]], key: str) -> None:
        self.player.played.send(body, key)
        self.retries.append((body, key))

    def _taken(self, chosen: list[tuple[str, int, float]]) -> list[dict[str, object]]:
        for name, at, value in chosen:
            self.sent[name].append((at, value))
        return [
            {"name": METRIC, "value": value, "timestamp": at, "tags": {"id": name}}
            for name, at, value in chosen
        ]

    def check(self) -> None:
        """Every query, whatever its period, answers what was sent."""
        end = (now_ms() // DAY_MS + 1) * DAY_MS
        for period in (300, 3_600, 86_400):
            wrong = wrong_answers(self.api, self.expected, STATISTICS, period, (self.start, end))
            assert not wrong, wrong[:20]


@pytest.fixture(scope="module")
def story(system: System) -> Iterator[Story]:
    with without_schedule(system):
        yield Story(system)


# The story goes on from test to test: each tells of one stretch of it.


def test_what_was_sent_is_answered_before_anything_is_compacted(story: Story) -> None:
    story.live(story.start, story.start + DAY_MS + 6 * HOUR_MS)
    story.check()


def test_it_is_answered_while_a_day_is_sealed_bucket_by_bucket(story: Story) -> None:
    for hour in (1, 6, 13):
        at = story.start + hour * HOUR_MS + SEALED_AFTER
        report = story.player.compact(at)
        assert report["sealed"] > 0
        story.check()
    sealed = story.player.count(keys.seals(story.player.tenant, 0))
    assert sealed >= 13 * 4
    assert story.start not in story.player.generations()


def test_an_event_that_comes_again_finds_nothing_to_do(story: Story) -> None:
    report = story.player.compact(story.start + 13 * HOUR_MS + SEALED_AFTER)
    assert (report["sealed"], report["merged"], report["folded"]) == (0, 0, 0)


def test_runs_at_the_same_time_do_no_harm(story: Story) -> None:
    at = story.start + DAY_MS + 3 * HOUR_MS
    run = partial(story.player.compactor.run, at, story.player.tenant)
    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(lambda _: run(), range(3)))
    assert not any(report["failed"] or report["blocked"] for report in reports)
    story.check()
    story.player.compact(at)
    assert story.player.generations()[story.start] == 1
    story.check()


def test_a_run_that_is_cut_off_after_any_write_is_gone_on_with(story: Story) -> None:
    story.live(story.start + DAY_MS + 6 * HOUR_MS, story.start + 2 * DAY_MS)
    at = story.start + 2 * DAY_MS + HOUR_MS
    for writes in (1, 2, 5, 20, 60, 150):
        table = CutOff(story.player.table, writes)
        with pytest.raises(Cut):
            _compact(table, story, at)
    story.check()
    _compact(story.player.table, story, at)
    assert story.player.generations()[story.start + DAY_MS] == 1
    story.check()


def _compact(table: Table, story: Story, at: int) -> None:
    """In this process, which has the lease that the one before it could not give back."""
    compactor = Compactor(table, now_ms, retention_ms=30 * DAY_MS, owner="a test")
    while compactor.run(at, tenant=story.player.tenant).left:
        pass


def test_late_points_are_answered_before_and_after_they_are_folded(story: Story) -> None:
    for number in (3, 40, 41, 100):
        story.backfill(story.start + number * QUARTER)
    story.check()
    assert story.player.late() > 0
    # Folding waits for an hour, by receipt: these came an hour and a half ago.
    for number in (3, 50):
        story.backfill(story.start + number * QUARTER, sent=story.now - 90 * MINUTE_MS)
    story.check()
    story.player.compact()
    assert story.player.generations()[story.start] == 2
    assert story.player.late() == 1  # the one of the second day, whose hour is not over
    story.check()


def test_a_day_has_as_many_generations_as_late_data_have_come(story: Story) -> None:
    story.backfill(story.start + 3 * QUARTER, sent=story.now - 70 * MINUTE_MS)
    story.check()
    story.player.compact()
    assert story.player.generations()[story.start] == 3
    story.check()


def test_a_retry_after_all_that_counts_nothing_twice(story: Story) -> None:
    """The very first request, and two that were folded last."""
    first, late, last = story.retries[0], story.retries[-2], story.retries[-1]
    for body, key in (first, late, last):
        story.player.at(now_ms).send(body, key)
    story.check()


def test_what_is_live_now_is_answered_with_what_was_compacted(story: Story) -> None:
    at = now_ms()
    body = [{"name": METRIC, "value": 7.5, "timestamp": at, "tags": {"id": name}} for name in IDS]
    answer = story.api.call("POST", "/api/metrics", {"metrics": body}, key="now")
    assert answer.status == 202
    for name in IDS:
        story.sent[name].append((at, 7.5))
    story.check()
