"""docs/security.md: what every role may do, and why where a wildcard stands.

`python -m skafu.ops security-doc [--check]`
"""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from skafu.ops.generated import ROOT, Generated, between, write_or_check
from skafu.ops.security.roles import (
    BACKUP,
    DELIVERY,
    DNS,
    FOUNDATION,
    GUARD,
    NETWORK,
    SECURITY,
    TEMPLATE,
    Reason,
    Role,
    Statement,
    documented,
    explanation,
    reasons,
)

PATH = "docs/security.md"
BEGIN, END = "begin: roles", "end: roles"
TITLES = {
    TEMPLATE: "Functions, hooks and services",
    FOUNDATION: "The account",
    DELIVERY: "Deliveries",
    NETWORK: "The network",
    BACKUP: "Backups",
    GUARD: "What watches over an account",
    DNS: "The company's domain, in the shared services account",
    SECURITY: "What watches over all accounts, in the security account",
}
HEAD = "| actions | resources | conditions | why a wildcard |\n|---|---|---|---|\n"


def _cell(texts: Iterable[str], code: bool = True) -> str:
    """Several things in one cell of a table, a line each."""
    return "<br>".join(f"`{each}`" if code else each for each in texts) or "-"


def _row(role: Role, statement: Statement, known: Sequence[Reason]) -> str:
    cells = (
        _cell(statement.actions),
        _cell(statement.resources),
        _cell(statement.conditions),
        _cell(explanation(role, statement, known), code=False),
    )
    return f"| {' | '.join(cells)} |\n"


def _section(role: Role, known: Sequence[Reason]) -> str:
    rows = "".join(_row(role, each, known) for each in role.statements)
    what = f"{role.description}.\n\n" if role.description else ""
    who = _cell(role.trusts) if role.trusts else "nobody: it is a boundary"
    return f"### {role.name}\n\n{what}Taken on by {who}\n\n{HEAD}{rows}\n"


def tables(roles: Iterable[Role], known: Sequence[Reason]) -> str:
    """A table for each role, template by template. Raises Unexplained for a wildcard that has no
    reason.
    """
    every = tuple(roles)
    text = ""
    for template, title in TITLES.items():
        of_it = [each for each in every if each.template == template]
        text += f"## {title} (`{template}`)\n\n"
        text += "".join(_section(each, known) for each in of_it)
    return text


def page(roles: Iterable[Role], root: Path = ROOT) -> Generated:
    """The page: what people have written stays, the tables between the marks are made."""
    written = (root / PATH).read_text("utf-8")
    return Generated(PATH, between(written, BEGIN, END, "\n" + tables(roles, reasons())))


def main(arguments: Sequence[str]) -> int:
    """The command. Exit code 1: a check found the page stale."""
    parser = argparse.ArgumentParser(prog="python -m skafu.ops security-doc", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, tell if it is stale")
    options = parser.parse_args(arguments)
    return write_or_check([page(documented())], ROOT, check=options.check, command="security-doc")
