"""Agents that report the load of hosts: several to a host, each by a layout of its own."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from skafu.metrics.model import Layout, Segment, Series, Summary, Tags
from skafu.shared.keys import BUCKET_MS

from tests.property.alerts.fate import SECOND, TENANT, Fate
from tests.property.alerts.oracle import Point
from tests.support.points import MemoryPoints

REQUEST_LIFE_S = 28
DAY_S = 86_400

METRICS = ("heat", "load", "work")
"""In this order in every layout. `load` jumps, some of its points are several observations; `heat`
follows it calmly; `work` is a counter."""

type Values = tuple[float | tuple[float, ...], ...]
type Points = list[tuple[int, Values]]
"""Seconds, and a value or several observations of each metric."""


@dataclass(frozen=True)
class Agent:
    """Reports every so many seconds. `skew` is what its clock is ahead."""

    host: str
    layout: Layout
    every: int
    kind: str
    skew: int

    @property
    def tags(self) -> Tags:
        return self.layout.series[0].tags


def observed(at: int, value: float) -> float | tuple[float, ...]:
    """What an agent has seen by a moment, in seconds: now and then it sends three observations as
    one point.
    """
    return value if at % 4 else (value - 2, value, value + 2)


def work_done(at: int) -> float:
    """A counter by a moment in seconds: it grows ever faster, and begins anew now and then."""
    run = at % 870
    return run / 2 + run % 290 * (run // 290)


def summary_of(observations: Sequence[float]) -> Summary:
    """Observations as one point."""
    bins = tuple((each, 1) for each in observations)
    total = math.fsum(observations)
    return Summary(len(bins), total, observations[0], observations[-1], bins)


class Fleet:
    """`announce` is told of every segment that becomes visible; `sent` is the truth about what was
    stored, by metric.
    """

    def __init__(
        self, fate: Fate, points: MemoryPoints, announce: Callable[[Segment], None]
    ) -> None:
        self.hosts = ("a", "b") if fate.calm else ("a", "b", "old")
        self.sent: dict[str, list[Point]] = defaultdict(list)
        self.active = True
        self._fate = fate
        self._points = points
        self._announce = announce
        self._requests: set[str] = set()

    def begin(self) -> None:
        r, calm = self._fate.random, self._fate.calm
        troubled = ("steady", "slow", "slow", "silent", "future")
        kinds = ("steady", "steady", "future") if calm else troubled
        for host in self.hosts:
            for number in range(
                1 if host == "old" else r.randint(2, 3) if calm else r.randint(1, 2)
            ):
                tags = (("agent", str(number)), ("host", host))
                series = tuple(Series(metric, tags) for metric in METRICS)
                every = r.choice((10, 50, 50) if calm else (10, 20, 50))
                skew = 0 if calm else r.choice((0, 0, -15, 12))
                layout = Layout(f"{host}{number}", series)
                agent = Agent(host, layout, every, r.choice(kinds), skew)
                self._fate.stage.at(r.uniform(0, 20_000), self.report, agent, 0)

    def level(self, host: str, at: int) -> float:
        """The truth that agents report, with some noise; `at` is in seconds."""
        turn = at // (150 if self._fate.calm else 90)
        if (turn + (host == "b")) % 3 == 0:
            return 14
        return 8.5 if turn % 3 == 1 else 3

    def report(self, agent: Agent, n: int) -> None:
        fate, r = self._fate, self._fate.random
        if not self.active:
            return
        fate.stage.at(agent.every * SECOND, self.report, agent, n + 1)
        now = fate.stage.now // SECOND
        if agent.kind == "silent" and (now // 400) % 2:
            return
        points = self._measured(agent, n, now + agent.skew)
        lag = r.uniform(0, 4) if fate.calm else r.choice((0.2, 1, 3))
        if agent.kind == "slow" and r.random() < 0.6:
            lag += r.choice((20, 50, 100, 150, 280, 350))
        visible = r.uniform(0, 1) if fate.calm else REQUEST_LIFE_S * r.random() ** 4
        for part in [points] if r.random() < 0.7 else [[point] for point in points]:
            request = f"{agent.layout.hash}-{n}-{part[0][0]}"
            again = [lag, lag + 20] if fate.chance(0.1) else [lag]  # the client tries again
            for each in again:
                fate.stage.at(each * SECOND, self.receive, agent, request, part, visible)

    def _measured(self, agent: Agent, n: int, at: int) -> Points:
        r = self._fate.random
        if agent.host == "old":
            back = r.choice((900, 900, 2 * DAY_S))
            return [(at - back, (50.0, 50.0, work_done(at - back)))]
        if agent.kind == "future" and n % 7 == 3:
            ahead = at + r.choice((45, 1000, 7000))
            return [(ahead, (3.0, 3.0, work_done(ahead)))]
        moments = sorted({at - 1 - r.randint(0, 8), at})
        return [(x, self._values(agent, x, self.level(agent.host, at))) for x in moments]

    def _values(self, agent: Agent, at: int, level: float) -> Values:
        noise = self._fate.random.uniform(-6, 6)
        work = work_done(at + 100 * int(agent.layout.hash[-1]))
        return (level + noise / 4, observed(at, level + noise), work)

    def receive(self, agent: Agent, request: str, points: Points, visible: float) -> None:
        stage = self._fate.stage
        receipt = stage.now + self._fate.server()
        stage.at(visible * SECOND, self.store, agent, request, points, receipt)

    def store(self, agent: Agent, request: str, points: Points, receipt: int) -> None:
        """A request becomes visible, once; its first try's receipt counts."""
        if request in self._requests:
            return
        self._requests.add(request)
        buckets: dict[int, Points] = defaultdict(list)
        for at, values in points:
            for metric, value in zip(METRICS, values, strict=True):
                each = value if isinstance(value, tuple) else (value,)
                point = Point(at * SECOND, each, receipt, agent.tags)
                self.sent[metric].append(point)
            buckets[at * SECOND // BUCKET_MS * BUCKET_MS].append((at * SECOND, values))
        for bucket, some in buckets.items():
            segment = segment_of(agent.layout, bucket, some, request, receipt)
            self._points.put(TENANT, agent.layout, segment)
            self._announce(segment)


def segment_of(layout: Layout, bucket: int, points: Points, request: str, receipt: int) -> Segment:
    """Points of one quarter of an hour, by columns; their times are milliseconds here."""
    points.sort()
    rows = [
        (position, at, values[position])
        for position in range(len(METRICS))
        for at, values in points
    ]
    summaries: Mapping[int, Summary] = {
        i: summary_of(value) for i, (_, _, value) in enumerate(rows) if isinstance(value, tuple)
    }
    return Segment(
        layout=layout.hash,
        bucket=bucket,
        request=request,
        receipt=receipt,
        late=False,
        series=[position for position, _, _ in rows],
        timestamps=[at for _, at, _ in rows],
        values=[
            summaries[i].mean if i in summaries else plain(x) for i, (*_, x) in enumerate(rows)
        ],
        summaries=summaries,
    )


def plain(value: float | Iterable[float]) -> float:
    """A value that is not several observations."""
    assert isinstance(value, float)
    return value
