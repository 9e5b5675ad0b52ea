"""What is written from estimates: the tables of docs/cost.md, between markers, and the amounts of
infrastructure/cost.yaml.

`python -m skafu.ops cost-tables [--check]`
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from skafu.ops.cost import budgets, pages
from skafu.ops.cost.estimating import Find, estimates
from skafu.ops.cost.inputs import loads
from skafu.ops.cost.prices import read
from skafu.ops.environments import load
from skafu.ops.generated import ROOT, Generated, between, write_or_check

PAGE, STACK = "docs/cost.md", "infrastructure/cost.yaml"
SHOWN = "production"


def generated(root: Path, find: Find) -> tuple[Generated, ...]:
    """Both files. `find`: the resources of an environment."""
    prices, known = read(), loads()
    chosen = [each for each in load(root / "environments") if each.name != "local"]
    found = list(estimates(chosen, find, known, prices))
    rules = budgets.read()
    amounts = budgets.amounts(rules, chosen, found)
    writes, reads = pages.break_even(prices)
    parts = {
        "summary": pages.summary(found),
        "standing": pages.standing(found),
        "services": "".join(pages.services(found, SHOWN)),
        "profiles": pages.profiles(known),
        "capacity": pages.capacity(found, prices, SHOWN),
        "break-even": f"{writes:.1%} for writes and {reads:.1%} for reads.\n",
        "budgets": pages.budgets(amounts, rules.profiles_of(chosen)),
        "left out": pages.left_out(),
        "prices": pages.price_list(prices),
    }
    page = (root / PAGE).read_text("utf-8")
    for name, content in parts.items():
        page = between(page, f"begin: {name} ", f"end: {name} ", f"\n{content.rstrip()}\n\n")
    stack = (root / STACK).read_text("utf-8")
    stack = between(stack, "begin: budgets ", "end: budgets ", budgets.mapping(amounts))
    return (Generated(PAGE, page), Generated(STACK, stack))


def main(arguments: Sequence[str]) -> int:
    """The command. Exit code 1: a check found something stale."""
    parser = argparse.ArgumentParser(prog="python -m skafu.ops cost-tables", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, name what is stale")
    options = parser.parse_args(arguments)
    # SAM's translator is there where Skafu is developed only.
    from skafu.ops import transformed  # pylint: disable=import-outside-toplevel # loads SAM

    files = generated(ROOT, lambda name: transformed.resources(ROOT / "template.yaml", name))
    return write_or_check(files, ROOT, check=options.check, command="cost-tables")
