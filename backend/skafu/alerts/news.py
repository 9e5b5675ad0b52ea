"""What one segment may mean to instances that were evaluated before: mostly nothing."""

from skafu.alerts.machine import may_settle, settles
from skafu.alerts.memory import Remembered
from skafu.alerts.model import Kind
from skafu.alerts.points import advance, points_of
from skafu.alerts.rules import Match
from skafu.metrics.model import Segment, Statistic


class News:
    """One segment, looked at as a whole before anything is read for it."""

    def __init__(self, segment: Segment, now: int) -> None:
        self.segment = segment
        self.oldest = min(segment.timestamps)
        self._now = now
        self._advanced = advance(segment)

    def concerns(self, known: Remembered, match: Match) -> bool:
        """Whether it may close the instance's open bucket, settle it early, or correct an earlier
        one; or whether the clock has closed it meanwhile.
        """
        if self._advanced >= known.open_end or self.oldest < known.open_start:
            return True
        return self._now >= known.due or (match.settles and self._settles(known, match))

    def _settles(self, known: Remembered, match: Match) -> bool:
        definition = match.alert.definition
        if not may_settle(definition, known.state, known.level):
            return False
        if definition.kind is Kind.HEARTBEAT or definition.statistic == Statistic.COUNT:
            return True  # one more point may be the one
        segment = self.segment
        return any(
            settles(definition, known.state, known.level, value)
            for position in match.positions
            for i in points_of(segment, position)
            for value in _extremes(segment, i)
        )


def _extremes(segment: Segment, i: int) -> tuple[float, ...]:
    """The values by which a point may settle a maximum or a minimum."""
    summary = segment.summaries.get(i)
    return (segment.values[i],) if summary is None else (summary.minimum, summary.maximum)
