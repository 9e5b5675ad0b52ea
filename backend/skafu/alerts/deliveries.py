"""The outbox and what became of it: transitions, pages, and one item for each try to hand a page
over.

A transition is `pending` until the notifier has taken it: with that it is `sent`, and the item says
what became of it. A page is `pending` until the notifier has had it in hand, `sent` when every
channel is done with it, and `failed` while a channel is not: then the queue tries again, and parks
it in the end. Only pending items are in the index that the sweeper sends again from: what the queue
holds already must not be sent into it once more every minute.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from skafu.alerts.codec import notification_from
from skafu.alerts.model import Notification
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.paging.codec import fates_body, fates_from, telling_body, telling_from
from skafu.alerts.paging.group import Fate, Telling
from skafu.shared import keys
from skafu.shared.observability import logger
from skafu.shared.table import (
    Absent,
    ConditionFailed,
    Present,
    Put,
    Query,
    Table,
    Update,
    Value,
)

KEEP_S = 90 * 86_400  # how long what was sent, and what was tried, can be looked at


class Status(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True)
class Delivery:
    """A transition in the outbox; `fates` is None until it is taken."""

    status: Status
    notification: Notification
    fates: tuple[Fate, ...] | None = None


@dataclass(frozen=True)
class PageDelivery:
    """A page in the outbox."""

    status: Status
    telling: Telling


type Outgoing = Delivery | PageDelivery


@dataclass(frozen=True)
class Attempt:
    """One try, as it was recorded."""

    channel: str
    at: int
    outcome: Outcome


class DeliveryStore:
    """Outbox items and attempts."""

    def __init__(self, table: Table) -> None:
        self._table = table

    # --- reads, all of them consistent: a message may be quicker than a replica ---

    def get(self, tenant: str, delivery_id: str) -> Outgoing | None:
        """A transition or a page."""
        item = self._table.get(keys.outbox(tenant, delivery_id), consistent=True)
        return None if item is None else outgoing_from(item)

    def get_many(self, tenant: str, delivery_ids: Iterable[str]) -> dict[str, Outgoing]:
        """Those that exist and can be read, by id."""
        wanted = [keys.outbox(tenant, each) for each in delivery_ids]
        found: dict[str, Outgoing] = {}
        for key, item in self._table.get_many(wanted, consistent=True).items():
            try:
                found[key.sk] = outgoing_from(item)
            except Exception:  # pylint: disable=broad-exception-caught # it is not its neighbours'
                logger.exception("an item of the outbox cannot be read", delivery=key.sk)
        return found

    def pages(self, tenant: str, group: str, start: int, end: int) -> Iterator[PageDelivery]:
        """The pages of a group that were made in [start, end), in order."""
        between = keys.pages_between(group, start, end)
        query = Query(keys.outbox(tenant, group).pk, between=between, consistent=True)
        for item in self._table.query_all(query):
            if item["k"] == "page":
                yield _page(item)

    def attempts(self, tenant: str, delivery_id: str) -> list[Attempt]:
        """What was tried so far, by channel and time."""
        query = Query(keys.attempts(tenant, delivery_id), consistent=True)
        return [_attempt(item) for item in self._table.query_all(query)]

    # --- writes ---

    def record(self, tenant: str, delivery_id: str, attempt: Attempt) -> None:
        """Keep what came of a try."""
        key = keys.attempt(tenant, delivery_id, attempt.channel, attempt.at)
        outcome = attempt.outcome
        optional = {"http": outcome.status, "error": outcome.error, "note": outcome.note}
        item: dict[str, Value] = {
            **key._asdict(),
            "k": "attempt",
            "channel": attempt.channel,
            "at": attempt.at,
            "status": outcome.result.value,
            "duration_ms": outcome.duration_ms,
            "ttl": attempt.at // 1000 + KEEP_S,
            **{name: value for name, value in optional.items() if value is not None},
        }
        self._table.write(Put(item))

    def mark(self, tenant: str, delivery_id: str, status: Status, now: int) -> None:
        """The notifier had a page in hand: the sweeper need not care any more."""
        changed: dict[str, Value] = {"status": status.value}
        if status is Status.SENT:
            changed["sent"] = now
            changed["ttl"] = now // 1000 + KEEP_S
        self._change(tenant, delivery_id, changed, ("gsi1pk", "gsi1sk"))

    def reopen(self, tenant: str, delivery_id: str, now: int) -> bool:
        """Make a transition or a page pending again, from now; False when there is none (any more).

        Channels that took a page already are not asked again: their attempts stand. What a
        transition has brought about stands too: its pages are tried again.
        """
        index = keys.pending_index(tenant, now, delivery_id)
        changed: dict[str, Value] = {"status": Status.PENDING.value, **index._asdict()}
        return self._change(tenant, delivery_id, changed, ("ttl",))

    def _change(
        self, tenant: str, delivery_id: str, changed: dict[str, Value], gone: tuple[str, ...]
    ) -> bool:
        key = keys.outbox(tenant, delivery_id)
        try:
            self._table.write(Update(key, set=changed, remove=gone, when=Present()))
        except ConditionFailed:
            return False  # the tenant was removed meanwhile: there is nothing to keep a note of
        return True


# --- writes that belong into others' transactions -------------------------------------------------


def taken(tenant: str, delivery_id: str, fates: Iterable[Fate], now: int) -> Update:
    """That a transition was taken, and what became of it."""
    return Update(
        keys.outbox(tenant, delivery_id),
        set={
            "status": Status.SENT.value,
            "sent": now,
            "ttl": now // 1000 + KEEP_S,
            "fates": fates_body(fates),
        },
        remove=("gsi1pk", "gsi1sk"),
        when=Present(),
    )


def new_page(tenant: str, telling: Telling) -> Put:
    """A page that is to be handed over."""
    page = telling.page
    item: dict[str, Value] = {
        **keys.outbox(tenant, page.id)._asdict(),
        **keys.pending_index(tenant, page.sent_at, page.id)._asdict(),
        "k": "page",
        "status": Status.PENDING.value,
        "created": page.sent_at,
        "body": telling_body(telling),
    }
    return Put(item, Absent())


# --- items ----------------------------------------------------------------------------------------


def outgoing_from(item: Mapping[str, Value]) -> Outgoing:
    """An item of the outbox."""
    return _page(item) if item["k"] == "page" else _delivery(item)


def _delivery(item: Mapping[str, Value]) -> Delivery:
    fates = fates_from(str(item["fates"])) if "fates" in item else None
    return Delivery(Status(str(item["status"])), notification_from(str(item["body"])), fates)


def _page(item: Mapping[str, Value]) -> PageDelivery:
    body = item["body"]
    text = body if isinstance(body, bytes) else str(body)
    return PageDelivery(Status(str(item["status"])), telling_from(text))


def _attempt(item: Mapping[str, Value]) -> Attempt:
    outcome = Outcome(
        result=Result(str(item["status"])),
        status=int(item["http"]) if "http" in item else None,
        error=str(item["error"]) if "error" in item else None,
        duration_ms=int(item["duration_ms"]),
        note=str(item["note"]) if "note" in item else None,
    )
    return Attempt(str(item["channel"]), int(item["at"]), outcome)
