"""CloudWatch's alarms become alerts that decide the same, or are refused with the reason."""

import json
from typing import Any

import pytest

from skafu.ops.alerts_alarm_rule import condition_of
from skafu.ops.alerts_convert import convert
from skafu.ops.alerts_foreign import Converted, Unfit, Unreadable

TOPIC = "arn:aws:sns:us-east-1:123456789012:ops"
ALARM: dict[str, Any] = {
    "AlarmName": "cpu-high",
    "AlarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu-high",
    "AlarmConfigurationUpdatedTimestamp": "2023-11-15T12:00:00+00:00",
    "ActionsEnabled": True,
    "OKActions": [],
    "AlarmActions": [TOPIC],
    "InsufficientDataActions": [],
    "StateValue": "OK",
    "MetricName": "CPUUtilization",
    "Namespace": "AWS/EC2",
    "Statistic": "Average",
    "Dimensions": [{"Name": "InstanceId", "Value": "i-0123456789abcdef0"}],
    "Period": 300,
    "EvaluationPeriods": 3,
    "DatapointsToAlarm": 2,
    "Threshold": 80.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "breaching",
}
COMPOSITE: dict[str, Any] = {
    "AlarmName": "both",
    "AlarmRule": "ALARM(cpu-high) AND ALARM(other)",
    "ActionsEnabled": True,
}
LATENCY = {
    "Namespace": "AWS/ApplicationELB",
    "MetricName": "TargetResponseTime",
    "Dimensions": [{"Name": "LoadBalancer", "Value": "app/x/1"}],
}


def alarm(**changes: Any) -> dict[str, Any]:
    return {name: x for name, x in {**ALARM, **changes}.items() if x is not None}


def converted(*alarms: dict[str, Any], composites: Any = ()) -> Converted:
    text = json.dumps({"MetricAlarms": alarms, "CompositeAlarms": list(composites)})
    return convert("cloudwatch", text, [])


def entry(**changes: Any) -> dict[str, Any]:
    found = converted(alarm(**changes))
    assert not found.refused
    return found.alerts[0]


def refusal(**changes: Any) -> str:
    (refused,) = converted(alarm(**changes)).refused
    assert refused.name == "cpu-high"
    return refused.reason


def math(*queries: dict[str, Any], **more: Any) -> dict[str, Any]:
    without: dict[str, Any] = dict.fromkeys(
        ("MetricName", "Namespace", "Statistic", "Dimensions", "Period")
    )
    return {**without, "Metrics": list(queries), **more}


STAT = {
    "Id": "m1",
    "ReturnData": True,
    "MetricStat": {"Metric": LATENCY, "Period": 60, "Stat": "p99"},
}


def test_an_alarm_is_an_alert_on_one_set_of_dimensions() -> None:
    found = converted(alarm(AlarmDescription="The machine is busy."))

    assert found.alerts == (
        {
            "name": "cpu-high",
            "metric": "AWS/EC2/CPUUtilization",
            "statistic": "avg",
            "filters": [{"tag": "InstanceId", "op": "=", "value": "i-0123456789abcdef0"}],
            "comparison": ">",
            "threshold": 80.0,
            "period": 300,
            "evaluation_periods": 3,
            "datapoints_to_alarm": 2,
            "missing_data": "breaching",
            "description": "The machine is busy.",
        },
    )
    assert found.notes == (f"cpu-high: its actions become channels or routes: {TOPIC}",)


@pytest.mark.parametrize(
    ("statistic", "word"),
    [("SampleCount", "count"), ("Sum", "sum"), ("Minimum", "min"), ("Maximum", "max")],
)
def test_statistics_have_their_names_here(statistic: str, word: str) -> None:
    assert entry(Statistic=statistic)["statistic"] == word


@pytest.mark.parametrize("percentile", ["p50", "p99.9", "p100"])
def test_percentiles_are_what_they_are(percentile: str) -> None:
    assert entry(Statistic=None, ExtendedStatistic=percentile)["statistic"] == percentile


@pytest.mark.parametrize("statistic", ["tm99", "IQM", "TC(0.005:0.030)", "wm98"])
def test_trimmed_statistics_are_refused(statistic: str) -> None:
    reason = refusal(Statistic=None, ExtendedStatistic=statistic)
    assert reason == f"the statistic {statistic} has no counterpart"


@pytest.mark.parametrize(
    ("operator", "comparison"),
    [
        ("GreaterThanOrEqualToThreshold", ">="),
        ("LessThanThreshold", "<"),
        ("LessThanOrEqualToThreshold", "<="),
    ],
)
def test_operators(operator: str, comparison: str) -> None:
    assert entry(ComparisonOperator=operator)["comparison"] == comparison


@pytest.mark.parametrize(
    ("treatment", "fields"),
    [
        (None, {"hold": False}),
        ("missing", {"hold": False}),
        ("ignore", {"missing_data": "ignore", "hold": False}),
        ("notBreaching", {"missing_data": "notBreaching"}),
    ],
)
def test_missing_data_are_treated_as_cloudwatch_does(
    treatment: str | None, fields: dict[str, Any]
) -> None:
    found = entry(TreatMissingData=treatment)
    assert {x: found[x] for x in ("missing_data", "hold") if x in found} == fields


def test_what_is_the_default_is_left_out() -> None:
    found = entry(EvaluationPeriods=1, DatapointsToAlarm=None, Dimensions=[])
    assert not {"evaluation_periods", "datapoints_to_alarm", "filters"} & found.keys()


