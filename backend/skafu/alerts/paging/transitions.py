"""Transitions of an instance in the order of its log, whatever the order of the messages.

A queue keeps no order. Whoever is handed a transition reads the log before it, and takes those with
it that nobody has had in hand yet: so an instance is never told as resolved before it is told as
firing, and nothing that happened is lost because its message came late.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from skafu.alerts.codec import decision_from
from skafu.alerts.deliveries import Delivery, DeliveryStore
from skafu.alerts.model import Decision, Notification, State, delivery_id
from skafu.alerts.paging.group import Transition
from skafu.shared import keys
from skafu.shared.table import Query, Table

DEPTH = 50
"""How far back the log is read: for what was not taken, and for the beginning of a firing."""

GLANCE = 6
"""How far it is read at first, which is enough where an instance does not come and go."""

type Position = tuple[int, int]


class TransitionReader:
    """Reads the log of decisions and the outbox."""

    def __init__(self, table: Table, deliveries: DeliveryStore) -> None:
        self._table = table
        self._deliveries = deliveries

    def until(self, tenant: str, notification: Notification, after: Position) -> list[Transition]:
        """The transitions after a position up to this one, oldest first, that nobody has taken; at
        most as many as DEPTH entries of the log hold.
        """
        log = self._log(tenant, notification, after)
        missed = [x for x in log[1:] if x.told and _position(x) > after]
        waiting = self._waiting(tenant, missed)
        found = {_id(log[0]): notification} if log else {}
        for entry in missed:
            if _id(entry) not in waiting:
                break  # what is before it was taken before it
            found[_id(entry)] = waiting[_id(entry)]
        if not log:  # the log is gone: the tenant is being removed
            return [Transition(notification, None)]
        return [
            Transition(found[_id(entry)], began(_at(log[number:])))
            for number, entry in reversed(list(enumerate(log)))
            if _id(entry) in found
        ]

    def _log(self, tenant: str, notification: Notification, after: Position) -> list[Decision]:
        """The log up to the notification's own decision, newest first, as deep as it is needed."""
        few = self._read(tenant, notification, GLANCE)
        if len(few) < GLANCE or _enough(few, after):
            return few
        return self._read(tenant, notification, DEPTH)

    def _read(self, tenant: str, notification: Notification, limit: int) -> list[Decision]:
        own = keys.decision(
            tenant,
            notification.alert.id,
            notification.instance,
            notification.bucket,
            notification.revision,
        )
        query = Query(
            own.pk,
            between=(keys.DECISIONS_BEGIN, own.sk),
            ascending=False,
            limit=limit,
            consistent=True,
        )
        return [decision_from(str(item["body"])) for item in self._table.query_all(query)]

    def _waiting(self, tenant: str, missed: Sequence[Decision]) -> Mapping[str, Notification]:
        """Those of whom nobody has noted what became of them."""
        if not missed:
            return {}
        found = self._deliveries.get_many(tenant, [_id(each) for each in missed])
        return {
            name: each.notification
            for name, each in found.items()
            if isinstance(each, Delivery) and each.fates is None
        }


def began(log: Iterable[Decision]) -> int | None:
    """Since when an instance fires, as others were told, by its log, newest entry first; None where
    it does not.

    Without data is neither here nor there: what was firing before the data stopped has not been
    resolved by that.
    """
    found: int | None = None
    for entry in log:
        if entry.target is State.OK:
            break
        if entry.target is State.ALARM and entry.source is not State.ALARM:
            found = _entered(entry)
    return found


def _entered(entry: Decision) -> int:
    """The bucket in which an entry's last ALARM began."""
    for effect in reversed(entry.effects):
        if effect.target is State.ALARM and effect.source is not State.ALARM:
            return effect.bucket
    return entry.bucket


def _at(log: Sequence[Decision]) -> Iterator[Decision]:
    """What a transition has before it: with itself when it says ALARM."""
    first, *rest = log
    return iter(log if first.target is State.ALARM else rest)


def _enough(log: Sequence[Decision], after: Position) -> bool:
    """Whether nothing that was not taken lies further back, nor the beginning of the firing."""
    past = [number for number, entry in enumerate(log) if _position(entry) <= after]
    return bool(past) and any(entry.target is State.OK for entry in log[past[0] :])


def _position(decision: Decision) -> Position:
    return decision.bucket, decision.revision


def _id(decision: Decision) -> str:
    return delivery_id(decision.alert, decision.instance, decision.bucket, decision.revision)
