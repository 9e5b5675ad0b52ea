"""Clients: they send points of now, of the past and of the future, with and without key and
timestamps, give up waiting, and send again, answered or not, seconds to days later.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from skafu.metrics.ingest import Delivery, Ingest
from skafu.metrics.model import Summary
from skafu.metrics.times import AHEAD_MS, RAW_RETENTION_MS, REQUEST_LIFE_MS
from skafu.shared.errors import Unprocessable
from skafu.shared.keys import BUCKET_MS, HOUR_MS

from tests.property.metrics.store_world.fate import SECOND, TENANT, Fate
from tests.property.metrics.store_world.ledger import Ledger, Name, Sent, Who
from tests.property.metrics.store_world.processes import METRICS, Environment, Fleet

MAX_TRIES = 6


@dataclass
class Request:
    """What a client sends, and may send again: (series, timestamp, value) for each point."""

    key: str | None
    points: Sequence[tuple[Name, int | None, float | Summary]]
    at: int
    tries: int = 0

    @property
    def body(self) -> bytes:
        """The request's body: always the same bytes."""
        rows = [
            {"name": metric, "tags": dict(tags), **_fields(value)}
            | ({} if at is None else {"timestamp": at})
            for (metric, tags), at, value in self.points
        ]
        return json.dumps({"metrics": rows}).encode()

    def sent(self, gateway_id: str, receipt: int) -> Iterator[tuple[Who, Sent]]:
        """What each point is, sent under this id at this moment."""
        body = self.body
        for place, (series, at, value) in enumerate(self.points):
            again = at is not None or self.key is not None
            who: Who = (self.key, body, place) if again else (gateway_id, place)
            yield who, Sent(series, receipt if at is None else at, value)


def _fields(value: float | Summary) -> dict[str, object]:
    """A point's value as clients write it."""
    if not isinstance(value, Summary):
        return {"value": value}
    if value.bins:
        values, counts = zip(*value.bins, strict=True)
        return {"values": values, "counts": counts}
    numbers = (value.count, value.sum, value.minimum, value.maximum)
    names = ("sample_count", "sum", "minimum", "maximum")
    return {"statistics": dict(zip(names, numbers, strict=True))}