def test_a_metric_s_name_has_only_characters_that_names_have() -> None:
    assert entry(Namespace="My App", MetricName="Err %")["metric"] == "My_App/Err__"


def test_a_metric_as_the_only_query_is_a_metric() -> None:
    found = entry(**math(STAT))

    assert (found["metric"], found["statistic"], found["period"]) == (
        "AWS/ApplicationELB/TargetResponseTime", "p99", 60,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("operator", "fields"),
    [
        ("LessThanLowerOrGreaterThanUpperThreshold",
         {"comparison": "outside", "lower": -3.0, "upper": 3.0}),
        ("GreaterThanUpperThreshold", {"comparison": ">", "threshold": 3.0}),
        ("LessThanLowerThreshold", {"comparison": "<", "threshold": -3.0}),
    ],
)  # fmt: skip
def test_anomaly_detection_is_a_deviation(operator: str, fields: dict[str, Any]) -> None:
    band = {"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1, 3)", "ReturnData": True}
    more = math(STAT, band, ThresholdMetricId="ad1", ComparisonOperator=operator, Threshold=None)

    found = entry(**more)

    assert {name: found[name] for name in fields} == fields
    assert found["transform"] == {"type": "deviation", "season": "week", "seasons": 4}


@pytest.mark.parametrize(
    "queries",
    [
        [{"Id": "e1", "Expression": "m1 / m2 * 100", "ReturnData": True}, STAT],
        [{"Id": "e1", "Expression": "SELECT AVG(x) FROM y", "Period": 60}],
        [{"Id": "e1", "Expression": "RATE(m1)"}, STAT],
    ],
)
def test_metric_math_is_refused_with_its_text(queries: list[dict[str, Any]]) -> None:
    expression = next(each["Expression"] for each in queries if "Expression" in each)
    assert f"metric math: e1 = {expression}" in refusal(**math(*queries))


def test_another_account_s_metric_is_refused() -> None:
    assert "another account" in refusal(**math({**STAT, "AccountId": "123456789013"}))


def test_what_skafu_would_not_take_is_refused_with_its_words() -> None:
    assert "evaluation_periods" in refusal(Period=3600, EvaluationPeriods=48)


def test_an_alarm_that_lacks_something_is_refused_by_name() -> None:
    assert "'EvaluationPeriods'" in refusal(EvaluationPeriods=None)


def test_what_an_alert_does_not_say_is_noted() -> None:
    found = converted(
        alarm(ActionsEnabled=False, Unit="Percent", EvaluateLowSampleCountPercentile="ignore")
    )
    text = "\n".join(found.notes)
    assert "its actions (switched off)" in text
    assert "unit Percent" in text
    assert "few samples" in text


# --- composites -----------------------------------------------------------------------------------


def test_a_composite_names_its_alarms() -> None:
    found = converted(alarm(), alarm(AlarmName="other"), composites=[COMPOSITE])

    assert found.alerts[-1] == {
        "name": "both",
        "type": "composite",
        "condition": {"all": [{"alert": "cpu-high"}, {"alert": "other"}]},
    }


def test_a_composite_over_what_was_refused_is_refused_and_so_is_what_names_it() -> None:
    over = {**COMPOSITE, "AlarmName": "over", "AlarmRule": "ALARM(both)"}
    found = converted(alarm(), composites=[COMPOSITE, over])

    assert [each["name"] for each in found.alerts] == ["cpu-high"]
    assert {each.name for each in found.refused} == {"both", "over"}
    assert all("there is no alert with this name" in each.reason for each in found.refused)


@pytest.mark.parametrize(
    ("rule", "condition"),
    [
        ("ALARM(a)", {"alert": "a"}),
        ("(ALARM(a))", {"alert": "a"}),
        ("NOT ALARM(a)", {"not": {"alert": "a"}}),
        ("OK(a)", {"not": {"alert": "a"}}),
        ('ALARM("a b (c)")', {"alert": "a b (c)"}),
        ("ALARM('AND')", {"alert": "AND"}),
        ("ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:a b)", None),
        ('ALARM("arn:aws:cloudwatch:us-east-1:123456789012:alarm:a b")', {"alert": "a b"}),
        (
            "ALARM(a) OR ALARM(b) AND NOT ALARM(c)",
            {"any": [{"alert": "a"}, {"all": [{"alert": "b"}, {"not": {"alert": "c"}}]}]},
        ),
        (
            "(ALARM(a) OR ALARM(b))\n  AND (ALARM(c))",
            {"all": [{"any": [{"alert": "a"}, {"alert": "b"}]}, {"alert": "c"}]},
        ),
        ("INSUFFICIENT_DATA(a)", None),
        ("TRUE", None),
        ("AT_LEAST(1, ALARM, (a, b))", None),
        ("ALARM(a", None),
        ("ALARM()", None),
        ("ALARM(a) ALARM(b)", None),
        ("ALARM(a) AND", None),
        ('ALARM("a)', None),
        ("", None),
    ],
)
def test_an_alarm_rule_is_a_condition(rule: str, condition: dict[str, Any] | None) -> None:
    if condition is None:
        with pytest.raises(Unfit):
            condition_of(rule)
    else:
        assert condition_of(rule) == condition


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"MetricAlarms": 5}', '{"MetricAlarms": ["x"]}'])
def test_what_is_no_answer_of_describe_alarms_says_so(text: str) -> None:
    with pytest.raises(Unreadable):
        convert("cloudwatch", text, [])
