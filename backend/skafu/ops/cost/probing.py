"""What the probe costs: it comes by the clock, whether anybody else does or not.

Its invocations are among those by the clock (usage.py); here is what it asks for.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from skafu.ops.cost.lines import Line
from skafu.ops.cost.usage import Usage

PROBE = "ProbeFunction"
REQUESTS = 4
"""Of a run (probe/steps.py): health, a point, a query, a list of alerts."""

METRICS = 2
"""What it counts while all is well: failures, and how long a run took."""

WAITS_MS = 1_500
"""Answers and handshakes of a run, taken together; the first ones of new processes among them."""

HOURS = 720
TOKEN_HOURS = 24


@dataclass(frozen=True)
class Probing:
    """Follows from how often it comes."""

    usage: Usage

    def lines(self) -> Iterator[Line]:
        """Every line; none where there is no probe."""
        usage, line = self.usage, self.usage.bill.line
        runs = usage.stack.runs.get(PROBE, 0)
        if not runs:
            return
        yield line("API Gateway", "the probe", runs * REQUESTS, "rest_api_million", stands=True)
        if usage.stack.firewall:
            requests = runs * REQUESTS
            yield line("WAF", "the probe's requests", requests, "web_acl_million", stands=True)
        seconds = runs * WAITS_MS / 1000 * usage.stack.memory[PROBE] / 1024
        price = "lambda_gb_second"
        yield line("Lambda", "the probe waits", seconds, price, stands=True, assumed=True)
        # A token is used until it ends, or the process does.
        hours = min(TOKEN_HOURS, usage.load.measured.assumed.process_hours)
        price = "machine_token_thousand"
        told = "the probe's tokens"
        yield line("Cognito", told, HOURS / hours, price, stands=True, assumed=True)
        price = "cloudwatch_metric_month_first"
        yield line("CloudWatch", "the probe's metrics", METRICS, price, stands=True)
