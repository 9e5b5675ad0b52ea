"""Alarms that can ring: each names a metric that exists, of something that exists, and somebody
hears it.
"""

from typing import Any

import pytest

from tests.support.transformed import of_type, resolved

type Resources = dict[str, Any]
# What AWS publishes, as far as alarms of ours use it; a misspelt name would be silent for ever.
METRICS = {
    "AWS/SQS": {
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
    },
}
DIMENSIONS = {"AWS/SQS": {"QueueName"}}


@pytest.fixture(params=["staging", "production"])
def resources(request: pytest.FixtureRequest) -> Resources:
    return resolved(request.param)


def test_alarms_name_metrics_that_exist(resources: Resources) -> None:
    for name, alarm in of_type(resources, "AWS::CloudWatch::Alarm").items():
        assert alarm["MetricName"] in METRICS[alarm["Namespace"]], name
        assert {each["Name"] for each in alarm["Dimensions"]} == DIMENSIONS[alarm["Namespace"]]


def test_every_queue_that_keeps_what_failed_has_an_alarm(resources: Resources) -> None:
    queues = of_type(resources, "AWS::SQS::Queue")
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for alarm in of_type(resources, "AWS::CloudWatch::Alarm").values()
    }
    ends = {name for name, queue in queues.items() if "RedrivePolicy" not in queue}
    assert watched == ends
    assert len(ends) == 4


def test_one_message_is_enough_and_silence_is_no_alarm(resources: Resources) -> None:
    for alarm in of_type(resources, "AWS::CloudWatch::Alarm").values():
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
        assert (alarm["Statistic"], alarm["Period"], alarm["EvaluationPeriods"]) == (
            "Maximum",
            60,
            1,
        )
        assert alarm["TreatMissingData"] == "notBreaching"


def test_somebody_hears_it(resources: Resources) -> None:
    for alarm in of_type(resources, "AWS::CloudWatch::Alarm").values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlertsTopic"}]
