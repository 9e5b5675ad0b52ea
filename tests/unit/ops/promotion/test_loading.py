"""A load at a stated rate, and reading back what was acknowledged."""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion import load as command
from skafu.ops.promotion.load import Means, check, put
from skafu.ops.promotion.loading import NoAnswer, Plan, Time, drive, latencies, read_back
from skafu.ops.promotion.rules.load import FILE, Latencies, Limits, read

START = 1_795_400_000_000
LIMITS = Limits(
    seconds=60,
    rate=100,
    points=10,
    latency_ms=Latencies(p50=1, p95=2, p99=3),
    error_share=0,
)


class Wall:
    """A clock that moves when somebody waits, or works."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.lock = threading.Lock()

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.seconds += seconds

    @property
    def time(self) -> Time:
        return Time(self.now, self.sleep)


class System:
    """The API, in memory: points by series and second. `work` is done for each request, by its
    number; `stored` may change what is kept of a point, by number and series.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.points: dict[tuple[str, str, int], list[float]] = defaultdict(list)
        self.work: Callable[[int], None] = lambda number: None
        self.answers: dict[int, tuple[int, Any] | NoAnswer] = {}
        self.kept: Callable[[int, int, float], list[float]] = lambda number, series, value: [value]
        self.keys: list[str] = []
        self.lock = threading.Lock()
        self.most_series = 0

    def __call__(self, path: str, body: Any, key: str | None) -> tuple[int, Any]:
        if path == "/api/metrics/query":
            return self.query(body)
        assert path == "/api/metrics" and key is not None
        number = int(key.rpartition("-")[2])
        self.work(number)
        answer = self.answers.get(number)
        if isinstance(answer, NoAnswer):
            raise answer
        with self.lock:
            self.keys.append(key)
            if answer is None:
                self.store(number, body["metrics"])
        return answer or (202, {"accepted": len(body["metrics"]), "rejected": []})

    def store(self, number: int, metrics: list[Mapping[str, Any]]) -> None:
        for each in metrics:
            tags = each["tags"]
            assert tags["run"] == self.plan.run and each["name"] == "skafu.load"
            place = (tags["slot"], tags["series"], each["timestamp"] // 1000 * 1000)
            self.points[place] += self.kept(number, int(tags["series"]), each["value"])

    def query(self, body: Any) -> tuple[int, Any]:
        [query] = body["queries"]
        told = {each["tag"]: each["value"] for each in query["filters"]}
        assert (query["statistic"], query["period"], query["group_by"]) == ("sum", 1, ["slot"])
        assert told["run"] == self.plan.run
        seconds = range(body["start"], body["end"], 1000)
        assert body["start"] % 1000 == 0 and len(seconds) > 0
        slots = {slot for slot, series, _ in self.points if series == told["series"]}
        assert len(slots) * len(seconds) <= 100_800 and len(slots) <= 500
        found = [
            {
                "tags": {"slot": slot},
                "timestamps": list(seconds),
                "values": [
                    sum(self.points.get((slot, told["series"], at), ())) or None for at in seconds
                ],
            }
            for slot in sorted(slots)
        ]
        return 200, {"results": [{"id": "a", "series": found}]}


def plan(seconds: float = 3, rate: float = 4, points: int = 2) -> Plan:
    return Plan("load-x", START, seconds, rate, points)


# --- sending --------------------------------------------------------------------------------------


def test_each_request_is_sent_when_it_is_due() -> None:
    wall, asked = Wall(), plan()
    system, times = System(asked), []
    system.work = lambda number: times.append(wall.seconds)
    outcome = drive(asked, system, wall.time, 1)
    assert times == [100 + number / 4 for number in range(12)]
    assert outcome.acknowledged == set(range(12)) and not outcome.failures
    assert outcome.last_sent == 2.75


def test_latency_is_counted_from_when_a_request_was_due() -> None:
    wall, asked = Wall(), plan(seconds=1)
    system = System(asked)
    # The first one takes a second: the others wait for it, and their users with them.
    system.work = lambda number: wall.sleep(1.0 if number == 0 else 0.0)
    outcome = drive(asked, system, wall.time, 1)
    assert outcome.latencies == [1000.0, 750.0, 500.0, 250.0]


def test_many_at_once_send_each_request_once() -> None:
    wall, asked = Wall(), plan(seconds=50)
    system = System(asked)
    outcome = drive(asked, system, wall.time, 16)
    assert sorted(system.keys) == sorted(asked.key(number) for number in range(200))
    assert len(outcome.acknowledged) == len(outcome.latencies) == 200
    assert read_back(asked, outcome.acknowledged, system) == 400


def test_only_a_full_202_is_an_acknowledgement() -> None:
    wall, asked = Wall(), plan()
    system = System(asked)
    system.answers = {
        1: (429, {}),
        2: (500, None),
        3: NoAnswer("ReadTimeoutError"),
        4: (202, {"accepted": 1, "rejected": [{}]}),
        5: (200, {"accepted": 2, "rejected": []}),
    }
    outcome = drive(asked, system, wall.time, 1)
    assert outcome.acknowledged == {0, 6, 7, 8, 9, 10, 11}
    assert outcome.failures == {
        "429": 1,
        "500": 1,
        "ReadTimeoutError": 1,
        "rejected points": 1,
        "200": 1,
    }
    assert len(outcome.latencies) == 12


def test_a_mistake_of_its_own_is_no_failure_of_the_system() -> None:
    def broken(_path: str, _body: object, _key: str | None) -> tuple[int, Any]:
        raise RuntimeError("a mistake")

    with pytest.raises(RuntimeError, match="a mistake"):
        drive(plan(), broken, Wall().time, 2)


@pytest.mark.parametrize("rate", [0.5, 1, 3.7, 100])
def test_no_series_has_two_points_in_a_second_and_no_two_values_are_the_same(rate: float) -> None:
    asked = plan(seconds=20, rate=rate, points=3)
    seen, values = set(), set()
    for number in range(asked.requests):
        for each in asked.body(number)["metrics"]:  # type: ignore[attr-defined]  # JSON
            seen.add((tuple(sorted(each["tags"].items())), each["timestamp"]))
            values.add(each["value"])
    assert len(seen) == len(values) == asked.requests * 3
    assert all(at % 1000 == 0 for _, at in seen)


def test_points_are_of_about_the_time_at_which_they_are_sent() -> None:
    asked = plan(seconds=20)
    assert [asked.at(n) for n in (0, 3, 4, 79)] == [START + s * 1000 for s in (0, 0, 1, 19)]


# --- reading back ---------------------------------------------------------------------------------


def driven(
    kept: Callable[[int, int, float], list[float]] = lambda number, series, value: [value],
    asked: Plan | None = None,
) -> int:
    asked = asked or plan()
    system = System(asked)
    system.kept = kept
    return read_back(asked, drive(asked, system, Wall().time, 1).acknowledged, system)


def test_all_that_was_acknowledged_is_there() -> None:
    assert driven() == 24
    assert driven(asked=plan(seconds=1.5, rate=3.7, points=3)) == 15


def test_a_range_that_is_too_long_for_one_answer_is_asked_for_in_parts() -> None:
    assert driven(asked=plan(seconds=1, rate=400, points=1)) == 400
    long = plan(seconds=300, rate=400, points=1)
    system, some = System(long), {0, 49_999, 50_000, 119_999}
    for number in some:
        system.store(number, long.body(number)["metrics"])  # type: ignore[arg-type]  # JSON
    assert read_back(long, some, system) == 4


@pytest.mark.parametrize(
    "kept",
    [
        lambda value: [],
        lambda value: [value, value],
        lambda value: [value + 1],
    ],
    ids=["lost", "stored twice", "changed"],
)
def test_a_point_that_is_lost_doubled_or_changed_is_missed(
    kept: Callable[[float], list[float]],
) -> None:
    def one(number: int, series: int, value: float) -> list[float]:
        return kept(value) if (number, series) == (7, 1) else [value]

    assert driven(one) == 23


def test_what_was_not_acknowledged_is_not_asked_for() -> None:
    asked = plan()
    system = System(asked)
    system.answers = {3: (500, None)}
    outcome = drive(asked, system, Wall().time, 1)
    assert read_back(asked, outcome.acknowledged, system) == 22


def test_where_nothing_was_acknowledged_there_is_nothing_to_ask_for() -> None:
    def away(_path: str, _body: object, _key: str | None) -> tuple[int, Any]:
        raise NoAnswer("NewConnectionError")

    outcome = drive(plan(), away, Wall().time, 1)
    assert outcome.failures == {"NewConnectionError": 12}
    assert read_back(plan(), outcome.acknowledged, away) == 0


def test_an_api_that_does_not_tell_has_not_shown_it() -> None:
    def silent(_path: str, _body: object, _key: str | None) -> tuple[int, Any]:
        return 503, {"title": "Service Unavailable"}

    with pytest.raises(NoAnswer, match="what was stored cannot be read: 503"):
        read_back(plan(), {0}, silent)


# --- the report and the command -------------------------------------------------------------------


def test_percentiles_are_of_the_nearest_rank() -> None:
    found = latencies([float(n) for n in range(100, 0, -1)])
    assert found == Latencies(p50=50, p95=95, p99=99)
    assert latencies([7.0]) == Latencies(p50=7, p95=7, p99=7)


def test_the_report_has_what_the_gate_asks_for() -> None:
    asked, wall = plan(), Wall()
    system = System(asked)
    system.answers = {3: (429, {})}
    system.kept = lambda number, series, value: [] if number == 7 else [value]
    means = Means(clock=lambda: START, time=wall.time)
    found = put(asked, "staging", "20261123T120000Z-aaaaaaaa", system, means)
    assert (found.environment, found.release) == ("staging", "20261123T120000Z-aaaaaaaa")
    assert (found.requests, found.errors, found.failures) == (12, 1, {"429": 1})
    assert (found.acknowledged, found.read_back, found.lost) == (22, 20, 2)
    assert found.sent_rate == pytest.approx(4)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"points": 100}, "600,000 points a minute are more than"),
        ({"rate": 501, "points": 1}, "At most 500 requests a second can be read back"),
        ({"rate": 110, "points": 100}, "more than"),
    ],
)
def test_more_than_skafus_own_tenant_may_do_is_refused(more: dict[str, int], told: str) -> None:
    with pytest.raises(Refused, match=told):
        check(LIMITS.model_copy(update=more))
    check(LIMITS)


@pytest.mark.parametrize("environment", read(FILE))
def test_what_the_project_asks_for_can_be_done(environment: str) -> None:
    check(read(FILE)[environment])


def test_an_environment_without_a_load_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert command.main(["--environment", "production"]) == 1
    assert "tells no load for production" in capsys.readouterr().err
    limits = tmp_path / "limits.json"
    limits.write_text(json.dumps({"local": LIMITS.model_dump()}), encoding="utf-8")
    line = ["--environment", "local", "--limits", str(limits), "--points", "1000"]
    assert command.main(line) == 1
    assert "Skafu's own tenant" in capsys.readouterr().err
