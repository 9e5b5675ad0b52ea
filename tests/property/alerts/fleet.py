"""Agents that report the load of hosts: several to a host, each by a layout of its own."""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from skafu.metrics.model import Layout, Segment, Series, Summary
from skafu.shared.keys import BUCKET_MS

from tests.property.alerts.fate import SECOND, TENANT, Fate
from tests.property.alerts.oracle import Point
from tests.support.points import MemoryPoints

REQUEST_LIFE_S = 28

type Points = list[tuple[int, float]]
"""Seconds and values."""


@dataclass(frozen=True)
class Agent:
    """Reports every so many seconds. `skew` is what its clock is ahead."""

    host: str
    layout: Layout
    every: int
    kind: str
    skew: int


def observed(at: int, value: float) -> tuple[float, ...]:
    """What an agent has seen by a moment, in seconds: now and then it sends three observations as
    one point.
    """
    return (value,) if at % 4 else (value - 2, value, value + 2)


def summary_of(observations: Sequence[float]) -> Summary:
    """Observations as one point."""
    bins = tuple((each, 1) for each in observations)
    total = math.fsum(observations)
    return Summary(len(bins), total, observations[0], observations[-1], bins)


class Fleet:
    """`announce` is told of every segment that becomes visible; `sent` is the truth about what was
    stored, by host.
    """

    def __init__(
        self, fate: Fate, points: MemoryPoints, announce: Callable[[Segment], None]
    ) -> None:
        self.hosts = ("a", "b") if fate.calm else ("a", "b", "old")
        self.layouts: dict[str, set[str]] = defaultdict(set)
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
            for number in range(1 if host == "old" else r.randint(2 if calm else 1, 3)):
                tags = (("agent", str(number)), ("host", host))
                series = (Series("load", tags), Series("noise", tags))
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
            return [(at - 900, 50.0)]
        if agent.kind == "future" and n % 7 == 3:
            return [(at + r.choice((45, 1000, 7000)), 3.0)]
        moments = [at - 1 - r.randint(0, 8), at]
        return [(x, self.level(agent.host, at) + r.uniform(-6, 6)) for x in moments]

    def receive(self, agent: Agent, request: str, points: Points, visible: float) -> None:
        stage = self._fate.stage
        stage.at(visible * SECOND, self.store, agent, request, points, stage.now)

    def store(self, agent: Agent, request: str, points: Points, receipt: int) -> None:
        """A request becomes visible, once; its first try's receipt counts."""
        if request in self._requests:
            return
        self._requests.add(request)
        self.layouts[agent.host].add(agent.layout.hash)
        buckets: dict[int, Points] = defaultdict(list)
        for at, value in points:
            for each in observed(at, value):
                self.sent[agent.host].append(Point(at * SECOND, each, receipt))
            buckets[at * SECOND // BUCKET_MS * BUCKET_MS].append((at * SECOND, value))
        for bucket, some in buckets.items():
            some.sort()
            segment = Segment(
                layout=agent.layout.hash,
                bucket=bucket,
                request=request,
                receipt=receipt,
                late=False,
                series=[0] * len(some) + [1],
                timestamps=[at for at, _ in some] + [some[-1][0]],
                values=[value for _, value in some] + [self._fate.random.random()],
                summaries={
                    row: summary_of(seen)
                    for row, (at, value) in enumerate(some)
                    if len(seen := observed(at // SECOND, value)) > 1
                },
            )
            self._points.put(TENANT, agent.layout, segment)
            self._announce(segment)
