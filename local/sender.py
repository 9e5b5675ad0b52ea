"""An agent's way to the API: batches by size and age, one try at a time, pauses that grow, nothing
lost that there is room for.
"""

import gzip
import http.client
import json
import logging
import math
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from skafu.shared.clock import Clock

from local import columnar
from local.api import Answer, Api, ApiError
from local.figures import Figures
from local.spool import Batch, Point, Spool

FIRST_PAUSE_MS = 1_000
LONGEST_PAUSE_MS = 120_000
MOST_LAYOUTS = 100
# Nobody's fault, or one that time or an operator mends: a token that has just expired, a quota.
LATER = frozenset({401, 408, 425, 429})

log = logging.getLogger("agent")


def new_key() -> str:
    """A batch's Idempotency-Key."""
    return uuid.uuid4().hex


@dataclass
class Batcher:
    """Collects points until there are `most` of them, or the first has waited for `longest`
    milliseconds.
    """

    most: int
    longest: int

    def __post_init__(self) -> None:
        self._points: list[Point] = []
        self._since = 0

    def add(self, points: Sequence[Point], now: int) -> None:
        """Take on points that were measured now."""
        if not self._points:
            self._since = now
        self._points += points

    def due(self, now: int) -> bool:
        """Whether there is a batch to send."""
        old = now - self._since >= self.longest
        return len(self._points) >= self.most or bool(self._points) and old

    def take(self) -> list[list[Point]]:
        """All points, in batches; none is left."""
        points, self._points = self._points, []
        return [points[i : i + self.most] for i in range(0, len(points), self.most)]


class Sender:
    """Sends what is in the spool, oldest first.

    Every batch is on disk before it is sent for the first time, and keeps its key: a batch that
    arrived and was not answered changes nothing when it is sent again.
    """

    def __init__(
        self,
        api: Api,
        spool: Spool,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
        key: Callable[[], str] = new_key,
    ) -> None:
        self._api = api
        self.spool = spool
        self.figures = Figures()
        self._clock = clock
        self._jitter = jitter
        self._key = key
        self._known: set[str] = set()
        self._failures = 0
        self.due = 0
        """Before this time nothing is tried again, epoch milliseconds."""

    def keep(self, points: Sequence[Point]) -> None:
        """Keep a batch, which goes by columns where the server knows its layout."""
        layout = columnar.layout_name(points)
        self.spool.append(points, self._key(), layout if layout in self._known else "")

    def send(self) -> None:
        """Send all that waits, as far as the API takes it."""
        while self._clock() >= self.due and (batch := self.spool.oldest) is not None:
            points = self.spool.points(batch)
            if points is None:
                log.error("a batch of %s points cannot be read and is lost", batch.points)
                self.spool.drop(batch)
                continue
            answer = self._try(batch, points)
            if answer is None or answer.status >= 500 or answer.status in LATER:
                self.figures.failures += 1
                self._pause(answer)
                return
            self._failures = 0
            self._conclude(batch, points, answer)

    def _try(self, batch: Batch, points: Sequence[Point]) -> Answer | None:
        body = columnar.body(points) if batch.layout else {"metrics": points}
        content = gzip.compress(json.dumps(body).encode(), mtime=0)
        began = self._clock()
        try:
            answer = self._api.send("/api/metrics", content, batch.key)
            self.figures.round_trips.append(self._clock() - began)
            return answer
        except (OSError, http.client.HTTPException, ApiError) as error:
            log.warning("no answer: %s", error)
            return None

    def _conclude(self, batch: Batch, points: Sequence[Point], answer: Answer) -> None:
        said = answer.body.decode(errors="replace")
        if answer.status == 409 and batch.layout:
            # Nothing was stored: the server says that it does not know the layout.
            log.info("layout %s is not known: sending in full", batch.layout)
            self._known.discard(batch.layout)
            self.spool.in_full(batch)
            return
        if answer.status != 202:
            log.error("refused: %s %s", answer.status, said)
            self.figures.refused += batch.points
            self.spool.drop(batch)
            return
        document = json.loads(said)
        self.figures.accepted += document["accepted"]
        self.figures.refused += len(document["rejected"])
        log.log(logging.ERROR if document["rejected"] else logging.INFO, "202 %s", said)
        self._learn(points, document.get("layout"))
        self.spool.remove(batch)

    def _learn(self, points: Sequence[Point], layout: str | None) -> None:
        # Another name means that the server keeps this batch's series in another way.
        if layout is not None and layout == columnar.layout_name(points):
            if len(self._known) >= MOST_LAYOUTS:
                self._known.clear()
            self._known.add(layout)

    def _pause(self, answer: Answer | None) -> None:
        """Wait for a random part of a time that doubles (full jitter), and for what the server has
        asked for besides: all who were told the same second shall not come back in it together.
        """
        longest = min(LONGEST_PAUSE_MS, math.ldexp(FIRST_PAUSE_MS, self._failures))
        self._failures += 1
        pause = _asked(answer) + math.ceil(self._jitter() * longest)
        self.due = self._clock() + pause
        status = answer.status if answer is not None else "no answer"
        log.warning("%s batches wait (%s), next try in %s ms", len(self.spool), status, pause)


def _asked(answer: Answer | None) -> int:
    """What Retry-After says, in milliseconds; a date, its other form, says nothing here."""
    text = answer.headers.get("retry-after", "") if answer is not None else ""
    return int(text) * 1000 if text.isdecimal() else 0
