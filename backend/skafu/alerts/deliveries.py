"""The outbox and what became of it: one item for each notification, one for each try.

An outbox item is `pending` until the notifier has had it in hand, `sent` when every channel is done
with it, and `failed` while a channel is not: then the queue tries again, and parks it in the end.
Only pending items are in the index that the sweeper sends again from: what the queue holds already
must not be sent into it once more every minute.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from skafu.alerts.messages import Firing, firing
from skafu.alerts.codec import decision_from, notification_from
from skafu.alerts.model import Decision, Notification, State
from skafu.alerts.outcome import Outcome, Result
from skafu.shared import keys
from skafu.shared.keys import Key
from skafu.shared.table import ConditionFailed, Present, Put, Query, Table, Update, Value

KEEP_S = 90 * 86_400  # how long a notification that was sent, and what was tried, can be looked at
LOG_DEPTH = 50  # how far back the beginning of a firing is looked for


class Status(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True)
class Delivery:
    """An outbox item."""

    status: Status
    notification: Notification


@dataclass(frozen=True)
class Attempt:
    """One try, as it was recorded."""

    channel: str
    at: int
    outcome: Outcome


class DeliveryStore:
    """Outbox items, attempts, and the decisions that a notification belongs to."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, tenant: str, delivery_id: str) -> Delivery | None:
        """A notification (read consistently: the message may be quicker than a replica)."""
        item = self._table.get(keys.outbox(tenant, delivery_id), consistent=True)
        if item is None:
            return None
        return Delivery(Status(str(item["status"])), notification_from(str(item["body"])))

    def attempts(self, tenant: str, delivery_id: str) -> list[Attempt]:
        """What was tried so far (read consistently), by channel and time."""
        query = Query(keys.attempts(tenant, delivery_id), consistent=True)
        return [_attempt(item) for item in self._table.query_all(query)]

    def record(self, tenant: str, delivery_id: str, attempt: Attempt) -> None:
        """Keep what came of a try."""
        key = keys.attempt(tenant, delivery_id, attempt.channel, attempt.at)
        outcome = attempt.outcome
        item: dict[str, Value] = {
            "pk": key.pk,
            "sk": key.sk,
            "k": "attempt",
            "channel": attempt.channel,
            "at": attempt.at,
            "status": outcome.result.value,
            "duration_ms": outcome.duration_ms,
            "ttl": attempt.at // 1000 + KEEP_S,
        }
        if outcome.status is not None:
            item["http"] = outcome.status
        if outcome.error is not None:
            item["error"] = outcome.error
        self._table.write(Put(item))

    def mark(self, tenant: str, delivery_id: str, status: Status, now: int) -> None:
        """The notifier had it in hand: the sweeper need not care any more."""
        changed: dict[str, Value] = {"status": status.value}
        if status is Status.SENT:
            changed["sent"] = now
            changed["ttl"] = now // 1000 + KEEP_S
        self._change(tenant, delivery_id, changed, ("gsi1pk", "gsi1sk"))

    def reopen(self, tenant: str, delivery_id: str, now: int) -> bool:
        """Make a notification pending again, from now; False when there is none (any more).

        Channels that took it already are not asked again: their attempts stand.
        """
        index = keys.pending_index(tenant, now, delivery_id)
        changed: dict[str, Value] = {
            "status": Status.PENDING.value,
            "gsi1pk": index.gsi1pk,
            "gsi1sk": index.gsi1sk,
        }
        return self._change(tenant, delivery_id, changed, ("ttl",))

    def firing(self, tenant: str, notification: Notification) -> Firing | None:
        """Whether the instance fires, as others were told before this notification (and by it, when
        it says ALARM).
        """
        own = _own(tenant, notification)
        query = Query(
            own.pk,
            between=(keys.DECISIONS_BEGIN, own.sk),
            ascending=False,
            limit=LOG_DEPTH,
            consistent=True,
        )
        included = notification.target is State.ALARM
        return firing(x for key, x in self._log(query) if included or key != own.sk)

    def fires_again(self, tenant: str, notification: Notification) -> bool:
        """Whether the instance went to ALARM after this notification."""
        own = _own(tenant, notification)
        query = Query(
            own.pk, between=(own.sk, keys.DECISIONS_END), limit=LOG_DEPTH, consistent=True
        )
        return any(x.target is State.ALARM for key, x in self._log(query) if key != own.sk)

    def _log(self, query: Query) -> Iterator[tuple[str, Decision]]:
        for item in self._table.query_all(query):
            yield str(item["sk"]), decision_from(str(item["body"]))

    def _change(
        self, tenant: str, delivery_id: str, changed: dict[str, Value], gone: tuple[str, ...]
    ) -> bool:
        key = keys.outbox(tenant, delivery_id)
        try:
            self._table.write(Update(key, set=changed, remove=gone, when=Present()))
        except ConditionFailed:
            return False  # the tenant was removed meanwhile: there is nothing to keep a note of
        return True


def _own(tenant: str, notification: Notification) -> Key:
    """The decision that asked for a notification."""
    return keys.decision(
        tenant,
        notification.alert.id,
        notification.instance,
        notification.bucket,
        notification.revision,
    )


def _attempt(item: dict[str, Value]) -> Attempt:
    outcome = Outcome(
        result=Result(str(item["status"])),
        status=int(item["http"]) if "http" in item else None,
        error=str(item["error"]) if "error" in item else None,
        duration_ms=int(item["duration_ms"]),
    )
    return Attempt(str(item["channel"]), int(item["at"]), outcome)
