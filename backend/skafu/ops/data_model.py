"""docs/data-model.md: every way in which the table is read, from keys.py.

`python -m skafu.ops data-model [--check]`
"""

import argparse
from collections.abc import Sequence

from skafu.ops.generated import ROOT, Generated, write_or_check
from skafu.shared.access_patterns import ACCESS_PATTERNS, AccessPattern

PATH = "docs/data-model.md"


def _row(pattern: AccessPattern) -> str:
    return f"| {pattern.kind} | {pattern.question} | {pattern.index} | `{pattern.condition}` |\n"


def document(patterns: Sequence[AccessPattern]) -> str:
    """The page: one line an access pattern."""
    kinds = ", ".join(f"`{kind}`" for kind in dict.fromkeys(each.kind for each in patterns))
    rows = "".join(_row(pattern) for pattern in patterns)
    return f"""# The table

Generated from `backend/skafu/shared/keys.py` by `python -m skafu.ops data-model`; a check fails
when it is stale.

One DynamoDB table, `pk` and `sk`, and one sparse index, `GSI1`, with `gsi1pk` and `gsi1sk`. Every
key begins with the tenant, with three exceptions by name: memberships, which tell the tenant, the
registry of tenants, which the sweeper walks, and the region that acts, nobody's. Parts of a key are joined by `#` and never contain it;
times in keys are fixed-width, so the order of keys is the order of time. There is no Scan.

Every item says in `k` what it is: {kinds}.
Nested data is JSON text in `body`; `ttl` (epoch seconds) removes what has a life.

| kind | question | index | key condition |
|---|---|---|---|
{rows}"""


def main(arguments: Sequence[str]) -> int:
    """The command. Exit code 1: a check found the page stale."""
    parser = argparse.ArgumentParser(prog="python -m skafu.ops data-model", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, tell if it is stale")
    options = parser.parse_args(arguments)
    page = Generated(PATH, document(ACCESS_PATTERNS))
    return write_or_check([page], ROOT, check=options.check, command="data-model")
