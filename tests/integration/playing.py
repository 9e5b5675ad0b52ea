"""A tenant of the deployed system whose points were sent, live, in the past.

Points go through the metrics function's own code in this process, by a clock that the test moves,
into the deployed table. Everything else is the deployed system: late points and queries by the
gateway, compaction by the deployed function and its event.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from skafu.ops.bootstrap import CognitoDirectory
from skafu.ops.compact import Compactor
from skafu.shared import keys
from skafu.shared.clock import Clock, system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.table import Query, Table

from local.api import Api, MachineToken
from local.home import STACK
from tests.integration.system import System, unique
from tests.support.claims import machine_claims
from tests.support.clocks import FakeClock
from tests.support.played import PlayedApi
from tests.support.recomputed import Points, differences, recomputed

MOST_BUCKETS = 90_000
"""So many one question asks for; an answer has at most 100,800."""


@dataclass(frozen=True)
class Player:
    """A tenant that was made when `clock` said; `api` is the deployed API as its machine."""

    system: System
    table: Table
    clock: FakeClock
    claims: Mapping[str, str]
    played: PlayedApi
    api: Api

    @property
    def tenant(self) -> str:
        return self.played.tenant

    def at(self, clock: Clock, table: Table | None = None) -> PlayedApi:
        """The API in this process, as the same machine, by another clock or over another table."""
        return PlayedApi(table or self.table, clock, self.claims)

    @property
    def compactor(self) -> Compactor:
        alias = self.system.outputs()["MetricsCompactorFunctionAlias"]
        return Compactor(self.system.aws("lambda"), alias)

    def compact(self, at: int | None = None) -> dict[str, int]:
        """Run the deployed compactor at a moment until nothing is left; the sum of its reports."""
        total: dict[str, int] = {}
        for report in self.compactor.drain(at, self.tenant):
            for name, number in report.items():
                total[name] = total.get(name, 0) + number
        assert not total["failed"] and not total["blocked"], total
        return total

    def count(self, partition: str) -> int:
        """How many items a partition has."""
        return len(list(self.table.query_all(Query(partition, consistent=True))))

    def generations(self) -> dict[int, int]:
        """By day: how many generations it has."""
        query = Query(keys.generations(self.tenant, 0), consistent=True)
        names = [keys.generation_name(str(x["sk"])) for x in self.table.query_all(query)]
        return {day: max(n for d, n in names if d == day) for day, _ in names}

    def late(self, before: int | None = None) -> int:
        """How many late items wait to be folded; only those of buckets before a time, if given."""
        query = Query(keys.lates(self.tenant, 0), consistent=True)
        names = [keys.late_name(str(item["sk"])) for item in self.table.query_all(query)]
        return sum(before is None or keys.bucket_start(each.bucket) < before for each in names)


def player(system: System, created: int) -> Player:
    """A new tenant, made at this time."""
    name = unique("player")
    outputs = system.outputs()
    machine = CognitoDirectory(system.aws("cognito-idp"), outputs["UserPoolId"]).machine(name)
    table = DynamoTable(system.aws("dynamodb"), outputs["TableName"])
    clock, claims = FakeClock(created), machine_claims(machine.client_id)
    played = PlayedApi(table, clock, claims)
    token = MachineToken(system.stack["token_url"], machine.client_id, machine.secret, system_clock)
    return Player(system, table, clock, claims, played, Api(system.stack["api_url"], token))


@contextmanager
def without_schedule(system: System) -> Iterator[None]:
    """The compactor runs when a test says so, and not besides: what is played by a clock of the
    past must not be sealed by the clock of the present first.
    """
    events, rule = system.aws("events"), f"{STACK}-compact"
    events.disable_rule(Name=rule)
    try:
        yield
    finally:
        events.enable_rule(Name=rule)


type Sent = Mapping[str, Mapping[str, Points]]
"""What was sent: points by metric and by the value of the tag `id`."""

type Window = tuple[int, int]
"""From when to when is asked, epoch milliseconds."""


def wrong_answers(
    api: Api, sent: Sent, statistics: Sequence[str], period: int, window: Window
) -> list[str]:
    """Ask for everything with one period (seconds) and tell what differs from a recomputation."""
    wrong: list[str] = []
    start, end = window
    for asked in _packed(sent, statistics, period, window):
        queries = [
            {"id": f"q{i}", "metric": m, "statistic": s, "period": period, "group_by": ["id"]}
            for i, (m, s) in enumerate(asked)
        ]
        body = {"start": start, "end": end, "queries": queries}
        answer = api.ask("POST", "/api/metrics/query", body)
        wrong += answer["warnings"]
        for (metric, statistic), result in zip(asked, answer["results"], strict=True):
            wrong += [
                f"{metric} {statistic} {period} {each}"
                for each in _differing(result, sent[metric], statistic, period, window)
            ]
    return wrong


def _differing(
    result: Mapping[str, Any],
    sent: Mapping[str, Points],
    statistic: str,
    period: int,
    window: Window,
) -> Iterator[str]:
    """What is wrong with the series of one query's result."""
    found = {each["tags"]["id"]: _known(each) for each in result["series"]}
    for name, points in sent.items():
        expected = recomputed(points, statistic, period * 1000, *window)
        for each in differences(found.pop(name, {}), expected):
            yield f"{name}: {each}"
    yield from (f"{name}: nobody has sent it" for name in found)


def _packed(
    sent: Sent, statistics: Sequence[str], period: int, window: Window
) -> Iterator[list[tuple[str, str]]]:
    """Questions of as many (metric, statistic) as an answer has room for."""
    buckets = (window[1] - window[0]) // (period * 1000) + 2
    some: list[tuple[str, str]] = []
    size = 0
    for metric, series in sent.items():
        for statistic in statistics:
            more = buckets * len(series)
            if some and (size + more > MOST_BUCKETS or len(some) == 100):
                yield some
                some, size = [], 0
            some.append((metric, statistic))
            size += more
    yield some


def _known(series: Mapping[str, Any]) -> dict[int, float]:
    pairs = zip(series["timestamps"], series["values"], strict=True)
    return {at: value for at, value in pairs if value is not None}