class Clients:
    """All clients of the tenant. `sites` are moments that points gather at, so that requests meet;
    `when` tells a client a moment at which much happens.
    """

    def __init__(
        self,
        fate: Fate,
        ledger: Ledger,
        fleet: Fleet[Ingest],
        sites: Sequence[int],
        when: Callable[[], int | None],
    ) -> None:
        self._fate, self._ledger, self._fleet = fate, ledger, fleet
        self._sites, self._when = sites, when
        self._requests: list[Request] = []
        self._tries = 0
        r = fate.random
        self._agents = [self._agent() for _ in range(r.choice((2, 4, 6)))]
        self.acked = 0

    def _agent(self) -> list[Name]:
        """The series that one agent sends together; some are sent by others, too."""
        r = self._fate.random
        metric, hosts = r.choice(METRICS), r.sample(range(40), r.choice((1, 1, 2, 3, 5, 20)))
        return [(metric, (("host", f"h{host:02d}"),)) for host in hosts]

    @property
    def tries(self) -> int:
        """How often something was sent."""
        return self._tries

    def begin(self, at: int | None = None, again: Sequence[int] = ()) -> None:
        """A client has something new to say, of `at` or any moment; it says it again at `again`."""
        request = self._new(at)
        self._requests.append(request)
        self._send(request, 0.7 if again else 0.3)
        for moment in again:
            self._again(request, max(0, moment - self._fate.stage.now))

    def _new(self, moment: int | None) -> Request:
        r, old = self._fate.random, self._requests
        if old and moment is None and r.random() < 0.06 and (before := r.choice(old[-5:])).key:
            # The same key for another body.
            points = [(series, at, self._value()) for series, at, _ in before.points]
            return Request(before.key, points, before.at)
        kind, at = r.random(), self._moment() if moment is None else moment
        spread = r.choice((10, 10, 10, 300, 900, 12 * 3600)) * SECOND
        key = f"key{r.getrandbits(40)}" if kind < 0.55 or kind > 0.95 else None
        points = []
        for series in r.choice(self._agents):
            # In some requests all points, in some requests some lack a timestamp.
            untimed = kind >= 0.8 and (kind < 0.9 or bool(key) or r.random() < 0.5)
            if untimed:
                points.append((series, None, float(r.randrange(2))))
            else:
                points.append((series, at - r.randrange(spread), self._value()))
        if r.random() < 0.1:  # equal timestamps in one batch
            series, stamp, _ = points[0]
            points.append((series, stamp, self._value()))
        return Request(key, points, at)

    def _value(self) -> float | Summary:
        """Whole numbers: so that sums are exact, and no two points alike."""
        r = self._fate.random
        first, more = float(r.getrandbits(40)), float(1 + r.getrandbits(30))
        kind = r.random()
        if kind < 0.8:
            return first
        if kind < 0.9:
            count = r.randint(2, 5)
            return Summary(count, first * count, first - more, first + more)
        bins = ((first, r.randint(1, 3)), (first + more, r.randint(1, 3)))
        return Summary(
            sum(count for _, count in bins),
            sum(value * count for value, count in bins),
            first,
            first + more,
            bins,
        )

    def _moment(self) -> int:
        r, now = self._fate.random, self._fate.stage.now
        border, far, live = now // BUCKET_MS * BUCKET_MS, now - RAW_RETENTION_MS, r.random()
        near = [site for site in self._sites if abs(site - far) < HOUR_MS]
        if near and r.random() < 0.5:  # the edge of what is accepted, where there are points
            return r.choice((far, far // BUCKET_MS * BUCKET_MS)) + r.randint(-20, 20) * SECOND
        if live < 0.2:
            return now - r.randrange(2 * 60 * SECOND)
        if live < 0.55:
            return border - r.randrange(-5, 15) * SECOND
        if live < 0.62:
            return border - r.randrange(-30 * SECOND, BUCKET_MS)
        if live < 0.85:
            site = r.choice(self._sites)
            if site < now and r.random() < 0.9:
                return site + r.randrange(-10, 10) * SECOND
            return now - r.choice((HOUR_MS, 8 * HOUR_MS))
        if live < 0.91:
            return now + AHEAD_MS + r.randint(-20, 20) * SECOND
        if live < 0.95:
            return now + AHEAD_MS + r.randrange(-BUCKET_MS, BUCKET_MS)
        return r.choice(self._requests).at if self._requests else now

    def _send(self, request: Request, linger: float = 0.3) -> None:
        self._tries += 1
        request.tries += 1
        fate, number, began = self._fate, self._tries, self._fate.stage.now
        plan = fate.plan(0.3, 0.1, lingers=("segment",), linger=linger)

        def task(environment: Environment[Ingest]) -> list[tuple[Who, Sent]]:
            receipt = began + environment.skew
            gateway_id = f"gateway{number}"
            points = list(request.sent(gateway_id, receipt))
            self._ledger.send(points)
            delivery = Delivery(TENANT, request.body, gateway_id, receipt, request.key)
            try:
                outcome = environment.work.take(delivery)
            except Unprocessable:
                return []
            refused = {each.index for each in outcome.rejected}
            return [point for place, point in enumerate(points) if place not in refused]

        def run() -> None:
            points = self._fleet.invoke(plan, task)
            answered = points is not None and fate.stage.now - began <= REQUEST_LIFE_MS
            if points and answered:
                self._ledger.acknowledge(points)
                self.acked += len(points)
            if fate.random.random() < (0.35 if answered else 0.8):
                self._again(request, self._wait())

        fate.stage.play(0, run)
        if fate.random.random() < 0.35:
            self._again(request, fate.impatience())

    def _wait(self) -> int:
        later = self._when() if self._fate.random.random() < 0.5 else None
        return later - self._fate.stage.now if later else self._fate.retry_wait()

    def _again(self, request: Request, wait: int) -> None:
        if request.tries < MAX_TRIES:
            self._fate.stage.at(wait, self._send_again, request)

    def _send_again(self, request: Request) -> None:
        if request.tries < MAX_TRIES:
            self._send(request)
