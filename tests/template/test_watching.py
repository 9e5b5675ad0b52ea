"""What holds of every alarm: it names a metric that exists, of something that exists, and somebody
hears it, who finds in the runbook what to do. And nothing that can fail goes without one.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.support.known_metrics import known, trouble
from tests.support.transformed import ROOT, of_type, resolved

type Json = Any

STANDS_IN = {
    ("MetricsCompactorFunction", "Throttles"): "CompactorStoppedAlarm",
    ("AlertSweeperFunction", "Errors"): "InvocationsDeadLettersAlarm",
    ("AlertSweeperFunction", "Throttles"): "SweeperStoppedAlarm",
    ("AlertSweeperFunction", "Duration"): "UnsweptAlertsAlarm",
    ("AlertEvaluatorFunction", "Duration"): "StreamBehindAlarm",
    ("AlertNotifierFunction", "Duration"): "HandOverLateAlarm",
    ("ProbeFunction", "Errors"): "ProbeFailingAlarm",
    ("ProbeFunction", "Throttles"): "ProbeFailingAlarm",
    ("ProbeFunction", "Duration"): "ProbeFailingAlarm",
}
"""What rings instead where a function has no alarm of a kind: what is asynchronous lands in the
dead letters, or is late; what says nothing for minutes has stopped."""
UNWATCHED = {
    "ValidateReleaseFunction": "CodeDeploy waits for its answer and tells of it",
    "WatchReleaseFunction": "CodeDeploy waits for its answer and tells of it",
    "ScalingFunction": "acts on alarms that somebody hears anyway; what fails is a dead letter",
}
SILENCE_RINGS = {"CompactorStoppedAlarm", "SweeperStoppedAlarm", "ProbeFailingAlarm"}
"""For which no figures are the news."""
TOLD = [{"Ref": "AlertsTopic"}]
DESCRIBED = re.compile(r"(page|ticket|part): (.+) docs/runbook\.md#(\w+)")


@pytest.fixture(params=["staging", "production"])
def environment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def resources(environment: str) -> Json:
    return resolved(environment)


def alarms(resources: Json) -> dict[str, Json]:
    return of_type(resources, "AWS::CloudWatch::Alarm")


def composites(resources: Json) -> dict[str, set[str]]:
    """Composite alarm -> the alarms that it is made of."""
    return {
        name: set(re.findall(r'ALARM\("\$\{(\w+)\}"\)', each["AlarmRule"]))
        for name, each in of_type(resources, "AWS::CloudWatch::CompositeAlarm").items()
    }


def watched(alarm: Json) -> Iterator[tuple[Json, str]]:
    """What an alarm looks at, by itself or in an expression, and the statistic of it."""
    for each in alarm.get("Metrics", ()):
        if "MetricStat" in each:
            yield named(each["MetricStat"]["Metric"]), each["MetricStat"]["Stat"]
    if "MetricName" in alarm:
        yield named(alarm), alarm.get("Statistic") or alarm["ExtendedStatistic"]


def named(metric: Json) -> Json:
    """The metric, its dimensions by name."""
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}
    assert len(dimensions) == len(metric.get("Dimensions", ()))
    return {**metric, "Dimensions": dimensions}


def functions(resources: Json) -> set[str]:
    return set(of_type(resources, "AWS::Lambda::Function"))


def of_function(resources: Json, value: Json) -> str | None:
    """The function that a dimension names, by reference or by its name."""
    names = {
        each["FunctionName"]: logical
        for logical, each in of_type(resources, "AWS::Lambda::Function").items()
    }
    return value["Ref"] if isinstance(value, dict) else names.get(value)


def test_every_alarm_watches_what_is_published(resources: Json) -> None:
    found = alarms(resources)
    assert len(found) > 40
    for name, alarm in found.items():
        assert list(watched(alarm)), name
        for metric, statistic in watched(alarm):
            assert trouble(resources, metric, statistic) is None, name


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"MetricName": "Error"}, "AWS/Lambda has no Error"),
        ({"Dimensions": {"Function": "x"}}, "AWS/Lambda Errors is not told by ['Function']"),
        ({"Namespace": "AWS/DynamoDB"}, "AWS/DynamoDB has no Errors"),
    ],
)
def test_a_misspelt_alarm_would_be_noticed(changes: Json, why: str) -> None:
    there, metric = resolved("staging"), {"Namespace": "AWS/Lambda", "MetricName": "Errors"}
    right = {**metric, "Dimensions": {"FunctionName": "x"}}
    assert trouble(there, right, "Sum") is None
    assert trouble(there, {**right, **changes}, "Sum") == why
    assert trouble(there, right, "p99") == "p99 of AWS/Lambda Errors says nothing"


def test_what_an_alarm_is_about_is_in_the_stack(resources: Json) -> None:
    for name, alarm in alarms(resources).items():
        for metric, _ in watched(alarm):
            for value in metric["Dimensions"].values():
                if isinstance(value, dict):
                    target = value.get("Ref") or value["Fn::GetAtt"][0]
                    assert target in resources, name


def test_every_function_is_watched_for_errors_throttles_and_slowness(resources: Json) -> None:
    found = set()
    for alarm in alarms(resources).values():
        for metric, _ in watched(alarm):
            # By the function as a whole: a version's figures are there while it shares an alias.
            if metric["Namespace"] == "AWS/Lambda" and set(metric["Dimensions"]) == {
                "FunctionName"
            }:
                found.add(
                    (
                        of_function(resources, metric["Dimensions"]["FunctionName"]),
                        metric["MetricName"],
                    )
                )
    wanted = {
        (function, kind)
        for function in functions(resources) - set(UNWATCHED)
        for kind in ("Errors", "Throttles", "Duration")
    }
    assert wanted - found == set(STANDS_IN)
    assert set(STANDS_IN.values()) <= set(alarms(resources))
    assert set(UNWATCHED) <= functions(resources)


def test_an_api_s_functions_are_slow_after_five_seconds(resources: Json) -> None:
    for name in ("MetricsSlowAlarm", "AlertsSlowAlarm", "WorkspaceSlowAlarm", "ApiSlowAlarm"):
        alarm = alarms(resources)[name]
        assert (alarm["Threshold"], alarm["ExtendedStatistic"]) == (5000, "p99")


def test_every_queue_that_feeds_a_function_is_watched_for_its_age(resources: Json) -> None:
    feeding = {
        each["EventSourceArn"]["Fn::GetAtt"][0]
        for each in of_type(resources, "AWS::Lambda::EventSourceMapping").values()
        if "StartingPosition" not in each
    }
    aged = {
        metric["Dimensions"]["QueueName"]["Fn::GetAtt"][0]: alarm["Threshold"]
        for alarm in alarms(resources).values()
        for metric, _ in watched(alarm)
        if metric["MetricName"] == "ApproximateAgeOfOldestMessage"
    }
    assert set(aged) == feeding
    # SQS delays a message for at most 900 seconds: that is no age.
    assert all(900 < seconds < 3600 for seconds in aged.values())


def test_table_and_index_are_watched_for_being_throttled_and_the_stream_for_its_age(
    resources: Json,
) -> None:
    about = [metric for alarm in alarms(resources).values() for metric, _ in watched(alarm)]
    for name in ("ReadThrottleEvents", "WriteThrottleEvents"):
        told = [each["Dimensions"] for each in about if each["MetricName"] == name]
        table = {"TableName": {"Ref": "SkafuTable"}}
        [index] = resources["SkafuTable"]["Properties"]["GlobalSecondaryIndexes"]
        assert told == [table, {**table, "GlobalSecondaryIndexName": index["IndexName"]}]
    [stream] = [each for each in about if each["MetricName"] == "IteratorAge"]
    assert stream["Dimensions"] == {"FunctionName": {"Ref": "AlertEvaluatorFunction"}}


def test_both_topics_are_watched_for_what_they_could_not_deliver(resources: Json) -> None:
    told = {
        metric["Dimensions"]["TopicName"]["Fn::GetAtt"][0]
        for alarm in alarms(resources).values()
        for metric, _ in watched(alarm)
        if metric["Namespace"] == "AWS/SNS"
    }
    assert told == {"AlertsTopic", "ChannelsTopic"}


def test_silence_rings_only_where_it_is_the_news(resources: Json) -> None:
    for name, alarm in alarms(resources).items():
        wanted = "breaching" if name in SILENCE_RINGS else "notBreaching"
        assert alarm["TreatMissingData"] == wanted, name


def test_somebody_hears_each_alarm_once(resources: Json) -> None:
    """By itself, or as a part of one that tells."""
    parts = [part for found in composites(resources).values() for part in found]
    assert len(parts) == len(set(parts))
    for name, alarm in alarms(resources).items():
        [severity] = DESCRIBED.fullmatch(alarm["AlarmDescription"]).groups()[:1]  # type: ignore[union-attr] # or the test fails
        assert (severity == "part") == (name in parts), name
        assert alarm.get("AlarmActions", []) == ([] if severity == "part" else TOLD), name
        assert alarm.get("OKActions", []) == alarm.get("AlarmActions", []), name
    for name, alarm in of_type(resources, "AWS::CloudWatch::CompositeAlarm").items():
        assert alarm["AlarmActions"] == alarm["OKActions"] == TOLD, name
        assert alarm["AlarmDescription"].startswith("page: "), name


def test_a_composite_is_made_of_alarms_that_exist(resources: Json) -> None:
    found = composites(resources)
    assert set(found) == {"ServiceDownAlarm", "PagesLateAlarm"}
    for name, parts in found.items():
        assert parts
        assert parts <= set(alarms(resources)), name


def test_the_service_is_down_where_the_api_or_the_probe_says_so(resources: Json) -> None:
    assert composites(resources)["ServiceDownAlarm"] == {"ApiDownAlarm", "ProbeFailingAlarm"}


def test_each_alarm_says_what_it_means_and_leads_to_its_page_of_the_runbook(
    resources: Json,
) -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    headings = dict(re.findall(r'^<a id="(\w+)"></a>\n\n### (.+)$', runbook, re.MULTILINE))
    every = alarms(resources) | of_type(resources, "AWS::CloudWatch::CompositeAlarm")
    for name, alarm in every.items():
        described = DESCRIBED.fullmatch(alarm["AlarmDescription"])
        assert described, name
        assert name in re.findall(r"\w+", headings[described[3]]), name


def test_the_runbook_s_table_says_of_each_alarm_who_is_woken(resources: Json) -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    rows = dict(
        re.findall(r"^\| \[(\w+Alarm)\]\(#\w+\) \| (page|ticket|part)\b", runbook, re.MULTILINE)
    )
    every = alarms(resources) | of_type(resources, "AWS::CloudWatch::CompositeAlarm")
    assert rows == {name: each["AlarmDescription"].split(":")[0] for name, each in every.items()}


def test_the_runbook_may_be_anywhere() -> None:
    told = resolved("staging", RunbookUrl="https://example.com/skafu/docs/runbook.md")
    description = told["ServiceDownAlarm"]["Properties"]["AlarmDescription"]
    assert "https://example.com/skafu/docs/runbook.md#ServiceDown" in description


def test_watching_costs_what_the_page_says(environment: str) -> None:
    """A tenth of a dollar for each figure, half of one for a composite alarm."""
    there = resolved(environment)
    figures = sum(len(list(watched(alarm))) for alarm in alarms(there).values())
    page = (ROOT / "docs" / "observability.md").read_text("utf-8")
    dollars = f"{figures / 10 + len(composites(there)) / 2:.2f}"
    assert (
        f"{figures} figures, {len(composites(there))} composite alarms: ${dollars} a month" in page
    )


@pytest.mark.parametrize("name", ["local", "development"])
def test_nobody_is_woken_where_nobody_relies_on_it(name: str) -> None:
    there = resolved(name)
    assert not alarms(there)
    assert not composites(there)


def test_metrics_of_filters_are_looked_at(resources: Json) -> None:
    """Each is paid for when there is something to tell."""
    body = str(of_type(resources, "AWS::CloudWatch::Dashboard"))
    alarmed = {m["MetricName"] for a in alarms(resources).values() for m, _ in watched(a)}
    for name in known(resources)["skafu/logs"]:
        assert name in alarmed or name in body, name


def test_the_page_counts_what_there_is(resources: Json) -> None:
    every = alarms(resources) | of_type(resources, "AWS::CloudWatch::CompositeAlarm")
    said = Counter(each["AlarmDescription"].split(":")[0] for each in every.values())
    page = (ROOT / "docs" / "observability.md").read_text("utf-8")
    told = re.findall(r"^\| `(\w+):` \|.*\| (\d+) \|$", page, re.MULTILINE)
    assert {word: int(number) for word, number in told} == said


@mock_aws
def test_a_pager_that_subscribes_as_the_page_says_hears_pages_alone() -> None:
    page = (ROOT / "docs" / "observability.md").read_text("utf-8")
    attributes = json.loads(re.search(r"--attributes '(.+)'", page)[1])  # type: ignore[index] # or the test fails
    sns, sqs = boto3.client("sns", "us-east-1"), boto3.client("sqs", "us-east-1")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    url = sqs.create_queue(QueueName="pager")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"], Attributes=attributes)
    every = resolved("staging")
    for kind in ("Alarm", "CompositeAlarm"):
        for name, each in of_type(every, f"AWS::CloudWatch::{kind}").items():
            # As CloudWatch sends it, of which this is what matters.
            message = {"AlarmName": name, "AlarmDescription": each["AlarmDescription"]}
            sns.publish(TopicArn=topic, Message=json.dumps(message))
    heard = set()
    while got := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for each in got:
            heard.add(json.loads(json.loads(each["Body"])["Message"])["AlarmName"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    assert {"ServiceDownAlarm", "PagesLateAlarm", "DeliveriesDeadLettersAlarm"} <= heard
    assert not heard & {"MetricsSlowAlarm", "ApiDownAlarm", "CompactorBusyAlarm"}
