"""Functions' concurrency in memory: the port of scaling/capacity.py, and the AWS clients that the
adapter to it needs. An account of 1,000 at once, of which Lambda keeps the last 100 free.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from skafu.scaling.capacity import PERIOD_S
from skafu.scaling.concurrency import KEPT_FREE, LATELY_MINUTES, QUIET_MINUTES, Seen

ACCOUNT = 1_000
MINUTE_MS = 60_000


@dataclass
class InMemoryCapacity:
    """Functions by name: what they are reserved, calls that were refused (epoch milliseconds, how
    many), memory, and which of them a release shifts.
    """

    reserved: dict[str, int | None] = field(default_factory=dict)
    refused: list[tuple[str, int, int]] = field(default_factory=list)
    memories: dict[str, int] = field(default_factory=dict)
    shifting: set[str] = field(default_factory=set)

    @property
    def free(self) -> int:
        """What is left beside all reservations."""
        return ACCOUNT - sum(each or 0 for each in self.reserved.values())

    def seen(self, function: str, now: int) -> Seen:
        """How it stands."""
        lately, quiet = (
            sum(
                many
                for name, at, many in self.refused
                if name == function and now - minutes * MINUTE_MS < at <= now
            )
            for minutes in (LATELY_MINUTES, QUIET_MINUTES)
        )
        shifts = function in self.shifting
        return Seen(self.reserved.get(function), self.free, ACCOUNT, lately, quiet, shifts)

    def reserve(self, function: str, concurrency: int) -> None:
        """As Lambda: not the last hundred."""
        left = self.free + (self.reserved.get(function) or 0) - concurrency
        assert left >= KEPT_FREE
        self.reserved[function] = concurrency

    def memory(self, function: str) -> int:
        """In MB."""
        return self.memories[function]


class FakeCloudWatch:
    """GetMetricStatistics over refused calls, as it answers: sums by period, which begin at whole
    ones, unsorted, and no point where nothing was sent.
    """

    def __init__(self, refused: Mapping[str, list[tuple[int, int]]]) -> None:
        self.refused = refused

    def get_metric_statistics(self, **asked: Any) -> dict[str, Any]:
        assert (asked["Namespace"], asked["MetricName"]) == ("AWS/Lambda", "Throttles")
        assert (asked["Statistics"], asked["Period"]) == (["Sum"], PERIOD_S)
        [dimension] = asked["Dimensions"]
        assert dimension["Name"] == "FunctionName"
        sums: dict[int, float] = {}
        for at, many in self.refused.get(dimension["Value"], ()):
            start = at // 1000 // PERIOD_S * PERIOD_S
            if asked["StartTime"].timestamp() <= start < asked["EndTime"].timestamp():
                sums[start] = sums.get(start, 0.0) + many
        points = [
            {"Timestamp": datetime.fromtimestamp(start, UTC), "Sum": total, "Unit": "Count"}
            for start, total in reversed(sums.items())
        ]
        return {"Label": "Throttles", "Datapoints": points}
