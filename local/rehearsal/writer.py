"""Machines that write to production all the while, with retries as the agent has them, and what is
asked of production afterwards.
"""

import gzip
import http.client
import json
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event, Thread

from skafu.shared.clock import system_clock

from local.api import Api, ApiError
from local.home import Refused
from local.rehearsal.ledger import SECOND_MS, Cell, Ledger, cells

METRIC = "rehearsal.points"
HOSTS = ("web-1", "web-2", "web-3", "web-4.eu.example.com")
"""One point of each, once a second. One is called as no smoke test calls its hosts."""
AT_ONCE = 2
PAUSE_S = 0.5
WINDOW_MS = 600 * SECOND_MS
"""What is read back at once: so many buckets of so many series are within a query's limits."""


@dataclass(frozen=True)
class Point:
    """A point and the Idempotency-Key that it keeps over all tries."""

    cell: Cell
    value: float
    key: str

    @property
    def body(self) -> bytes:
        """As agents send it, compressed."""
        host, at = self.cell
        point = {"name": METRIC, "value": self.value, "timestamp": at, "tags": {"host": host}}
        return gzip.compress(json.dumps({"metrics": [point]}).encode(), mtime=0)


class Writer:
    """Sends until it is stopped; a point that was not taken is tried again until it is."""

    def __init__(
        self, send: Callable[[Point], int], ledger: Ledger, pause_s: float = PAUSE_S
    ) -> None:
        self._send = send
        self._pause = pause_s
        self._ledger = ledger
        self._end = Event()
        self._give_up = Event()
        # Each machine waits for its own points alone.
        self._pools = {host: ThreadPoolExecutor(AT_ONCE, host) for host in HOSTS}
        self._thread = Thread(target=self._run, name="writer", daemon=True)
        self.trouble: list[BaseException] = []

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, patience_s: float) -> None:
        """Send nothing new, and wait until all that was sent is taken; after `patience_s` give up
        what is not.
        """
        self._end.set()
        if self._thread.is_alive():
            self._thread.join()
        deadline = Thread(target=self._after, args=(patience_s,), daemon=True)
        deadline.start()
        for pool in self._pools.values():
            pool.shutdown(wait=True)
        self._give_up.set()

    def abandon(self) -> None:
        """Stop at once."""
        self._give_up.set()
        self.stop(0)

    def _after(self, seconds: float) -> None:
        self._give_up.wait(seconds)
        self._give_up.set()

    def _run(self) -> None:
        number = 0
        second = system_clock() // SECOND_MS * SECOND_MS
        while not self._end.wait(max(0.0, (second - system_clock()) / 1000)):
            for host in HOSTS:
                number += 1
                point = Point((host, second), float(number), uuid.uuid4().hex)
                self._ledger.send(point.cell, point.value)
                self._pools[host].submit(self._deliver, point)
            second += SECOND_MS

    def _deliver(self, point: Point) -> None:
        try:
            while not self._give_up.is_set():
                status = self._send(point)
                self._ledger.answered(point.cell, system_clock(), status)
                if status == 202:
                    return
                self._give_up.wait(self._pause)
        except BaseException as error:  # pylint: disable=broad-exception-caught # told at the end
            self.trouble.append(error)


def sender(api: Api) -> Callable[[Point], int]:
    """Sends a point once: the status of the answer, 0 for none."""

    def send(point: Point) -> int:
        try:
            return api.send("/api/metrics", point.body, point.key).status
        except (OSError, http.client.HTTPException, ApiError):
            return 0

    return send


def read_back(api: Api, since: int, until: int) -> dict[Cell, tuple[int, float]]:
    """Count and sum of every second of every host, as the API answers between two moments."""
    found: dict[Cell, tuple[int, float]] = {}
    start = since // SECOND_MS * SECOND_MS
    while start < until:
        end = min(start + WINDOW_MS, until)
        queries = [
            {
                "id": f"{name}s",
                "metric": METRIC,
                "statistic": name,
                "period": 1,
                "group_by": ["host"],
            }
            for name in ("count", "sum")
        ]
        question = {"start": start, "end": end, "queries": queries}
        answer = api.ask("POST", "/api/metrics/query", question)
        if answer["warnings"]:
            raise Refused(f"Production answers in part: {answer['warnings']}")
        counts, sums = answer["results"]
        found |= cells(counts, sums)
        start = end
    return found


def wait_until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for something that has to happen. Raises Refused when it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise Refused(f"After {seconds:.0f} s: {what}.")
        time.sleep(0.2)
