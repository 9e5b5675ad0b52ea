"""Whoever tells a check to look away names the check and says why: on the line, or in the comment
above it. (Those of checkov: tests/unit/ops/scan/test_templates.py; of secrets and licences:
security/; wildcards of roles: tests/template/test_security_doc.py.)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.transformed import ROOT

FOLDERS = ("backend", "benchmarks", "local", "tests")
SELF = Path(__file__).resolve()


@dataclass(frozen=True)
class Shape:
    """`anything` finds every suppression of a tool; `named` one that says which check."""

    anything: re.Pattern[str]
    named: re.Pattern[str]


def shape(anything: str, named: str) -> Shape:
    return Shape(re.compile(anything), re.compile(named))


PYTHON = {
    "bandit": shape(r"#\s*nosec\b", r"# nosec B\d{3}(?:[, ]+B\d{3})*"),
    "pylint": shape(
        r"#\s*pylint:\s*(?:disable|skip-file)",
        r"# pylint: disable(?:-next)?=[a-z-]+(?:,\s?[a-z-]+)*",
    ),
    "mypy": shape(r"#\s*(?:type:\s*ignore|mypy:)", r"# type: ignore\[[a-z-]+(?:,\s?[a-z-]+)*\]"),
    "flake8": shape(r"#\s*noqa", r"# noqa: [A-Z]+\d+"),
    "coverage": shape(r"#\s*pragma:\s*no", r"# pragma: no (?:cover|branch)"),
}
CONSOLE = {
    "biome": shape(r"biome-ignore", r"biome-ignore (?:lint|format|assist)(?:/\w+){0,2}"),
    "others": shape(
        r"eslint-disable|@ts-ignore|@ts-nocheck|@ts-expect-error|(?:v8|c8|istanbul) ignore",
        r"eslint-disable-next-line [\w/-]+|@ts-expect-error|v8 ignore (?:next|start|stop)",
    ),
}
WORKFLOWS = {"zizmor": shape(r"zizmor:\s*ignore", r"zizmor: ignore\[[a-z-]+\]")}
TEMPLATES = {"cfn-lint": shape(r"ignore_checks", r"ignore_checks: \[[EWI]\d+(?:, [EWI]\d+)*\]")}
WORD = re.compile(r"[A-Za-z]{2,}")


def files() -> Iterator[tuple[Path, dict[str, Shape]]]:
    """Every file that a suppression may be in, with the tools that it may speak to."""
    for folder in FOLDERS:
        yield from ((path, PYTHON) for path in (ROOT / folder).rglob("*.py"))
    for ending in ("ts", "tsx", "css"):
        for folder in ("src", "e2e", "scripts"):
            found = (ROOT / "frontend" / folder).rglob(f"*.{ending}")
            yield from ((path, CONSOLE) for path in found)
    yield from ((path, WORKFLOWS) for path in (ROOT / ".github").rglob("*.yml"))
    yield from ((path, TEMPLATES) for path in (ROOT / "infrastructure").glob("*.yaml"))
    yield ROOT / "template.yaml", TEMPLATES


def faults(text: str, shapes: dict[str, Shape]) -> Iterator[str]:
    """What is wrong with a text's suppressions: the line's number and the tool."""
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        for tool, each in shapes.items():
            found = each.anything.search(line)
            if found is None:
                continue
            named = each.named.search(line, found.start())
            if named is None:
                yield f"{number}: {tool}: which check?"
            elif not _reason(lines, number - 1, line[named.end() :]):
                yield f"{number}: {tool}: why?"


def _reason(lines: list[str], at: int, rest: str) -> bool:
    """Words behind the suppression that are no suppression of another tool, or a comment above;
    what is suppressed for the rest of a file may be explained below its first line.
    """
    for shapes in (PYTHON, CONSOLE, WORKFLOWS, TEMPLATES):
        for each in shapes.values():
            rest = each.named.sub("", rest)
    if WORD.search(rest):
        return True
    above = lines[at - 1].strip() if at else ""
    comment = above.startswith(("#", "//", "/*", "*"))
    return comment and not any(
        each.anything.search(above) for shapes in (PYTHON, CONSOLE) for each in shapes.values()
    )


def test_every_suppression_names_its_check_and_says_why() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{fault}"
        for path, shapes in files()
        if path.resolve() != SELF
        for fault in faults(path.read_text(encoding="utf-8"), shapes)
    ]
    assert not found, "\n".join(found)


def test_suppressions_are_found_where_there_are_some() -> None:
    """Or else the test above would look at nothing."""
    counted = {
        tool: sum(len(re.findall(each.anything, path.read_text("utf-8"))) for path in paths)
        for shapes in (PYTHON, CONSOLE, TEMPLATES)
        for tool, each in shapes.items()
        for paths in [[path for path, own in files() if own is shapes]]
    }
    assert min(counted[each] for each in ("bandit", "pylint", "mypy", "biome", "cfn-lint")) > 0


@pytest.mark.parametrize(
    "line",
    [
        "run(x)  # nosec B603: our own program",
        "run(x)  # nosec B603 # our own program",
        "import a  # pylint: disable=import-error # it is not always there",
        "a = b  # type: ignore[misc]  # frozen: that is the point",
        "# it is not always there\nimport a  # pylint: disable=import-error",
    ],
)
def test_a_suppression_with_a_reason_is_fine(line: str) -> None:
    assert not list(faults(line, PYTHON))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("run(x)  # nosec", "bandit: which"),
        ("run(x)  # nosec: our own program", "bandit: which"),
        ("run(x)  # nosec B603", "bandit: why"),
        ("run(x)  # nosec B603 # pylint: disable=no-member", "bandit: why"),
        ("a = b  # type: ignore", "mypy: which"),
        ("a = b  # type: ignore[misc]", "mypy: why"),
        ("x = 1\na = b  # type: ignore[misc]", "mypy: why"),
        ("# pylint: skip-file", "pylint: which"),
        ("# mypy: ignore-errors", "mypy: which"),
    ],
)
def test_a_suppression_without_check_or_reason_is_noticed(line: str, told: str) -> None:
    assert any(told in each for each in faults(line, PYTHON))
