"""Marks in an alert's history where data came too late to decide anything: a backfill, mostly.

They are no part of the decision log, change no state and page nobody. One for each instance and
hour of receipt: an agent that always lags must not fill the history.
"""

from collections import OrderedDict
from collections.abc import Iterator

from skafu.alerts.codec import to_json
from skafu.alerts.model import Cause, Decision, State
from skafu.alerts.points import SECOND_MS, end_after, period_ms, points_of
from skafu.alerts.rules import Match
from skafu.metrics.model import Segment
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.keys import HOUR_MS
from skafu.shared.table import Absent, ConditionFailed, Put, Table, Value

REMEMBERED = 50_000

NEVER = 1 << 52
"""A base beyond every bucket: nothing of the history is replaced."""


class LateMarks:
    """Writes marks, each once."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._known: OrderedDict[keys.Key, None] = OrderedDict()

    def mark(self, tenant: str, match: Match, segment: Segment, state: State) -> None:
        """Mark the instance's history if points of this segment came too late for it. `state` is
        where the instance is. Raises Unavailable.
        """
        hour = segment.receipt // HOUR_MS * HOUR_MS
        key = keys.late_mark(tenant, match.alert.id, match.instance, hour)
        if key in self._known:
            return
        late = list(late_points(match, segment))
        if not late:
            return
        try:
            self._table.write(Put(self._item(tenant, key, match, segment, state, late), Absent()))
        except ConditionFailed:
            pass  # another environment has marked this hour
        self._known[key] = None
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def _item(
        self,
        tenant: str,
        key: keys.Key,
        match: Match,
        segment: Segment,
        state: State,
        late: list[int],
    ) -> dict[str, Value]:
        alert, at = match.alert, segment.receipt
        decision = Decision(
            alert=alert.id,
            instance=match.instance,
            tags=match.tags,
            bucket=at,
            revision=0,
            source=state,
            target=state,
            cause=Cause.LATE,
            version=alert.version,
            base=NEVER,
            start=state,
            effects=(),
            reason=_sentence(match, late),
            decided_at=self._clock(),
        )
        index = keys.history_index(tenant, alert.id, at, match.instance, 0)
        return {
            **key._asdict(),
            **index._asdict(),
            "k": "decision",
            "body": to_json(decision),
        }


def may_be_late(match: Match, segment: Segment, oldest: int) -> bool:
    """Whether `oldest`, the segment's oldest timestamp, came too late for the alert: only then is
    it worthwhile to look at its points.
    """
    definition = match.alert.definition
    end = end_after(oldest, period_ms(definition))
    return segment.receipt > end + definition.lateness * SECOND_MS


def late_points(match: Match, segment: Segment) -> Iterator[int]:
    """Timestamps of the instance's points that came too late for their buckets; what is older than
    the alert concerns nobody.
    """
    made = match.alert.created_at
    for position in match.positions:
        for i in points_of(segment, position):
            at = segment.timestamps[i]
            if at >= made and may_be_late(match, segment, at):
                yield at


def _sentence(match: Match, late: list[int]) -> str:
    definition = match.alert.definition
    points = "1 point" if len(late) == 1 else f"{len(late)} points"
    return (
        f"{points} of {definition.metric} came more than {definition.lateness} seconds after the "
        "end of the period and decided nothing"
    )
