"""The alerts function and the notifier as the runtime sees them: their handler files, their
environment, their events, on a table that moto keeps.
"""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

import skafu
from skafu.shared.aws import client
from skafu.shared.dynamo import DynamoTable
from skafu.shared.observability import Handler
from tests.support.alerting import ALARM, TENANT, Storyteller
from tests.support.events import answer_headers, answer_json, lambda_context, sample_event
from tests.support.moto_table import create_table

BACKEND = Path(skafu.__file__).parents[1]
API, NOTIFY = "skafu.alerts.handlers.api", "skafu.alerts.handlers.notify"
ENVIRONMENT = {
    "TABLE_NAME": "skafu-test",
    "ENVIRONMENT": "local",
    "CORS_ORIGIN": "http://localhost:3000",
    "ALERTS_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:alerts",
    "CHANNELS_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:channels",
    "DELIVERIES_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/deliveries",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}


@pytest.fixture(name="cloud")
def fixture_cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        create_table(client("dynamodb"), ENVIRONMENT["TABLE_NAME"])
        client("sns").create_topic(Name="alerts")
        client("sqs").create_queue(QueueName="deliveries")
        yield
    for module in (API, NOTIFY):
        sys.modules.pop(module, None)


def handler_of(module: str) -> Handler:
    sys.modules.pop(module, None)
    found: Handler = importlib.import_module(module).handler
    return found


@pytest.mark.usefixtures("cloud")
def test_an_alert_and_a_channel_are_made_and_listed() -> None:
    handler = handler_of(API)

    made = handler(sample_event("alerts.create"), lambda_context())
    channel = handler(sample_event("alerts.create-channel"), lambda_context())
    listed = handler(sample_event("alerts.list-in-alarm"), lambda_context())

    assert made["statusCode"] == channel["statusCode"] == 201, (made, channel)
    assert answer_json(made)["datapoints_to_alarm"] == 2
    assert answer_json(channel)["secret"].startswith("whsec_")
    assert answer_json(listed) == {"alerts": [], "cursor": None}


@pytest.mark.usefixtures("cloud")
def test_a_channel_of_mail_is_subscribed_a_template_tried_and_a_secret_rotated() -> None:
    topic = client("sns").create_topic(Name="channels")["TopicArn"]
    handler = handler_of(API)
    made = answer_json(handler(sample_event("alerts.create-channel"), lambda_context()))
    rotation = sample_event("alerts.rotate-channel")
    rotation["path"] = f"/api/channels/{made['id']}/rotate"

    mail = handler(sample_event("alerts.create-channel-mail"), lambda_context())
    preview = handler(sample_event("alerts.preview-channel"), lambda_context())
    rotated = handler(rotation, lambda_context())

    assert (mail["statusCode"], preview["statusCode"], rotated["statusCode"]) == (201, 200, 200)
    [subscription] = client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert subscription["Endpoint"] == answer_json(mail)["address"] == "ops@example.com"
    assert answer_json(preview)["text"] == "disk-full: 90"
    assert answer_json(rotated)["secret"] != made["secret"]


@pytest.mark.usefixtures("cloud")
def test_alerts_go_in_and_out_as_yaml_and_back_to_earlier_versions() -> None:
    handler = handler_of(API)

    def ask(name: str) -> dict[str, Any]:
        answer: dict[str, Any] = handler(sample_event(name), lambda_context())
        assert answer["statusCode"] == 200, answer
        return answer

    made = answer_json(ask("alerts.import"))
    planned = answer_json(ask("alerts.import-dry-run"))
    exported = ask("alerts.export")
    versions = answer_json(ask("alerts.versions"))
    restored = answer_json(ask("alerts.restore"))

    assert (made["counts"]["created"], planned["counts"]["changed"]) == (1, 1)
    assert exported["body"].startswith("alerts:\n- name: CPU is idle\n")
    assert answer_headers(exported)["content-type"] == "application/yaml"
    assert [each["action"] for each in versions["versions"]] == ["create"]
    assert restored["version"] == 1


@pytest.mark.usefixtures("cloud")
def test_notifications_are_handed_to_the_topic() -> None:
    handler = handler_of(NOTIFY)
    story = Storyteller(DynamoTable(client("dynamodb"), ENVIRONMENT["TABLE_NAME"]))
    story.publish()
    fired = story.happens(ALARM, 3)
    sqs, sns = client("sqs"), client("sns")
    inbox = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    arn = "arn:aws:sqs:us-east-1:123456789012:inbox"
    sns.subscribe(TopicArn=ENVIRONMENT["ALERTS_TOPIC_ARN"], Protocol="sqs", Endpoint=arn)
    event = sample_event("alert-notifier.two-deliveries")
    event["Records"] = event["Records"][:1]
    event["Records"][0]["body"] = json.dumps({"tenant": TENANT, "delivery": fired})

    assert handler(event, lambda_context()) == {"batchItemFailures": []}

    [message] = sqs.receive_message(QueueUrl=inbox)["Messages"]
    assert json.loads(message["Body"])["Subject"] == "ALARM: CPU is busy"


@pytest.mark.parametrize(
    ("module", "missing"), [(API, "ALERTS_TOPIC_ARN"), (NOTIFY, "DELIVERIES_QUEUE_URL")]
)
def test_a_missing_variable_stops_the_start_with_its_name(
    monkeypatch: pytest.MonkeyPatch, module: str, missing: str
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(missing)
    sys.modules.pop(module, None)

    with pytest.raises(RuntimeError, match=missing):
        importlib.import_module(module)


@pytest.mark.parametrize("module", [API, NOTIFY])
def test_a_cold_start_loads_neither_pydantic_nor_boto3(module: str) -> None:
    program = (
        f"import sys, {module}\n"
        "print([x for x in ('pydantic', 'boto3', 'http.server', 'requests') if x in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**ENVIRONMENT, "PYTHONPATH": str(BACKEND), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"
