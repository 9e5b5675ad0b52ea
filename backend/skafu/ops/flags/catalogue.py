"""What is made of the catalogue of flags: `python -m skafu.ops flag-catalogue [--check]` writes, or
compares, the JSON schema in template.yaml and the table in docs/feature-flags.md, between markers.
"""

import argparse
import json
import textwrap
from collections.abc import Sequence
from pathlib import Path

from skafu.ops.flags.document import schema
from skafu.ops.flags.settings import told
from skafu.ops.generated import ROOT, Generated, between, write_or_check
from skafu.shared.flag_catalogue import KNOWN, Flag, Number

PAGE = "docs/feature-flags.md"
MARKERS = ("begin: flags", "end: flags")


def validator() -> str:
    """The schema, as a property of the template."""
    lines = textwrap.wrap(json.dumps(schema()), 120, break_long_words=False, break_on_hyphens=False)
    indent = " " * 12
    return "          Content: >-\n" + "".join(f"{indent}{line}\n" for line in lines)


def table() -> str:
    """The flags for people."""
    rows = "".join(
        f"| `{flag.name}` | {_may_be(flag)} | {told(flag.default)} | {flag.description} |\n"
        for flag in KNOWN
    )
    return f"\n| flag | may be | default | what for |\n|---|---|---|---|\n{rows}\n"


def _may_be(flag: Flag) -> str:
    return flag.wanted if isinstance(flag, Number) else "on, off, or on for some tenants"


def generated(root: Path) -> tuple[Generated, ...]:
    """Everything that the catalogue decides."""
    template = (root / "template.yaml").read_text("utf-8")
    page = (root / PAGE).read_text("utf-8")
    return (
        Generated("template.yaml", between(template, *MARKERS, validator())),
        Generated(PAGE, between(page, *MARKERS, table())),
    )


def main(arguments: Sequence[str]) -> int:
    """The command. Exit code 1: a check found something stale."""
    parser = argparse.ArgumentParser(prog="python -m skafu.ops flag-catalogue", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, name what is stale")
    options = parser.parse_args(arguments)
    return write_or_check(generated(ROOT), ROOT, check=options.check, command="flag-catalogue")
