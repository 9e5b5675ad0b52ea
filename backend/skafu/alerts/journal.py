"""Reading an instance's decision log.

Effective history is a fold over the log: drop what is at or after a record's `base`, append its
`effects`. Records are read newest first, and only as far back as a walk has to begin.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from skafu.alerts.codec import decision_from, instance_state_from
from skafu.alerts.model import Alert, Decision, Effect, State
from skafu.alerts.walk import Standing
from skafu.metrics.model import Tags
from skafu.shared import keys
from skafu.shared.table import Query, Table, Value

LOG_PAGE = 8
"""Records read at a time, newest first: mostly one is enough, and a log may be long."""

UNBOUNDED = 1 << 62


@dataclass(frozen=True)
class Subject:
    """Which instance of which version of an alert, in which tenant."""

    tenant: str
    alert: Alert
    instance: str
    tags: Tags


@dataclass(frozen=True)
class Last:
    """What the newest record left behind; (bucket, revision) grows from record to record."""

    state: State
    bucket: int
    revision: int
    level: int = 0


@dataclass(frozen=True)
class Journal:
    """What is recorded about an instance after some moment, and where it stood then.

    `since` is the bucket that brought it to the state of `standing`, at whatever level (0: none
    did).
    """

    last: Last | None = None
    standing: Standing = Standing()
    since: int = 0
    effects: tuple[Effect, ...] = ()


def read_journal(
    table: Table, subject: Subject, item: Mapping[str, Value] | None, after: int, first: int
) -> Journal:
    """What is recorded about buckets that end after `after`; raises Unavailable.

    `item` is the instance's state item as just read. `first` is the alert's first version: what
    was recorded under earlier ones belongs to an alert of the same id that was deleted.
    """
    if item is not None:
        state = instance_state_from(str(item["body"]))
        if state.bucket <= after:
            last = Last(state.state, state.bucket, state.revision, state.level)
            standing = Standing(state.state, state.since > 0, state.level)
            return Journal(last, standing, state.since)
    last_record: Last | None = None
    effects: list[Effect] = []
    cut = UNBOUNDED
    for record in _newest_first(table, subject):
        mine = record.version >= first
        if last_record is None:
            state_now = record.target if mine else State.INSUFFICIENT_DATA
            level = record.target_level if mine else 0
            last_record = Last(state_now, record.bucket, record.revision, level)
        if not mine:
            break
        effects += [effect for effect in reversed(record.effects) if effect.bucket < cut]
        cut = min(cut, record.base)
        if any(effect.bucket <= after and _arrives(effect) for effect in effects[-1:]):
            break
    return _fold(last_record, effects, after, item is not None)


def _fold(last: Last | None, newest_first: Sequence[Effect], after: int, present: bool) -> Journal:
    earlier = [effect for effect in newest_first if effect.bucket <= after]
    since = tuple(effect for effect in reversed(newest_first) if effect.bucket > after)
    if not earlier:
        return Journal(last, Standing(), 0, since)
    before = earlier[0]
    # Without a state item, and nothing recorded since, the instance had ended by then.
    begun = not before.over and (present or bool(since))
    arrived = next((effect.bucket for effect in earlier if _arrives(effect)), before.bucket)
    return Journal(last, Standing(before.target, begun, before.target_level), arrived, since)


def _arrives(effect: Effect) -> bool:
    """Whether it leads to another state, not only to another level of an alarm."""
    return effect.source is not effect.target


def _newest_first(table: Table, subject: Subject) -> Iterator[Decision]:
    query = Query(
        keys.decisions(subject.tenant, subject.alert.id, subject.instance),
        begins="decision",
        ascending=False,
        limit=LOG_PAGE,
        consistent=True,
    )
    while True:
        page = table.query(query)
        for item in page.items:
            yield decision_from(str(item["body"]))
        if page.after is None:
            return
        query = replace(query, after=page.after)
