"""Recorded CloudWatch series, sent live, as history and late, compacted day by day: whatever has
been done with them, every query answers what a recomputation from the files says.

`make nab DIR=<folder of CSV files with timestamp,value>`, against the running system. Files are
moved by whole minutes so that they end now. Most points are sent as if live, by a clock that is
played forward; a part as history, by the gateway; some after their days were merged.
"""

import json
import math
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from skafu.metrics.groups import group_from
from skafu.metrics.rollups import ROLLUP_SERIES
from skafu.shared import keys
from skafu.shared.capacity import item_size
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS
from skafu.shared.metering import MeteredTable
from skafu.shared.table import Query

from local import history
from tests.integration.playing import Player, Sent, player, without_schedule, wrong_answers
from tests.integration.system import System, now_ms

STATISTICS = ("avg", "sum", "min", "max", "count", "last", "p50", "p90", "p99", "stddev")
PERIODS = (300, 900, 3_600, 86_400)
BATCH = 10_000
_FAMILY = re.compile(r"(.+?)_([0-9a-z-]+)$")


@dataclass(frozen=True)
class Row:
    """A value of one file; metric and id tell which."""

    at: int
    value: float
    metric: str
    id: str

    def point(self) -> dict[str, Any]:
        """As clients send it."""
        tags = {"id": self.id}
        return {"name": self.metric, "value": self.value, "timestamp": self.at, "tags": tags}


def rows_of(path: Path, now: int) -> list[Row]:
    """A file's rows, moved so that the last one is of this minute."""
    found = _FAMILY.match(path.stem)
    family, name = found.groups() if found else (path.stem, path.stem)
    rows = history.read(path)
    shift = (now - rows[-1].at) // MINUTE_MS * MINUTE_MS
    return [Row(row.at + shift, row.value, f"nab.{family}", name) for row in rows]


