"""What every API function does around its endpoints."""

import gzip
import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import pytest

from skafu.shared.api import build_app
from skafu.shared.body import MAX_BODY
from skafu.shared.errors import (
    FieldError,
    QuotaExceeded,
    SkafuError,
    Unauthenticated,
    Unavailable,
    Unprocessable,
)
from skafu.shared.identity import NOBODY, Identity, Kind, Role
from skafu.shared.routes import Parameter, Reply, Request, Route, Scope, Text
from skafu.shared.settings import ApiSettings
from skafu.shared.table import ConditionFailed, TransactionConflict
from tests.support.clocks import NOON, FakeClock
from tests.support.events import answer_headers, answer_json, api_event, lambda_context
from tests.support.log_lines import log_lines

ORIGIN = "https://skafu.example"
SETTINGS = ApiSettings(table_name="t", environment="local", cors_origin=ORIGIN)


def route(method: str, path: str, endpoint: str, role: Role | None, **more: Any) -> Route:
    scopes = () if role is None else (Scope.PERSON,)
    return Route(method, path, endpoint, "for tests", role, scopes, **more)


ROUTES = (
    route("GET", "/api/things/{id}", "read", Role.VIEWER),
    route("PUT", "/api/things/{id}", "change", Role.EDITOR),
    route(
        "GET",
        "/api/things",
        "read",
        Role.VIEWER,
        parameters=(
            Parameter("filter", "tags", repeated=True),
            Parameter("metric", "which", required=True),
            Parameter("limit", "how many"),
        ),
    ),
    route("POST", "/api/things", "change", Role.EDITOR),
    route("GET", "/api/open", "read", None),
)


@dataclass
class Api:
    """Endpoints that remember what reached them and do what the test says."""

    does: Callable[[Request], Reply] = lambda request: Reply({"ok": True})
    seen: list[Request] = field(default_factory=list)

    def read(self, request: Request) -> Reply:
        self.seen.append(request)
        return self.does(request)

    change = read


