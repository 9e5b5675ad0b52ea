"""A small stack of which everything can be computed by hand."""

from typing import Any

from skafu.ops.cost.inputs import Load, Measured, Profile, measured

BATCH = 100


def resources(ready: int = 0, regions: int = 1, memory: int = 2048) -> dict[str, Any]:
    """Four functions, a queue that is polled and one that is not, a run every five minutes."""
    names = (
        "MetricsFunction",
        "AlertEvaluatorFunction",
        "MetricsCompactorFunction",
        "AlertNotifierFunction",
    )
    replica = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
    alias: dict[str, Any] = {"FunctionName": {"Ref": "MetricsFunction"}}
    if ready:
        alias["ProvisionedConcurrencyConfig"] = {"ProvisionedConcurrentExecutions": ready}
    found: dict[str, tuple[str, dict[str, Any]]] = {
        **{name: ("AWS::Lambda::Function", {"MemorySize": memory}) for name in names},
        "Alias": ("AWS::Lambda::Alias", alias),
        "CompactorAlias": (
            "AWS::Lambda::Alias",
            {"FunctionName": {"Ref": "MetricsCompactorFunction"}},
        ),
        "Table": (
            "AWS::DynamoDB::GlobalTable",
            {"BillingMode": "PAY_PER_REQUEST", "Replicas": [replica] * regions},
        ),
        "Queue": ("AWS::SQS::Queue", {}),
        "DeadLetters": ("AWS::SQS::Queue", {}),
        "Source": (
            "AWS::Lambda::EventSourceMapping",
            {"EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}},
        ),
        "Stream": (
            "AWS::Lambda::EventSourceMapping",
            {"EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]}},
        ),
        "Clock": (
            "AWS::Events::Rule",
            {
                "ScheduleExpression": "rate(5 minutes)",
                "Targets": [{"Arn": {"Ref": "CompactorAlias"}}],
            },
        ),
        "Logs": ("AWS::Logs::LogGroup", {"RetentionInDays": 60}),
        "Key": ("AWS::KMS::Key", {}),
        "Simple": ("AWS::CloudWatch::Alarm", {"MetricName": "Errors"}),
        "Math": (
            "AWS::CloudWatch::Alarm",
            {"Metrics": [{"Expression": "a + b"}, {"MetricStat": {}}, {"MetricStat": {}}]},
        ),
    }
    return {name: {"Type": kind, "Properties": each} for name, (kind, each) in found.items()}


def profile(**changes: Any) -> Profile:
    """A thousand series in batches of a hundred, and nothing else."""
    nothing = dict.fromkeys(Profile.model_fields, 0)
    load = {"told": "a test", "series": 1000, "batch": BATCH, "bucket_seconds": 60}
    return Profile.model_validate({**nothing, **load, **changes})


def load(figures: Measured | None = None, **changes: Any) -> Load:
    """The profile with what was measured."""
    return Load(name="test", profile=profile(**changes), measured=figures or measured())
