"""Sample events about routing, silences and what people do, as the gateway would send them."""

import pytest

from skafu.shared import keys
from tests.support.alerting import ALARM, Storyteller
from tests.support.alerts_api import AlertsFunction
from tests.support.events import answer_json, lambda_context, sample_event


@pytest.fixture
def function() -> AlertsFunction:
    return AlertsFunction()


def test_routes_are_stored_and_tried(function: AlertsFunction) -> None:
    stored = function.handler(sample_event("alerts.change-routing"), lambda_context())
    tried = function.handler(sample_event("alerts.preview-routing"), lambda_context())

    assert (stored["statusCode"], answer_json(stored)["version"]) == (200, 1)
    assert answer_json(tried)["summary"] == "It takes the route databases."


def test_a_silence_is_tried_and_made(function: AlertsFunction) -> None:
    tried = function.handler(sample_event("alerts.preview-silence"), lambda_context())
    made = function.handler(sample_event("alerts.create-silence"), lambda_context())

    assert (tried["statusCode"], made["statusCode"]) == (200, 201)
    assert answer_json(made)["rrule"] == "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"


def test_a_firing_is_acknowledged(function: AlertsFunction) -> None:
    # Whoever signs in first gets a tenant; it then has an alert.
    event = sample_event("alerts.acknowledge")
    assert function.handler(event, lambda_context())["statusCode"] == 404
    caller = event["requestContext"]["authorizer"]["claims"]["sub"]
    tenant = str(function.table.items[keys.membership(caller)]["tenant"])
    story = Storyteller(function.table, tenant=tenant)
    story.publish()
    story.happens(ALARM, -3, (("host", "db-1"),))

    answer = function.handler(event, lambda_context())

    assert answer["statusCode"] == 200
    [instance] = answer_json(answer)["instances"]
    assert instance["acknowledged_by"] == caller
