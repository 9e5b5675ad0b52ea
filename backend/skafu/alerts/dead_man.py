"""The dead-man switch: somebody outside is told every minute that alerts are being watched, and
raises the alarm when that stops.

A beat begins in the sweeper, after a sweep that left nothing undone, and goes through the
notifier's queue. So it stops when the table, the sweeper, its schedule, the queue or the notifier
do, whatever the reason: an account that is closed, too. What listens has to live elsewhere.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from skafu.alerts.outcome import Outcome, Result
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.observability import logger
from skafu.shared.queues import Queue

STALE_MS = 180_000
"""A beat that waited longer in the queue tells of a past that nobody asks for."""


class Caller(Protocol):
    """Calls an address outside: `senders.posting.Poster`."""

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        judge: Callable[[int, str], Result],
    ) -> Outcome:
        """One try; nothing is raised for what happens at the other end."""


JSON = {"Content-Type": "application/json"}


def _judge(_status: int, _text: str) -> Result:
    return Result.FAILED


class Publisher(Protocol):
    """The one call of botocore's SNS client that is used."""

    def publish(self, **arguments: Any) -> Any:
        """Raises BotoCoreError or ClientError."""


def beat(queue: Queue, swept_at: int) -> None:
    """Send a beat on its way. A queue that is down is what the switch is for: nothing is raised."""
    try:
        queue.send(message(swept_at))
    except Unavailable:
        logger.warning("the dead-man switch cannot be told", exc_info=True)


def message(swept_at: int) -> Mapping[str, object]:
    """What the notifier's queue carries: when the sweep began, in epoch milliseconds. It is of the
    environment as a whole, and so of no tenant.
    """
    return {"tenant": "", "alive": swept_at}


class DeadMan:
    """Tells an address and a topic outside, as far as there are any (both may be empty)."""

    def __init__(
        self,
        caller: Caller,
        sns: Publisher,
        url: str,
        topic: str,
        environment: str,
        clock: Clock,
    ) -> None:
        self._caller = caller
        self._sns = sns
        self._url = url
        self._topic = topic
        self._environment = environment
        self._clock = clock

    def tell(self, swept_at: int) -> tuple[str, ...]:
        """Pass a beat on; returns which of the two were not told. What went wrong is logged, and
        not tried again: the next beat comes in a minute, and whoever waits in vain is the one to
        say so.
        """
        failed: list[str] = []
        if self._clock() - swept_at > STALE_MS:
            logger.warning("a beat of the dead-man switch came too late to be passed on")
            return ()
        body = orjson.dumps({"environment": self._environment, "swept_at": swept_at})
        if self._url:
            outcome = self._caller.post(self._url, body, JSON, _judge)
            if outcome.result is not Result.DELIVERED:
                failed.append(_failed("address", outcome.error))
        if self._topic:
            try:
                self._sns.publish(
                    TopicArn=self._topic,
                    Subject=f"Skafu {self._environment} is alive",
                    Message=body.decode(),
                )
            except (BotoCoreError, ClientError) as failure:
                failed.append(_failed("topic", str(failure)))
        return tuple(failed)


def _failed(what: str, error: str | None) -> str:
    logger.warning("the dead-man switch was not told", outside=what, error=error)
    return what
