import math
from pathlib import Path
from typing import Any

import pytest

from skafu.metrics.schemas import IngestRequest

from local import agent
from local.agent import Agent, Counters
from local.api import Answer
from local.sender import Batcher
from tests.support.clocks import NOON, FakeClock
from tests.support.http_script import says
from tests.support.sending import World

FINE = says(202, {"accepted": 1, "rejected": []})


def counters(at: int, count: int) -> Counters:
    return Counters(at, count, count * 2, count * 3, count * 4)


def test_rates_are_bytes_a_second() -> None:
    found = agent.rates(counters(NOON, 1000), counters(NOON + 10_000, 2000))
    assert found == {
        "system.disk.read": 100.0,
        "system.disk.written": 200.0,
        "system.network.received": 300.0,
        "system.network.sent": 400.0,
    }


def test_a_counter_that_went_back_is_no_rate() -> None:
    assert set(agent.rates(counters(NOON, 9), counters(NOON + 10_000, 1)).values()) == {0.0}


def test_one_batch_has_one_moment_and_one_host() -> None:
    batch = agent.batch(NOON, "box", {"a": (1.23456, "Percent")}, {"b": 2.0})
    assert batch == [
        {
            "name": "a",
            "value": 1.235,
            "timestamp": NOON,
            "unit": "Percent",
            "tags": {"host": "box"},
        },
        {
            "name": "b",
            "value": 2.0,
            "timestamp": NOON,
            "unit": "Bytes/Second",
            "tags": {"host": "box"},
        },
    ]


def test_this_machine_has_the_figures_that_are_promised() -> None:
    found = agent.gauges(NOON)
    families = {name.split(".")[1] for name in found}
    assert {"cpu", "memory", "disk"} <= families
    assert all(isinstance(value, int | float) for value, _ in found.values())


def test_moments_are_in_the_middle_of_ten_seconds() -> None:
    assert agent.next_moment(1_000_000_000.0) == 1_000_000_005.0
    assert agent.next_moment(1_000_000_005.0) == 1_000_000_015.0
    assert agent.next_moment(1_000_000_014.9) == 1_000_000_015.0


class Life:
    """Waits by moving the clock, and says after some waits that it is time to end."""

    def __init__(self, clock: FakeClock, rounds: int) -> None:
        self.clock = clock
        self.rounds = rounds
        self.pauses: list[float] = []

    def __call__(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        self.clock.advance(math.ceil(seconds * 1000))
        return len(self.pauses) > self.rounds


def living(folder: Path, *answers: Answer | Exception, wait: int = 0) -> tuple[Agent, World]:
    """An agent over a sender's world, whose batches may wait for so many milliseconds."""
    world = World(folder, *answers)
    return Agent(world.sender, Batcher(1_000, wait), world.clock), world


@pytest.mark.parametrize("rounds", [0, 1, 3])
def test_the_agent_measures_and_sends_until_it_is_told_to_end(tmp_path: Path, rounds: int) -> None:
    running, world = living(tmp_path, FINE)
    life = Life(world.clock, rounds)
    running.run(life)
    assert len(world.script.asked) == rounds
    assert all(0 < pause <= agent.INTERVAL_S for pause in life.pauses)
    moments = {each["timestamp"] for x in world.script.asked for each in x.json()["metrics"]}
    assert moments == {NOON + 5_000 + i * 10_000 for i in range(rounds)}


def test_it_tries_again_as_soon_as_it_may_and_goes_on_measuring(tmp_path: Path) -> None:
    running, world = living(tmp_path, OSError("down"), FINE)
    life = Life(world.clock, 3)
    running.run(life)
    # Measured and refused after 5 s, tried again a second later, measured again after 15 s.
    assert life.pauses[:3] == [5.0, 1.0, 9.0]
    assert len(world.script.asked) == 3
    assert world.keys[0] == world.keys[1] != world.keys[2]


def test_several_moments_make_a_batch_where_it_may_wait_for_them(tmp_path: Path) -> None:
    running, world = living(tmp_path, FINE, wait=20_000)
    running.run(Life(world.clock, 3))
    (asked,) = world.script.asked
    moments = {point["timestamp"] for point in asked.json()["metrics"]}
    assert len(moments) == 3


def test_what_was_measured_when_it_ends_is_sent_by_the_next_one(tmp_path: Path) -> None:
    running, world = living(tmp_path, FINE, wait=60_000)
    running.run(Life(world.clock, 1))
    assert not world.script.asked
    world.restart().send()
    assert len(world.script.asked) == 1


def told(world: World) -> list[dict[str, float]]:
    """What the agent said of itself, request by request: value by name, and outcome if there is
    one.
    """
    found = []
    for asked in world.script.asked:
        own = [x for x in asked.json()["metrics"] if x["name"].startswith("skafu.agent.")]
        found.append({"/".join([x["name"], *_outcome(x)]): x["value"] for x in own})
    return found


def _outcome(point: dict[str, Any]) -> list[str]:
    return [point["tags"]["outcome"]] if "outcome" in point["tags"] else []


def test_it_tells_what_came_of_sending(tmp_path: Path) -> None:
    partly = says(202, {"accepted": 3, "rejected": [{"index": 0}, {"index": 1}]})
    running, world = living(tmp_path, partly, says(202, {"accepted": 7, "rejected": []}))
    running.run(Life(world.clock, 3))

    requests = told(world)

    nothing = {
        "skafu.agent.points/accepted": 0,
        "skafu.agent.points/refused": 0,
        "skafu.agent.failures": 0,
        "skafu.agent.spooled": 0,
        "skafu.agent.backlog": 0,
        "skafu.agent.lost": 0,
    }
    assert requests[0] == nothing
    partial = {"skafu.agent.points/accepted": 3, "skafu.agent.points/refused": 2}
    assert requests[1] == nothing | partial | {"skafu.agent.round_trip": 0}
    assert requests[2]["skafu.agent.points/accepted"] == 7
    assert requests[2]["skafu.agent.points/refused"] == 0


def test_it_tells_how_much_waits_and_what_failed(tmp_path: Path) -> None:
    running, world = living(tmp_path, *[OSError("down")] * 4, FINE)
    running.run(Life(world.clock, 8))

    # Measured after 5 s and tried then and after 6, 8 and 12 s; measured again after 15 s.
    waited = [each for each in told(world) if each["skafu.agent.spooled"]]

    assert waited[0]["skafu.agent.spooled"] == 1
    assert waited[0]["skafu.agent.backlog"] > 0
    assert waited[0]["skafu.agent.failures"] == 4
    assert waited[0]["skafu.agent.points/accepted"] == 0
    assert "skafu.agent.round_trip" not in waited[0]


def test_its_figures_are_points_that_the_api_takes(tmp_path: Path) -> None:
    running, world = living(tmp_path, FINE)
    running.run(Life(world.clock, 2))

    body = world.script.asked[1].json()

    IngestRequest.model_validate(body)
    units = {x["name"]: x["unit"] for x in body["metrics"]}
    assert units["skafu.agent.round_trip"] == "Milliseconds"
    assert units["skafu.agent.points"] == "Count"
    assert units["skafu.agent.backlog"] == "Bytes"
