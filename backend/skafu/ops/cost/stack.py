"""What stands in an environment: the resources of the transformed template, each of a type that is
priced here, paid for by use (usage.py), or free for a reason.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from skafu.ops.cost.inputs import MINUTES, Measured
from skafu.ops.cost.lines import Bill, Line

type Json = Any
type Resources = Mapping[str, Json]

HOURS = 720
SCHEDULE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
SCALED = re.compile(r"function:\$\{(\w+)}:live")
"""What a function's scalable target is called (the resolved template leaves references alone)."""

MINUTES_OF = {"minute": 1, "hour": 60, "day": 1440}

BY_USE = {
    "AWS::ApiGateway::RestApi": "by the request",
    "AWS::AppConfig::Application": "by the request and the document received",
    "AWS::CloudFront::Distribution": "by the request and the GB",
    "AWS::Cognito::UserPool": "by the active user and the machine's token",
    "AWS::DynamoDB::GlobalTable": "by the unit, the GB at rest, the GB of recovery, the region",
    "AWS::Events::Rule": "rules on a schedule are free; what they call is not",
    "AWS::Lambda::Function": "by the request and the GB-second",
    "AWS::Logs::LogGroup": "by the GB taken in and the GB kept",
    "AWS::SQS::Queue": "by the request; a queue that nobody polls costs nothing",
}
"""What a line of usage.py pays for."""

FREE = {
    "AWS::ApiGateway::BasePathMapping": "a setting",
    "AWS::ApiGateway::DomainName": "names of regional APIs are free",
    "AWS::ApiGateway::Deployment": "a record of the API",
    "AWS::ApiGateway::Stage": "no cache; requests are paid for",
    "AWS::ApiGateway::UsagePlan": "a setting",
    "AWS::ApplicationAutoScaling::ScalableTarget": "a setting; see the instances and the alarms",
    "AWS::AppConfig::ConfigurationProfile": "documents are paid for when they are received",
    "AWS::AppConfig::DeploymentStrategy": "a setting",
    "AWS::AppConfig::Environment": "a name",
    "AWS::CloudFront::Function": "a tenth of a dollar for a million page views",
    "AWS::CloudFront::OriginAccessControl": "a setting",
    "AWS::CloudFront::ResponseHeadersPolicy": "a setting",
    "AWS::CodeDeploy::Application": "CodeDeploy charges nothing for Lambda",
    "AWS::CodeDeploy::DeploymentConfig": "CodeDeploy charges nothing for Lambda",
    "AWS::CodeDeploy::DeploymentGroup": "CodeDeploy charges nothing for Lambda",
    "AWS::Cognito::UserPoolClient": "people are paid for, and machines' tokens",
    "AWS::Cognito::UserPoolDomain": "a name under AWS's own",
    "AWS::Cognito::UserPoolResourceServer": "a setting",
    "AWS::IAM::Role": "IAM is free",
    "AWS::KMS::Alias": "a name",
    "AWS::Lambda::EventInvokeConfig": "a setting",
    "AWS::Lambda::LayerVersion": "a few MB of code storage",
    "AWS::Lambda::Permission": "a setting",
    "AWS::Lambda::Version": "a few hundred KB of code storage",
    "AWS::Logs::Delivery": "CloudFront's logs to S3 are free; see the bucket",
    "AWS::Logs::DeliveryDestination": "a setting",
    "AWS::Logs::DeliverySource": "a setting",
    "AWS::Logs::MetricFilter": "its metric is paid for in hours that have something to tell",
    "AWS::Logs::QueryDefinition": "a saved text; who runs it pays for what it reads",
    "AWS::Route53::RecordSet": "the zone is paid for; aliases are answered for nothing",
    "AWS::S3::Bucket": "the console's few MB, and its access logs until they expire: cents",
    "AWS::S3::BucketPolicy": "a setting",
    "AWS::SNS::Topic": "topics are free; alarms and e-mail of a team are cents",
    "AWS::SNS::TopicPolicy": "a setting",
    "AWS::SQS::QueuePolicy": "a setting",
    "AWS::XRay::Group": "half a dollar for a million faults or slow answers",
    "AWS::XRay::SamplingRule": "a setting; see the traces",
    "AWS::WAFv2::LoggingConfiguration": "refusals alone are logged: the log group",
    "AWS::WAFv2::WebACLAssociation": "a setting",
}
"""What costs nothing, or less than this estimate is exact to, and why."""


