from typing import Any

import pytest
from skafu.shared.clock import Clock

from local import agent
from local.agent import Counters, Sender
from local.api import Answer, Api
from tests.support.clocks import NOON, FakeClock
from tests.support.http_script import HttpScript, says

FINE = says(202, {"accepted": 1, "rejected": []})


def sender(*answers: Answer | Exception) -> tuple[Sender, HttpScript]:
    script = HttpScript(list(answers))
    return Sender(Api("http://api.example", lambda: "token", script, lambda seconds: None)), script


def points(value: float) -> list[dict[str, Any]]:
    return [{"name": "m", "value": value, "timestamp": NOON}]


def values(script: HttpScript) -> list[float]:
    return [asked.json()["metrics"][0]["value"] for asked in script.asked]


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


def test_a_batch_that_cannot_be_sent_goes_with_the_next_one_in_order() -> None:
    trouble = [OSError("down")] * 5
    sending, script = sender(*trouble, FINE)
    sending.send(points(1))
    assert len(sending.waiting) == 1
    sending.send(points(2))
    assert values(script)[5:] == [1, 2]
    assert not sending.waiting


def test_sending_again_uses_the_same_key() -> None:
    sending, script = sender(*[says(503)] * 5, FINE)
    sending.send(points(1))
    sending.send(points(2))
    keys = [asked.headers["Idempotency-Key"] for asked in script.asked]
    assert len(set(keys[:6])) == 1 and keys[6] != keys[0]


def test_a_batch_that_is_refused_is_not_kept() -> None:
    sending, script = sender(says(403, {"detail": "no"}), FINE)
    sending.send(points(1))
    sending.send(points(2))
    assert values(script) == [1, 2]


def test_while_nobody_answers_only_the_newest_hour_is_kept() -> None:
    sending, _ = sender(OSError("down"))
    for value in range(agent.BACKLOG + 5):
        sending.send(points(value))
    assert len(sending.waiting) == agent.BACKLOG
    assert sending.waiting[0][0]["value"] == 5


@pytest.mark.parametrize("rounds", [0, 1, 3])
def test_the_agent_measures_and_sends_until_it_is_told_to_end(rounds: int) -> None:
    clock: Clock = FakeClock()
    sending, script = sender(FINE)
    pauses: list[float] = []

    def wait(seconds: float) -> bool:
        pauses.append(seconds)
        return len(pauses) > rounds

    agent.run(sending, clock, wait)
    assert len(script.asked) == rounds
    assert all(0 < pause <= agent.INTERVAL_S for pause in pauses)
