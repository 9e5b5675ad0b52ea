"""/api/members through the whole function, on a table and a user pool that moto keeps."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from skafu.shared.identity import Kind, Role
from skafu.shared.membership import CACHE_MS
from skafu.workspace.members.schemas import MemberList, MemberOut
from tests.support.claims import PERSON, machine_claims, person_claims
from tests.support.clocks import NOON
from tests.support.events import answer_headers, answer_json, sample_event
from tests.support.workspace_api import WorkspaceFunction

ADMIN_CLIENT = "6adminclientid000000000000"


@pytest.fixture(name="function")
def fixture_function() -> Iterator[WorkspaceFunction]:
    with mock_aws():
        yield WorkspaceFunction()


def invited(function: WorkspaceFunction) -> dict[str, Any]:
    """Somebody whom the sample event invites, as the answer shows them."""
    answer = function.call(sample_event("workspace.invite-member"))
    assert answer["statusCode"] == 201, answer
    found: dict[str, Any] = answer_json(answer)
    return found


def at(function: WorkspaceFunction, event: str, member: str, **headers: str) -> dict[str, Any]:
    """The answer to a sample event that is about this member."""
    asked = sample_event(event)
    old = asked["pathParameters"]["id"]
    asked["path"] = asked["path"].replace(old, member)
    for name, value in headers.items():
        asked["multiValueHeaders"][name.replace("_", "-")] = [value]
    return function.call(asked)


def test_an_admin_invites_somebody_whose_name_is_text(function: WorkspaceFunction) -> None:
    answer = function.call(sample_event("workspace.invite-member"))

    assert answer["statusCode"] == 201, answer
    member = answer_json(answer)
    MemberOut.model_validate(member)
    assert answer_headers(answer)["location"] == f"/api/members/{member['id']}"
    assert answer_headers(answer)["etag"] == '"1"'
    assert member == {
        "id": member["id"],
        "email": "cleo@example.com",
        "name": "Cleo <b>",
        "kind": "person",
        "role": "editor",
        "status": "invited",
        "created": NOON,
        "version": 1,
    }
    known = function.cognito.admin_get_user(UserPoolId=function.pool, Username=member["id"])
    attributes = {each["Name"]: each["Value"] for each in known["UserAttributes"]}
    assert attributes["email_verified"] == "true"
    assert (attributes["email"], attributes["name"]) == ("cleo@example.com", "Cleo <b>")


def test_who_is_invited_is_a_member_when_they_come(function: WorkspaceFunction) -> None:
    cleo = invited(function)["id"]

    me = answer_json(function.ask("GET", "/api/me", person_claims(cleo)))

    mine = answer_json(function.ask("GET", "/api/me", person_claims(PERSON)))
    assert (me["tenant"], me["role"]) == (mine["tenant"], "editor")
    assert (me["email"], me["name"]) == ("cleo@example.com", "Cleo <b>")


def test_inviting_again_answers_with_the_same_member(function: WorkspaceFunction) -> None:
    first = invited(function)

    again = function.call(sample_event("workspace.invite-member"))

    assert (again["statusCode"], answer_json(again)) == (200, first)


def test_members_are_listed_page_by_page(function: WorkspaceFunction) -> None:
    cleo = invited(function)

    answer = function.call(sample_event("workspace.list-members"))
    assert answer["statusCode"] == 200
    MemberList.model_validate(answer_json(answer))
    everybody = answer_json(answer)["members"]
    assert cleo in everybody
    ids = [each["id"] for each in everybody]
    assert sorted(ids) == sorted([PERSON, cleo["id"]])

    admin = person_claims(PERSON)
    first = answer_json(function.ask("GET", "/api/members", admin, query={"limit": "1"}))
    more = {"limit": "1", "cursor": first["cursor"]}
    second = answer_json(function.ask("GET", "/api/members", admin, query=more))
    assert [each["id"] for each in first["members"] + second["members"]] == ids


def test_a_member_is_disabled_and_out_within_a_minute(function: WorkspaceFunction) -> None:
    cleo = invited(function)["id"]
    assert function.ask("GET", "/api/me", person_claims(cleo))["statusCode"] == 200

    answer = at(function, "workspace.change-member", cleo)

    assert answer["statusCode"] == 200, answer
    assert (answer_json(answer)["status"], answer_json(answer)["version"]) == ("disabled", 2)
    assert answer_headers(answer)["etag"] == '"2"'
    known = function.cognito.admin_get_user(UserPoolId=function.pool, Username=cleo)
    assert known["Enabled"] is False
    function.clock.advance(CACHE_MS)
    refused = function.ask("GET", "/api/me", person_claims(cleo))
    assert refused["statusCode"] == 403
    assert "enable it again" in answer_json(refused)["detail"]


def test_a_change_names_its_version(function: WorkspaceFunction) -> None:
    cleo = invited(function)["id"]
    body = {"role": "viewer", "status": "active"}
    path = f"/api/members/{cleo}"

    assert function.ask("PUT", path, person_claims(PERSON), body)["statusCode"] == 428
    assert at(function, "workspace.change-member", cleo, If_Match='"7"')["statusCode"] == 412
    assert at(function, "workspace.change-member", cleo, If_Match='"1"')["statusCode"] == 200


def test_the_last_admin_stays(function: WorkspaceFunction) -> None:
    answer = at(function, "workspace.change-member", PERSON)

    assert answer["statusCode"] == 409
    assert "only admin" in answer_json(answer)["detail"]


def test_an_invitation_is_sent_again_and_taken_back(function: WorkspaceFunction) -> None:
    cleo = invited(function)["id"]

    sent = at(function, "workspace.send-invitation", cleo)
    gone = at(function, "workspace.remove-member", cleo)

    assert (sent["statusCode"], answer_json(sent)["status"]) == (200, "invited")
    assert (gone["statusCode"], gone["body"]) == (204, "")
    assert at(function, "workspace.send-invitation", cleo)["statusCode"] == 404
    assert function.ask("GET", "/api/me", person_claims(cleo))["statusCode"] == 403


def test_what_admins_do_is_in_the_audit(function: WorkspaceFunction) -> None:
    cleo = invited(function)["id"]
    function.clock.advance(1)
    at(function, "workspace.change-member", cleo)

    query = {"kind": "member", "subject": cleo}
    found = answer_json(function.ask("GET", "/api/audit", person_claims(PERSON), query=query))

    assert [each["action"] for each in found["entries"]] == ["change", "invite"]
    changes = {each["field"]: each["after"] for each in found["entries"][0]["changes"]}
    assert changes == {"role": "viewer", "status": "disabled", "version": 2}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_only_admins_change_the_team_that_everybody_sees(
    function: WorkspaceFunction, role: Role
) -> None:
    cleo = invited(function)["id"]
    function.join("someone", role)
    someone = person_claims("someone")

    listed = answer_json(function.ask("GET", "/api/members", someone))["members"]
    assert cleo in {each["id"] for each in listed}
    for method, path in (
        ("POST", "/api/members"),
        ("PUT", f"/api/members/{cleo}"),
        ("POST", f"/api/members/{cleo}/invite"),
        ("DELETE", f"/api/members/{cleo}"),
    ):
        answer = function.ask(method, path, someone, {})
        assert answer["statusCode"] == 403, (method, path)
        assert "needs the role admin" in answer_json(answer)["detail"]


def test_members_of_another_team_do_not_exist(function: WorkspaceFunction) -> None:
    cleo = invited(function)["id"]
    stranger = person_claims("stranger")
    assert answer_json(function.ask("GET", "/api/me", stranger))["role"] == "admin"
    change = {"role": "viewer", "status": "disabled"}
    match = {"If-Match": '"1"'}

    for answer in (
        function.ask("PUT", f"/api/members/{cleo}", stranger, change, headers=match),
        function.ask("POST", f"/api/members/{cleo}/invite", stranger),
        function.ask("DELETE", f"/api/members/{cleo}", stranger),
    ):
        assert (answer["statusCode"], answer_json(answer)["detail"]) == (
            404,
            "there is no such member",
        )
    listed = answer_json(function.ask("GET", "/api/members", stranger))["members"]
    assert [each["id"] for each in listed] == ["stranger"]
    taken = function.ask(
        "POST", "/api/members", stranger, {"email": "cleo@example.com", "role": "admin"}
    )
    assert taken["statusCode"] == 409


def test_machines_are_no_members_here(function: WorkspaceFunction) -> None:
    function.members.add_member(ADMIN_CLIENT, Kind.MACHINE, function.tenant, Role.ADMIN)
    machine = machine_claims(ADMIN_CLIENT)

    listed = answer_json(function.ask("GET", "/api/members", machine))["members"]

    assert [each["kind"] for each in listed] == ["person"]
    assert at(function, "workspace.change-member", ADMIN_CLIENT)["statusCode"] == 404


@pytest.mark.parametrize("member", ["nobody", "a%23b", "a#b", "..", "x" * 65])
def test_ids_that_are_none_are_not_found(function: WorkspaceFunction, member: str) -> None:
    assert at(function, "workspace.remove-member", member)["statusCode"] == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "cleo@example.com", "role": "viewer", "tenant": "another"}, "tenant"),
        ({"email": "nobody", "role": "viewer"}, "email"),
        ({"email": "cleo@example.com", "role": "owner"}, "role"),
    ],
)
def test_fields_that_are_wrong_are_named(
    function: WorkspaceFunction, body: dict[str, str], field: str
) -> None:
    answer = function.ask("POST", "/api/members", person_claims(PERSON), body)

    assert answer["statusCode"] == 422
    assert [each["field"] for each in answer_json(answer)["errors"]] == [field]
