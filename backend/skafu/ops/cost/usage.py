"""What a load costs on a stack: quantities that follow from a profile and from what was measured,
times prices.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from skafu.ops.cost.inputs import MINUTES, Load
from skafu.ops.cost.lines import GB, Bill, Line
from skafu.ops.cost.stack import HOURS, Capacity, Stack

SECONDS = MINUTES * 60
INGEST, EVALUATOR, COMPACTOR = (
    "MetricsFunction",
    "AlertEvaluatorFunction",
    "MetricsCompactorFunction",
)
NOTIFIER = "AlertNotifierFunction"
BENCHMARK_LATER_DAYS = 420
"""Rollups of benchmarks live so much longer than 30 days (benchmarks/deployment.py)."""


@dataclass(frozen=True)
class Usage:
    """A load on a stack: what takes points in, decides and answers (watching.py: the rest)."""

    load: Load
    stack: Stack
    bill: Bill

    def lines(self) -> Iterator[Line]:
        """Every line, service by service."""
        yield from self.gateway()
        yield from self.functions()
        yield from self.table()
        yield from self.people()

    @property
    def evaluations(self) -> float:
        """The evaluator's invocations: one takes what comes within a second, four at a time."""
        profile, figures = self.load.profile, self.load.measured.function
        return min(profile.requests, figures.gathered_a_minute * MINUTES)

    @property
    def notifications(self) -> float:
        """A month's."""
        return self.load.profile.notifications_a_day * 30

    @property
    def closings(self) -> float:
        """Buckets that close for an alert's pair, a month."""
        return self.load.profile.alert_pairs * SECONDS / self.load.profile.bucket_seconds

    def gateway(self) -> Iterator[Line]:
        """Requests, and what leaves the region."""
        profile = self.load.profile
        line = self.bill.line
        yield line(
            "API Gateway", "requests that bring points", profile.requests, "rest_api_million"
        )
        yield line("API Gateway", "queries", profile.queries, "rest_api_million")
        if self.stack.firewall:
            requests = profile.requests + profile.queries
            yield line("WAF", "requests that are inspected", requests, "web_acl_million")
        size = profile.requests * self.load.measured.assumed.answer_bytes / GB
        yield line("Transfer", "answers to who sends points", size, "transfer_gb", assumed=True)

    def functions(self) -> Iterator[Line]:
        """Requests and GB-seconds."""
        profile, point, known = self.load.profile, self.load.point, self.load.measured
        wait, assumed = known.function.call_wait_ms, known.assumed
        yield from self._run(INGEST, "taking points in", profile.requests, point.post_ms, wait)
        yield from self._run(
            INGEST,
            "queries",
            profile.queries,
            known.query.calls * known.query.call_ms,
            known.query.calls * wait,
        )
        yield from self._work(
            COMPACTOR,
            "compaction",
            profile.points * point.compaction_ms,
            profile.points * point.calls * wait,
        )
        yield from self._run(
            EVALUATOR,
            "evaluator",
            self.evaluations,
            known.function.evaluator_ms,
            known.function.evaluator_wait_ms,
        )
        yield from self._work(EVALUATOR, "deciding alerts", self._deciding(), 0)
        for function, runs in self.stack.runs.items():
            yield from self._run(
                function,
                f"{function} by the clock",
                runs,
                assumed.scheduled_ms,
                assumed.scheduled_wait_ms,
                stands=True,
                assumed=True,
            )
        yield from self._run(
            NOTIFIER,
            "notifications",
            self.notifications,
            assumed.notification_ms,
            assumed.notification_wait_ms,
            assumed=True,
        )

    def _deciding(self) -> float:
        """CPU of the evaluator beyond an invocation's own, ms a month."""
        profile, known = self.load.profile, self.load.measured
        records = profile.requests * known.function.record_ms
        points = profile.points * known.function.point_ms
        idle = profile.alert_pairs * MINUTES * known.alerts.idle_pair_ms
        return records + points + idle + self.closings * known.alerts.closing_pair_ms

    def table(self) -> Iterator[Line]:
        """Units, and what is at rest in the steady state."""
        profile, point, known = self.load.profile, self.load.point, self.load.measured
        line = self.bill.line
        own = profile.points * point.wru
        told = self.notifications * known.assumed.notification_wru
        reads = {
            "reads of compaction": profile.points * point.rru,
            "reads of queries": profile.queries * known.query.rru,
            "reads of alerts": self.closings * known.alerts.closing_pair_rru,
        }
        clock = sum(self.stack.runs.values()) * known.assumed.scheduled_rru
        if self.stack.capacity is None:
            yield from self._by_request(own, told, reads, clock)
        else:
            used = sum(reads.values()) + clock
            yield from self._by_capacity(self.stack.capacity, own + told, used)
        yield line("DynamoDB", "at rest", self.size * self.stack.regions, "storage_gb_month")
        yield line(
            "DynamoDB",
            "point-in-time recovery",
            self.size * self.stack.recovery_regions,
            "backup_gb_month",
        )

    def _by_capacity(self, capacity: Capacity, writes: float, reads: float) -> Iterator[Line]:
        """A unit serves one request a second. What is there follows what is used, never below the
        minimum of table and index; bursts, which make it more, are not counted.
        """
        least = 2 * capacity.minimum * HOURS
        kinds = {"write": (writes, self.stack.regions), "read": (reads, 1)}
        for kind, (units, used_in) in kinds.items():
            needed = units / 3600 / capacity.utilization
            price = f"{kind}_capacity_unit_hour"
            yield self.bill.line(
                "DynamoDB",
                f"{kind} capacity that is always there",
                least * self.stack.regions,
                price,
                stands=True,
            )
            more = max(0.0, needed - least) * used_in
            yield self.bill.line("DynamoDB", f"{kind} capacity beyond it", more, price)

    def _by_request(
        self, own: float, told: float, reads: Mapping[str, float], clock: float
    ) -> Iterator[Line]:
        line, further = self.bill.line, self.stack.regions - 1
        yield line("DynamoDB", "writes", own, "write_units_million")
        yield line("DynamoDB", "writes of notifications", told, "write_units_million", assumed=True)
        if further:
            yield line(
                "DynamoDB",
                "writes in further regions",
                further * (own + told),
                "replicated_write_units_million",
            )
        for driver, units in reads.items():
            yield line("DynamoDB", driver, units, "read_units_million")
        yield line(
            "DynamoDB", "reads by the clock", clock, "read_units_million", stands=True, assumed=True
        )

    @property
    def size(self) -> float:
        """GB of the table in the steady state."""
        later = self.load.point.later_bytes * max(0, self.stack.metric_days - 30)
        bytes_a_point = self.load.point.rest_bytes + later / BENCHMARK_LATER_DAYS
        return self.load.profile.points * bytes_a_point / GB

    def people(self) -> Iterator[Line]:
        """Who signs in, machines too, and the console."""
        profile, known, line = self.load.profile, self.load.measured, self.bill.line
        yield line("Cognito", "members", profile.members, "user_month")
        tokens = profile.token_holders * known.aws.tokens_a_month
        yield line("Cognito", "machines' tokens, one an hour", tokens, "machine_token_thousand")
        visits = profile.visits_a_day * 30
        yield line(
            "CloudFront",
            "visits of the console",
            visits * known.assumed.visit_bytes / GB,
            "edge_gb",
            assumed=True,
        )
        requests = visits * known.assumed.visit_requests + profile.queries
        yield line(
            "CloudFront",
            "requests of the console",
            requests,
            "edge_request_10_thousand",
            assumed=True,
        )

    def _run(  # pylint: disable=too-many-arguments # what an invocation is
        self,
        function: str,
        driver: str,
        times: float,
        cpu_ms: float,
        wait_ms: float,
        *,
        stands: bool = False,
        assumed: bool = False,
    ) -> Iterator[Line]:
        """Invocations, and their time."""
        yield self.bill.line(
            "Lambda", f"{driver}: requests", times, "lambda_million", stands=stands, assumed=assumed
        )
        yield from self._work(
            function, driver, times * cpu_ms, times * wait_ms, stands=stands, assumed=assumed
        )

    def _work(  # pylint: disable=too-many-arguments # what work is
        self,
        function: str,
        driver: str,
        cpu_ms: float,
        wait_ms: float,
        *,
        stands: bool = False,
        assumed: bool = False,
    ) -> Iterator[Line]:
        """Milliseconds of CPU and of waiting. Below a whole core CPU takes longer in proportion."""
        memory, figures = self.stack.memory[function], self.load.measured
        stretched = max(1.0, figures.aws.core_mb / memory) * figures.function.slower
        seconds = (cpu_ms * stretched + wait_ms) / 1000
        ready = function in self.stack.ready
        price = "lambda_provisioned_duration_gb_second" if ready else "lambda_gb_second"
        yield self.bill.line(
            "Lambda",
            f"{driver}: GB-seconds",
            seconds * memory / 1024,
            price,
            stands=stands,
            assumed=assumed,
        )
