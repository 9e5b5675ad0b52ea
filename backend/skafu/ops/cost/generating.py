"""What is written from estimates: the tables of docs/cost.md, between markers, and the amounts of
infrastructure/cost.yaml.

`python -m skafu.ops cost-tables [--check]`
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from skafu.ops.cost import budgets, pages
from skafu.ops.cost.beside import FindStack, besides
from skafu.ops.cost.estimating import Find, estimates
from skafu.ops.cost.inputs import loads
from skafu.ops.cost.prices import read
from skafu.ops.environments import load
from skafu.ops.generated import ROOT, Generated, between, write_or_check
from skafu.ops.stacks import book

PAGE, STACK = "docs/cost.md", "infrastructure/cost.yaml"
SHOWN = "production"


def generated(root: Path, find: Find, find_stack: FindStack) -> tuple[Generated, ...]:
    """Both files. `find`: the resources of an environment, `find_stack`: of a stack beside it."""
    prices, known, rules = read(), loads(), budgets.read()
    chosen = [each for each in load(root / "environments") if each.name != "local"]
    found = list(estimates(chosen, find, known, prices))
    amounts = budgets.amounts(rules, chosen, found)
    page = _page(
        (root / PAGE).read_text("utf-8"),
        {
            "summary": pages.summary(found),
            "standing": pages.standing(found),
            "beside": pages.beside(besides(chosen, find_stack, prices)),
            "services": "".join(pages.services(found, SHOWN)),
            "profiles": pages.profiles(known),
            "capacity": pages.capacity(found, prices, SHOWN),
            "break-even": pages.even(prices),
            "budgets": pages.budgets(amounts, rules.profiles_of(chosen)),
            "left out": pages.left_out(),
            "prices": pages.price_list(prices),
        },
    )
    stack = (root / STACK).read_text("utf-8")
    stack = between(stack, "begin: budgets ", "end: budgets ", budgets.mapping(amounts))
    return (Generated(PAGE, page), Generated(STACK, stack))


def _page(text: str, parts: Mapping[str, str]) -> str:
    for name, content in parts.items():
        text = between(text, f"begin: {name} ", f"end: {name} ", f"\n{content.rstrip()}\n\n")
    return text


def main(arguments: Sequence[str]) -> int:
    """The command. Exit code 1: a check found something stale."""
    parser = argparse.ArgumentParser(prog="python -m skafu.ops cost-tables", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, name what is stale")
    options = parser.parse_args(arguments)
    # SAM's translator is there where Skafu is developed only.
    from skafu.ops import transformed  # pylint: disable=import-outside-toplevel # loads SAM

    files = generated(
        ROOT,
        lambda name: transformed.resources(ROOT / "template.yaml", name),
        lambda name, told: transformed.stack_resources(ROOT / book.template_of(name), told),
    )
    return write_or_check(files, ROOT, check=options.check, command="cost-tables")
