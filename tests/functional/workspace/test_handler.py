"""The workspace function as the runtime sees it: its real handler, its environment, its events."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

import skafu
from skafu.shared import audit
from skafu.shared.audit import Change
from skafu.shared.aws import client
from skafu.shared.clock import system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.identity import Kind, Role, random_id
from skafu.shared.membership import Members
from skafu.shared.observability import Handler
from tests.support.claims import MACHINE, PERSON, POOL, machine_claims
from tests.support.events import (
    answer_headers,
    answer_json,
    api_event,
    lambda_context,
    sample_event,
)
from tests.support.moto_table import create_table

BACKEND = Path(skafu.__file__).parents[1]
MODULE = "skafu.workspace.handlers.api"
ENVIRONMENT = {
    "TABLE_NAME": "skafu-test",
    "ENVIRONMENT": "local",
    "CORS_ORIGIN": "http://localhost:3000",
    "USER_POOL_ID": POOL,
    "TOKEN_URL": "http://localhost:3000/oauth2/token",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}


@pytest.fixture(name="handler")
def fixture_handler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Handler]:
    """The handler as a fresh environment imports it, on a table that moto keeps."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        create_table(client("dynamodb"), ENVIRONMENT["TABLE_NAME"])
        sys.modules.pop(MODULE, None)
        handler: Handler = importlib.import_module(MODULE).handler
        yield handler
    sys.modules.pop(MODULE, None)


def call(handler: Handler, event: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = handler(event, lambda_context("WorkspaceFunction"))
    return answer


def test_a_person_who_signs_in_for_the_first_time_is_admin_of_a_tenant_of_their_own(
    handler: Handler,
) -> None:
    first = call(handler, sample_event("workspace.me"))
    again = call(handler, sample_event("workspace.me"))

    assert first["statusCode"] == 200
    me = answer_json(first)
    assert (me["id"], me["kind"], me["role"]) == (PERSON, "person", "admin")
    assert me["tenant"]
    assert answer_json(again) == me


def test_a_machine_is_who_it_was_made_and_otherwise_nobody(handler: Handler) -> None:
    event = api_event("GET", "/api/me", claims=machine_claims())
    refused = call(handler, event)
    assert refused["statusCode"] == 403
    assert answer_json(refused)["type"] == "/problems/forbidden"

    table = DynamoTable(client("dynamodb"), ENVIRONMENT["TABLE_NAME"])
    Members(table, system_clock, random_id).add_member(MACHINE, Kind.MACHINE, "acme", Role.EDITOR)

    assert answer_json(call(handler, event)) == {
        "id": MACHINE,
        "kind": "machine",
        "tenant": "acme",
        "role": "editor",
        "email": None,
        "name": None,
    }


def test_without_verified_claims_the_answer_is_401_whatever_the_header_says(
    handler: Handler,
) -> None:
    event = sample_event("workspace.me")
    del event["requestContext"]["authorizer"]

    answer = call(handler, event)

    assert answer["statusCode"] == 401
    assert answer_headers(answer)["content-type"] == "application/problem+json"
    assert answer_headers(answer)["access-control-allow-origin"] == "http://localhost:3000"


def test_who_changed_what_is_read_from_the_table(handler: Handler) -> None:
    me = answer_json(call(handler, sample_event("workspace.me")))
    table = DynamoTable(client("dynamodb"), ENVIRONMENT["TABLE_NAME"])
    for number, kind in enumerate(("alert", "channel", "alert")):
        change = Change(me["id"], number, "create", kind, f"thing-{number}", None, {"name": "x"})
        table.transact([audit.entry(me["tenant"], change)])

    event = sample_event("workspace.audit")
    listed = call(handler, event)
    event["queryStringParameters"] |= {"subject": "thing-0"}
    event["multiValueQueryStringParameters"] |= {"subject": ["thing-0"]}
    one = call(handler, event)

    assert listed["statusCode"] == one["statusCode"] == 200, (listed, one)
    subjects = [each["subject"] for each in answer_json(listed)["entries"]]
    assert subjects == ["thing-2", "thing-0"]
    (entry,) = answer_json(one)["entries"]
    assert entry["actor"] == {"id": PERSON, "kind": "person", "role": "admin"}
    assert entry["changes"] == [{"field": "name", "before": None, "after": "x"}]


def test_health_answers_everybody(handler: Handler) -> None:
    answer = call(handler, sample_event("workspace.health"))

    assert answer["statusCode"] == 200
    assert answer_json(answer) == {
        "status": "ok",
        "version": skafu.__version__,
        "environment": "local",
    }


def test_health_answers_while_the_table_is_gone(handler: Handler) -> None:
    client("dynamodb").delete_table(TableName=ENVIRONMENT["TABLE_NAME"])

    assert call(handler, sample_event("workspace.health"))["statusCode"] == 200
    assert call(handler, sample_event("workspace.me"))["statusCode"] == 500


def test_importing_the_handler_without_its_environment_names_what_is_missing() -> None:
    found = subprocess.run(
        [sys.executable, "-c", f"import {MODULE}"],
        env={"PYTHONPATH": str(BACKEND), "ENVIRONMENT": "local"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode != 0
    missing = ("TABLE_NAME", "CORS_ORIGIN", "USER_POOL_ID", "TOKEN_URL")
    assert all(f"{name} is missing" in found.stderr for name in missing)