class Recordings:
    """All files, what has become of their rows, and who sends and compacts."""

    def __init__(self, system: System, folder: Path) -> None:
        self.now = now_ms()
        paths = sorted(folder.glob("*.csv"))
        assert paths, f"no CSV files in {folder}: make nab DIR=..."
        rows = sorted((x for p in paths for x in rows_of(p, self.now)), key=lambda row: row.at)
        self.start = rows[0].at // DAY_MS * DAY_MS
        self.player = player(system, self.start)
        # Of ten rows seven were live when they were new, two are history, and one comes late: two
        # hours ago, so not what was measured since. The last minutes are live now.
        open_from, late_to = self.now // BUCKET_MS * BUCKET_MS, self.now - 3 * HOUR_MS
        self.live: list[Row] = []
        self.history: list[Row] = []
        self.late: list[Row] = []
        self.newest: list[Row] = []
        for number, row in enumerate(rows):
            if row.at >= open_from:
                self.newest.append(row)
            elif number % 10 < 7:
                self.live.append(row)
            elif number % 10 == 9 and row.at < late_to:
                self.late.append(row)
            else:
                self.history.append(row)
        self._sent: dict[str, dict[str, list[tuple[int, float]]]] = {}
        for row in rows:
            self._sent.setdefault(row.metric, defaultdict(list))

    @property
    def sent(self) -> Sent:
        return {metric: dict(series) for metric, series in self._sent.items() if series}

    def play(self, rows: Sequence[Row]) -> None:
        """Send rows live: those of a quarter of an hour together, just before it ends."""
        for bucket, some in groupby(rows, lambda row: row.at // BUCKET_MS * BUCKET_MS):
            self.player.clock.now = bucket + BUCKET_MS - 1
            self._play(list(some), f"live {bucket}")

    def play_late(self, rows: Sequence[Row], sent: int) -> None:
        """Send rows as if this had been done at `sent`."""
        self.player.clock.now = sent
        for i in range(0, len(rows), BATCH):
            self._play(rows[i : i + BATCH], f"late {sent} {i}")

    def _play(self, rows: Sequence[Row], key: str) -> None:
        self.player.played.send([row.point() for row in rows], key)
        self._note(rows)

    def post(self, rows: Sequence[Row], key: str) -> None:
        """Send rows by the gateway, now, compressed and in the largest batches."""
        for i in range(0, len(rows), BATCH):
            some = rows[i : i + BATCH]
            body = {"metrics": [row.point() for row in some]}
            answer = self.player.api.call("POST", "/api/metrics", body, key=f"{key} {i}")
            assert (answer.status, answer.json()["accepted"]) == (202, len(some)), answer.body
            self._note(some)

    def _note(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._sent[row.metric][row.id].append((row.at, row.value))

    def check(self, periods: Sequence[int] = PERIODS) -> int:
        """Ask for everything; how many numbers were compared."""
        end = (self.now // DAY_MS + 1) * DAY_MS
        for period in periods:
            wrong = wrong_answers(self.player.api, self.sent, STATISTICS, period, (self.start, end))
            assert not wrong, (len(wrong), wrong[:20])
        return sum(len(series) for series in self.sent.values()) * len(STATISTICS) * len(periods)


@pytest.fixture(scope="module")
def recordings(running: System) -> Iterator[Recordings]:
    with without_schedule(running):
        yield Recordings(running, Path(os.environ["DIR"]))


# One story, told in stretches.


def test_before_anything_is_compacted(recordings: Recordings) -> None:
    recordings.play(recordings.live)
    recordings.check()


def test_when_half_of_it_is_merged(recordings: Recordings) -> None:
    recordings.player.compact(recordings.start + 8 * DAY_MS + 7 * HOUR_MS)
    generations = recordings.player.generations()
    assert set(generations) >= {recordings.start + day * DAY_MS for day in range(8)}
    recordings.check()


def test_with_history_that_was_sent_behind_it(recordings: Recordings) -> None:
    recordings.post(recordings.history, "history")
    recordings.post(recordings.newest, "newest")
    assert recordings.player.late() > 0
    recordings.check((3_600, 86_400))


def test_when_all_of_it_is_merged(recordings: Recordings) -> None:
    recordings.player.compact()
    today = recordings.now // DAY_MS * DAY_MS
    days = set(range(recordings.start, today, DAY_MS))
    assert set(recordings.player.generations()) >= days
    recordings.check()


def test_with_more_than_one_generation_of_every_day(recordings: Recordings) -> None:
    # Folding waits for an hour after receipt.
    recordings.play_late(recordings.late[::2], recordings.now - 2 * HOUR_MS)
    recordings.check((3_600, 86_400))
    recordings.player.compact()
    recordings.play_late(recordings.late[1::2], recordings.now - 90 * MINUTE_MS)
    recordings.check((3_600, 86_400))
    recordings.player.compact()
    today = recordings.now // DAY_MS * DAY_MS
    generations = recordings.player.generations()
    assert all(generations[day] >= 3 for day in range(recordings.start, today, DAY_MS))
    # What came late today waits until today is merged.
    assert recordings.player.late(before=today) == 0
    recordings.check()


def test_a_dashboard_of_30_days_is_answered_from_rollups(
    recordings: Recordings, capsys: pytest.CaptureFixture[str]
) -> None:
    table = MeteredTable(recordings.player.table)
    api = recordings.player.at(now_ms, table)
    end = recordings.now // HOUR_MS * HOUR_MS
    start = end - 30 * DAY_MS
    body = {"start": start, "end": end, "queries": _panels(recordings.sent)}
    api.ask(body)  # what a process remembers: who is asking, quotas, groups
    table.forget()
    api.ask(body)
    used = table.used
    formula = rollup_units(recordings.player, start, end)
    with capsys.disabled():
        print(
            f"\n20 queries over 30 days: {used.rru} RRU, {used.calls} calls, "
            f"{json.dumps(used.rru_by_kind)}; rollups by the formula: {formula}"
        )
    assert used.rru_by_kind[keys.ROLLUPS] == formula
    # What is beside them: manifests, late items, and what today's buckets are made of.
    assert not used.rru_by_kind.get(keys.DAYS) and not used.rru_by_kind.get(keys.SKETCHES)


def rollup_units(whose: Player, start: int, end: int) -> float:
    """What reading every rollup once costs: for each part of a group one query of the range, half a
    read unit for each 4 KB or part of them.
    """
    total = 0.0
    between = keys.merged_range(start, end)
    for group in whose.table.query_all(Query(keys.groups(whose.tenant))):
        series = len(group_from(group).series)
        for part in range(-(-series // ROLLUP_SERIES)):
            pk = keys.merged(whose.tenant, 0, keys.ROLLUPS, str(group["sk"]), part)
            items = whose.table.query_all(Query(pk, between=between))
            size = sum(map(item_size, items))
            total += math.ceil(size / 4096) / 2
    return total


def _panels(sent: Sent) -> list[dict[str, Any]]:
    """Twenty queries such as a dashboard has."""
    metrics = sorted(sent)
    statistics = ("avg", "max", "min", "sum", "count")
    return [
        {
            "id": f"q{i}",
            "metric": metrics[i % len(metrics)],
            "statistic": statistics[i % len(statistics)],
            "period": 3_600,
            "group_by": ["id"] if i % 2 else [],
        }
        for i in range(20)
    ]
