"""A time that is played live, with the real evaluator and sweeper over the real store: points come
in time, in whatever batches, twice and in any order; and what was recorded in it.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from skafu.alerts.journal import Subject, read_journal
from skafu.alerts.model import Alert, Cause, Effect, instance_id
from skafu.metrics.layout import layout_of
from skafu.metrics.model import Layout, Segment, Series, Tags
from skafu.shared.keys import BUCKET_MS
from tests.support.clocks import NOON
from tests.support.deciding import SECOND, Deciding
from tests.support.decisions import TENANT
from tests.support.definitions import alert
from tests.support.shapes import random_definition

SECONDS = 24 * 60
EVERY_S = 15

type Step = tuple[int, str, str]
"""A bucket's end, and the states and levels before and after it."""


def steps(effects: tuple[Effect, ...]) -> list[Step]:
    return [
        (x.bucket, f"{x.source}{x.source_level}", f"{x.target}{x.target_level}") for x in effects
    ]


@dataclass
class Agent:
    """Reports the load and a counter of one host, and always that it is alive."""

    host: str
    layout: Layout
    counter: float = 0.0
    silent: bool = False


class Played:
    """`alerts` were made at `began`; the time is over at `ended`."""

    def __init__(self, seed: int, alerts: int = 8) -> None:
        self.random = random.Random(seed)
        self.world = Deciding()
        self.began = NOON
        self.agents = [self._agent(host, n) for host, n in (("a", 0), ("a", 1), ("b", 0))]
        self._requests = 0
        self._warm_up()
        self.alerts = [self._alert(number) for number in range(alerts)]
        self._live()
        self.ended = self.world.clock.now

    def _agent(self, host: str, number: int) -> Agent:
        tags: Tags = (("agent", str(number)), ("host", host))
        series = [Series(metric, tags) for metric in ("alive", "grown", "load")]
        return Agent(host, layout_of(series))

    def _alert(self, number: int) -> Alert:
        definition = random_definition(self.random, "load", "grown")
        made = alert(f"alert-{number}", edited_at=self.began)
        return self.world.create(replace(made, definition=definition))

    def _warm_up(self) -> None:
        """Points that were there before the alerts were made."""
        self.world.clock.now = NOON - 900 * SECOND
        while self.world.clock.now < NOON:
            self._report()
            self.world.pass_time(EVERY_S)
        self.world.stream()

    def _live(self) -> None:
        for second in range(SECONDS):
            if second % EVERY_S == 0:
                self._report()
            self.world.live(1)
        self.world.live(40, sweeps=True)

    # --- points -----------------------------------------------------------------------------------

    def _report(self) -> None:
        """Every agent sends, in one request or in several, some of them twice."""
        r, now = self.random, self.world.clock.now
        for agent in r.sample(self.agents, len(self.agents)):
            if r.random() < 0.02:
                agent.silent = not agent.silent
            rows = self._rows(agent, now)
            parts = [rows] if r.random() < 0.8 else [[row] for row in rows]
            r.shuffle(parts)
            for part in parts:
                self._send(agent, sorted(part), now)

    def _rows(self, agent: Agent, now: int) -> list[tuple[int, int, float]]:
        """Positions in the layout, times and values."""
        r = self.random
        at = now - r.randint(0, 3) * SECOND
        agent.counter = 0.0 if r.random() < 0.01 else agent.counter + r.choice((0.0, 5.0, 50.0))
        rows = [(0, now, 1.0)]
        if not agent.silent:
            level = (1.0, 8.0, 10.0, 13.0, 35.0)[(now // (150 * SECOND) + len(agent.host)) % 5]
            rows += [(1, at, agent.counter), (2, at, round(level + r.uniform(-2, 2), 1))]
        return rows

    def _send(self, agent: Agent, rows: list[tuple[int, int, float]], now: int) -> None:
        self._requests += 1
        for bucket in sorted({at // BUCKET_MS * BUCKET_MS for _, at, _ in rows}):
            mine = [row for row in rows if row[1] // BUCKET_MS * BUCKET_MS == bucket]
            segment = Segment(
                layout=agent.layout.hash,
                bucket=bucket,
                request=f"request{self._requests}",
                receipt=now,
                late=False,
                series=[position for position, _, _ in mine],
                timestamps=[at for _, at, _ in mine],
                values=[value for _, _, value in mine],
            )
            records = self.world.write([agent.layout], [segment], lost=self.random.random() < 0.05)
            if self.random.random() < 0.1:
                self.world.mapping.feed(records)

    # --- what was recorded ------------------------------------------------------------------------

    def histories(self, made: Alert) -> Mapping[Tags, tuple[Effect, ...]]:
        """The effective history of each instance."""
        tags = {x.tags for x in self.world.decisions if x.alert == made.id}
        return {each: self._history(made, each) for each in tags}

    def _history(self, made: Alert, tags: Tags) -> tuple[Effect, ...]:
        subject = Subject(TENANT, made, instance_id(tags), tags)
        return read_journal(self.world.table, subject, None, 0, 1).effects

    def corrected(self) -> bool:
        """Whether anything had to be: on time, nothing has."""
        return any(x.cause is Cause.CORRECTION for x in self.world.decisions)
