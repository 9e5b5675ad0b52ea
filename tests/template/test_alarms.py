"""Alarms about what is parked and what is compacted. What holds of every alarm: test_watching.py.
Those that stop a deployment: test_strategies.py, and whether they ring in time,
test_version_alarms.py.
"""

from typing import Any

import pytest

from skafu.shared.flag_catalogue import COMPACTION_INTERVAL
from skafu.shared.observability import Count
from tests.support.transformed import of_type, resolved

type Resources = dict[str, Any]
COMPACTION = {
    Count.OVERDUE_COMPACTIONS,
    Count.BLOCKED_SEALS,
    Count.STRAY_SEGMENTS,
    Count.DAMAGED_BLOCKS,
    Count.UNREADABLE_FLAGS,
}


@pytest.fixture(params=["staging", "production"])
def environment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def resources(environment: str) -> Resources:
    return resolved(environment)


def _alarms(resources: Resources, namespace: str) -> Resources:
    """Those that watch one metric of this namespace by itself."""
    return {
        name: alarm
        for name, alarm in of_type(resources, "AWS::CloudWatch::Alarm").items()
        if alarm.get("Namespace") == namespace
    }


def _about(alarms: Resources, *metrics: str) -> Resources:
    return {name: alarm for name, alarm in alarms.items() if alarm["MetricName"] in metrics}


def test_every_queue_that_keeps_what_failed_has_an_alarm(resources: Resources) -> None:
    queues = of_type(resources, "AWS::SQS::Queue")
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for alarm in _about(
            _alarms(resources, "AWS/SQS"), "ApproximateNumberOfMessagesVisible"
        ).values()
    }
    ends = {name for name, queue in queues.items() if "RedrivePolicy" not in queue}
    assert watched == ends
    assert len(ends) == 4


@pytest.mark.parametrize(
    ("namespace", "metrics", "statistic", "period"),
    [
        ("AWS/SQS", {"ApproximateNumberOfMessagesVisible"}, "Maximum", 60),
        ("skafu", COMPACTION, "Sum", 300),
    ],
)
def test_one_is_enough_and_silence_is_no_alarm(
    resources: Resources, namespace: str, metrics: set[str], statistic: str, period: int
) -> None:
    for name, alarm in _about(_alarms(resources, namespace), *metrics).items():
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
        assert (alarm["Statistic"], alarm["Period"]) == (statistic, period)
        enough = alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])
        assert enough == 1, name
        assert alarm["TreatMissingData"] == "notBreaching"


def test_what_every_compaction_counts_stays_on_between_two_of_them(resources: Resources) -> None:
    """Else an alarm would come and go with each compaction, as rare as its flag lets it be."""
    alarms = _alarms(resources, "skafu")
    for name in ("OverdueCompactionsAlarm", "BlockedSealsAlarm", "UnreadableFlagsAlarm"):
        watched = alarms[name]["Period"] * alarms[name]["EvaluationPeriods"]
        assert watched >= COMPACTION_INTERVAL.most * 60


def test_what_compaction_must_never_leave_behind_has_an_alarm(
    resources: Resources, environment: str
) -> None:
    alarms = _about(_alarms(resources, "skafu"), *COMPACTION).values()
    assert {alarm["MetricName"] for alarm in alarms} == COMPACTION
    # As Powertools publishes them: any other set of dimensions is another metric.
    own = [{"Name": "service", "Value": "skafu"}, {"Name": "environment", "Value": environment}]
    assert all(alarm["Dimensions"] == own for alarm in alarms)


def test_the_compactor_is_watched_for_failing_ending_and_falling_behind(
    resources: Resources,
) -> None:
    name = resources["MetricsCompactorFunction"]["Properties"]["FunctionName"]
    alarms = [
        alarm
        for alarm in _alarms(resources, "AWS/Lambda").values()
        if alarm["Dimensions"][0]["Value"] in ({"Ref": "MetricsCompactorFunction"}, name)
    ]
    found = {alarm["MetricName"]: alarm for alarm in alarms}
    assert set(found) == {"Invocations", "Errors", "Duration"}
    stopped, busy = found["Invocations"], found["Duration"]
    # A schedule that is gone leaves no data at all.
    assert stopped["TreatMissingData"] == "breaching"
    assert (stopped["ComparisonOperator"], stopped["Threshold"]) == ("LessThanThreshold", 1)
    timeout = resources["MetricsCompactorFunction"]["Properties"]["Timeout"]
    assert busy["Threshold"] == timeout * 800
    # By its flag it may compact once an hour: what counts are hours, and two of the runs.
    hour = COMPACTION_INTERVAL.most * 60
    assert (busy["Statistic"], busy["Period"], busy["EvaluationPeriods"]) == ("Maximum", hour, 2)
    failing = found["Errors"]
    assert failing["DatapointsToAlarm"] == 2
    assert failing["Period"] * failing["EvaluationPeriods"] >= 2 * hour
