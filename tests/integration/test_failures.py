"""What cannot be done is kept, seen and done later; the rest goes on."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from skafu.shared import keys

from local.api import Api
from tests.integration.system import Feed, System, now_ms, unique, watch
from tests.integration.test_alerts import channel, until
from tests.integration.test_operating import ops
from tests.support.receiver import Receiver, receiving
from tests.support.waiting import wait_until


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def one_try(system: System, after_the_night: None) -> Iterator[None]:
    """A deliveries queue that parks what failed once, so that nobody waits for ten tries."""
    del after_the_night  # its deliveries may need more tries than one
    sqs, url = system.aws("sqs"), system.outputs()["DeliveriesQueueUrl"]
    asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])
    policy = asked["Attributes"]["RedrivePolicy"]
    impatient = json.dumps({**json.loads(policy), "maxReceiveCount": 1})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": impatient})
    yield
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})


def messages(system: System, output: str) -> list[dict[str, Any]]:
    """What waits in a queue, read without hiding it."""
    found = system.aws("sqs").receive_message(
        QueueUrl=system.outputs()[output], MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


def test_a_record_that_cannot_be_read_is_parked_and_the_next_one_processed(
    system: System, admin: Api, machine: Api
) -> None:
    tenant = str(admin.ask("GET", "/api/me")["tenant"])
    feed = Feed(machine, unique("poison"))
    alert = watch(admin, feed.metric)
    until(alert, "OK", feed, 1.0)
    at = now_ms()
    name = keys.SegmentName("0" * 32, keys.bucket_of(at), at, "broken")
    key = keys.segment(tenant, 0, name)
    system.aws("dynamodb").put_item(
        TableName=system.stack["table_name"],
        Item={
            "pk": {"S": key.pk},
            "sk": {"S": key.sk},
            "k": {"S": "segment"},
            "p": {"B": b"\x00garbage"},
            "r": {"N": str(at)},
        },
    )
    until(alert, "ALARM", feed, 9.0)

    def parked() -> dict[str, Any] | None:
        for message in messages(system, "ParkedRecordsQueueUrl"):
            if "broken" in json.dumps(message.get("keys", "")):
                return message
        return None

    found = wait_until(parked, "the parked record")
    assert found is not None
    assert found["tenant"] == tenant
    assert found["reason"]
    assert found["event_id"] and found["sequence_number"]


@pytest.mark.usefixtures("one_try")
def test_what_a_webhook_did_not_take_is_parked_and_replayed(
    system: System, admin: Api, machine: Api, receiver: Receiver
) -> None:
    receiver.answers = [(500, {})]
    hook, _ = channel(admin, receiver)
    feed = Feed(machine, unique("replay"))
    alert = watch(admin, feed.metric, channels=[hook])
    until(alert, "ALARM", feed, 9.0)
    wait_until(lambda: receiver.received, "the first try")
    parked = wait_until(
        lambda: messages(system, "DeliveriesDeadLettersUrl"), "the parked delivery", seconds=60
    )
    assert parked[0]["tenant"] == admin.ask("GET", "/api/me")["tenant"]
    failed = len(receiver.received)
    receiver.answers = [(200, {})]
    ops(system, "replay", "--environment", "local", "--queue", "deliveries")
    wait_until(lambda: len(receiver.received) > failed, "the replayed delivery")
    assert not messages(system, "DeliveriesDeadLettersUrl")
    ids = {request.headers["webhook-id"] for request in receiver.received}
    assert len(ids) == 1