class Unpriced(ValueError):
    """A resource of which nobody has said what it costs."""


@dataclass(frozen=True)
class Capacity:
    """Of table and index each, reads and writes each: units that are always there, and which share
    of what is there is meant to be used.
    """

    minimum: int
    utilization: float


@dataclass(frozen=True)
class Stack:  # pylint: disable=too-many-instance-attributes # what use depends on
    """What decides how dear use is. Memory in MB by the function's logical id, `ready` the
    provisioned instances of those that have some, `runs` a month's scheduled invocations by
    function, `traced` the share of requests beyond the first of a second that is traced (None: as
    X-Ray does it by itself), `firewall` whether each request is inspected, `capacity` that of a
    table which is not paid by request.
    """

    memory: Mapping[str, int]
    ready: Mapping[str, int]
    runs: Mapping[str, float]
    regions: int
    recovery_regions: int
    polled: int
    log_days: int
    metric_days: int
    firewall: bool = False
    capacity: Capacity | None = None
    traced: float | None = None


def _of_type(resources: Resources, kind: str) -> dict[str, Json]:
    return {n: r.get("Properties", {}) for n, r in resources.items() if r["Type"] == kind}


def _named(node: Json) -> str:
    """The logical id that a resolved Ref or Fn::GetAtt is of."""
    if isinstance(node, dict) and "Ref" in node:
        return str(node["Ref"])
    if isinstance(node, dict) and "Fn::GetAtt" in node:
        return str(node["Fn::GetAtt"][0])
    return ""


def _function_of(resources: Resources, target: Json) -> str:
    """Of a Ref to a function or to its alias."""
    name = _named(target)
    if name in resources and resources[name]["Type"] == "AWS::Lambda::Alias":
        return _named(resources[name]["Properties"]["FunctionName"])
    return name


def _runs(resources: Resources) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, rule in _of_type(resources, "AWS::Events::Rule").items():
        if "EventPattern" in rule:
            continue  # what happens once in a while, an alarm that rings
        every = SCHEDULE.fullmatch(rule.get("ScheduleExpression", ""))
        if every is None:
            raise Unpriced(f"{name} is not called every so many minutes, hours or days")
        minutes = int(every[1]) * MINUTES_OF[every[2]]
        for target in rule["Targets"]:
            function = _function_of(resources, target["Arn"])
            found[function] = found.get(function, 0) + MINUTES / minutes
    return found


def _least_ready(resources: Resources) -> dict[str, int]:
    """Of functions whose instances follow their use, what is there while nobody comes."""
    found: dict[str, int] = {}
    for each in _of_type(resources, "AWS::ApplicationAutoScaling::ScalableTarget").values():
        function = SCALED.fullmatch(str(each["ResourceId"]))
        if function is not None:
            found[function[1]] = int(each["MinCapacity"])
    return found


