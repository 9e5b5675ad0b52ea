"""Members and machine clients on the deployed system: mails, passwords, tokens and permissions are
those of the pool.
"""

import re
import warnings
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pycognito.aws_srp import AWSSRP

from local.api import Api, ApiError, MachineToken, fetch
from local.login import MACHINE
from tests.integration.system import System, now_ms, point, send, unique

PASSWORD = "Quite-long-enough-1"
MACHINES = {
    "name": "build <b>server</b>",
    "role": "editor",
    "scopes": ["skafu/metrics.write", "skafu/metrics.read"],
}


def address() -> str:
    return f"{unique('cleo')}@example.com"


def mails(system: System, email: str) -> list[dict[str, Any]]:
    """What the pool has sent to an address, the oldest first."""
    url = f"{system.stack['endpoint_url']}/_ministack/ses/messages"
    accounts = fetch("GET", url, None, {}).json()["messages"].values()
    found = [each for some in accounts for each in some]
    return [each for each in found if email in each["To"]]


def temporary_password(system: System, email: str) -> str:
    """The one of the last mail."""
    body = mails(system, email)[-1]["BodyText"] or mails(system, email)[-1]["BodyHtml"]
    found = re.search(r"temporary password is (\S+?)\.?$", str(body).strip())
    assert found is not None, body
    return found.group(1)


def first_sign_in(system: System, email: str, temporary: str) -> str:
    """Somebody follows their invitation and says what their password shall be; their token."""
    session = AWSSRP(
        username=email,
        password=temporary,
        pool_id=system.stack["user_pool_id"],
        client_id=system.stack["user_pool_client_id"],
        client=system.aws("cognito-idp"),
    )
    with warnings.catch_warnings():
        # pycognito still asks for utcnow(); what it says is right.
        warnings.filterwarnings("ignore", "datetime.datetime.utcnow", DeprecationWarning)
        answer = session.set_new_password_challenge(PASSWORD)
    return str(answer["AuthenticationResult"]["AccessToken"])


def invite(admin: Api, email: str, role: str = "editor") -> dict[str, Any]:
    found: dict[str, Any] = admin.ask(
        "POST", "/api/members", {"email": email, "name": "Cleo <b>", "role": role}
    )
    return found


def listed(admin: Api, member: str) -> dict[str, Any]:
    [found] = [x for x in admin.ask("GET", "/api/members")["members"] if x["id"] == member]
    return dict(found)


def machine_of(system: System, client: dict[str, Any]) -> Api:
    """The API as a machine client with these credentials."""
    token = MachineToken(client["token_url"], client["client_id"], client["secret"], now_ms)
    return Api(system.stack["api_url"], token)


def test_who_is_invited_follows_the_mail_into_the_team(system: System, admin: Api) -> None:
    email = address()

    member = invite(admin, email)

    assert (member["status"], member["email"], member["name"]) == ("invited", email, "Cleo <b>")
    assert len(mails(system, email)) == 1
    token = first_sign_in(system, email, temporary_password(system, email))
    me = system.bearer(token).ask("GET", "/api/me")
    assert me == {
        "id": member["id"],
        "kind": "person",
        "tenant": admin.ask("GET", "/api/me")["tenant"],
        "role": "editor",
        "email": email,
        "name": "Cleo <b>",
    }
    assert listed(admin, member["id"])["status"] == "active"


def test_an_invitation_is_mailed_once_and_again_only_when_asked(system: System, admin: Api) -> None:
    email = address()
    member = invite(admin, email)
    assert invite(admin, email) == member
    assert len(mails(system, email)) == 1

    admin.ask("POST", f"/api/members/{member['id']}/invite")

    assert len(mails(system, email)) == 2
    assert first_sign_in(system, email, temporary_password(system, email))
    assert admin.call("POST", f"/api/members/{member['id']}/invite").status == 409


