"""infrastructure/stacks.yaml says of each template what is true of it."""

from typing import Any

import pytest

from skafu.ops.environments import load as environments
from skafu.ops.generated import ROOT
from skafu.ops.stacks.book import APPLICATION, Source, load, template_of
from skafu.ops.stacks.values import place_of
from tests.support.transformed import written

BOOK = load()
TEMPLATES = {
    path.stem
    for path in (ROOT / "infrastructure").glob("*.yaml")
    if path.read_text("utf-8").startswith("AWSTemplateFormatVersion")
}
SOURCES = [
    (name, key, source)
    for name, parameters in (
        *((name, stack.parameters) for name, stack in BOOK.stacks.items()),
        (APPLICATION, BOOK.application.parameters),
    )
    for key, source in parameters.items()
]


def template(name: str) -> Any:
    """Of a stack, or the application's."""
    return written("template.yaml" if name == APPLICATION else template_of(name))


def test_every_template_is_a_stack_and_every_stack_has_a_template() -> None:
    assert set(BOOK.stacks) == TEMPLATES


@pytest.mark.parametrize("name", sorted({name for name, _, _ in SOURCES}))
def test_a_stack_is_told_only_what_its_template_asks(name: str) -> None:
    told = {key for stack, key, _ in SOURCES if stack == name}
    assert told <= set(template(name)["Parameters"])


@pytest.mark.parametrize("name", BOOK.stacks)
def test_every_parameter_without_a_default_comes_from_somewhere(name: str) -> None:
    asked = template(name).get("Parameters") or {}
    needed = {key for key, each in asked.items() if "Default" not in each}
    assert needed <= set(BOOK.stacks[name].parameters)


@pytest.mark.parametrize("name", BOOK.stacks)
def test_every_parameter_and_every_stack_says_what_it_is(name: str) -> None:
    found = template(name)
    assert found["Description"].startswith("Skafu - ")
    for each in (found.get("Parameters") or {}).values():
        assert each["Description"]


@pytest.mark.parametrize(("name", "key", "source"), SOURCES)
def test_what_a_parameter_comes_from_is_there(name: str, key: str, source: Source) -> None:
    place = place_of(BOOK, "environment", environments(ROOT / "environments")[-1])
    for path in filter(None, (source.environment, source.when)):
        place.field(path)  # refuses what environments do not have
    if source.output is None:
        return
    stack, output = source.output.split(".")
    assert output in template(stack)["Outputs"], (name, key)
    if stack == APPLICATION:
        return
    made = BOOK.stacks[stack]
    asking = BOOK.stacks[name].accounts if name != APPLICATION else ["environment"]
    assert (
        {source.account} <= set(made.accounts)
        if source.account
        else set(asking) <= set(made.accounts)
    )
    assert source.region is None or source.region in made.regions


@pytest.mark.parametrize("name", BOOK.stacks)
def test_a_stack_comes_after_those_that_it_is_told_of(name: str) -> None:
    """In the same account: of others, their own people say when. Its own are another region's."""
    stack = BOOK.stacks[name]
    told = {x.output.split(".")[0] for x in stack.parameters.values() if x.output and not x.account}
    order = BOOK.ordered(BOOK.stacks)
    assert all(order.index(each) < order.index(name) for each in told - {APPLICATION, name})


def test_an_environment_s_account_gets_what_its_file_asks_for() -> None:
    found = {}
    for environment in environments(ROOT / "environments"):
        place = place_of(BOOK, "environment", environment)
        found[environment.name] = {
            name: place.regions(stack)
            for name, stack in BOOK.stacks.items()
            if place.regions(stack)
        }
    assert "names" not in found["development"]
    assert found["staging"]["names"] == ("us-east-1",)
    assert found["production"]["names"] == ("us-east-1", "us-west-2")
    assert found["production"]["foundation"] == ("us-east-1", "us-west-2")
    assert found["staging"]["cost"] == ("us-east-1",)
    assert "replica" not in found["staging"]
