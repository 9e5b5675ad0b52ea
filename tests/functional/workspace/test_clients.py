"""/api/clients through the whole function, on a table and a user pool that moto keeps."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from skafu.shared import keys
from skafu.shared.identity import Role
from skafu.shared.keys import HOUR_MS
from skafu.shared.membership import CACHE_MS
from skafu.shared.table import Update
from skafu.workspace.clients.schemas import ClientCreated, ClientList
from tests.support.claims import PERSON, machine_claims, person_claims
from tests.support.clocks import NOON
from tests.support.events import answer_headers, answer_json, sample_event
from tests.support.workspace_api import SETTINGS, WorkspaceFunction

ADMIN = person_claims(PERSON)


@pytest.fixture(name="function")
def fixture_function() -> Iterator[WorkspaceFunction]:
    with mock_aws():
        yield WorkspaceFunction()


def made(function: WorkspaceFunction) -> dict[str, Any]:
    """The client that the sample event asks for."""
    answer = function.call(sample_event("workspace.create-client"))
    assert answer["statusCode"] == 201, answer
    found: dict[str, Any] = answer_json(answer)
    return found


def at(function: WorkspaceFunction, event: str, client: str) -> dict[str, Any]:
    """The answer to a sample event that is about this client."""
    asked = sample_event(event)
    asked["path"] = asked["path"].replace(asked["pathParameters"]["id"], client)
    return function.call(asked)


def status(function: WorkspaceFunction, client_id: str) -> int:
    """What a machine's request is answered."""
    answered = function.ask("GET", "/api/me", machine_claims(client_id))
    return int(answered["statusCode"])


def in_the_pool(function: WorkspaceFunction) -> set[str]:
    found = function.cognito.list_user_pool_clients(UserPoolId=function.pool, MaxResults=60)
    return {each["ClientId"] for each in found["UserPoolClients"]}


def test_a_client_is_made_and_its_secret_told_once(function: WorkspaceFunction) -> None:
    answer = function.call(sample_event("workspace.create-client"))

    assert answer["statusCode"] == 201, answer
    client = answer_json(answer)
    ClientCreated.model_validate(client)
    assert answer_headers(answer)["location"] == f"/api/clients/{client['id']}"
    secret, token_url = client.pop("secret"), client.pop("token_url")
    assert secret and token_url == SETTINGS.token_url
    assert client == {
        "id": client["id"],
        "name": "build server",
        "role": "editor",
        "scopes": ["skafu/metrics.write", "skafu/metrics.read"],
        "client_id": client["client_id"],
        "created": NOON,
        "rotated_at": None,
        "earlier": [],
        "version": 2,
    }
    listed = function.call(sample_event("workspace.list-clients"))
    ClientList.model_validate(answer_json(listed))
    assert answer_json(listed) == {"clients": [client], "cursor": None, "limit": 20}
    assert secret not in listed["body"]


def test_a_client_is_a_machine_of_the_team(function: WorkspaceFunction) -> None:
    client = made(function)

    me = answer_json(function.ask("GET", "/api/me", machine_claims(client["client_id"])))

    assert (me["kind"], me["role"], me["tenant"]) == ("machine", "editor", function.tenant)
    assert me["name"] == "build server"
    known = function.cognito.describe_user_pool_client(
        UserPoolId=function.pool, ClientId=client["client_id"]
    )["UserPoolClient"]
    assert known["AllowedOAuthFlows"] == ["client_credentials"]
    assert known["AllowedOAuthScopes"] == client["scopes"]
    assert known["ClientSecret"] == client["secret"]


def test_a_rotation_leaves_the_present_secret_for_a_while(function: WorkspaceFunction) -> None:
    before = made(function)

    answer = at(function, "workspace.rotate-client", before["id"])

    assert answer["statusCode"] == 200, answer
    after = answer_json(answer)
    ClientCreated.model_validate(after)
    assert after["id"] == before["id"]
    assert after["client_id"] != before["client_id"] and after["secret"] != before["secret"]
    until = NOON + HOUR_MS
    assert after["earlier"] == [{"client_id": before["client_id"], "until": until}]
    assert status(function, before["client_id"]) == status(function, after["client_id"]) == 200

    function.clock.advance(HOUR_MS + CACHE_MS)
    assert status(function, before["client_id"]) == 403
    assert status(function, after["client_id"]) == 200
    listed = answer_json(function.call(sample_event("workspace.list-clients")))["clients"]
    assert listed[0]["earlier"] == []
    assert in_the_pool(function) == {after["client_id"]}


