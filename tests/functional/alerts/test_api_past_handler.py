"""Backtest, explanation and noise report as the runtime asks for them: the handler file, sample
events, a table that moto keeps.
"""

import importlib
import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from skafu.shared.aws import client
from skafu.shared.observability import Handler
from tests.support.events import answer_json, lambda_context, sample_event
from tests.support.moto_table import create_table

API = "skafu.alerts.handlers.api"
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


@pytest.fixture(name="handler")
def fixture_handler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Handler]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        create_table(client("dynamodb"), ENVIRONMENT["TABLE_NAME"])
        sys.modules.pop(API, None)
        yield importlib.import_module(API).handler
    sys.modules.pop(API, None)


def test_a_draft_is_tried_on_a_past_without_points(handler: Handler) -> None:
    event = sample_event("alerts.backtest")
    asked: dict[str, Any] = json.loads(event["body"])
    # Long ago there are whole hours at most.
    asked["alert"]["period"] = 3600
    event["body"] = json.dumps(asked)

    refused = handler(sample_event("alerts.backtest"), lambda_context())
    answer = handler(event, lambda_context())

    assert [x["field"] for x in answer_json(refused)["errors"]] == ["start"]
    assert answer["statusCode"] == 200, answer
    found = answer_json(answer)
    assert (found["transitions"], found["pages"]) == ([], 0)


def test_an_alert_is_explained_before_it_was_made(handler: Handler) -> None:
    made = answer_json(handler(sample_event("alerts.create"), lambda_context()))
    event = sample_event("alerts.explain")
    event["path"] = event["path"].replace("alert-1", made["id"])

    answer = handler(event, lambda_context())

    assert answer["statusCode"] == 200, answer
    assert answer_json(answer)["why"] == "not_made"


def test_the_noise_of_nothing_is_reported(handler: Handler) -> None:
    event = sample_event("alerts.noise")
    del event["multiValueQueryStringParameters"]["start"]
    made = answer_json(handler(sample_event("alerts.create"), lambda_context()))

    answer = handler(event, lambda_context())

    assert answer["statusCode"] == 200, answer
    (row,) = answer_json(answer)["alerts"]
    assert (row["id"], row["pages"], row["told"]) == (made["id"], 0, 0)
