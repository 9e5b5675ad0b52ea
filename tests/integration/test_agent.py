"""The agent's way through the deployed gateway: in full, by columns, and after trouble."""

from pathlib import Path
from typing import Any

from skafu.shared.clock import system_clock

from local import columnar
from local.api import Answer, Api, fetch
from local.sender import Sender
from local.spool import Spool
from tests.integration.system import System, point, unique
from tests.integration.test_metrics import MINUTE, minute_before_last, query


class Watched:
    """Lets every request through to the gateway, and remembers the answers."""

    def __init__(self) -> None:
        self.statuses: list[int] = []

    def __call__(self, method: str, url: str, body: bytes | None, headers: Any) -> Answer:
        answer = fetch(method, url, body, headers)
        self.statuses.append(answer.status)
        return answer


def sender(system: System, folder: Path) -> tuple[Sender, Watched]:
    watched = Watched()
    api = Api(system.stack["api_url"], system.machine().token, watched)
    return Sender(api, Spool(folder), system_clock), watched


def points(metric: str, at: int, value: float) -> list[dict[str, Any]]:
    return [point(metric, value + i, at + i, host=host) for i, host in enumerate("abc")]


def totals(system: System, metric: str, start: int) -> dict[str, list[float]]:
    series = query(system.machine(), metric, "sum", start, start + 2 * MINUTE, group_by=["host"])
    return {each["tags"]["host"]: each["values"] for each in series}


def test_a_batch_by_columns_stores_what_one_in_full_does(system: System, tmp_path: Path) -> None:
    metric, start = unique("columns"), minute_before_last()
    sending, watched = sender(system, tmp_path)
    for value in (10.0, 20.0, 30.0):
        sending.keep(points(metric, start + int(value), value))
        assert (batch := sending.spool.oldest) is not None
        assert bool(batch.layout) == (value > 10.0)
        sending.send()
    assert watched.statuses == [202, 202, 202]
    assert totals(system, metric, start) == {
        "a": [60.0, None],
        "b": [63.0, None],
        "c": [66.0, None],
    }


def test_a_layout_that_the_server_does_not_know_costs_one_more_request(
    system: System, tmp_path: Path
) -> None:
    metric, start = unique("unknown"), minute_before_last()
    sending, watched = sender(system, tmp_path)
    body = points(metric, start, 1.0)
    sending.spool.append(body, metric, columnar.layout_name(body))
    sending.send()
    assert watched.statuses == [409, 202]
    assert totals(system, metric, start)["c"] == [3.0, None]


def test_what_was_sent_twice_for_want_of_an_answer_is_stored_once(
    system: System, tmp_path: Path
) -> None:
    metric, start = unique("again"), minute_before_last()
    body = points(metric, start, 1.0)
    for _ in range(2):
        sending, watched = sender(system, tmp_path)
        sending.spool.append(body, metric, "")
        sending.send()
        assert watched.statuses == [202]
    assert totals(system, metric, start)["a"] == [1.0, None]
