"""What the stacks beside the application's cost by being there."""

from collections.abc import Mapping
from typing import Any

import pytest

from skafu.ops.cost.beside import Beside, beside
from skafu.ops.cost.prices import read
from skafu.ops.cost.stack import Unpriced
from skafu.ops.environments import load
from skafu.ops.generated import ROOT
from skafu.ops.stacks.book import load as load_book

ENVIRONMENTS = {each.name: each for each in load(ROOT / "environments")}
KEY = {"Type": "AWS::KMS::Key", "Properties": {}}


def found(environment: str, resources: Mapping[str, Any]) -> dict[str, Beside]:
    lines = beside(ENVIRONMENTS[environment], load_book(), lambda *_: resources, read())
    return {each.stack: each for each in lines}


def test_a_stack_costs_once_for_each_region_it_is_in() -> None:
    assert found("staging", {"Key": KEY})["network"].dollars == 1
    assert found("production", {"Key": KEY})["network"].dollars == 2


def test_a_stack_that_an_environment_has_no_use_for_is_not_in_its_bill() -> None:
    assert "edge" not in found("development", {})
    assert "edge" in found("staging", {})
    assert "replica" not in found("staging", {})


def test_stacks_of_other_accounts_are_in_no_environments_bill() -> None:
    assert not {"organization", "security", "dns"} & set(found("production", {}))


def test_an_interface_costs_by_zone_and_a_gateway_nothing() -> None:
    kind = "AWS::EC2::VPCEndpoint"
    zones = {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b", "c"]}
    interface = {"Endpoint": {"Type": kind, "Properties": zones}}
    assert found("staging", interface)["network"].dollars == pytest.approx(3 * 720 * 0.01)
    gateway = {"Endpoint": {"Type": kind, "Properties": {"VpcEndpointType": "Gateway"}}}
    assert found("staging", gateway)["network"].dollars == 0


def test_what_nobody_has_priced_stops_the_estimate() -> None:
    with pytest.raises(Unpriced, match="Gold of foundation is an AWS::Mine::Vein"):
        found("staging", {"Gold": {"Type": "AWS::Mine::Vein"}})


def test_a_stack_is_told_its_region_and_where_it_lives() -> None:
    asked: list[tuple[str, Mapping[str, str]]] = []

    def find(name: str, told: Mapping[str, str]) -> Mapping[str, Any]:
        asked.append((name, told))
        return {}

    list(beside(ENVIRONMENTS["production"], load_book(), find, read()))
    names = [told for name, told in asked if name == "names"]
    assert [told["AWS::Region"] for told in names] == ["us-east-1", "us-west-2"]
    assert all(told["EnvironmentName"] == "production" for told in names)
