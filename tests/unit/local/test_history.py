import json
from pathlib import Path
from typing import Any

import pytest

from local import history
from local.api import Answer, Api
from local.history import Row
from local.home import Refused
from tests.support.clocks import FakeClock
from tests.support.http_script import HttpScript, says

MINUTE = 60_000
NOW = 1_795_341_783_554


class Accepting(HttpScript):
    """Accepts every point but those with a value that is listed."""

    def __init__(self, *unwanted: float) -> None:
        super().__init__([says(202)])
        self.unwanted = unwanted

    def __call__(self, *request: Any) -> Answer:
        super().__call__(*request)
        points = self.asked[-1].json()["metrics"]
        rejected = [
            {"index": i, "field": "value", "reason": "no"}
            for i, each in enumerate(points)
            if each["value"] in self.unwanted
        ]
        return says(202, {"accepted": len(points) - len(rejected), "rejected": rejected})

    def points(self) -> list[dict[str, Any]]:
        """All points that were sent."""
        return [point for asked in self.asked for point in asked.json()["metrics"]]


def api(script: HttpScript) -> Api:
    return Api("http://api.example", lambda: "token", script, lambda seconds: None)


def every_five_minutes(count: int) -> list[Row]:
    """Rows of 2014, values 0, 1, 2..."""
    return [Row(1_397_088_240_000 + i * 5 * MINUTE, float(i)) for i in range(count)]


def file(folder: Path, text: str) -> Path:
    path = folder / "cpu load.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read_in_order_of_time(tmp_path: Path) -> None:
    path = file(tmp_path, "timestamp,value\n2014-04-10 00:09:00,2\n2014-04-10 00:04:00,91.958\n")
    assert history.read(path) == [Row(1397088240000, 91.958), Row(1397088540000, 2.0)]


def test_a_time_zone_is_honoured(tmp_path: Path) -> None:
    path = file(tmp_path, "timestamp,value\n2014-04-10T02:04:00+02:00,1\n")
    assert history.read(path)[0].at == 1397088240000


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("timestamp,value\n2014-04-10 00:04:00,1\nyesterday,2\n", "line 3"),
        ("timestamp,value\n2014-04-10 00:04:00,much\n", "line 2"),
        ("time,reading\n1,2\n", "expected timestamp,value"),
        ("timestamp,value\n", "no rows"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        history.read(file(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no file"):
        history.read(tmp_path / "nothing.csv")


def test_a_metric_is_named_like_its_file() -> None:
    assert history.metric_of(Path("nab/ec2 cpu (1).csv")) == "ec2_cpu__1_"


def test_history_ends_now_moved_by_whole_minutes() -> None:
    script = Accepting()
    rows = every_five_minutes(3)
    summary = history.backfill(api(script), rows, "m", NOW)
    assert summary.shift % MINUTE == 0
    assert NOW - MINUTE < summary.last <= NOW
    sent = [point["timestamp"] for point in script.points()]
    assert sent == [row.at + summary.shift for row in rows]
    assert [point["value"] for point in script.points()] == [0.0, 1.0, 2.0]
    assert (summary.sent, summary.accepted, summary.rejected) == (3, 3, 0)


def test_history_goes_in_batches_each_with_a_key_of_its_own() -> None:
    script = Accepting()
    history.backfill(api(script), every_five_minutes(25_000), "m", NOW)
    assert [len(asked.json()["metrics"]) for asked in script.asked] == [10_000, 10_000, 5_000]
    keys = [asked.headers["Idempotency-Key"] for asked in script.asked]
    assert len(set(keys)) == 3
    again = Accepting()
    history.backfill(api(again), every_five_minutes(25_000), "m", NOW)
    assert [asked.headers["Idempotency-Key"] for asked in again.asked] == keys


def test_rejected_points_are_counted_and_told() -> None:
    told: list[str] = []
    script = Accepting(1.0)
    summary = history.backfill(api(script), every_five_minutes(3), "m", NOW, told.append)
    assert (summary.accepted, summary.rejected) == (2, 1)
    assert "rejected" in told[0]


def test_a_refused_batch_counts_as_rejected() -> None:
    told: list[str] = []
    script = HttpScript([says(403, {"detail": "viewers may not"})])
    summary = history.backfill(api(script), every_five_minutes(3), "m", NOW, told.append)
    assert (summary.accepted, summary.rejected) == (0, 3)
    assert "viewers may not" in told[0]


def test_a_replay_sends_a_value_every_step_stamped_with_the_time_of_sending(
    tmp_path: Path,
) -> None:
    clock, script = FakeClock(NOW), Accepting()
    journal = tmp_path / "replay.log"
    summary = history.replay(
        api(script),
        every_five_minutes(4),
        "m",
        2.0,
        history.journal(journal),
        clock,
        lambda seconds: clock.advance(int(seconds * 1000)),
    )
    stamps = [point["timestamp"] for point in script.points()]
    assert stamps == [NOW, NOW + 2000, NOW + 4000, NOW + 6000]
    entries = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [(e["row"], e["value"], e["timestamp"], e["accepted"]) for e in entries] == [
        (i, float(i), stamp, True) for i, stamp in enumerate(stamps)
    ]
    assert (summary.first, summary.last, summary.rejected) == (NOW, NOW + 6000, 0)


def test_a_replay_does_not_lose_pace_when_answers_are_slow() -> None:
    clock = FakeClock(NOW)

    class Slow(Accepting):
        def __call__(self, *request: Any) -> Answer:
            clock.advance(700)
            return super().__call__(*request)

    script = Slow()
    history.replay(
        api(script),
        every_five_minutes(3),
        "m",
        1.0,
        lambda entry: None,
        clock,
        lambda seconds: clock.advance(int(seconds * 1000)),
    )
    assert [point["timestamp"] for point in script.points()] == [NOW, NOW + 1000, NOW + 2000]


def test_what_a_replay_was_refused_is_in_its_journal() -> None:
    clock, entries = FakeClock(NOW), list[dict[str, Any]]()
    summary = history.replay(
        api(Accepting(1.0)),
        every_five_minutes(2),
        "m",
        0.0,
        entries.append,
        clock,
        lambda seconds: None,
    )
    assert [entry["accepted"] for entry in entries] == [True, False]
    assert "no" in entries[1]["said"][0]
    assert summary.rejected == 1


def test_a_stretch_begins_at_a_row_or_a_time() -> None:
    rows = every_five_minutes(5)
    assert history.stretch(rows, "2", None) == rows[2:]
    assert history.stretch(rows, "1", 2) == rows[1:3]
    assert history.stretch(rows, "2014-04-10 00:10:00", 1) == rows[2:3]
    for nowhere in ("5", "2020-01-01"):
        with pytest.raises(Refused, match="no rows"):
            history.stretch(rows, nowhere, None)
