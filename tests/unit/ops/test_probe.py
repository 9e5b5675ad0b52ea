"""Installing the probe's sign-in: once, again, anew."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from skafu.canary import reserved
from skafu.canary.calls import Call
from skafu.ops.probe import LABEL, SCOPES, TOKEN_HOURS, clean, install, main
from skafu.probe.credentials import Credentials, Misconfigured, stored_in
from skafu.probe.reaching import PublicApi, Response
from skafu.shared import keys
from skafu.shared.table import Table
from skafu.workspace.clients.app_clients import CognitoAppClients
from skafu.workspace.pool import Pool
from tests.support.app_clients import InMemoryAppClients
from tests.support.clocks import NOON, FakeClock
from tests.support.gateway_keys import GatewayKeys
from tests.support.memory_table import InMemoryTable
from tests.support.moto_table import create_table
from tests.support.user_pool import create_pool

CLOCK = FakeClock()


def member(table: Table, client_id: str) -> tuple[object, object] | None:
    found = table.get(keys.membership(client_id))
    return None if found is None else (found["tenant"], found["role"])


def test_a_client_is_made_that_can_do_what_the_probe_does_in_the_reserved_tenant() -> None:
    clients, table = InMemoryAppClients(), InMemoryTable()
    made = install(clients, table, Credentials(awake_until=NOON), CLOCK)
    assert made == Credentials("app1", "secret1", NOON)
    assert clients.known == {"app1": (LABEL, SCOPES)}
    assert member(table, "app1") == (reserved.TENANT, "editor")
    assert "secret1" not in repr(made)


def test_a_second_run_changes_nothing() -> None:
    clients, table = InMemoryAppClients(), InMemoryTable()
    made = install(clients, table, Credentials(), CLOCK)
    assert install(clients, table, made, CLOCK) == made
    assert clean(clients, table, made) == 0
    assert list(clients.known) == ["app1"]


def test_a_client_that_is_gone_and_a_membership_that_is_gone_are_made_again() -> None:
    clients, table = InMemoryAppClients(), InMemoryTable()
    made = install(clients, table, Credentials(), CLOCK)
    clients.delete(made.client_id)
    again = install(clients, table, made, CLOCK)
    assert again.client_id == "app2"
    del table.items[keys.membership("app2")]
    assert install(clients, table, again, CLOCK) == again
    assert member(table, "app2") == (reserved.TENANT, "editor")


def test_rotation_makes_the_new_one_before_the_old_one_goes() -> None:
    clients, table = InMemoryAppClients(), InMemoryTable()
    first = install(clients, table, Credentials(), CLOCK)
    second = install(clients, table, first, CLOCK, rotate=True)
    assert second == replace(first, client_id="app2", client_secret="secret2")
    assert set(clients.known) == {"app1", "app2"}
    assert clean(clients, table, second) == 1
    assert list(clients.known) == ["app2"]
    assert member(table, "app1") is None
    assert member(table, "app2") is not None


def test_what_is_no_secret_of_the_probe_s_is_refused() -> None:
    for text in ("", "{}", "[]", '{"client_id": "a", "client_secret": "b", "awake_until": "x"}'):
        with pytest.raises(Misconfigured):
            Credentials.parse(text)
    made = Credentials("a", "b", 7)
    assert Credentials.parse(made.document()) == made


def test_a_key_of_a_usage_plan_is_kept_with_the_rest_and_sent() -> None:
    made = Credentials("a", "b", 7, "k3y")
    assert Credentials.parse(made.document()) == made
    assert "k3y" not in repr(made)
    sent: list[Mapping[str, str]] = []

    def fetch(_: str, __: str, ___: bytes | None, headers: Mapping[str, str]) -> Response:
        sent.append(headers)
        return Response(202, b"{}")

    for key in ("k3y", ""):
        PublicApi("https://api.example", lambda: "t", fetch, key)(Call("POST", "/api/metrics", {}))
    assert [each.get("x-api-key") for each in sent] == ["k3y", None]


class Stacks:
    """CloudFormation that has one stack."""

    def __init__(self, **outputs: str) -> None:
        self.outputs = outputs

    def describe_stacks(self, **_: str) -> Any:
        told = [{"OutputKey": name, "OutputValue": text} for name, text in self.outputs.items()]
        return {"Stacks": [{"Outputs": told}]}


def test_the_command_installs_a_deployed_stacks_probe(capsys: pytest.CaptureFixture[str]) -> None:
    with mock_aws():
        secrets = boto3.client("secretsmanager", region_name="us-east-1")
        cognito = boto3.client("cognito-idp", region_name="us-east-1")
        dynamodb = boto3.client("dynamodb", region_name="us-east-1")
        create_table(dynamodb, "skafu-staging")
        pool = create_pool(cognito)
        stacks = Stacks(
            ApiEndpoint="https://api.example",
            ConsoleUrl="https://console.example",
            TableName="skafu-staging",
            UserPoolId=pool,
            UserPoolDomain="skafu-staging",
            BasicPlan="plan1",
        )
        gateway = GatewayKeys("plan1")
        made: dict[str, Any] = {
            "secretsmanager": secrets,
            "cognito-idp": cognito,
            "dynamodb": dynamodb,
            "apigateway": gateway,
        }
        made["cloudformation"] = stacks

        def run(*more: str) -> int:
            arguments = ["install", "--environment", "staging", *more]
            return main(arguments, lambda service, **_: made[service], CLOCK)

        assert run() == 1
        assert "has no probe" in capsys.readouterr().err
        secrets.create_secret(Name="skafu-staging-probe", SecretString=Credentials().document())
        assert run() == 0
        assert "is installed" in capsys.readouterr().out
        known = stored_in(secrets, "skafu-staging-probe")()
        told = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=known.client_id)
        client = told["UserPoolClient"]
        assert sorted(client["AllowedOAuthScopes"]) == sorted(SCOPES)
        assert client["AccessTokenValidity"] == TOKEN_HOURS
        assert client["TokenValidityUnits"] == {"AccessToken": "hours"}
        assert run() == 0
        out = capsys.readouterr().out
        assert "installed already" in out and known.client_secret not in out
        assert run("--rotate") == 0
        assert "1 older ones removed" in capsys.readouterr().out
        clients = CognitoAppClients(Pool(cognito, pool))
        assert known.client_id not in clients.labelled(LABEL)
        assert not gateway.keys
        for _ in range(2):
            assert run("--plan", "basic") == 0
            kept = stored_in(secrets, "skafu-staging-probe")()
            assert [each["value"] for each in gateway.keys.values()] == [kept.api_key]
            assert kept.api_key not in capsys.readouterr().out
