"""An agent and an API that is not always there; time stands still until a test moves it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local import columnar
from local.api import Answer, Api
from local.sender import FIRST_PAUSE_MS, LONGEST_PAUSE_MS, Batcher, Sender
from local.spool import Spool
from tests.support.clocks import NOON
from tests.support.http_script import says
from tests.support.sending import World, points

FINE = says(202, {"accepted": 1, "rejected": []})
DOWN = OSError("nobody there")


def test_a_batch_goes_compressed_and_leaves_nothing_behind(tmp_path: Path) -> None:
    world = World(tmp_path, FINE)
    world.send(1.0)
    [asked] = world.script.asked
    assert (asked.method, asked.url) == ("POST", "http://api.example/api/metrics")
    assert asked.headers["Content-Encoding"] == "gzip"
    assert asked.json() == {"metrics": points(1.0)}
    assert len(world.sender.spool) == 0


def test_what_could_not_be_sent_goes_first_with_the_key_it_had(tmp_path: Path) -> None:
    world = World(tmp_path, DOWN, FINE)
    world.send(1.0)
    world.clock.advance(FIRST_PAUSE_MS)
    world.send(2.0)
    assert world.values == [1.0, 1.0, 2.0]
    assert world.keys == ["key0", "key0", "key1"]


def test_what_could_not_be_sent_survives_a_restart(tmp_path: Path) -> None:
    world = World(tmp_path, DOWN, FINE)
    world.send(1.0)
    world.restart().send()
    assert world.values == [1.0, 1.0]
    assert world.keys == ["key0", "key0"]


def test_a_batch_that_was_never_tried_survives_a_restart_too(tmp_path: Path) -> None:
    world = World(tmp_path, FINE)
    world.sender.keep(points(1.0))
    world.restart().send()
    assert world.values == [1.0]


@pytest.mark.parametrize(
    "trouble", [DOWN, says(500), says(503), says(429), says(401), says(408), says(425)]
)
def test_while_it_pauses_nothing_is_tried_and_nothing_is_lost(
    tmp_path: Path, trouble: Answer | Exception
) -> None:
    world = World(tmp_path, trouble, FINE)
    world.send(1.0)
    world.clock.advance(FIRST_PAUSE_MS - 1)
    world.send(2.0)
    assert world.values == [1.0]
    world.clock.advance(1)
    world.sender.send()
    assert world.values == [1.0, 1.0, 2.0]
    assert len(world.sender.spool) == 0


def test_pauses_double_up_to_a_limit_and_begin_anew_after_a_success(tmp_path: Path) -> None:
    world = World(tmp_path, *[DOWN] * 10, FINE, DOWN)
    pauses = []
    world.sender.keep(points(1.0))
    for _ in range(10):
        world.sender.send()
        pauses.append(world.sender.due - world.clock())
        world.clock.now = world.sender.due
    assert pauses[:4] == [1_000, 2_000, 4_000, 8_000]
    assert pauses[-2:] == [LONGEST_PAUSE_MS, LONGEST_PAUSE_MS]
    world.sender.send()
    world.send(2.0)
    assert world.sender.due - world.clock() == FIRST_PAUSE_MS


@pytest.mark.parametrize(("jitter", "pause"), [(0.0, 0), (0.25, 1_000), (1.0, 4_000)])
def test_a_pause_is_any_part_of_its_longest(tmp_path: Path, jitter: float, pause: int) -> None:
    world = World(tmp_path, DOWN, jitter=0.0)
    world.send(1.0)
    world.sender.send()
    world.jitter = jitter
    world.sender.send()
    assert world.sender.due - world.clock() == pause


def test_what_the_api_asks_for_is_waited_for_and_not_by_all_alike(tmp_path: Path) -> None:
    world = World(tmp_path, says(429, retry_after="30"), jitter=0.5)
    world.send(1.0)
    assert world.sender.due - world.clock() == 30_000 + FIRST_PAUSE_MS // 2
    date = says(503, retry_after="Wed, 21 Oct 2026 07:28:00 GMT")
    other = World(tmp_path / "other", date)
    other.send(1.0)
    assert other.sender.due - other.clock() == FIRST_PAUSE_MS


@pytest.mark.parametrize("status", [400, 403, 413, 422])
def test_a_batch_that_is_refused_for_good_holds_up_no_other(tmp_path: Path, status: int) -> None:
    world = World(tmp_path, says(status, {"detail": "no"}), FINE)
    world.send(1.0, "a", "b")
    world.send(2.0)
    assert world.values == [1.0, 2.0]
    assert world.sender.spool.lost == 2


def test_a_batch_that_cannot_be_read_holds_up_no_other(tmp_path: Path) -> None:
    world = World(tmp_path, DOWN, FINE)
    world.send(1.0)
    (file,) = tmp_path.glob("*.batch")
    file.write_bytes(b"nonsense")
    world.clock.advance(FIRST_PAUSE_MS)
    world.send(2.0)
    assert world.values == [1.0, 2.0]
    assert world.sender.spool.lost == 1


# --- by columns -----------------------------------------------------------------------------------


def knows(points_: list[dict[str, Any]]) -> Answer:
    name = columnar.layout_name(points_)
    return says(202, {"accepted": len(points_), "rejected": [], "layout": name})


def is_columnar(world: World) -> list[bool]:
    return ["metrics" not in asked.json() for asked in world.script.asked]


def test_once_the_server_names_the_layout_batches_of_it_go_by_columns(tmp_path: Path) -> None:
    hosts = [f"host-{i}.example" for i in range(50)]
    world = World(tmp_path, knows(points(0.0, *hosts)))
    world.send(1.0, *reversed(hosts))
    world.send(2.0, *hosts)
    world.send(3.0, "c")
    assert is_columnar(world) == [False, True, False]
    size = [len(json.dumps(asked.json())) for asked in world.script.asked]
    assert 2 * size[1] < size[0]


def test_a_layout_that_is_not_known_any_more_is_sent_in_full_at_once(tmp_path: Path) -> None:
    unknown = says(409, {"type": "/problems/unknown-layout"})
    known = knows(points(0.0))
    world = World(tmp_path, known, unknown, known, known)
    for value in (1.0, 2.0, 3.0):
        world.send(value)
    assert is_columnar(world) == [False, True, False, True]
    assert world.values == [1.0, 2.0, 2.0, 3.0]
    assert world.keys == ["key0", "key1", "key1", "key2"]


def test_a_batch_that_may_have_arrived_keeps_its_form(tmp_path: Path) -> None:
    world = World(tmp_path, DOWN, knows(points(0.0)))
    world.sender.keep(points(1.0))
    world.sender.keep(points(2.0))
    world.sender.send()
    world.clock.advance(FIRST_PAUSE_MS)
    world.sender.send()
    world.sender.send()
    assert is_columnar(world) == [False, False, False]
    world.send(3.0)
    assert is_columnar(world)[-1]
    world.restart()
    world.send(4.0)
    assert not is_columnar(world)[-1]


def test_another_name_than_expected_is_not_used(tmp_path: Path) -> None:
    world = World(tmp_path, says(202, {"accepted": 1, "rejected": [], "layout": "another"}))
    world.send(1.0)
    world.send(2.0)
    assert is_columnar(world) == [False, False]


# --- batching -------------------------------------------------------------------------------------


def test_a_batch_is_due_when_it_is_large_or_old() -> None:
    batcher = Batcher(most=3, longest=1_000)
    assert not batcher.due(NOON)
    batcher.add(points(1.0, "a", "b"), NOON)
    assert not batcher.due(NOON + 999)
    assert batcher.due(NOON + 1_000)
    batcher.add(points(2.0, "c", "d"), NOON + 500)
    assert batcher.due(NOON + 500)
    sizes = [len(some) for some in batcher.take()]
    assert sizes == [3, 1]
    assert not batcher.due(NOON + 5_000) and not batcher.take()


def test_the_time_of_a_round_trip_is_counted(tmp_path: Path) -> None:
    world = World(tmp_path, FINE)

    def slowly(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        world.clock.advance(120)
        return world.script(method, url, body, headers)

    api = Api("http://api.example", lambda: "token", slowly, lambda _: None)
    sender = Sender(api, Spool(tmp_path), world.clock)
    sender.keep(points(1.0))
    sender.send()

    assert sender.figures.round_trips == [120]


def test_points_of_a_batch_that_is_refused_as_a_whole_are_counted(tmp_path: Path) -> None:
    world = World(tmp_path, says(422, {"detail": "no"}))
    world.send(1.0, "a", "b", "c")

    told = world.sender.figures.take(NOON, "box", world.sender.spool)

    refused = [x["value"] for x in told if x["tags"].get("outcome") == "refused"]
    lost = [x["value"] for x in told if x["name"] == "skafu.agent.lost"]
    assert (refused, lost) == ([3], [3])
    assert world.sender.figures.refused == 0
