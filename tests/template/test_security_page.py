"""docs/security-monitoring.md: what it tells people to type exists, and what it tells is so."""

import re

import pytest
import yaml

from skafu.ops.stacks.book import load
from tests.support.guard import TEMPLATE as GUARD
from tests.support.guard import at_home
from tests.support.transformed import ROOT, of_type, written
from tests.template.test_accounts_page import options

PAGE = (ROOT / "docs/security-monitoring.md").read_text("utf-8")
SECURITY = written("infrastructure/security.yaml")
CALLS = sorted(set(re.findall(r"\baws ([a-z0-9-]+) ([a-z0-9-]+)([^\n;|`]*)", PAGE)))
STACKS = load().stacks
CALLED = {"configservice": "config", "s3api": "s3"}
"""What AWS's tool calls otherwise than its libraries."""


def test_there_are_commands() -> None:
    assert len(CALLS) > 10


@pytest.mark.parametrize(("service", "command", "rest"), CALLS)
def test_each_command_of_aws_exists_with_its_options(service: str, command: str, rest: str) -> None:
    if service != "s3":
        given = set(re.findall(r"(?<=\s)--([a-z-]+)", rest.partition("$(")[0]))
        # A switch is written without its value.
        known = options(CALLED.get(service, service), command)
        assert given <= known


def test_each_parameter_that_it_gives_is_one_of_a_stacks() -> None:
    given = set(re.findall(r"\b([A-Z][a-z][A-Za-z]+)=(?!=)", PAGE))
    ours = {*GUARD["Parameters"], *SECURITY["Parameters"]}
    assert given - {"Delegation", "AttributeKey", "AttributeValue"} <= ours
    needed = {name for name, each in SECURITY["Parameters"].items() if "Default" not in each}
    found = {name for name, each in STACKS["security"].parameters.items() if not each.operator}
    assert needed - found <= given


def test_each_output_that_it_asks_for_is_one_of_a_stacks() -> None:
    asked = set(re.findall(r"\$\(security ([A-Za-z]+)\)", PAGE))
    assert asked and asked <= set(SECURITY["Outputs"])


def test_it_names_each_rule_and_each_alert() -> None:
    for each in of_type(at_home(), "AWS::Config::ConfigRule").values():
        assert f"`{each['ConfigRuleName']}`" in PAGE
    alerts = yaml.safe_load((ROOT / "infrastructure/security-alerts.yaml").read_text("utf-8"))
    for alert in alerts["alerts"]:
        assert alert["name"] in PAGE
        section = alert["description"].partition(", ")[2]
        assert f"\n### {section.capitalize()}\n" in PAGE
