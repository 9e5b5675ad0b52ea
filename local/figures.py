"""What an agent tells of itself, along with what it measures: metrics named `skafu.agent.*`."""

from local.spool import Point, Spool

POINTS = "skafu.agent.points"
ROUND_TRIP = "skafu.agent.round_trip"
FAILURES = "skafu.agent.failures"
SPOOLED = "skafu.agent.spooled"
BACKLOG = "skafu.agent.backlog"
LOST = "skafu.agent.lost"

ACCEPTED, REFUSED = "accepted", "refused"


class Figures:
    """What came of sending since somebody asked last.

    `accepted` and `refused` are points, `failures` tries that will be made again, `round_trips` the
    milliseconds of each request that was answered.
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.accepted = 0
        self.refused = 0
        self.failures = 0
        self.round_trips: list[int] = []

    def take(self, at: int, host: str, spool: Spool) -> list[Point]:
        """The figures as points of this moment; counting begins anew.

        All but the round trip come every time, also when they are 0: so the series of a batch are
        the same from batch to batch, and zero is told from silence.
        """
        told = [
            _point(POINTS, self.accepted, "Count", at, host, outcome=ACCEPTED),
            _point(POINTS, self.refused, "Count", at, host, outcome=REFUSED),
            _point(FAILURES, self.failures, "Count", at, host),
            _point(SPOOLED, len(spool), "Count", at, host),
            _point(BACKLOG, spool.size, "Bytes", at, host),
            _point(LOST, spool.lost, "Count", at, host),
        ]
        if self.round_trips:
            mean = sum(self.round_trips) / len(self.round_trips)
            told.append(_point(ROUND_TRIP, round(mean, 3), "Milliseconds", at, host))
        self._begin()
        return told


def _point(name: str, value: float, unit: str, at: int, host: str, **tags: str) -> Point:
    return {
        "name": name,
        "value": value,
        "timestamp": at,
        "unit": unit,
        "tags": {"host": host, **tags},
    }
