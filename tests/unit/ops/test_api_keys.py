"""Keys of usage plans, as an operator issues and ends them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from skafu.ops import api_keys
from skafu.shared.aws import client
from skafu.shared.dynamo import DynamoTable
from skafu.shared.identity import Kind, Role
from skafu.shared.membership import Members
from tests.support.clocks import FakeClock
from tests.support.gateway_keys import GatewayKeys
from tests.support.moto_table import create_table


class World:
    """A stack whose table and gateway moto keeps, with a machine and a person of one team."""

    def __init__(self) -> None:
        self.plans = {"basic": "plan1", "premium": "plan2"}
        self.gateway = GatewayKeys(*self.plans.values())
        self.dynamodb = client(
            "dynamodb",
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        create_table(self.dynamodb, "skafu")
        self.clock = FakeClock()
        ids = iter(f"id{number}" for number in range(100))
        members = Members(DynamoTable(self.dynamodb, "skafu"), self.clock, lambda: next(ids))
        self.tenant = members.create_tenant("person", Kind.PERSON).tenant
        members.add_member("machine", Kind.MACHINE, self.tenant, Role.EDITOR)

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        told = {api_keys.PLANS[name]: plan for name, plan in self.plans.items()}
        told["TableName"] = "skafu"
        return {"Stacks": [{"Outputs": [{"OutputKey": k, "OutputValue": told[k]} for k in told]}]}

    def make(self, service: str, **_: Any) -> Any:
        return {"dynamodb": self.dynamodb, "apigateway": self.gateway}.get(service, self)

    def run(self, action: str, *arguments: str) -> int:
        given = [action, "--environment", "production", *arguments]
        return api_keys.main(given, self.make, self.clock)

    def values(self) -> dict[str, str]:
        return {each["id"]: each["value"] for each in self.gateway.keys.values()}


@pytest.fixture
def world() -> Iterator[World]:
    with mock_aws():
        yield World()


def issued(world: World, capsys: pytest.CaptureFixture[str], plan: str = "basic") -> str:
    assert world.run("issue", "--client", "machine", "--plan", plan) == 0
    found = re.search(r"^key +(\S+)", capsys.readouterr().out, re.MULTILINE)
    assert found
    return found[1]


def test_a_key_is_shown_once_and_counts_against_its_plan(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.run("issue", "--client", "machine", "--plan", "premium") == 0
    told = capsys.readouterr().out
    [(key, value)] = world.values().items()
    assert value in told
    assert world.gateway.planned == {"plan1": [], "plan2": [key]}
    world.run("list")
    listed = capsys.readouterr().out
    assert value not in listed
    assert [listed.split()[0], *listed.split()[1:4]] == [key, "premium", world.tenant, "machine"]


def test_its_name_says_whose_it_is(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    key = issued(world, capsys)
    assert world.gateway.keys[key]["name"] == f"skafu-prod/{world.tenant}/machine"


@pytest.mark.parametrize("who", ["person", "nobody"])
def test_only_machines_that_a_team_has_get_one(
    world: World, capsys: pytest.CaptureFixture[str], who: str
) -> None:
    assert world.run("issue", "--client", who, "--plan", "basic") == 1
    assert "no machine client" in capsys.readouterr().err
    assert not world.values()


def test_a_client_changes_its_key_without_being_without_one(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = issued(world, capsys), issued(world, capsys)
    assert world.run("issue", "--client", "machine", "--plan", "basic") == 1
    assert first in capsys.readouterr().err
    assert world.run("revoke", "--key", first) == 0
    assert set(world.values()) == {second}
    issued(world, capsys)


def test_keys_of_others_are_neither_shown_nor_ended(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    others = [
        world.gateway.create_api_key(name=name, enabled=True)["id"]
        for name in ("skafu-production/a/b", "skafu-prod-2/a/b", "somebody's", "skafu-prod/x")
    ]
    world.run("list")
    assert not capsys.readouterr().out.strip()
    for key in [*others, "unknown"]:
        assert world.run("revoke", "--key", key) == 1
    assert set(world.values()) == set(others)


def test_a_key_whose_client_is_gone_is_pointed_out(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    issued(world, capsys)
    world.run("list")
    assert "gone" not in capsys.readouterr().out
    world.dynamodb.delete_table(TableName="skafu")
    create_table(world.dynamodb, "skafu")
    world.run("list")
    assert "the client is gone" in capsys.readouterr().out


def test_a_key_that_no_plan_takes_is_not_left_behind(world: World) -> None:
    del world.gateway.planned["plan2"]
    keys = api_keys.Keys(NoPlansListed(world.gateway), "skafu-prod", world.plans)
    with pytest.raises(ClientError):
        keys.issue("tenant", "machine", "premium")
    assert not world.values()


class NoPlansListed:
    """The gateway whose plan goes away between a look at its keys and the next call."""

    def __init__(self, gateway: GatewayKeys) -> None:
        self._gateway = gateway

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    def get_paginator(self, name: str) -> Any:
        return self if name == "get_usage_plan_keys" else self._gateway.get_paginator(name)

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return []