def test_rotating_needs_no_body(function: WorkspaceFunction) -> None:
    client = made(function)

    answer = function.ask("POST", f"/api/clients/{client['id']}/rotate", ADMIN)

    assert answer["statusCode"] == 200
    assert answer_json(answer)["earlier"][0]["until"] == NOON + 24 * HOUR_MS


def test_a_deleted_client_is_out_within_a_minute(function: WorkspaceFunction) -> None:
    client = made(function)
    assert status(function, client["client_id"]) == 200

    answer = at(function, "workspace.delete-client", client["id"])

    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert not in_the_pool(function)
    function.clock.advance(CACHE_MS)
    assert status(function, client["client_id"]) == 403
    assert at(function, "workspace.delete-client", client["id"])["statusCode"] == 404


def test_over_the_quota_is_429_naming_it(function: WorkspaceFunction) -> None:
    settings = keys.tenant_settings(function.tenant)
    function.table.write(Update(settings, set={"machine_clients": 1}))
    made(function)

    refused = function.call(sample_event("workspace.create-client"))

    assert refused["statusCode"] == 429
    problem = answer_json(refused)
    assert (problem["quota"], problem["limit"]) == ("machine_clients", 1)
    assert len(in_the_pool(function)) == 1


def test_what_admins_do_is_in_the_audit_without_secrets(function: WorkspaceFunction) -> None:
    client = made(function)
    secrets = [client["secret"]]
    for event in ("workspace.rotate-client", "workspace.delete-client"):
        function.clock.advance(1)
        answer = at(function, event, client["id"])
        secrets += [answer_json(answer)["secret"]] if answer["body"] else []

    query = {"kind": "client", "subject": client["id"]}
    found = function.ask("GET", "/api/audit", ADMIN, query=query)

    actions = [each["action"] for each in answer_json(found)["entries"]]
    assert actions == ["delete", "rotate", "create"]
    assert not [secret for secret in secrets if secret in found["body"]]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_only_admins_see_and_make_clients(function: WorkspaceFunction, role: Role) -> None:
    client = made(function)
    function.join("someone", role)

    for method, path in (
        ("GET", "/api/clients"),
        ("POST", "/api/clients"),
        ("POST", f"/api/clients/{client['id']}/rotate"),
        ("DELETE", f"/api/clients/{client['id']}"),
    ):
        answer = function.ask(method, path, person_claims("someone"), {})
        assert answer["statusCode"] == 403, (method, path)


def test_clients_of_another_team_do_not_exist(function: WorkspaceFunction) -> None:
    client = made(function)
    stranger = person_claims("stranger")

    for method, path in (
        ("POST", f"/api/clients/{client['id']}/rotate"),
        ("DELETE", f"/api/clients/{client['id']}"),
        ("DELETE", "/api/clients/a#b"),
    ):
        assert function.ask(method, path, stranger)["statusCode"] == 404, (method, path)
    assert answer_json(function.ask("GET", "/api/clients", stranger))["clients"] == []
    assert status(function, client["client_id"]) == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x", "role": "viewer", "scopes": ["skafu/metrics.write"]}, "scopes"),
        ({"name": "x", "role": "admin", "scopes": ["skafu/metrics.read"]}, "scopes"),
        ({"name": "", "role": "viewer", "scopes": ["skafu/metrics.read"]}, "name"),
        (
            {"name": "x", "role": "viewer", "scopes": ["skafu/metrics.read"], "secret": "s"},
            "secret",
        ),
    ],
)
def test_fields_that_are_wrong_are_named(
    function: WorkspaceFunction, body: dict[str, Any], field: str
) -> None:
    answer = function.ask("POST", "/api/clients", ADMIN, body)

    assert answer["statusCode"] == 422
    assert [each["field"] for each in answer_json(answer)["errors"]] == [field]
    assert not in_the_pool(function)


def test_a_name_is_text_whatever_it_says(function: WorkspaceFunction) -> None:
    name = "<script>alert('1')</script> & {{ name }} \u202e"
    body = {"name": name, "role": "viewer", "scopes": ["skafu/metrics.read"]}

    assert answer_json(function.ask("POST", "/api/clients", ADMIN, body))["name"] == name
