"""What the same load costs elsewhere: CloudWatch's custom metrics, Amazon Managed Service for
Prometheus. Both without the agents that send, and without people's dashboards.
"""

from collections.abc import Iterator

from skafu.ops.cost.inputs import MINUTES, Load
from skafu.ops.cost.lines import GB, Bill, Line

FIRST_METRICS, PUT_POINTS = 10_000, 1000
FIRST_SAMPLES = 2_000_000_000
QUERIED_SERIES = 100
"""Of a query: cost/measured.yaml."""
CLOUDWATCH, PROMETHEUS = "CloudWatch", "Managed Prometheus"


def elsewhere(load: Load, bill: Bill) -> Iterator[Line]:
    """Line by line, `service` says where."""
    yield from _cloudwatch(load, bill)
    yield from _prometheus(load, bill)


def _cloudwatch(load: Load, bill: Bill) -> Iterator[Line]:
    profile, line = load.profile, bill.line
    first = min(profile.series, FIRST_METRICS)
    yield line(CLOUDWATCH, "metrics", first, "cloudwatch_metric_month_first")
    yield line(CLOUDWATCH, "metrics", profile.series - first, "cloudwatch_metric_month_next")
    requests = profile.points / min(profile.batch, PUT_POINTS)
    yield line(CLOUDWATCH, "PutMetricData", requests, "cloudwatch_request_thousand")
    read = profile.queries * QUERIED_SERIES
    yield line(CLOUDWATCH, "GetMetricData", read, "cloudwatch_metric_read_thousand")
    yield line(CLOUDWATCH, "alarms", profile.alert_pairs, "alarm_metric_month")


def _prometheus(load: Load, bill: Bill) -> Iterator[Line]:
    profile, assumed, line = load.profile, load.measured.assumed, bill.line
    first = min(profile.points, FIRST_SAMPLES)
    yield line(PROMETHEUS, "samples", first, "prometheus_samples_10_million")
    yield line(PROMETHEUS, "samples", profile.points - first, "prometheus_samples_10_million_next")
    kept = profile.points / 30 * assumed.prometheus_days * assumed.prometheus_sample_bytes
    yield line(PROMETHEUS, "storage", kept / GB, "prometheus_gb_month", assumed=True)
    closings = profile.alert_pairs * MINUTES * 60 / profile.bucket_seconds
    processed = profile.queries * QUERIED_SERIES * 1440 + closings
    yield line(PROMETHEUS, "queries and rules", processed, "prometheus_query_billion")