def _capacity(table: Json) -> Capacity | None:
    if table["BillingMode"] != "PROVISIONED":
        return None
    scaled = table["WriteProvisionedThroughputSettings"]["WriteCapacityAutoScalingSettings"]
    target = scaled["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]
    return Capacity(int(scaled["MinCapacity"]), float(target) / 100)


def _traced(resources: Resources) -> float | None:
    """Of requests of any path; who asks for health alone is none of a load's."""
    for each in _of_type(resources, "AWS::XRay::SamplingRule").values():
        if each["SamplingRule"]["URLPath"] == "*":
            return float(each["SamplingRule"]["FixedRate"])
    return None


def stack_of(resources: Resources, metric_days: int) -> Stack:
    """Read it from resolved resources. `metric_days`: how long rollups are kept.

    Raises Unpriced for a schedule or a table that is not understood.
    """
    queues = _of_type(resources, "AWS::SQS::Queue")
    sources = _of_type(resources, "AWS::Lambda::EventSourceMapping").values()
    aliases = _of_type(resources, "AWS::Lambda::Alias").values()
    [table] = _of_type(resources, "AWS::DynamoDB::GlobalTable").values()
    recovery = [
        each.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled")
        for each in table["Replicas"]
    ]
    return Stack(
        memory={
            name: int(each["MemorySize"])
            for name, each in _of_type(resources, "AWS::Lambda::Function").items()
        },
        ready={
            _named(each["FunctionName"]): int(
                each["ProvisionedConcurrencyConfig"]["ProvisionedConcurrentExecutions"]
            )
            for each in aliases
            if "ProvisionedConcurrencyConfig" in each
        }
        | _least_ready(resources),
        runs=_runs(resources),
        regions=len(table["Replicas"]),
        recovery_regions=sum(map(bool, recovery)),
        polled=sum(_named(each["EventSourceArn"]) in queues for each in sources),
        log_days=max(
            int(each["RetentionInDays"])
            for each in _of_type(resources, "AWS::Logs::LogGroup").values()
        ),
        metric_days=metric_days,
        firewall=bool(_of_type(resources, "AWS::WAFv2::WebACL")),
        capacity=_capacity(table),
        traced=_traced(resources),
    )


type Standing = Callable[[Bill, str, Json], Iterator[Line]]


def _alarm(bill: Bill, _: str, properties: Json) -> Iterator[Line]:
    metrics = sum("MetricStat" in each for each in properties.get("Metrics", ())) or 1
    yield bill.line(
        "CloudWatch", "metrics that alarms watch", metrics, "alarm_metric_month", stands=True
    )


def _composite(bill: Bill, _: str, __: Json) -> Iterator[Line]:
    yield bill.line("CloudWatch", "composite alarms", 1, "composite_alarm_month", stands=True)


def _key(bill: Bill, _: str, __: Json) -> Iterator[Line]:
    yield bill.line("KMS", "keys", 1, "kms_key_month", stands=True)


def _secret(bill: Bill, _: str, __: Json) -> Iterator[Line]:
    yield bill.line("Secrets Manager", "secrets", 1, "secret_month", stands=True)


def _tracking(bill: Bill, _: str, __: Json) -> Iterator[Line]:
    # Target tracking makes one alarm for more and one for less.
    told = "metrics that target tracking watches"
    yield bill.line("CloudWatch", told, 2, "alarm_metric_month", stands=True)


def _firewall(bill: Bill, _: str, properties: Json) -> Iterator[Line]:
    yield bill.line("WAF", "web ACLs", 1, "web_acl_month", stands=True)
    rules = len(properties["Rules"])
    yield bill.line("WAF", "rules and rule groups", rules, "web_acl_rule_month", stands=True)


STANDING: dict[str, Standing] = {
    "AWS::ApplicationAutoScaling::ScalingPolicy": _tracking,
    "AWS::SecretsManager::Secret": _secret,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::CompositeAlarm": _composite,
    "AWS::KMS::Key": _key,
    "AWS::WAFv2::WebACL": _firewall,
}
"""What is paid for because it is there. (Aliases and queues that are polled: `standing`.)"""

FREE_DASHBOARDS = 3
"""Of an account, each with up to 50 metrics: not a free tier that ends, but the price."""

SHARED = {
    "AWS::CloudWatch::Dashboard": "the first three of an account are free",
    "AWS::Lambda::Alias": "provisioned concurrency",
    "AWS::Lambda::EventSourceMapping": "polling of queues; of a table's stream it is free",
}
"""Paid for as there are instances, or queues behind it."""


def standing(resources: Resources, stack: Stack, measured: Measured, bill: Bill) -> Iterator[Line]:
    """What is paid whether anybody comes or not, line by line.

    Raises Unpriced for a resource of a type that nobody has priced.
    """
    known = {*BY_USE, *FREE, *STANDING, *SHARED}
    for name, each in resources.items():
        kind = each["Type"]
        if kind not in known:
            raise Unpriced(f"{name} is an {kind}: price it in skafu/ops/cost/stack.py")
        if kind in STANDING:
            yield from STANDING[kind](bill, name, each.get("Properties", {}))
    dashboards = len(_of_type(resources, "AWS::CloudWatch::Dashboard"))
    if dashboards > FREE_DASHBOARDS:
        told, beyond = "dashboards beyond three", dashboards - FREE_DASHBOARDS
        yield bill.line("CloudWatch", told, beyond, "dashboard_month", stands=True)
    for function, instances in stack.ready.items():
        yield bill.line(
            "Lambda",
            f"{instances} instances of {function} kept ready",
            instances * stack.memory[function] / 1024 * HOURS * 3600,
            "lambda_provisioned_gb_second",
            stands=True,
        )
    yield bill.line(
        "SQS",
        f"Lambda looking into {stack.polled} queues",
        stack.polled * measured.aws.polls_a_minute * MINUTES,
        "queue_million",
        stands=True,
    )
