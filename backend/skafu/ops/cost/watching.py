"""What watching over a stack costs under a load: logs, traces, its metrics, flags, queues."""

from collections.abc import Iterator
from dataclasses import dataclass

from skafu.ops.cost.inputs import MINUTES
from skafu.ops.cost.lines import GB, Line
from skafu.ops.cost.usage import SECONDS, Usage


@dataclass(frozen=True)
class Watching:
    """Follows from how a load uses a stack."""

    usage: Usage

    @property
    def answered(self) -> float:
        """Requests to the API, a month."""
        profile = self.usage.load.profile
        return profile.requests + profile.queries

    @property
    def behind(self) -> float:
        """Invocations that nobody waits for, but for those by the clock."""
        return self.usage.evaluations + self.usage.notifications

    @property
    def clock(self) -> float:
        """Invocations by the clock."""
        return sum(self.usage.stack.runs.values())

    def lines(self) -> Iterator[Line]:
        """Every line, service by service."""
        yield from self.logs()
        yield from self.traces()
        yield from self.flags()
        line, requests = self.usage.bill.line, self.usage.load.measured.assumed
        sent = self.usage.notifications * requests.notification_requests
        yield line("SQS", "messages", sent, "queue_million", assumed=True)

    def logs(self) -> Iterator[Line]:
        """Taken in and kept; and metrics, which come in lines of log."""
        line, logs = self.usage.bill.line, self.usage.load.measured.logs
        request = logs.access + logs.request + logs.platform
        used = (self.answered * request + self.behind * logs.platform) / GB
        clock = self.clock * logs.platform / GB
        yield line("CloudWatch", "logs taken in", used, "log_gb")
        yield line("CloudWatch", "logs of the clock's runs", clock, "log_gb", stands=True)
        days = self.usage.stack.log_days
        kept = used * days / 30 * self.usage.load.measured.assumed.log_compression
        told = f"logs kept for {days} days"
        yield line("CloudWatch", told, kept, "log_storage_gb_month", assumed=True)
        if self.answered:
            metrics = logs.custom_metrics
            price = "cloudwatch_metric_month_first"
            yield line("CloudWatch", "metrics of its own", metrics, price)

    def traces(self) -> Iterator[Line]:
        """Of requests, of what follows them, of the clock's runs."""
        line = self.usage.bill.line
        share = self.usage.stack.traced
        used = self._traced(self.answered, share) + self._traced(self.behind)
        yield line("X-Ray", "traces", used, "trace_million")
        clock = self._traced(self.clock)
        yield line("X-Ray", "traces of the clock's runs", clock, "trace_million", stands=True)

    def flags(self) -> Iterator[Line]:
        """Asked for once a minute by a process that serves, received when it is new."""
        line, known = self.usage.bill.line, self.usage.load.measured
        asked = self.usage.load.profile.warm_processes * MINUTES
        yield line("AppConfig", "asking for flags", asked, "flag_request_million")
        new = asked / 60 / known.assumed.process_hours
        told, price = "flags received by new processes", "flag_document_thousand"
        yield line("AppConfig", told, new, price, assumed=True)

    def _traced(self, invocations: float, share: float | None = None) -> float:
        """Of evenly coming invocations: one a second, and a share of the rest, by default that of
        Lambda and of who has no rule.
        """
        aws = self.usage.load.measured.aws
        whole = min(invocations, aws.traced_a_second * SECONDS)
        return whole + (invocations - whole) * (aws.traced_further if share is None else share)