def test_who_is_disabled_can_neither_sign_in_nor_act_until_they_are_enabled(
    system: System, admin: Api
) -> None:
    email = address()
    member = invite(admin, email)
    path = f"/api/members/{member['id']}"
    token = first_sign_in(system, email, temporary_password(system, email))

    disabled = admin.ask("PUT", path, {"role": "editor", "status": "disabled"}, version=1)

    assert disabled["status"] == "disabled"
    answer = system.bearer(token).call("GET", "/api/metrics")
    assert answer.status in (401, 403), answer  # of the gateway, or of the function
    with pytest.raises(ClientError, match="NotAuthorizedException"):
        system.srp(email, PASSWORD)

    enabled = admin.ask("PUT", path, {"role": "viewer", "status": "active"}, version=2)
    assert enabled["status"] == "active"
    again = system.bearer(system.srp(email, PASSWORD)["AccessToken"])
    assert again.ask("GET", "/api/me")["role"] == "viewer"


def test_an_invitation_that_is_taken_back_lets_nobody_in(system: System, admin: Api) -> None:
    email = address()
    member = invite(admin, email)
    temporary = temporary_password(system, email)

    assert admin.call("DELETE", f"/api/members/{member['id']}").status == 204

    with pytest.raises(ClientError, match=r"UserNotFound|NotAuthorized"):
        first_sign_in(system, email, temporary)
    assert invite(admin, email)["id"] != member["id"]


def test_the_last_admin_stays(admin: Api) -> None:
    me = admin.ask("GET", "/api/me")["id"]
    version = listed(admin, me)["version"]

    for change in (
        {"role": "viewer", "status": "active"},
        {"role": "admin", "status": "disabled"},
    ):
        answer = admin.call("PUT", f"/api/members/{me}", change, version=version)
        assert answer.status == 409, answer

    assert admin.ask("GET", "/api/me")["role"] == "admin"


def test_members_are_changed_and_clients_seen_by_admins_of_the_same_team_alone(
    admin: Api, viewer: Api, outsider: Api, machine: Api
) -> None:
    member = invite(admin, address())["id"]
    assert viewer.call("GET", "/api/clients").status == 403
    assert viewer.call("POST", "/api/members", {}).status == 403
    assert member in [x["id"] for x in viewer.ask("GET", "/api/members")["members"]]
    # The agent's role is editor, though its scopes are many.
    assert machine.call("GET", "/api/clients").status == 403
    assert outsider.call("DELETE", f"/api/members/{member}").status == 404
    assert member not in [x["id"] for x in outsider.ask("GET", "/api/members")["members"]]


def test_who_bootstrapped_is_known_by_address_and_the_agent_is_listed(
    system: System, admin: Api
) -> None:
    me = admin.ask("GET", "/api/me")
    assert me["email"] == system.stack["username"]
    [agent] = [x for x in admin.ask("GET", "/api/clients")["clients"] if x["name"] == MACHINE]
    assert agent["client_id"] == system.stack["machine_client_id"]
    assert "secret" not in agent


def test_a_machine_client_is_made_rotated_and_deleted(system: System, admin: Api) -> None:
    client = admin.ask("POST", "/api/clients", MACHINES)
    assert client["token_url"] == system.stack["token_url"]
    first = machine_of(system, client)
    send(first, point(unique("client"), 1, now_ms()))
    me = first.ask("GET", "/api/me")
    assert (me["kind"], me["role"], me["name"]) == ("machine", "editor", MACHINES["name"])
    # What its scopes do not name is refused before its role is looked at.
    assert first.call("GET", "/api/alerts").status in (401, 403)

    rotated = admin.ask("POST", f"/api/clients/{client['id']}/rotate", {"overlap": 3600})
    second = machine_of(system, rotated)
    assert second.ask("GET", "/api/me")["role"] == "editor"
    assert machine_of(system, client).ask("GET", "/api/me")["role"] == "editor"

    unused = machine_of(system, admin.ask("POST", f"/api/clients/{client['id']}/rotate", {}))
    assert unused.token()
    assert admin.call("DELETE", f"/api/clients/{client['id']}").status == 204

    # A token of before: good for the gateway perhaps, and for nothing behind it.
    assert unused.call("GET", "/api/me").status in (401, 403)
    for gone in (client, rotated):
        with pytest.raises(ApiError, match="no token"):
            machine_of(system, gone).token()
    assert client["id"] not in [x["id"] for x in admin.ask("GET", "/api/clients")["clients"]]
