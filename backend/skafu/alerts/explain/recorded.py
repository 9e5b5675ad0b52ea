"""What was recorded about an instance around one bucket: what stands, what was said before, and
what was known at a moment.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from skafu.alerts.codec import decision_from
from skafu.alerts.model import Cause, Decision, Effect, State
from skafu.shared import keys
from skafu.shared.table import Query, Table

MOST_RECORDS = 2_000
PAGE = 50


@dataclass(frozen=True)
class Standing:
    """Where an instance is. `since` is the bucket that brought it to its state, None where nothing
    that was read did; `effect` is the newest one, which may have changed the level alone.
    """

    state: State = State.INSUFFICIENT_DATA
    level: int = 0
    since: int | None = None
    effect: Effect | None = None


@dataclass(frozen=True)
class Said:
    """What a record says, or said, of the bucket: a transition, or with `effect` None that there
    was none. `replaced`: a later record says otherwise, or says it again.
    """

    decision: Decision
    effect: Effect | None
    replaced: bool


@dataclass(frozen=True)
class Recorded:
    """Of one instance and the bucket that ends at `end`. Effects are those that stand today, oldest
    first, from the one before the bucket on; `complete` tells that the log was read far enough.
    """

    end: int
    records: tuple[Decision, ...]
    effects: tuple[Effect, ...]
    said: tuple[Said, ...]
    complete: bool = True

    @property
    def before(self) -> Standing:
        """Where the instance was before the bucket, as it stands today."""
        return _standing(x for x in self.effects if x.bucket < self.end)

    @property
    def after(self) -> Standing:
        """Where the bucket left it, as it stands today."""
        return _standing(x for x in self.effects if x.bucket <= self.end)

    def at(self, moment: int) -> Standing:
        """Where it was after the newest bucket that ends by then, as it stands today."""
        return _standing(x for x in self.effects if x.bucket <= moment)

    def then(self, moment: int) -> Standing:
        """The state that was the recorded one at a moment, whatever was found out later."""
        known = [each for each in self.records if each.decided_at <= moment]
        return _standing(effect for effect, _ in effective(known))

    @property
    def decision(self) -> Decision | None:
        """The record of the transition that this bucket brought, as it stands today."""
        found = [x.decision for x in self.said if x.effect is not None and not x.replaced]
        return found[-1] if found else None

    @property
    def firing(self) -> tuple[int, int | None] | None:
        """The firing that was on after the bucket, or that it ended: its first bucket, and the one
        in which it ended (None: it has not).
        """
        began: int | None = None
        for effect in self.effects:
            fires = effect.target is State.ALARM
            if began is None and fires and effect.bucket <= self.end:
                began = effect.bucket
            elif began is not None and not fires:
                if effect.bucket >= self.end:
                    return began, effect.bucket
                began = None
        return None if began is None else (began, None)


def _standing(effects: Iterable[Effect]) -> Standing:
    found = Standing()
    for effect in effects:
        moved = effect.target is not found.state or found.since is None
        since = effect.bucket if moved else found.since
        found = Standing(effect.target, effect.target_level, since, effect)
    return found


def effective(newest_first: Iterable[Decision]) -> list[tuple[Effect, Decision]]:
    """The effects that stand after all of these records, oldest first, with their records: each
    record replaces what was said from its base on.
    """
    found: list[tuple[Effect, Decision]] = []
    cut = 1 << 62
    for record in newest_first:
        found += [(each, record) for each in reversed(record.effects) if each.bucket < cut]
        cut = min(cut, record.base)
    return found[::-1]


def read_recorded(
    table: Table, tenant: str, alert_id: str, instance: str, end: int, at: int, first: int
) -> Recorded:
    """The log, back to what stood before the bucket that ends at `end`, and what was known at `at`.

    `first` is the alert's first version: what was recorded under earlier ones belongs to an alert
    of the same id that was deleted. Raises Unavailable.
    """
    records: list[Decision] = []
    complete = True
    for page in _newest_first(table, tenant, alert_id, instance):
        mine = [record for record in page if record.version >= first]
        records += mine
        if len(mine) < len(page) or _enough(records, end, at):
            break
        if len(records) >= MOST_RECORDS:
            complete = False
            break
    standing = effective(records)
    return Recorded(
        end=end,
        records=tuple(records),
        effects=tuple(effect for effect, _ in standing),
        said=tuple(_said(records, {id(effect) for effect, _ in standing}, end)),
        complete=complete,
    )


def _enough(records: Sequence[Decision], end: int, at: int) -> bool:
    """Whether these tell where the instance was before the bucket and since when, today and as it
    was known then; and, where it fired, since when.
    """
    for known in (records, [each for each in records if each.decided_at <= at]):
        earlier = [effect for effect, _ in effective(known) if effect.bucket < end]
        if not any(effect.source is not effect.target for effect in earlier):
            return False
    return True


def _newest_first(
    table: Table, tenant: str, alert_id: str, instance: str
) -> Iterator[list[Decision]]:
    log = keys.decisions(tenant, alert_id, instance)
    query = Query(log, begins="decision", ascending=False, limit=PAGE, consistent=True)
    while True:
        page = table.query(query)
        yield [decision_from(str(item["body"])) for item in page.items]
        if page.after is None:
            return
        query = replace(query, after=page.after)


def _said(newest_first: Sequence[Decision], standing: set[int], end: int) -> Iterator[Said]:
    """Everything that was ever said of the bucket, in the order in which it was."""
    for record in reversed(newest_first):
        mine = [effect for effect in record.effects if effect.bucket == end]
        yield from (Said(record, effect, id(effect) not in standing) for effect in mine)
        corrects = record.cause is Cause.CORRECTION and record.base <= end <= record.bucket
        if corrects and not mine:
            newer = newest_first[: newest_first.index(record)]
            yield Said(record, None, any(each.base <= end for each in newer))