@dataclass
class World:
    """One app and everything it was given."""

    api: Api = field(default_factory=Api)
    clock: FakeClock = field(default_factory=FakeClock)
    role: Role = Role.EDITOR
    refusal: Exception | None = None

    def send(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        app = build_app(ROUTES, self.api, self.authenticate, SETTINGS, self.clock)
        answer: dict[str, Any] = app(api_event(method, path, **more), lambda_context())
        return answer

    def authenticate(self, _: object) -> Identity:
        if self.refusal:
            raise self.refusal
        return Identity("ann", Kind.PERSON, "acme", self.role)

    def fails(self, error: Exception) -> dict[str, Any]:
        def fail(_: Request) -> Reply:
            raise error

        self.api.does = fail
        return self.send("GET", "/api/things/7")


@pytest.fixture(name="world")
def fixture_world() -> World:
    return World()


# --- requests and replies -------------------------------------------------------------------------


def test_an_endpoint_gets_the_whole_request(world: World) -> None:
    world.send(
        "PUT",
        "/api/things/a-7",
        body='{"a": 1}',
        headers={"If-Match": '"3"', "X-Twice": "1"},
        request_id="rid",
    )

    (request,) = world.api.seen
    assert request.identity == Identity("ann", Kind.PERSON, "acme", Role.EDITOR)
    assert (request.id, request.now) == ("rid", NOON)
    assert request.path == {"id": "a-7"}
    assert request.headers["if-match"] == '"3"'
    assert request.body == b'{"a": 1}'
    assert not request.query


def test_under_sam_local_where_all_requests_have_one_id_a_request_is_named_by_its_invocation(
    world: World,
) -> None:
    local = replace(SETTINGS, aws_sam_local=True)
    for settings in (SETTINGS, local):
        app = build_app(ROUTES, world.api, world.authenticate, settings, world.clock)
        app(api_event("GET", "/api/things/7", request_id="the gateway's"), lambda_context())

    assert [each.id for each in world.api.seen] == [
        "the gateway's",
        lambda_context().aws_request_id,
    ]


def test_repeated_headers_are_one_and_headers_told_once_are_read_too(world: World) -> None:
    app = build_app(ROUTES, world.api, world.authenticate, SETTINGS, world.clock)
    event = api_event("GET", "/api/things/7")
    event["multiValueHeaders"] = {"If-Match": ['"1"', '"2"']}
    app(event, lambda_context())
    event["multiValueHeaders"] = None
    event["headers"] = {"If-Match": '"3"'}
    event["multiValueQueryStringParameters"] = None
    app(event, lambda_context())

    assert [each.headers["if-match"] for each in world.api.seen] == ['"1", "2"', '"3"']


def test_a_reply_goes_out_as_json_with_its_status_and_headers(world: World) -> None:
    world.api.does = lambda request: Reply(
        {"id": "7", "value": 0.1, "text": "é"}, HTTPStatus.CREATED, {"Location": "/api/things/7"}
    )

    answer = world.send("GET", "/api/things/7")

    assert answer["statusCode"] == 201
    assert answer_json(answer) == {"id": "7", "value": 0.1, "text": "é"}
    assert answer_headers(answer)["content-type"] == "application/json"
    assert answer_headers(answer)["location"] == "/api/things/7"
    assert answer["isBase64Encoded"] is False


def test_a_text_goes_out_as_it_is_under_its_own_type(world: World) -> None:
    world.api.does = lambda request: Reply(Text("a: 1\n", "application/yaml"), headers={"X-A": "b"})

    answer = world.send("GET", "/api/things/7")

    assert (answer["statusCode"], answer["body"]) == (200, "a: 1\n")
    headers = answer_headers(answer)
    assert (headers["content-type"], headers["x-a"]) == ("application/yaml", "b")
    assert headers["access-control-allow-origin"] == ORIGIN


def test_an_empty_reply_has_no_body(world: World) -> None:
    world.api.does = lambda request: Reply(status=HTTPStatus.NO_CONTENT)

    answer = world.send("GET", "/api/things/7")

    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert "content-type" not in answer_headers(answer)


def test_a_gzip_body_is_inflated_on_its_way(world: World) -> None:
    body = b64encode(gzip.compress(b'{"a": 1}')).decode()

    world.send("POST", "/api/things", body=body, base64=True)

    assert world.api.seen[0].body == b'{"a": 1}'


def test_a_body_that_is_too_large_is_413(world: World) -> None:
    answer = world.send("POST", "/api/things", body="x" * (MAX_BODY + 1))

    assert answer["statusCode"] == 413
    assert not world.api.seen


# --- who may --------------------------------------------------------------------------------------


def test_who_is_not_known_gets_401_and_is_told_how_to_do_better(world: World) -> None:
    world.refusal = Unauthenticated("an access token is needed")

    answer = world.send("GET", "/api/things/7")

    assert answer["statusCode"] == 401
    assert answer_headers(answer)["www-authenticate"] == "Bearer"
    assert not world.api.seen


def test_a_lesser_role_gets_403_that_names_the_role_needed(world: World) -> None:
    world.role = Role.VIEWER

    answer = world.send("PUT", "/api/things/7", body="{}")

    assert answer["statusCode"] == 403
    assert "editor" in answer_json(answer)["detail"]
    assert not world.api.seen


def test_a_greater_role_includes_the_lesser_ones(world: World) -> None:
    world.role = Role.ADMIN

    assert world.send("PUT", "/api/things/7", body="{}")["statusCode"] == 200


def test_a_public_route_asks_nobody_who_they_are(world: World) -> None:
    world.refusal = Unauthenticated("an access token is needed")

    answer = world.send("GET", "/api/open")

    assert answer["statusCode"] == 200
    assert world.api.seen[0].identity == NOBODY


# --- parameters -----------------------------------------------------------------------------------


def test_known_parameters_arrive_with_all_their_values(world: World) -> None:
    query = {"metric": "cpu", "filter": ["a=1", "b=2"]}

    assert world.send("GET", "/api/things", query=query)["statusCode"] == 200
    assert world.api.seen[0].query == {"metric": ["cpu"], "filter": ["a=1", "b=2"]}


def test_every_parameter_at_fault_is_named(world: World) -> None:
    query = {"metrics": "cpu", "limit": ["1", "2"]}

    answer = world.send("GET", "/api/things", query=query)

    assert answer["statusCode"] == 400
    reasons = {each["field"]: each["reason"] for each in answer_json(answer)["errors"]}
    assert set(reasons) == {"metrics", "limit", "metric"}
    assert "filter, metric, limit" in reasons["metrics"]
    assert not world.api.seen


def test_a_route_without_parameters_takes_none(world: World) -> None:
    answer = world.send("GET", "/api/things/7", query={"verbose": "1"})

    assert answer["statusCode"] == 400
    assert answer_json(answer)["errors"][0]["field"] == "verbose"


# --- what is not there ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/nothing", "/", "/api/things/7/parts", "/api/things/a#b"])
def test_an_unknown_path_is_404(world: World, path: str) -> None:
    answer = world.send("GET", path)

    assert answer["statusCode"] == 404
    assert answer_json(answer)["type"] == "/problems/not-found"


def test_a_known_path_with_another_method_is_405_and_names_the_methods(world: World) -> None:
    answer = world.send("DELETE", "/api/things/7")

    assert answer["statusCode"] == 405
    assert answer_headers(answer)["allow"] == "GET, PUT"


def test_an_endpoint_that_the_api_lacks_is_found_when_the_app_is_built(world: World) -> None:
    lacking = (route("GET", "/api/x", "nowhere", Role.VIEWER),)
    with pytest.raises(AttributeError, match="nowhere"):
        build_app(lacking, world.api, world.authenticate, SETTINGS, world.clock)


# --- errors ---------------------------------------------------------------------------------------


def test_an_error_becomes_its_problem_document(world: World) -> None:
    error = Unprocessable(
        "some fields are wrong",
        [FieldError("alert.threshold", "must be finite")],
        extra={"rejected": [1]},
    )

    answer = world.fails(error)

    assert answer["statusCode"] == 422
    assert answer_headers(answer)["content-type"] == "application/problem+json"
    assert answer_json(answer) == {
        "type": "/problems/unprocessable",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "some fields are wrong",
        "instance": "/requests/c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        "errors": [{"field": "alert.threshold", "reason": "must be finite"}],
        "rejected": [1],
    }


def test_what_an_error_adds_never_hides_what_a_problem_must_say(world: World) -> None:
    answer = world.fails(QuotaExceeded("too much", extra={"quota": "points", "status": 200}))

    assert answer_json(answer)["quota"] == "points"
    assert answer_json(answer)["status"] == 429


@pytest.mark.parametrize(
    ("error", "status"),
    [(Unavailable("try again", 7), 503), (TransactionConflict(), 503), (ConditionFailed(), 409)],
)
def test_trouble_with_the_table_has_its_status(
    world: World, error: SkafuError, status: int
) -> None:
    answer = world.fails(error)

    assert answer["statusCode"] == status
    assert answer_headers(answer).get("retry-after") == error.headers.get("Retry-After")


def test_a_surprise_is_a_500_that_tells_nothing(world: World) -> None:
    with log_lines() as lines:
        answer = world.fails(RuntimeError("the password is swordfish"))

    assert answer["statusCode"] == 500
    assert answer_json(answer)["type"] == "/problems/internal"
    assert "swordfish" not in json.dumps(answer)
    (surprise,) = [line for line in lines if line["level"] == "ERROR"]
    assert "RuntimeError" in surprise["exception"]
    assert "Traceback" in surprise["exception"]


@pytest.mark.parametrize(
    ("method", "path", "error"),
    [
        ("GET", "/api/things/7", None),
        ("GET", "/api/nothing", None),
        ("POST", "/api/open", None),
        ("GET", "/api/things/7", Unavailable("x")),
        ("GET", "/api/things/7", RuntimeError("x")),
        ("GET", "/api/things/7", Unauthenticated("x")),
    ],
)
def test_every_answer_carries_the_cors_headers(
    world: World, method: str, path: str, error: Exception | None
) -> None:
    world.refusal = error

    headers = answer_headers(world.send(method, path))

    assert headers["access-control-allow-origin"] == ORIGIN
    assert headers["vary"] == "Origin"
    assert headers["access-control-expose-headers"] == "ETag, Location, Retry-After"
    assert headers["cache-control"] == "no-store"


# --- what is recorded -----------------------------------------------------------------------------


def test_a_request_is_one_log_line_without_any_of_its_data(world: World) -> None:
    with log_lines() as lines:
        world.send("PUT", "/api/things/7", body='{"name": "swordfish"}', request_id="rid")

    assert len(lines) == 1
    line = lines[0]
    assert line["message"] == "request answered"
    assert line["correlation_id"] == "rid"
    assert (line["route"], line["status"]) == ("PUT /api/things/{id}", 200)
    assert line["function_request_id"]
    assert "swordfish" not in json.dumps(line)
    assert "acme" not in json.dumps(line)


def test_the_duration_is_measured_by_the_clock(world: World) -> None:
    def slow(_: Request) -> Reply:
        world.clock.advance(250)
        return Reply()

    world.api.does = slow
    with log_lines() as lines:
        world.send("GET", "/api/things/7")

    assert lines[-1]["milliseconds"] == 250


@pytest.mark.parametrize(
    ("error", "client_errors", "server_errors"),
    [(None, 0, 0), (Unauthenticated("x"), 1, 0), (Unavailable("x"), 0, 1), (KeyError("x"), 0, 1)],
)
def test_requests_and_errors_are_counted(
    world: World,
    capsys: pytest.CaptureFixture[str],
    error: Exception | None,
    client_errors: int,
    server_errors: int,
) -> None:
    world.refusal = error
    world.send("GET", "/api/things/7")

    # Server errors are counted once more by version, before.
    *by_version, document = [
        json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line
    ]
    assert [each["ServerErrors"] for each in by_version] == [[1.0]] * server_errors
    assert document["Requests"] == [1.0]
    assert document["ClientErrors"] == [client_errors]
    assert document["ServerErrors"] == [server_errors]
    assert (document["service"], document["environment"]) == ("skafu", "local")
    (published,) = document["_aws"]["CloudWatchMetrics"]
    assert published["Namespace"] == "skafu"
