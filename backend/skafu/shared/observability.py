"""The one logger and the one set of metrics.

A log line is a constant phrase plus fields; a metric's name is an enum member; tenants' data stays
out of both: no bodies, no metric names, no tags, no e-mail addresses. Names of the service and the
namespace are those of the template's variables POWERTOOLS_SERVICE_NAME and
POWERTOOLS_METRICS_NAMESPACE; the level is LOG_LEVEL.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit, single_metric
from aws_lambda_powertools.utilities.typing import LambdaContext

SERVICE = "skafu"

logger = Logger(service=SERVICE)
metrics = Metrics(namespace=SERVICE, service=SERVICE)

type Handler = Callable[[dict[str, Any], LambdaContext], Any]
"""What the Lambda runtime calls."""


class Count(StrEnum):
    """What is counted, in CloudWatch under the dimensions service and environment."""

    REQUESTS = "Requests"
    CLIENT_ERRORS = "ClientErrors"
    SERVER_ERRORS = "ServerErrors"
    DELIVERED = "Delivered"
    DELIVERY_FAILED = "DeliveryFailed"
    POINTS_ACCEPTED = "PointsAccepted"
    POINTS_REJECTED = "PointsRejected"
    DAMAGED_SEGMENTS = "DamagedSegments"
    MISSING_LAYOUTS = "MissingLayouts"
    DAMAGED_BLOCKS = "DamagedBlocks"
    BLOCKED_SEALS = "BlockedSeals"
    STRAY_SEGMENTS = "StraySegments"
    OVERDUE_COMPACTIONS = "OverdueCompactions"
    DECISIONS = "Decisions"
    PARKED_RECORDS = "ParkedRecords"
    RESENT = "ResentNotifications"
    UNSWEPT = "UnsweptAlerts"
    UNREADABLE_FLAGS = "UnreadableFlags"
    PROBE_FAILED = "ProbeFailed"
    CONCURRENCY_RAISED = "ConcurrencyRaised"


class Duration(StrEnum):
    """What is timed, in milliseconds, under the same dimensions."""

    REQUEST = "RequestDuration"
    HAND_OVER = "HandOverDelay"
    PROBE = "ProbeLatency"


def count(name: Count, amount: int = 1) -> None:
    """Add to a count; it is published when the invocation ends (see `observed`)."""
    metrics.add_metric(name=name.value, unit=MetricUnit.Count, value=amount)


def timing(name: Duration, milliseconds: float) -> None:
    """Record a duration; it is published when the invocation ends (see `observed`)."""
    metrics.add_metric(name=name.value, unit=MetricUnit.Milliseconds, value=milliseconds)


def _tell_of_failures(context: LambdaContext) -> None:
    """Count this invocation's server errors once more, by the version that answered with them.

    Who is answered with a 500 was answered, says Lambda: of a bad release only these figures tell,
    and they are what stops it (VersionAlarms of template.yaml). Without errors there is no metric:
    each is paid for.
    """
    counted = metrics.provider.metric_set.get(Count.SERVER_ERRORS.value, {})
    failures = sum(counted.get("Value", ()))
    if failures:
        version = {
            "service": SERVICE,
            "function": context.function_name,
            "version": context.function_version,
        }
        name, unit = Count.SERVER_ERRORS.value, MetricUnit.Count
        with single_metric(name, unit, failures, namespace=SERVICE, default_dimensions=version):
            pass


def observed(handler: Handler, environment: str) -> Handler:
    """A handler whose log lines tell of its invocation and whose metrics are published at its end,
    also when it raises.
    """
    # One process serves one environment; whoever builds a second handler (a test) starts afresh.
    metrics.clear_default_dimensions()
    metrics.clear_metrics()
    metrics.set_default_dimensions(environment=environment)

    def publishing(event: dict[str, Any], context: LambdaContext) -> Any:
        try:
            return handler(event, context)
        finally:
            # Powertools warns when there is nothing to publish; an idle sweep is nothing to warn
            # of.
            if metrics.provider.metric_set:
                _tell_of_failures(context)
                metrics.flush_metrics()

    wrapped: Handler = logger.inject_lambda_context(publishing, clear_state=True)
    return wrapped
