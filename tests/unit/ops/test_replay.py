"""Parked messages, on queues that moto keeps."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from skafu.alerts.deliveries import Attempt, DeliveryStore, Status, new_page, taken
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.paging.group import Fate, Telling, Verdict
from skafu.ops import __main__ as ops, replay
from skafu.ops.deployment import connection
from skafu.ops.parking import age
from skafu.shared.aws import client
from skafu.shared.dynamo import DynamoTable
from tests.support.alerting import ALARM, TENANT, Storyteller
from tests.support.moto_table import create_table
from tests.support.pages import page

STACK = "skafu-local"
PAGE = "page-1"
QUEUES = {
    "DeliveriesQueueUrl": "deliveries",
    "DeliveriesDeadLettersUrl": "deliveries-dead",
    "WakeupsQueueUrl": "wakeups",
    "WakeupsDeadLettersUrl": "wakeups-dead",
    "ParkedRecordsQueueUrl": "parked",
    "InvocationsDeadLettersUrl": "invocations-dead",
}


class FakeCloudFormation:
    """One stack with outputs (moto's needs more than is installed)."""

    def __init__(self, outputs: dict[str, str]) -> None:
        self.outputs = outputs

    def describe_stacks(self, **arguments: str) -> dict[str, Any]:
        assert arguments == {"StackName": STACK}
        outputs = [{"OutputKey": k, "OutputValue": v} for k, v in self.outputs.items()]
        return {"Stacks": [{"Outputs": outputs}]}


class World:
    """A deployed stack, as far as the command looks at it."""

    def __init__(self) -> None:
        self.sqs = client("sqs")
        self.urls = {
            name: self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in QUEUES.values()
        }
        create_table(client("dynamodb"), "skafu-test")
        self.table = DynamoTable(client("dynamodb"), "skafu-test")
        self.deliveries = DeliveryStore(self.table)
        outputs = {name: self.urls[queue] for name, queue in QUEUES.items()}
        self.cloudformation = FakeCloudFormation({**outputs, "TableName": "skafu-test"})

    def run(self, *arguments: str) -> int:
        """The command. Development: its clients find AWS as the variables say, whatever runs on
        this machine.
        """
        return replay.main(
            ["--environment", "development", "--stack", STACK, *arguments], self.make, wait_s=0
        )

    def make(self, service: str, **where: str) -> Any:
        assert not where
        return self.cloudformation if service == "cloudformation" else client(service)

    def park(self, queue: str, message: object) -> None:
        body = message if isinstance(message, str) else json.dumps(message)
        self.sqs.send_message(QueueUrl=self.urls[queue], MessageBody=body)

    def bodies(self, queue: str) -> list[str]:
        """What can be seen in a queue now; it is hidden afterwards."""
        found = self.sqs.receive_message(QueueUrl=self.urls[queue], MaxNumberOfMessages=10)
        return sorted(each["Body"] for each in found.get("Messages", []))

    def parked_delivery(self) -> str:
        story = Storyteller(self.table)
        story.publish()
        delivery = story.happens(ALARM, 3, (("host", "a"),))
        told = page(id=PAGE)
        fate = Fate(told.group, told.route, Verdict.TOLD, told.sent_at, PAGE)
        self.table.write(new_page(TENANT, Telling(told, ("one",), None, ())))
        self.table.write(taken(TENANT, delivery, [fate], told.sent_at))
        for at in range(3):
            failed = Outcome(Result.FAILED, 500, "answered 500")
            self.deliveries.record(TENANT, PAGE, Attempt("one", at, failed))
        self.deliveries.mark(TENANT, PAGE, Status.FAILED, 3)
        self.park("deliveries-dead", {"tenant": TENANT, "delivery": delivery})
        return delivery

    def status(self, delivery: str) -> Status:
        found = self.deliveries.get(TENANT, delivery)
        assert found is not None
        return found.status


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield World()


def test_a_dry_run_shows_what_is_parked_and_leaves_it(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    delivery = world.parked_delivery()

    assert world.run("--queue", "deliveries", "--dry-run") == 0

    shown = capsys.readouterr().out
    assert delivery in shown
    assert "CPU is busy host=a: INSUFFICIENT_DATA -> ALARM" in shown
    assert "route core: told in page page-1" in shown
    assert "channel one, 3 tries, last failed: answered 500" in shown
    assert "0 moved, 0 dropped, 1 kept" in shown
    assert world.status(PAGE) is Status.FAILED
    assert len(world.bodies("deliveries-dead")) == 1
    assert not world.bodies("deliveries")


def test_a_page_is_shown_and_opened_again(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.parked_delivery()
    world.bodies("deliveries-dead")
    world.park("deliveries-dead", {"tenant": TENANT, "delivery": PAGE})

    assert world.run("--queue", "deliveries") == 0

    shown = capsys.readouterr().out
    assert "page of route core: first, firing, 1 instances" in shown
    assert "channel one, 3 tries, last failed: answered 500" in shown
    assert world.status(PAGE) is Status.PENDING


def test_a_look_goes_back_as_it_is(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    look = {"tenant": TENANT, "group": "group-1"}
    world.park("deliveries-dead", look)

    assert world.run("--queue", "deliveries") == 0

    assert "look at groups" in capsys.readouterr().out
    assert [json.loads(each) for each in world.bodies("deliveries")] == [look]


def test_a_notification_is_opened_again_and_sent_back(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    delivery = world.parked_delivery()

    assert world.run("--queue", "deliveries") == 0

    assert "1 moved" in capsys.readouterr().out
    assert world.status(delivery) is Status.PENDING
    assert [json.loads(each) for each in world.bodies("deliveries")] == [
        {"tenant": TENANT, "delivery": delivery}
    ]
    assert world.run("--queue", "deliveries") == 0
    assert "0 moved" in capsys.readouterr().out


def test_a_notification_that_is_gone_is_dropped_and_said_so(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.park("deliveries-dead", {"tenant": TENANT, "delivery": "gone"})

    world.run("--queue", "deliveries", "--dry-run")
    assert "there is no such notification any more" in capsys.readouterr().out
    world.run("--queue", "deliveries")

    assert "0 moved, 1 dropped, 0 kept" in capsys.readouterr().out
    assert not world.bodies("deliveries") and not world.bodies("deliveries-dead")


@pytest.mark.parametrize("body", ["not json", "[]", '{"tenant": 7}'])
def test_what_cannot_be_read_stays_where_it_is(
    world: World, capsys: pytest.CaptureFixture[str], body: str
) -> None:
    world.park("deliveries-dead", body)

    world.run("--queue", "deliveries")

    assert "cannot be read" in capsys.readouterr().out
    assert world.bodies("deliveries-dead") == [body]


def test_no_more_than_asked_for_are_moved(world: World) -> None:
    for i in range(25):
        world.park("wakeups-dead", {"tenant": TENANT, "alert": "a", "due": i})

    assert world.run("--queue", "wakeups", "--max", "12") == 0

    assert len(world.bodies("wakeups")) == 10  # a batch holds no more
    assert len(world.bodies("wakeups")) == 2
    attributes = world.sqs.get_queue_attributes(
        QueueUrl=world.urls["wakeups-dead"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert attributes["Attributes"]["ApproximateNumberOfMessages"] == "13"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"reason": "unknown codec version 9", "tenant": TENANT}, "unknown codec version 9"),
        ({"requestContext": {"condition": "RetryAttemptsExhausted"}}, "RetryAttemptsExhausted"),
        ("anything else", "no reason given"),
    ],
)
def test_records_of_the_stream_are_shown_with_their_reason(
    world: World, capsys: pytest.CaptureFixture[str], message: Any, reason: str
) -> None:
    world.park("parked", message)

    assert world.run("--queue", "parked", "--dry-run") == 0

    assert reason in capsys.readouterr().out
    assert len(world.bodies("parked")) == 1


def test_records_of_the_stream_have_no_queue_to_go_back_to(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.park("parked", {"reason": "broken"})

    assert world.run("--queue", "parked") == 2
    assert "--dry-run" in capsys.readouterr().err
    assert world.run("--queue", "parked", "--discard") == 0
    assert "broken" in capsys.readouterr().out
    assert not world.bodies("parked")


def test_what_can_be_sent_again_is_not_discarded(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.park("wakeups-dead", {"due": 1})

    assert world.run("--queue", "wakeups", "--discard") == 2
    assert "nothing is discarded" in capsys.readouterr().err
    assert len(world.bodies("wakeups-dead")) == 1


def test_a_stack_without_the_queue_is_told_by_the_outputs_name(world: World) -> None:
    del world.cloudformation.outputs["DeliveriesDeadLettersUrl"]

    with pytest.raises(KeyError, match="DeliveriesDeadLettersUrl"):
        world.run("--queue", "deliveries")


def test_the_command_is_offered_to_operators() -> None:
    assert ops.COMMANDS["replay"] is replay.main


@pytest.mark.parametrize(
    ("milliseconds", "told"),
    [
        (0, "0 min"),
        (59_999, "0 min"),
        (60_000, "1 min"),
        (3_600_000, "1 h 0 min"),
        (90_000_000, "1 d 1 h"),
        (-5, "0 min"),
    ],
)
def test_an_age_is_told_in_its_two_greatest_units(milliseconds: int, told: str) -> None:
    assert age(milliseconds) == told


def test_the_local_environment_is_the_one_of_this_checkout(tmp_path: Path) -> None:
    stack = {"endpoint_url": "http://127.0.0.1:4567", "region": "us-east-1"}
    assert not connection("local", {}, tmp_path)
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "stack.json").write_text(json.dumps(stack))

    found = connection("local", {}, tmp_path)

    assert (found["endpoint_url"], found["region_name"]) == ("http://127.0.0.1:4567", "us-east-1")
    assert not connection("production", {}, tmp_path)
    assert not connection("local", {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, tmp_path)
