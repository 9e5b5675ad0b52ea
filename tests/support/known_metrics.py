"""What AWS and Skafu itself publish, as far as alarms and dashboards here look at it: names of
metrics, sets of dimensions, statistics. A misspelt name or a further dimension is another metric,
which nobody sends: an alarm on it would be silent for ever.

After AWS's documentation of each service: Lambda "Types of metrics for Lambda functions", DynamoDB
"DynamoDB metrics and dimensions", SQS "Available CloudWatch metrics for Amazon SQS", API Gateway
"Amazon API Gateway dimensions and metrics", SNS "Monitoring Amazon SNS topics using CloudWatch",
CloudFront "CloudFront metrics", CloudWatch Logs "CloudWatch metrics", Cognito "Metrics in user
pools". Skafu's own are read from its code and from the template's metric filters.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from skafu.shared.observability import Count, Duration
from tests.support.transformed import of_type

type Json = Any

OF_FUNCTION = [
    frozenset({"FunctionName"}),
    frozenset({"FunctionName", "Resource"}),
    frozenset({"FunctionName", "Resource", "ExecutedVersion"}),
]
OF_ACCOUNT: frozenset[str] = frozenset()
OF_TABLE = frozenset({"TableName"})
OF_INDEX = OF_TABLE | {"GlobalSecondaryIndexName"}
OF_OPERATION = OF_TABLE | {"Operation"}
OF_QUEUE = frozenset({"QueueName"})
OF_STAGE = frozenset({"ApiName", "Stage"})
OF_TOPIC = frozenset({"TopicName"})
OF_EDGE = frozenset({"DistributionId", "Region"})
OF_LOG = frozenset({"LogGroupName"})
OF_ENVIRONMENT = frozenset({"service", "environment"})
OF_VERSION = frozenset({"service", "function", "version"})
COUNTED = {"Sum", "SampleCount", "Average"}
MEASURED = {"Average", "Maximum", "Minimum"}
OPERATIONS = set(
    "PutItem DeleteItem UpdateItem GetItem BatchGetItem Scan Query BatchWriteItem "
    "TransactWriteItems TransactGetItems ExecuteTransaction BatchExecuteStatement "
    "ExecuteStatement".split()
)
"""What DynamoDB tells its errors and latencies by."""


@dataclass(frozen=True)
class Known:
    """A metric: the sets of dimensions that it is published under, and statistics that tell
    something (percentiles too, where they do).
    """

    dimensions: Collection[frozenset[str]]
    statistics: Collection[str]
    percentiles: bool = False

    def takes(self, statistic: str) -> bool:
        """Whether a statistic of it means something."""
        percentile = statistic[:1] == "p" and statistic[1:].replace(".", "", 1).isdigit()
        return self.percentiles if percentile else statistic in self.statistics


AWS: Mapping[str, Mapping[str, Known]] = {
    "AWS/Lambda": {
        **{
            name: Known([*OF_FUNCTION, OF_ACCOUNT], COUNTED)
            for name in ("Invocations", "Errors", "Throttles")
        },
        "Duration": Known([*OF_FUNCTION, OF_ACCOUNT], {*MEASURED, "Sum"}, percentiles=True),
        "IteratorAge": Known(OF_FUNCTION, MEASURED, percentiles=True),
        "ConcurrentExecutions": Known([*OF_FUNCTION, OF_ACCOUNT], MEASURED),
        "ProvisionedConcurrencyUtilization": Known(OF_FUNCTION[1:], MEASURED),
        "ProvisionedConcurrencySpilloverInvocations": Known(OF_FUNCTION, COUNTED),
    },
    "AWS/DynamoDB": {
        **{
            name: Known([OF_TABLE, OF_INDEX], {"Sum", "SampleCount"})
            for name in ("ReadThrottleEvents", "WriteThrottleEvents")
        },
        **{
            name: Known([OF_TABLE, OF_INDEX], {"Sum", *MEASURED})
            for name in ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")
        },
        "ThrottledRequests": Known([OF_OPERATION], {"Sum", "SampleCount"}),
        "SystemErrors": Known([OF_OPERATION], {"Sum", "SampleCount"}),
        "UserErrors": Known([OF_ACCOUNT], {"Sum", "SampleCount"}),
        "SuccessfulRequestLatency": Known([OF_OPERATION], MEASURED, percentiles=True),
    },
    "AWS/SQS": {
        "ApproximateAgeOfOldestMessage": Known([OF_QUEUE], MEASURED),
        "ApproximateNumberOfMessagesVisible": Known([OF_QUEUE], MEASURED),
        "NumberOfMessagesSent": Known([OF_QUEUE], {"Sum"}),
    },
    "AWS/ApiGateway": {
        **{name: Known([OF_STAGE], COUNTED) for name in ("5XXError", "4XXError")},
        "Count": Known([OF_STAGE], {"Sum", "SampleCount"}),
        "Latency": Known([OF_STAGE], MEASURED, percentiles=True),
        "IntegrationLatency": Known([OF_STAGE], MEASURED, percentiles=True),
    },
    "AWS/SNS": {
        name: Known([OF_TOPIC], {"Sum"})
        for name in ("NumberOfNotificationsDelivered", "NumberOfNotificationsFailed")
    },
    "AWS/CloudFront": {
        "5xxErrorRate": Known([OF_EDGE], {"Average"}),
        "Requests": Known([OF_EDGE], {"Sum"}),
    },
    "AWS/Logs": {"IncomingBytes": Known([OF_LOG, OF_ACCOUNT], {"Sum"})},
}


def own() -> Mapping[str, Known]:
    """What functions publish: whatever enumerations of names the code has."""
    names = [each.value for each in (*Count, *Duration)]
    counted = [OF_ENVIRONMENT, OF_VERSION]
    return {
        name: Known(
            counted if name == Count.SERVER_ERRORS else [OF_ENVIRONMENT],
            {"Sum", *MEASURED},
            percentiles=name in set(Duration),
        )
        for name in names
    }


def of_filters(resources: Json) -> Mapping[str, Known]:
    """What metric filters of a stack make of its logs, all in one namespace."""
    found = {}
    for each in of_type(resources, "AWS::Logs::MetricFilter").values():
        for metric in each["MetricTransformations"]:
            assert metric["MetricNamespace"] == "skafu/logs"
            dimensions = frozenset(x["Key"] for x in metric.get("Dimensions", ()))
            found[metric["MetricName"]] = Known([dimensions], {"Sum"})
    return found


def known(resources: Json) -> Mapping[str, Mapping[str, Known]]:
    """All of it, by namespace."""
    return {**AWS, "skafu": own(), "skafu/logs": of_filters(resources)}


def trouble(resources: Json, metric: Json, statistic: str) -> str | None:
    """Why a metric as an alarm or a widget names it would tell nothing; None: it tells something.

    `metric`: {"Namespace", "MetricName", "Dimensions": {name: value}}.
    """
    namespace, name = metric["Namespace"], metric["MetricName"]
    found = known(resources).get(namespace, {}).get(name)
    if found is None:
        return f"{namespace} has no {name}"
    dimensions = metric["Dimensions"]
    if frozenset(dimensions) not in found.dimensions:
        return f"{namespace} {name} is not told by {sorted(dimensions)}"
    if not found.takes(statistic):
        return f"{statistic} of {namespace} {name} says nothing"
    if dimensions.get("Operation", "Query") not in OPERATIONS:
        return f"DynamoDB has no operation {dimensions['Operation']}"
    return None
