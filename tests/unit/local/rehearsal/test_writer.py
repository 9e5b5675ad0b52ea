"""The machines that write: every point is tried until it is taken, with one key."""

import gzip
import json
from threading import Lock

import pytest

from local.home import Refused
from local.rehearsal.ledger import Ledger
from local.rehearsal.writer import HOSTS, Point, Writer, wait_until


class Service:
    """Answers the first tries of each point with failures, then 202."""

    def __init__(self, failures: int) -> None:
        self.tries: dict[str, list[Point]] = {}
        self._failures = failures
        self._lock = Lock()

    def __call__(self, point: Point) -> int:
        with self._lock:
            tries = self.tries.setdefault(point.key, [])
            tries.append(point)
            return 202 if len(tries) > self._failures else 500


def written(service: Service, ledger: Ledger) -> Writer:
    writer = Writer(service, ledger, pause_s=0.001)
    writer.start()
    wait_until(lambda: ledger.acknowledged >= len(HOSTS), 10, "nothing was taken")
    return writer


def test_a_point_that_was_not_taken_is_tried_again_with_its_key() -> None:
    service, ledger = Service(failures=2), Ledger()
    written(service, ledger).stop(patience_s=10)
    assert {len(tries) for tries in service.tries.values()} == {3}
    assert all(len({(x.cell, x.value) for x in tries}) == 1 for tries in service.tries.values())
    balance = ledger.balance(
        {tries[0].cell: (1, tries[0].value) for tries in service.tries.values()}
    )
    assert balance.holds


def test_each_host_has_a_point_of_its_own_in_a_second() -> None:
    service, ledger = Service(failures=0), Ledger()
    written(service, ledger).stop(patience_s=10)
    points = [tries[0] for tries in service.tries.values()]
    first = min(point.cell[1] for point in points)
    assert {point.cell[0] for point in points if point.cell[1] == first} == set(HOSTS)
    assert len({point.value for point in points}) == len(points)
    assert first % 1_000 == 0


def test_what_is_never_taken_is_given_up_at_the_end() -> None:
    ledger = Ledger()
    writer = Writer(lambda _: 500, ledger, pause_s=0.001)
    writer.start()
    wait_until(lambda: len(ledger.attempts) > 2, 10, "nothing was tried")
    writer.stop(patience_s=0.05)
    assert ledger.acknowledged == 0


def test_what_goes_wrong_in_a_writer_is_told() -> None:
    def broken(_: Point) -> int:
        raise RuntimeError("no wire")

    writer = Writer(broken, Ledger(), pause_s=0.001)
    writer.start()
    wait_until(lambda: bool(writer.trouble), 10, "nothing went wrong")
    writer.abandon()
    assert str(writer.trouble[0]) == "no wire"


def test_a_point_goes_compressed_with_its_time_and_host() -> None:
    body = json.loads(gzip.decompress(Point(("web-1", 1_000), 2.0, "k").body))
    [point] = body["metrics"]
    assert (point["value"], point["timestamp"], point["tags"]) == (2.0, 1_000, {"host": "web-1"})


def test_what_does_not_happen_in_time_is_refused() -> None:
    with pytest.raises(Refused, match="never comes"):
        wait_until(lambda: False, 0, "it never comes")
