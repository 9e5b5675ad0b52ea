"""What a stack costs is known of each of its resources; who is told, and what everything is tagged
with.
"""

import json
import tomllib
from typing import Any

import pytest

from skafu.ops.cost import budgets, generating
from skafu.ops.cost.beside import OTHERS_FREE, OTHERS_STANDING
from skafu.ops.cost.stack import BY_USE, FREE, SHARED, STANDING
from skafu.ops.stacks.book import load as load_book
from skafu.ops.stacks.book import template_of
from skafu.ops.transformed import stack_resources
from tests.support.transformed import ROOT, Resolver, of_type, resolved, transformed, written

TEMPLATE: dict[str, Any] = written("infrastructure/cost.yaml")
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
BUDGETS = of_type(RESOURCES, "AWS::Budgets::Budget")
ENVIRONMENTS = ("development", "staging", "production")
TELLERS = ["budgets.amazonaws.com", "costalerts.amazonaws.com"]


def test_every_resource_is_priced_or_free_for_a_reason() -> None:
    """Also those of which a condition holds nowhere today."""
    kinds = {each["Type"] for each in transformed("production")["Resources"].values()}
    assert not kinds - {*BY_USE, *FREE, *STANDING, *SHARED}


def test_a_resource_is_either_priced_or_free() -> None:
    tables = [*BY_USE, *FREE, *STANDING, *SHARED]
    assert len(tables) == len(set(tables))
    assert all([*BY_USE.values(), *FREE.values(), *SHARED.values()])


def test_tables_and_budgets_are_up_to_date() -> None:
    files = generating.generated(
        ROOT, resolved, lambda name, told: stack_resources(ROOT / template_of(name), told)
    )
    stale = [each.path for each in files if each.is_stale(ROOT)]
    assert not stale, "run python -m skafu.ops cost-tables"


def test_every_resource_beside_the_application_is_priced_or_free_for_a_reason() -> None:
    """Also those of which a condition holds nowhere today."""
    priced = {*FREE, *STANDING, *OTHERS_FREE, *OTHERS_STANDING}
    book = load_book()
    beside = [name for name, each in book.stacks.items() if "environment" in each.accounts]
    assert len(beside) > 5
    for name in beside:
        kinds = {each["Type"] for each in written(template_of(name))["Resources"].values()}
        assert not kinds - priced, name


def test_environment_team_and_each_service_have_a_budget_of_their_own() -> None:
    filters = [each["Budget"].get("CostFilters") for each in BUDGETS.values()]
    services = [each["Service"] for each in filters if each and "Service" in each]
    assert sorted(services) == sorted([each] for each in budgets.read().services.values())
    assert filters.count(None) == 1
    assert len(filters) == len(services) + 2


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_amounts_are_the_environments_own(environment: str) -> None:
    parameters = {name: each.get("Default", "") for name, each in TEMPLATE["Parameters"].items()}
    resolver = Resolver(TEMPLATE, {**parameters, "EnvironmentName": environment})
    amounts = TEMPLATE["Mappings"]["Budgets"][environment]
    found = {n: resolver.resolve(b["Budget"]["BudgetLimit"]["Amount"]) for n, b in BUDGETS.items()}
    team = found.pop("TeamBudget")
    assert found == {f"{name}Budget": amount for name, amount in amounts.items()}
    assert team == amounts["Environment"]
    names = [resolver.resolve(each["Budget"]["BudgetName"]) for each in BUDGETS.values()]
    assert len(set(names)) == len(names)
    assert all(name.startswith(f"skafu-{environment}") for name in names)


@pytest.mark.parametrize("name", sorted(BUDGETS))
def test_each_budget_tells_at_half_four_fifths_all_and_when_it_will_be_all(name: str) -> None:
    told = [
        (each["Notification"]["NotificationType"], each["Notification"]["Threshold"])
        for each in BUDGETS[name]["NotificationsWithSubscribers"]
    ]
    assert told == [("ACTUAL", 50), ("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)]
    for each in BUDGETS[name]["NotificationsWithSubscribers"]:
        assert each["Notification"]["ComparisonOperator"] == "GREATER_THAN"
        assert each["Notification"]["ThresholdType"] == "PERCENTAGE"
        [subscriber] = each["Subscribers"]
        assert subscriber == {"SubscriptionType": "SNS", "Address": {"Ref": "CostTopic"}}


def test_who_tells_may_publish_for_this_account_only() -> None:
    [publish] = RESOURCES["CostTopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    _, key = RESOURCES["CostKey"]["Properties"]["KeyPolicy"]["Statement"]
    for statement in (publish, key):
        assert statement["Principal"]["Service"] == TELLERS
        condition = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
        assert statement["Condition"] == condition


def test_anomalies_are_told_at_once_from_an_amount_on() -> None:
    subscription = RESOURCES["AnomalySubscription"]["Properties"]
    assert subscription["Frequency"] == "IMMEDIATE"
    # AWS takes topics alone for what is told at once.
    assert [each["Type"] for each in subscription["Subscribers"]] == ["SNS"]
    expression, _ = subscription["ThresholdExpression"]["Fn::Sub"]
    parsed = json.loads(expression.replace("${Impact}", "5"))
    assert parsed["Dimensions"]["Key"] == "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
    assert set(TEMPLATE["Mappings"]["Environments"]) == set(ENVIRONMENTS)


def test_everything_is_tagged_with_whose_it_is() -> None:
    """Stacks hand their tags on to what they make; `sam deploy` and ours take them from here."""
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))
    for environment in ("local", *ENVIRONMENTS):
        tags = settings[environment]["deploy"]["parameters"]["tags"].split()
        names = dict(each.split("=", 1) for each in tags)
        assert names == {"project": "skafu", "environment": environment, "team": "skafu"}


@pytest.mark.parametrize("name", ["cost", "foundation", "delivery"])
def test_no_stack_takes_its_resources_out_of_the_count(name: str) -> None:
    """A tag of a resource's own would win over its stack's."""
    own = written(f"infrastructure/{name}.yaml")["Resources"].values()
    mine = [*own, *transformed("production")["Resources"].values()]
    for resource in mine:
        tags = resource.get("Properties", {}).get("Tags", ())
        keys = set(tags) if isinstance(tags, dict) else {each["Key"] for each in tags}
        assert not keys & {"project", "environment", "team"}
