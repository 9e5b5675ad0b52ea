"""Functions called directly: which, with what event, and what their answers mean."""

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.response import StreamingBody

from skafu.alerts import api as alerts
from skafu.canary import reserved
from skafu.canary.calls import Answer, Call, Who
from skafu.canary.checks import Busy, Failed
from skafu.canary.invoking import PLACES, Invoked, InvokedApi
from skafu.metrics import api as metrics
from skafu.workspace import api as workspace
from tests.support.events import api_event

ARN = "arn:aws:lambda:us-east-1:123456789012:function:skafu-prod-metrics:7"


class Lambda:
    """Answers what it was given."""

    def __init__(self, answer: object, **more: str) -> None:
        self._answer = answer
        self._more = more

    def invoke(self, **arguments: Any) -> Mapping[str, Any]:
        assert arguments["FunctionName"] == ARN
        if isinstance(self._answer, Exception):
            raise self._answer
        text = json.dumps(self._answer).encode()
        return {"Payload": StreamingBody(io.BytesIO(text), len(text)), **self._more}


def test_each_route_that_checks_ask_for_is_answered_by_the_function_that_offers_it() -> None:
    offered = {
        "MetricsFunction": metrics.ROUTES,
        "AlertsFunction": alerts.ROUTES,
        "WorkspaceFunction": workspace.ROUTES,
    }
    prefixes = tuple(prefix for prefix, _ in PLACES[:-1])
    for name, routes in offered.items():
        for path in {route.path for route in routes}:
            found = next(name for prefix, name in PLACES if path.startswith(prefix))
            # What checks never ask for falls to the workspace, whoever offers it.
            assert found == name or not path.startswith(prefixes)
    own = {route.path for route in workspace.ROUTES}
    assert {"/api/health", "/api/me", "/api/dashboards", "/api/audit"} <= own


def test_an_event_looks_as_the_gateway_s_do() -> None:
    events: list[Mapping[str, Any]] = []

    def function(event: Mapping[str, Any]) -> Any:
        events.append(event)
        return {"statusCode": 200, "body": '{"a": 1}'}

    api = InvokedApi({"MetricsFunction": function}, "run1")
    call = Call("POST", "/api/metrics", {"metrics": []}, {"prefix": "a"}, key="k")
    assert api(call) == Answer(200, {"a": 1})
    api(Call("POST", "/api/metrics", who=Who.NOBODY))
    sample = api_event("POST", "/api/metrics", claims=reserved.claims(reserved.SUBJECT), body={})
    assert set(events[0]) == set(sample)
    assert set(events[0]["requestContext"]) <= set(sample["requestContext"])
    assert events[0]["requestContext"]["authorizer"] == sample["requestContext"]["authorizer"]
    assert "authorizer" not in events[1]["requestContext"]
    ids = [each["requestContext"]["requestId"] for each in events]
    assert ids == ["run1-0", "run1-1"]


def test_a_function_that_ended_with_an_error_has_failed_with_what_it_said() -> None:
    lambdas = Lambda({"errorMessage": "no such table"}, FunctionError="Unhandled")
    with pytest.raises(Failed, match="no such table"):
        Invoked(lambdas, ARN)({})


def test_a_function_that_does_not_answer_has_failed() -> None:
    error = ReadTimeoutError(endpoint_url="https://lambda.example")
    with pytest.raises(Failed, match="cannot be called"):
        Invoked(Lambda(error), ARN)({})


def test_a_function_that_is_throttled_is_busy() -> None:
    def refused(code: str) -> type[Failed]:
        error = ClientError({"Error": {"Code": code, "Message": "no"}}, "Invoke")
        with pytest.raises(Failed) as raised:
            Invoked(Lambda(error), ARN)({})
        return raised.type

    assert refused("TooManyRequestsException") is Busy
    assert refused("AccessDeniedException") is Failed
