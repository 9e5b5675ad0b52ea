"""docs/accounts.md: what it tells people to type exists, and what it tells of the stack is so."""

import re
from functools import cache

import botocore.session
import pytest
from botocore import xform_name

from tests.support.organization import TEMPLATE, assignments, properties
from tests.support.transformed import ROOT

PAGE = (ROOT / "docs" / "accounts.md").read_text("utf-8")
SCRIPTS = re.sub(r"\\\n\s*", "", "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)))
CALLS = sorted(set(re.findall(r"aws ([a-z0-9-]+) ([a-z0-9-]+)([^\n;|]*)", SCRIPTS)))
# Commands of the tool itself, which call no service by that name.
OF_THE_TOOL = {("configure", "sso"), ("configure", "set"), ("sso", "login")}
# `--version` is the tool's own, so it calls the landing zone's otherwise.
RENAMED = {("create-landing-zone", "version"): "landing-zone-version"}
GENERAL = {"profile", "region", "query", "output"}


@cache
def options(service: str, command: str) -> set[str]:
    """The options of one of AWS's commands. Raises StopIteration for one that does not exist."""
    model = botocore.session.Session().get_service_model(service)
    # pylint: disable-next=not-an-iterable  # a property that is worked out once
    name = next(each for each in model.operation_names if xform_name(each, "-") == command)
    shape = model.operation_model(name).input_shape
    found = {xform_name(each, "-") for each in (shape.members if shape else ())}
    return {RENAMED.get((command, each), each) for each in found} | GENERAL


def test_there_are_commands() -> None:
    assert len(CALLS) > 20


@pytest.mark.parametrize(("service", "command", "rest"), CALLS)
def test_each_command_of_aws_exists_with_its_options(service: str, command: str, rest: str) -> None:
    if (service, command) not in OF_THE_TOOL:
        given = set(re.findall(r"(?<=\s)--([a-z-]+)", rest.partition("$(")[0]))
        assert given <= options(service, command)


def test_each_parameter_that_it_gives_is_one_of_the_stacks() -> None:
    given = set(re.findall(r"\b([A-Z][a-z][A-Za-z]+)=(?!=)", SCRIPTS))
    assert given <= set(TEMPLATE["Parameters"])
    # What has a good value already need not be given.
    need = {name for name in TEMPLATE["Parameters"] if name.endswith(("Email", "Group"))}
    assert need <= given


def test_each_output_that_it_asks_for_is_one_of_the_stacks() -> None:
    asked = set(re.findall(r"\$\(output ([A-Za-z]+)\)", SCRIPTS))
    assert asked <= set(TEMPLATE["Outputs"])
    [accounts] = re.findall(r"for account in ([A-Za-z ]+);", SCRIPTS)
    assert {f"{each}AccountId" for each in accounts.split()} <= set(TEMPLATE["Outputs"])


@pytest.mark.parametrize(
    "name", [each["Name"] for each in properties("AWS::SSO::PermissionSet").values()]
)
def test_each_set_is_told_of(name: str) -> None:
    assert f"| {name} |" in PAGE


@pytest.mark.parametrize(
    "name", [each["Name"] for each in properties("AWS::Organizations::Policy").values()]
)
def test_each_policy_is_told_of(name: str) -> None:
    assert f"| {name} |" in PAGE


@pytest.mark.parametrize(("group", "name", "account"), sorted(assignments()))
def test_each_assignment_is_told_of(group: str, name: str, account: str) -> None:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", account.removesuffix("Account")).lower()
    [row] = re.findall(rf"^\| {words} \|.*$", PAGE, re.MULTILINE)
    assert f"`{group}`" in row
    assert properties("AWS::SSO::PermissionSet")[name]["Name"] in row
