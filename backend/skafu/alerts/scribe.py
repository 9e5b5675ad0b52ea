"""Writing a decision: state, log entry and outbox item in one transaction, with its guards.

The transaction's conditions are all that keeps writers apart; nobody takes a lock.
"""

from collections.abc import Callable, Sequence
from enum import Enum

from skafu.alerts.endings import Ended, ended_item
from skafu.alerts.journal import Subject
from skafu.alerts.codec import to_json
from skafu.alerts.model import Datapoint, Decision, InstanceState, Notification, State, delivery_id
from skafu.alerts.plan import Entry
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.table import (
    Absent,
    AllOf,
    AnyOf,
    Below,
    Check,
    Condition,
    ConditionFailed,
    Delete,
    Equals,
    Missing,
    Put,
    Table,
    TransactionConflict,
    Value,
    Write,
)

WRITE_DEADLINE_MS = 10_000
"""A write that would start longer than this after its read reads again first: what counts as final
(scope.py) relies on nobody writing from an older view."""

CONFLICT_TRIES = 6


class Contended(Unavailable):
    """Others keep changing the same instance. The table is well: somebody else is deciding."""


class Written(Enum):
    """What came of writing a decision. STALE: something has changed since it was planned."""

    DONE = "done"
    STALE = "stale"


class Scribe:
    """Writes decisions. `pause` is called with the number of the try before a transaction that met
    another one is tried again.
    """

    def __init__(self, table: Table, clock: Clock, pause: Callable[[int], None]) -> None:
        self._table = table
        self._clock = clock
        self._pause = pause

    def write(self, subject: Subject, entry: Entry, read_at: int) -> Written:
        """Write state, log entry and, where somebody is to be told, outbox item: all or nothing.

        STALE when the definition, the state or the log has changed, or when too long has passed
        since `read_at`. Raises Contended when other transactions keep being in the way, and
        Unavailable.
        """
        writes = _writes(subject, entry)
        for attempt in range(CONFLICT_TRIES):
            if attempt:
                self._pause(attempt)
            if self._clock() - read_at > WRITE_DEADLINE_MS:
                return Written.STALE
            try:
                self._table.transact(writes)
                return Written.DONE
            except TransactionConflict:
                continue
            except ConditionFailed:
                return Written.STALE
        raise Contended("other decisions about the same instance are under way; try again")


def _writes(subject: Subject, entry: Entry) -> list[Write | Check]:
    decision = entry.decision
    evaluated = Equals("version", subject.alert.version)
    writes: list[Write | Check] = [
        Check(keys.alert(subject.tenant, subject.alert.id), evaluated),
        _state(subject, entry),
        _record(subject, decision),
    ]
    if decision.told:
        writes.append(_outbox(subject, decision))
    if ends(decision):
        gone = Ended(decision.tags, decision.bucket)
        writes.append(ended_item(subject.tenant, decision.alert, decision.instance, gone))
    return writes


def _guard(decision: Decision) -> Condition:
    """No state yet and from INSUFFICIENT_DATA, or from the state and level there are, and further
    on.
    """
    further = AnyOf(
        (
            Below("bucket", decision.bucket),
            AllOf((Equals("bucket", decision.bucket), Below("revision", decision.revision))),
        )
    )
    there = (Equals("state", decision.source.value), _level(decision.source_level))
    standing = AllOf((*there, further))
    if decision.source is State.INSUFFICIENT_DATA:
        return AnyOf((Absent(), standing))
    return standing


def _level(level: int) -> Condition:
    """An item that was written before there were levels has none."""
    same = Equals("level", level)
    return same if level else AnyOf((Missing("level"), same))


def _state(subject: Subject, entry: Entry) -> Write:
    decision = entry.decision
    key = keys.instance(subject.tenant, decision.alert, decision.instance)
    if ends(decision):
        return Delete(key, _guard(decision))
    index = keys.state_index(
        subject.tenant, decision.target.value, entry.since, decision.alert, decision.instance
    )
    state = InstanceState(
        alert=decision.alert,
        instance=decision.instance,
        tags=decision.tags,
        state=decision.target,
        since=entry.since,
        bucket=decision.bucket,
        revision=decision.revision,
        value=_value(decision),
        level=decision.target_level,
    )
    item: dict[str, Value] = {
        **key._asdict(),
        **index._asdict(),
        "k": "instance",
        "state": decision.target.value,
        "level": decision.target_level,
        "bucket": decision.bucket,
        "revision": decision.revision,
        "body": to_json(state),
    }
    return Put(item, _guard(decision))


def _record(subject: Subject, decision: Decision) -> Write:
    at = (decision.bucket, decision.revision)
    key = keys.decision(subject.tenant, decision.alert, decision.instance, *at)
    index = keys.history_index(
        subject.tenant, decision.alert, decision.bucket, decision.instance, decision.revision
    )
    item: dict[str, Value] = {
        **key._asdict(),
        **index._asdict(),
        "k": "decision",
        "body": to_json(decision),
    }
    return Put(item, Absent())


def _outbox(subject: Subject, decision: Decision) -> Write:
    delivery = delivery_of(decision)
    notification = Notification(
        id=delivery,
        alert=subject.alert,
        instance=decision.instance,
        tags=decision.tags,
        source=decision.source,
        target=decision.target,
        bucket=decision.bucket,
        revision=decision.revision,
        cause=decision.cause,
        value=_value(decision),
        reason=decision.reason,
        created_at=decision.decided_at,
        source_level=decision.source_level,
        target_level=decision.target_level,
    )
    item: dict[str, Value] = {
        **keys.outbox(subject.tenant, delivery)._asdict(),
        **keys.pending_index(subject.tenant, decision.decided_at, delivery)._asdict(),
        "k": "outbox",
        "status": "pending",
        "created": decision.decided_at,
        "body": to_json(notification),
    }
    return Put(item, Absent())


def ends(decision: Decision) -> bool:
    """Whether the instance is over with this decision: then its state is removed."""
    return bool(decision.effects) and decision.effects[-1].over


def delivery_of(decision: Decision) -> str:
    """The id of the notification that belongs to a decision that is told."""
    return delivery_id(decision.alert, decision.instance, decision.bucket, decision.revision)


def _value(decision: Decision) -> float | None:
    """The newest value that the decision rests on."""
    points: Sequence[Datapoint] = decision.effects[-1].datapoints if decision.effects else ()
    return points[-1].value if points else None
