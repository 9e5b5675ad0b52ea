"""How it stands with a function's concurrency, and changing it: a port, and the adapter to Lambda
and CloudWatch.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from skafu.scaling.concurrency import LATELY_MINUTES, QUIET_MINUTES, Seen

ALIAS = "live"
PERIOD_S = 300


class Capacity(Protocol):
    """Of functions, by their names."""

    def seen(self, function: str, now: int) -> Seen:
        """How it stands at a moment (epoch milliseconds)."""

    def reserve(self, function: str, concurrency: int) -> None:
        """Let so many calls run at once, and keep as many free for it."""

    def memory(self, function: str) -> int:
        """Of what is called, in MB."""


class LambdaCapacity:
    """The port over AWS; the arguments are botocore clients of lambda and cloudwatch. Every method
    raises botocore's errors.
    """

    def __init__(self, lambdas: Any, cloudwatch: Any) -> None:
        self._lambdas = lambdas
        self._cloudwatch = cloudwatch

    def seen(self, function: str, now: int) -> Seen:
        reserved = self._lambdas.get_function_concurrency(FunctionName=function)
        account = self._lambdas.get_account_settings()["AccountLimit"]
        alias = self._lambdas.get_alias(FunctionName=function, Name=ALIAS)
        weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights")
        at = datetime.fromtimestamp(now / 1000, UTC)
        lately, throttled = self._throttled(function, at)
        return Seen(
            reserved=reserved.get("ReservedConcurrentExecutions"),
            free=int(account["UnreservedConcurrentExecutions"]),
            account=int(account["ConcurrentExecutions"]),
            throttled_lately=lately,
            throttled=throttled,
            shifting=bool(weights),
        )

    def reserve(self, function: str, concurrency: int) -> None:
        self._lambdas.put_function_concurrency(
            FunctionName=function, ReservedConcurrentExecutions=concurrency
        )

    def memory(self, function: str) -> int:
        found = self._lambdas.get_function_configuration(FunctionName=function, Qualifier=ALIAS)
        return int(found["MemorySize"])

    def _throttled(self, function: str, now: datetime) -> tuple[float, float]:
        """Calls refused lately, and within the hours that have to be quiet."""
        points = self._cloudwatch.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="Throttles",
            Dimensions=[{"Name": "FunctionName", "Value": function}],
            StartTime=now - timedelta(minutes=QUIET_MINUTES),
            EndTime=now,
            Period=PERIOD_S,
            Statistics=["Sum"],
        )["Datapoints"]
        # A point's time is its beginning: one that ends within the last minutes counts.
        since = now - timedelta(minutes=LATELY_MINUTES, seconds=PERIOD_S)
        recent = sum(float(each["Sum"]) for each in points if each["Timestamp"] > since)
        return recent, sum(float(each["Sum"]) for each in points)
