"""Who gets past the gateway, and how those who do not are told."""

import base64
import json

import pytest
from botocore.exceptions import ClientError

from local.api import Answer, Api, ApiError, MachineToken
from tests.integration.system import System, now_ms, point, unique
from tests.support.waiting import wait_until

ORIGIN = "http://localhost:3000"
TOO_OPEN = "USER_PASSWORD_AUTH"


def refused(answer: Answer) -> bool:
    """Whether this is a problem document of the gateway that a browser may read."""
    assert answer.status in (401, 403), answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    problem = answer.json()
    assert problem["status"] == answer.status
    assert {"type", "title", "detail"} <= set(problem)
    return True


def ask(system: System, token: str) -> Answer:
    return system.raw("GET", "/api/me", Authorization=f"Bearer {token}")


def changed(token: str, part: int) -> str:
    """The token with one bit of a part flipped."""
    parts = token.split(".")
    content = bytearray(base64.urlsafe_b64decode(parts[part] + "=="))
    content[len(content) // 2] ^= 1
    parts[part] = base64.urlsafe_b64encode(content).rstrip(b"=").decode()
    return ".".join(parts)


def client(system: System, name: str, scopes: list[str], pool: str = "") -> Api:
    """A new machine client with these scopes, as an API."""
    made = system.aws("cognito-idp").create_user_pool_client(
        UserPoolId=pool or system.stack["user_pool_id"],
        ClientName=name,
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=scopes,
    )["UserPoolClient"]
    token = MachineToken(system.stack["token_url"], made["ClientId"], made["ClientSecret"], now_ms)
    return Api(system.stack["api_url"], token)


def test_a_person_signs_in_by_srp_and_is_the_admin(admin: Api) -> None:
    me = admin.ask("GET", "/api/me")
    assert (me["kind"], me["role"]) == ("person", "admin")


def test_a_machine_signs_in_by_its_credentials_to_the_same_tenant(machine: Api, admin: Api) -> None:
    me = machine.ask("GET", "/api/me")
    assert (me["kind"], me["role"]) == ("machine", "editor")
    assert me["tenant"] == admin.ask("GET", "/api/me")["tenant"]


def test_a_wrong_password_is_refused(system: System) -> None:
    with pytest.raises(ClientError, match="NotAuthorizedException"):
        system.srp(system.stack["username"], "Not-the-password-1")


def test_a_password_cannot_be_sent_as_it_is(system: System) -> None:
    with pytest.raises(ClientError, match="not enabled"):
        system.aws("cognito-idp").initiate_auth(
            ClientId=system.stack["user_pool_client_id"],
            AuthFlow=TOO_OPEN,
            AuthParameters={
                "USERNAME": system.stack["username"],
                "PASSWORD": system.stack["password"],
            },
        )


def test_health_needs_no_token(system: System) -> None:
    answer = system.raw("GET", "/api/health")
    assert (answer.status, answer.json()["environment"]) == (200, "local")


def test_without_a_token_the_gateway_says_no(system: System) -> None:
    assert refused(system.raw("GET", "/api/me"))
    assert refused(system.raw("POST", "/api/metrics", b"{}"))


@pytest.mark.parametrize("part", [1, 2], ids=["claims", "signature"])
def test_a_tampered_token_is_refused(system: System, part: int) -> None:
    token = system.sign_in("admin")["AccessToken"]
    assert ask(system, token).status == 200
    assert refused(ask(system, changed(token, part)))


def test_a_token_without_signature_is_refused(system: System) -> None:
    claims = system.sign_in("admin")["AccessToken"].split(".")[1]
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    assert refused(ask(system, f"{header}.{claims}."))


def test_an_id_token_is_refused(system: System) -> None:
    assert refused(ask(system, system.sign_in("admin")["IdToken"]))


def test_an_expired_token_is_refused(system: System) -> None:
    made = system.aws("cognito-idp").create_user_pool_client(
        UserPoolId=system.stack["user_pool_id"],
        ClientName="short-lived",
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        AccessTokenValidity=3,
        TokenValidityUnits={"AccessToken": "seconds"},
    )["UserPoolClient"]
    person = (system.stack["username"], system.stack["password"])
    token = system.srp(*person, made["ClientId"])["AccessToken"]
    assert ask(system, token).status == 200
    gone = wait_until(lambda: ask(system, token).status != 200, "the token's end", seconds=10)
    assert gone and refused(ask(system, token))


def test_a_token_of_another_pool_is_refused(system: System) -> None:
    cognito = system.aws("cognito-idp")
    pool = cognito.create_user_pool(PoolName="another")["UserPool"]["Id"]
    cognito.create_resource_server(
        UserPoolId=pool,
        Identifier="skafu",
        Name="skafu",
        Scopes=[{"ScopeName": "metrics.read", "ScopeDescription": "read"}],
    )
    stranger = client(system, "stranger", ["skafu/metrics.read"], pool)
    assert refused(ask(system, stranger.token()))


def test_a_token_without_the_routes_scope_is_refused_at_the_gateway(system: System) -> None:
    reader = client(system, "reader", ["skafu/metrics.read"])
    body = {"metrics": [point(unique("scope"), 1, now_ms())]}
    assert refused(reader.call("POST", "/api/metrics", body))
    # Where the scope fits, the gateway lets it pass: what is missing then is a membership.
    answer = reader.call("GET", "/api/me")
    assert (answer.status, answer.json()["type"]) == (403, "/problems/forbidden")


def test_a_scope_that_the_client_does_not_have_is_not_given(system: System) -> None:
    with pytest.raises(ApiError, match="400"):
        client(system, "greedy", ["skafu/everything"]).token()


def test_preflight_needs_no_token_and_names_what_clients_send(system: System) -> None:
    for path in ("/api/metrics", "/api/alerts/some-id", "/api/metrics/query"):
        answer = system.raw("OPTIONS", path, Origin=ORIGIN, Access_Control_Request_Method="POST")
        assert answer.status == 200
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        allowed = answer.headers["access-control-allow-headers"].lower()
        for header in ("authorization", "content-type", "if-match", "idempotency-key"):
            assert header in allowed
        assert {"GET", "POST", "PUT", "DELETE"} <= set(
            answer.headers["access-control-allow-methods"].split(",")
        )


def test_a_path_that_is_not_there_is_a_problem_document(system: System) -> None:
    answer = system.raw("GET", "/api/nothing-here")
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_viewer_reads_and_may_not_write(viewer: Api, admin: Api) -> None:
    assert viewer.ask("GET", "/api/me")["role"] == "viewer"
    assert viewer.ask("GET", "/api/me")["tenant"] == admin.ask("GET", "/api/me")["tenant"]
    assert viewer.call("GET", "/api/metrics").status == 200
    body = {"metrics": [point(unique("viewer"), 1, now_ms())]}
    for method, path in (("POST", "/api/metrics"), ("POST", "/api/alerts")):
        answer = viewer.call(method, path, body)
        assert (answer.status, answer.json()["type"]) == (403, "/problems/forbidden")


def test_a_person_without_membership_gets_a_tenant_of_their_own(outsider: Api, admin: Api) -> None:
    mine = outsider.ask("GET", "/api/me")
    assert mine["role"] == "admin"
    assert mine["tenant"] != admin.ask("GET", "/api/me")["tenant"]
    assert outsider.ask("GET", "/api/me") == mine
