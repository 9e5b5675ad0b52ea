"""Where the values of parameters come from."""

from typing import Any

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.environments import load as environments
from skafu.ops.generated import ROOT
from skafu.ops.stacks.values import Finder, Found, Place, Wanted, place_of
from tests.unit.ops.stacks.test_book import book

ENVIRONMENTS = {each.name: each for each in environments(ROOT / "environments")}
PRODUCTION = place_of(book(), "environment", ENVIRONMENTS["production"])
DEVELOPMENT = place_of(book(), "environment", ENVIRONMENTS["development"])
SECURITY = place_of(book(), "security")


def found(
    source: Any, place: Place = PRODUCTION, region: str = "us-east-1", **outputs: str
) -> tuple[Found, list[Wanted]]:
    """What is found for the parameter P, and what was looked for. `outputs` by their names."""
    looked: list[Wanted] = []

    def look(wanted: Wanted) -> str | None:
        looked.append(wanted)
        return outputs.get(wanted.output)

    stacks: Any = {
        "near": {"regions": ["home", "replica"]},
        "far": {"regions": ["us-east-1"]},
        "copy": {"regions": ["replica"]},
        "safe": {"accounts": ["security"]},
        "own": {"parameters": {"P": source}},
    }
    known = book(**stacks)
    return Finder(known, place, region, look).all(known.stacks["own"].parameters), looked


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ({"value": "5"}, "5"),
        ({"environment": "name"}, "production"),
        ({"environment": "lambda.memory_size"}, "2048"),
        ({"environment": "security.firewall"}, "true"),
        ({"environment": "network.functions_attached"}, "false"),
        ({"environment": "network.interface_endpoints"}, ""),
        ({"told": "place"}, "production"),
        ({"told": "above"}, ""),
        ({"told": "home"}, "us-east-1"),
        ({"told": "replica"}, "us-west-2"),
        ({"told": "region"}, "eu-west-1"),
        ({"told": "account"}, "123456789014"),
    ],
)
def test_files_and_the_command_itself_know_values(source: Any, value: str) -> None:
    assert found(source, region="eu-west-1")[0] == Found({"P": value})


def test_an_account_without_an_environment_is_called_by_what_it_is() -> None:
    assert found({"told": "place"}, SECURITY)[0].values == {"P": "security"}
    assert not found({"told": "account"}, SECURITY)[0].values


@pytest.mark.parametrize(
    ("source", "asked_in", "looked_in"),
    [
        ({"output": "near.Id"}, "us-west-2", "us-west-2"),
        ({"output": "near.Id", "region": "home"}, "us-west-2", "us-east-1"),
        ({"output": "far.Id"}, "us-west-2", "us-east-1"),
        ({"output": "copy.Id"}, "us-east-1", "us-west-2"),
        ({"output": "application.Id"}, "us-west-2", "us-west-2"),
    ],
)
def test_an_output_is_looked_for_beside_who_asks_or_where_the_stack_is(
    source: Any, asked_in: str, looked_in: str
) -> None:
    values, [looked] = found(source, region=asked_in, Id="i-1")
    assert values == Found({"P": "i-1"})
    assert looked.region == looked_in and looked.account == "environment"


def test_stacks_are_looked_for_under_the_names_that_cloudformation_knows() -> None:
    assert found({"output": "near.Id"})[1][0].stack == "skafu-near"
    assert found({"output": "application.Id"})[1][0].stack == "skafu-prod"


def test_an_output_of_another_account_is_looked_for_there() -> None:
    _, [looked] = found({"output": "safe.Id", "account": "security"})
    assert looked.account == "security"


def test_what_stands_after_an_output_stands_after_it() -> None:
    assert found({"output": "near.Url", "suffix": "/x"}, Url="https://a")[0].values == {
        "P": "https://a/x"
    }


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (
            {"output": "near.Id"},
            "there is no skafu-near's output Id (environment account, us-east-1)",
        ),
        ({"operator": "who is told"}, "who is told"),
        ({"environment": "lambda.reserved_concurrency"}, "lambda.reserved_concurrency is not set"),
        ({"environment": "working_hours.begins"}, "working_hours.begins is not set"),
    ],
)
def test_a_value_that_is_nowhere_is_told_with_a_reason(source: Any, why: str) -> None:
    seen, _ = found(source, DEVELOPMENT if "lambda" in str(source) else PRODUCTION)
    assert not seen.values and why in seen.open["P"]


def test_what_the_file_does_not_ask_for_is_not_looked_for() -> None:
    source = {"output": "near.Id", "when": "api_gateway.domain"}
    assert found(source, DEVELOPMENT) == (Found(), [])
    assert found(source)[0].open


def test_what_the_file_demands_is_told_as_such() -> None:
    source = {"output": "near.Id", "when": "api_gateway.domain", "demanded": True}
    assert "api_gateway.domain is set, and there is no skafu-near" in found(source)[0].demanded["P"]
    assert found(source, Id="i")[0] == Found({"P": "i"})
    assert found(source, DEVELOPMENT)[0] == Found()


def test_one_region_alone_is_told() -> None:
    source = {"output": "near.Id", "region": "home", "only": "replica"}
    assert found(source, region="us-east-1", Id="i") == (Found(), [])
    assert found(source, region="us-west-2", Id="i")[0].values == {"P": "i"}


def test_a_field_that_environments_do_not_have_is_refused() -> None:
    with pytest.raises(Refused, match="no field lambda.memory"):
        found({"environment": "lambda.memory"})


def test_a_stack_is_in_each_of_its_regions_once_and_where_it_is_of_use_alone() -> None:
    known = book(
        both={"regions": ["home", "replica", "us-east-1"]},
        named={"when": "api_gateway.domain"},
        theirs={"accounts": ["security"]},
    ).stacks
    assert PRODUCTION.regions(known["both"]) == ("us-east-1", "us-west-2")
    assert DEVELOPMENT.regions(known["both"]) == ("us-east-1",)
    assert not DEVELOPMENT.regions(known["named"]) and PRODUCTION.regions(known["named"])
    assert not PRODUCTION.regions(known["theirs"]) and SECURITY.regions(known["theirs"])
