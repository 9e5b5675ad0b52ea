"""How the stream and the queues are read: nothing lost, nothing blocked, nothing read twice for
nothing.
"""

import json
from typing import Any

import pytest

from tests.support.transformed import of_type, resolved

type Json = dict[str, Any]


def _matches(pattern: Any, value: Any) -> bool:
    """Lambda's event filtering, as far as the template uses it: lists are alternatives of plain
    words.
    """
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(
            key in value and _matches(wanted, value[key]) for key, wanted in pattern.items()
        )
    return value in pattern


@pytest.fixture
def mapping() -> Json:
    mappings = of_type(resolved("production"), "AWS::Lambda::EventSourceMapping")
    (found,) = (
        each
        for each in mappings.values()
        if each["EventSourceArn"] == {"Fn::GetAtt": ["SkafuTable", "StreamArn"]}
    )
    return dict(found)


def test_the_stream_has_one_consumer(mapping: Json) -> None:
    assert mapping["FunctionName"] == {"Ref": "AlertEvaluatorFunctionAliaslive"}


def test_the_stream_is_read_from_its_beginning(mapping: Json) -> None:
    assert mapping["StartingPosition"] == "TRIM_HORIZON"


@pytest.mark.parametrize("kind", ["segment", "late"])
def test_new_points_reach_the_evaluator(mapping: Json, kind: str) -> None:
    (filter_,) = mapping["FilterCriteria"]["Filters"]
    record = {"eventName": "INSERT", "dynamodb": {"NewImage": {"k": {"S": kind}}}}
    assert _matches(json.loads(filter_["Pattern"]), record)


@pytest.mark.parametrize(
    "record",
    [
        {"eventName": "INSERT", "dynamodb": {"NewImage": {"k": {"S": "decision"}}}},
        {"eventName": "INSERT", "dynamodb": {"NewImage": {"k": {"S": "instance"}}}},
        {"eventName": "INSERT", "dynamodb": {"NewImage": {"k": {"S": "folded"}}}},
        {"eventName": "INSERT", "dynamodb": {"NewImage": {"k": {"S": "chunk"}}}},
        {"eventName": "MODIFY", "dynamodb": {"NewImage": {"k": {"S": "segment"}}}},
        {"eventName": "REMOVE", "dynamodb": {"OldImage": {"k": {"S": "segment"}}}},
    ],
)
def test_what_functions_write_themselves_and_what_expires_does_not(
    mapping: Json, record: Json
) -> None:
    (filter_,) = mapping["FilterCriteria"]["Filters"]
    assert not _matches(json.loads(filter_["Pattern"]), record)


def test_a_failing_record_is_retried_alone_and_then_parked(mapping: Json) -> None:
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["MaximumRetryAttempts"] > 0
    assert 60 <= mapping["MaximumRecordAgeInSeconds"] < 24 * 3600
    parked = {"Destination": {"Fn::GetAtt": ["ParkedRecordsQueue", "Arn"]}}
    assert mapping["DestinationConfig"] == {"OnFailure": parked}


def test_batches_are_quick_and_bounded(mapping: Json) -> None:
    assert mapping["MaximumBatchingWindowInSeconds"] == 1
    assert mapping["BatchSize"] == 100
    assert mapping["ParallelizationFactor"] == 4


@pytest.mark.parametrize("environment", ["local", "production"])
def test_a_queue_hides_a_message_while_its_reader_may_be_working(environment: str) -> None:
    found = resolved(environment)
    functions = of_type(found, "AWS::Lambda::Function")
    queues = of_type(found, "AWS::SQS::Queue")
    checked = 0
    for mapping in of_type(found, "AWS::Lambda::EventSourceMapping").values():
        queue = queues.get(mapping["EventSourceArn"]["Fn::GetAtt"][0])
        if queue is not None:
            reader = mapping["FunctionName"]["Ref"].removesuffix("Aliaslive")
            assert queue["VisibilityTimeout"] >= 6 * functions[reader]["Timeout"]
            assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
            checked += 1
    assert checked == 2
