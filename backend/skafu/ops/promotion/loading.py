"""Put a load on the public API at a stated rate, and see whether all that was acknowledged is
there.

Requests have a time at which they are due, whether or not earlier ones have been answered, and
latencies are counted from then: who waits for an answer before sending the next one measures how
slow a system is only as often as it is quick (coordinated omission).

No series has two points in a second, so a sum over seconds is the value that was sent, or something
was lost, changed, or stored twice.
"""

import itertools
import math
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from skafu.ops.promotion.rules.load import Latencies

METRIC = "skafu.load"
MOST_SERIES = 500  # of an answer (docs/query-language.md)
MOST_POINTS = 50_000  # half of what an answer may hold
MOST_WORKERS = 256

type Post = Callable[[str, object, str | None], tuple[int, Any]]
"""POSTs JSON to a path, with an Idempotency-Key; status and body. Raises NoAnswer."""


class NoAnswer(Exception):
    """Nobody knows whether a request was taken; the text says in a word or two what happened."""


@dataclass(frozen=True)
class Plan:
    """`rate` requests a second of `points` points each, for `seconds`; `run` keeps what is written
    apart, `start` is the time of the first points (epoch ms, a whole second).
    """

    run: str
    start: int
    seconds: float
    rate: float
    points: int

    @property
    def requests(self) -> int:
        """How many are sent."""
        return max(1, math.floor(self.seconds * self.rate))

    @property
    def slots(self) -> int:
        """Requests that share a second, each with series of its own."""
        return math.ceil(self.rate)

    def due(self, number: int) -> float:
        """Seconds after the beginning at which a request is sent."""
        return number / self.rate

    def at(self, number: int) -> int:
        """The time of its points."""
        return self.start + number // self.slots * 1000

    def value(self, number: int, series: int) -> float:
        """A value that no other point of the run has, and that a double holds exactly."""
        return number + (series + 1) / 16_384

    def body(self, number: int) -> dict[str, object]:
        """Of a request."""
        slot = str(number % self.slots)
        metrics = [
            {
                "name": METRIC,
                "timestamp": self.at(number),
                "value": self.value(number, series),
                "tags": {"run": self.run, "slot": slot, "series": str(series)},
            }
            for series in range(self.points)
        ]
        return {"metrics": metrics}

    def key(self, number: int) -> str:
        """Its Idempotency-Key."""
        return f"{self.run}-{number}"


@dataclass(frozen=True)
class Time:
    """Seconds that only grow, and waiting for some of them."""

    now: Callable[[], float]
    sleep: Callable[[float], None]


@dataclass
class Outcome:
    """What came of the requests: milliseconds of each, the numbers of those that were acknowledged,
    the others by what happened instead.
    """

    latencies: list[float] = field(default_factory=list)
    acknowledged: set[int] = field(default_factory=set)
    failures: Counter[str] = field(default_factory=Counter)
    last_sent: float = 0.0
    """Seconds after the beginning."""


def drive(plan: Plan, post: Post, time: Time, workers: int) -> Outcome:
    """Send what is planned, with so many requests at once at most."""
    outcome, lock, numbers = Outcome(), threading.Lock(), itertools.count()
    began = time.now()

    def work() -> None:
        while (number := next(numbers)) < plan.requests:
            wait = began + plan.due(number) - time.now()
            if wait > 0:
                time.sleep(wait)
            sent = time.now() - began
            failure = _sent(plan, number, post)
            took = (time.now() - began - plan.due(number)) * 1000
            with lock:
                outcome.latencies.append(took)
                outcome.last_sent = max(outcome.last_sent, sent)
                if failure is None:
                    outcome.acknowledged.add(number)
                else:
                    outcome.failures[failure] += 1

    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(work) for _ in range(workers)]:
            done.result()
    return outcome


def _sent(plan: Plan, number: int, post: Post) -> str | None:
    """Send one request; None when all its points were acknowledged."""
    try:
        status, said = post("/api/metrics", plan.body(number), plan.key(number))
    except NoAnswer as reason:
        return str(reason)
    if status != HTTPStatus.ACCEPTED:
        return str(status)
    if said.get("accepted") != plan.points or said.get("rejected"):
        return "rejected points"
    return None


def read_back(plan: Plan, acknowledged: set[int], post: Post) -> int:
    """How many of the acknowledged points are there, once and with their values.

    Raises NoAnswer when the API does not tell.
    """
    there = 0
    for series in range(plan.points if acknowledged else 0):
        found = dict(_stored(plan, series, post))
        for number in acknowledged:
            place = (number % plan.slots, plan.at(number))
            there += found.get(place) == plan.value(number, series)
    return there


def _stored(plan: Plan, series: int, post: Post) -> Iterator[tuple[tuple[int, int], float]]:
    """Sums of a second by (slot, time)."""
    seconds = max(1, MOST_POINTS // plan.slots)
    end = plan.at(plan.requests - 1) + 1000
    for first in range(plan.start, end, seconds * 1000):
        for each in _asked(plan, series, (first, min(end, first + seconds * 1000)), post):
            slot = int(each["tags"]["slot"])
            for at, value in zip(each["timestamps"], each["values"], strict=True):
                if value is not None:
                    yield (slot, at), value


def _asked(plan: Plan, series: int, range_: tuple[int, int], post: Post) -> Sequence[Any]:
    filters = [
        {"tag": "run", "op": "=", "value": plan.run},
        {"tag": "series", "op": "=", "value": str(series)},
    ]
    query: Mapping[str, object] = {
        "id": "a",
        "metric": METRIC,
        "statistic": "sum",
        "period": 1,
        "filters": filters,
        "group_by": ["slot"],
    }
    body = {"start": range_[0], "end": range_[1], "queries": [query]}
    status, said = post("/api/metrics/query", body, None)
    if status != HTTPStatus.OK:
        raise NoAnswer(f"what was stored cannot be read: {status} {said}")
    [result] = said["results"]
    return list(result["series"])


def latencies(taken: Sequence[float]) -> Latencies:
    """Of all requests (nearest rank), those that failed included."""
    ordered = sorted(taken)

    def rank(percent: int) -> float:
        return ordered[math.ceil(percent / 100 * len(ordered)) - 1]

    return Latencies(p50=rank(50), p95=rank(95), p99=rank(99))
