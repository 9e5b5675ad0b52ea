"""A stream's mapping deals with failures as AWS documents it (local/emulator/streams.py)."""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local.home import STACK
from tests.integration.system import System
from tests.support.waiting import wait_until

NAME = "stream-probe"
CODE = """
def handler(event, context):
    for record in event["Records"]:
        name = record["dynamodb"]["NewImage"]["sk"]["S"]
        print("SEEN", name, len(event["Records"]), flush=True)
        if name == "reported":
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
        if name == "raised":
            raise RuntimeError("poison")
    return {"batchItemFailures": []}
"""


@dataclass
class Probe:
    """A table with a stream, and a function that reads it."""

    system: System
    failures: str

    def put(self, *names: str) -> None:
        """Items in one transaction, so that they come in one batch."""
        items = [{"pk": {"S": "p"}, "sk": {"S": name}, "k": {"S": "yes"}} for name in names]
        self.system.aws("dynamodb").transact_write_items(
            TransactItems=[{"Put": {"TableName": NAME, "Item": item}} for item in items]
        )

    def seen(self, name: str) -> int:
        """How often the function met an item."""
        pages = self.system.aws("logs").get_paginator("filter_log_events")
        found = pages.paginate(logGroupName=f"/aws/lambda/{NAME}")
        lines = [event["message"] for page in found for event in page["events"]]
        return sum(line.startswith(f"SEEN {name} ") for line in lines)

    def parked(self) -> list[dict[str, Any]]:
        """What the mapping gave up on."""
        got = self.system.aws("sqs").receive_message(
            QueueUrl=self.failures, MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return [json.loads(message["Body"]) for message in got.get("Messages", [])]


@pytest.fixture(scope="module")
def probe(system: System) -> Iterator[Probe]:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("probe.py", CODE)
    functions, dynamodb, sqs = (system.aws(each) for each in ("lambda", "dynamodb", "sqs"))
    table = dynamodb.create_table(
        TableName=NAME,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]
    failures = sqs.create_queue(QueueName=f"{NAME}-failures")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=failures, AttributeNames=["QueueArn"])
    system.aws("logs").create_log_group(logGroupName=f"/aws/lambda/{NAME}")
    functions.create_function(
        FunctionName=NAME,
        Runtime="python3.12",
        Role=functions.get_function_configuration(FunctionName=f"{STACK}-workspace")["Role"],
        Handler="probe.handler",
        Code={"ZipFile": code.getvalue()},
    )
    mapping = functions.create_event_source_mapping(
        FunctionName=NAME,
        EventSourceArn=table["LatestStreamArn"],
        StartingPosition="TRIM_HORIZON",
        BatchSize=10,
        MaximumRetryAttempts=1,
        BisectBatchOnFunctionError=True,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        FilterCriteria={"Filters": [{"Pattern": '{"dynamodb":{"NewImage":{"k":{"S":["yes"]}}}}'}]},
        DestinationConfig={"OnFailure": {"Destination": queue["Attributes"]["QueueArn"]}},
    )
    yield Probe(system, failures)
    functions.delete_event_source_mapping(UUID=mapping["UUID"])
    functions.delete_function(FunctionName=NAME)
    dynamodb.delete_table(TableName=NAME)


def test_a_reported_record_comes_again_and_what_was_before_it_does_not(probe: Probe) -> None:
    probe.put("before", "reported", "behind")
    wait_until(lambda: probe.seen("behind"), "the record behind it", seconds=60)
    assert probe.seen("before") == 1
    assert probe.seen("reported") > 1
    [told] = wait_until(probe.parked, "the failure's account")
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert told["DDBStreamBatchInfo"]["batchSize"] == 1


def test_a_raising_record_is_singled_out_and_given_up(probe: Probe) -> None:
    probe.put("first", "raised", "last")
    wait_until(lambda: probe.seen("last"), "the record behind it", seconds=60)
    assert probe.seen("raised") > 1
    told = wait_until(lambda: len(probe.parked()) == 2 and probe.parked(), "both accounts")
    assert {each["DDBStreamBatchInfo"]["batchSize"] for each in told or []} == {1}
