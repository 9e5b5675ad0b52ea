"""Write the diagrams of docs/architecture.md and the tables of docs/infrastructure.md, between
markers, from the templates and infrastructure/stacks.yaml: `python -m skafu.ops architecture
[--check]`.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from skafu.ops.architecture import diagrams
from skafu.ops.environments import load as environments
from skafu.ops.generated import ROOT, Generated, between, write_or_check
from skafu.ops.stacks.book import load, template_of

PAGE, STACKS = "docs/architecture.md", "docs/infrastructure.md"
SHOWN = "production"


def generated(root: Path) -> tuple[Generated, ...]:
    """Both pages."""
    # SAM's translator is there where Skafu is developed only.
    from skafu.ops import transformed  # pylint: disable=import-outside-toplevel # loads SAM

    book = load(root)
    ours = [each for each in environments(root / "environments") if each.name != "local"]
    template = transformed.read(root / "template.yaml")
    resources = transformed.transform(template, {"Environment": SHOWN})["Resources"]
    purposes = {x: transformed.read(root / template_of(x))["Description"] for x in book.stacks}
    parts = {
        PAGE: {
            "accounts": diagrams.accounts(book, ours),
            "flows": diagrams.flows(resources),
            "needs": diagrams.needs(book),
        },
        STACKS: {
            "stacks": diagrams.stacks(book, purposes),
            "parameters": diagrams.parameters(book),
        },
    }
    return tuple(_page(root, path, found) for path, found in parts.items())


def _page(root: Path, path: str, parts: dict[str, str]) -> Generated:
    text = (root / path).read_text("utf-8")
    for name, content in parts.items():
        text = between(text, f"begin: {name} ", f"end: {name} ", content)
    return Generated(path, text)


def main(arguments: Sequence[str]) -> int:
    """The command. Exit code 1: a check found something stale."""
    parser = argparse.ArgumentParser(prog="python -m skafu.ops architecture", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, name what is stale")
    options = parser.parse_args(arguments)
    return write_or_check(generated(ROOT), ROOT, check=options.check, command="architecture")
