"""What runs is what the aliases of the stack's functions point at."""

import pytest
from botocore.exceptions import ClientError

from skafu.ops.release.observed import aliases_of, functions_of, stack_of
from tests.support.clouds import Cloud, StackRecord, failure
from tests.support.released import account_in

LAYER = "arn:aws:lambda:eu-west-1:123456789012:layer:powertools"


@pytest.fixture
def cloud() -> Cloud:
    made = Cloud()
    made.run("skafu-prod", {"A": "a1", "B": "b1", "C": "c1"}, f"{LAYER}:7")
    return made


def test_functions_are_known_by_logical_ids_with_version_code_and_layers(cloud: Cloud) -> None:
    cloud.run("skafu-prod", {"A": "a2"}, f"{LAYER}:7")
    found = functions_of(account_in(cloud), "skafu-prod")
    assert {name: (each.version, each.code) for name, each in found.items()} == {
        "A": ("2", "a2"),
        "B": ("1", "b1"),
        "C": ("1", "c1"),
    }
    assert found["A"].name == "skafu-prod-a"
    assert found["A"].layers == (f"{LAYER}:7",)


def test_a_function_without_the_alias_is_not_what_callers_reach(cloud: Cloud) -> None:
    cloud.stacks.named["skafu-prod"].resources["D"] = ("AWS::Lambda::Function", "skafu-prod-d")
    assert set(functions_of(account_in(cloud), "skafu-prod")) == {"A", "B", "C"}


def test_what_the_stack_no_longer_has_is_not_looked_at(cloud: Cloud) -> None:
    cloud.stacks.named["skafu-prod"].gone = {"B": "DELETE_SKIPPED", "C": "DELETE_COMPLETE"}
    assert set(functions_of(account_in(cloud), "skafu-prod")) == {"A"}


def test_while_a_canary_is_under_way_its_share_is_told_and_the_old_version_counts(
    cloud: Cloud,
) -> None:
    function = cloud.functions.named["skafu-prod-a"]
    function.versions["2"] = ("a2", ())
    function.shares = {"2": 0.05}
    account = account_in(cloud)
    assert aliases_of(account, "skafu-prod")["A"].shares == {"2": 0.05}
    assert aliases_of(account, "skafu-prod")["B"].shares == {}
    assert functions_of(account, "skafu-prod")["A"].version == "1"


def test_a_stack_tells_its_parameters_without_secrets(cloud: Cloud) -> None:
    cloud.stacks.named["skafu-prod"] = StackRecord(
        {"Url": "https://x"}, {"Environment": "production", "Origin": "*", "Secret": "****"}
    )
    found = stack_of(account_in(cloud), "skafu-prod")
    assert found is not None
    assert found.status == "UPDATE_COMPLETE"
    assert found.outputs == {"Url": "https://x"}
    assert found.parameters == {"Environment": "production", "Origin": "*"}


def test_there_may_be_no_stack(cloud: Cloud) -> None:
    assert stack_of(account_in(cloud), "skafu-dev") is None


def test_a_stack_that_may_not_be_read_is_not_taken_for_none(cloud: Cloud) -> None:
    def refuse(**_asked: object) -> None:
        raise failure("AccessDenied", "not authorized", "DescribeStacks")

    cloud.stacks.describe_stacks = refuse  # type: ignore[method-assign, assignment]  # denied
    with pytest.raises(ClientError, match="AccessDenied"):
        stack_of(account_in(cloud), "skafu-prod")
