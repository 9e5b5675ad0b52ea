"""Each line of the documents that runs an operator's command is read by that command itself."""

import argparse
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from skafu.ops.__main__ import COMMANDS
from tests.delivery.test_documents import DOCUMENTS, ROOT

LINE = re.compile(r"python -m skafu\.ops ([a-z][a-z-]*(?:\s[^`\n]*)?)(?=[`\n])")
CONTINUED = re.compile(r"\\\n#?")
PAGES = [*DOCUMENTS, *sorted((ROOT / "infrastructure").glob("*.yaml"))]
"""Templates say in their first lines how they are deployed."""
ENDS = {"|", "||", "&&", ";", ">", ">>", "2>&1"}
"""Where the shell's own words begin."""


def lines() -> Iterator[tuple[str, str]]:
    """(document, what comes after `python -m skafu.ops`), each once."""
    seen = set()
    for path in PAGES:
        text = CONTINUED.sub(" ", path.read_text(encoding="utf-8"))
        for found in LINE.finditer(text):
            seen.add((str(path.relative_to(ROOT)), found[1].strip()))
    yield from sorted(seen)


def words(line: str) -> list[str]:
    """The command and its arguments, as a shell reads them; what may be left out, [in brackets], is
    not.
    """
    found = []
    for word in shlex.split(re.sub(r"\[([^]]*)\]", r"\1", line), comments=True):
        if word in ENDS:
            break
        found.append(word)
    return found


class Read(Exception):
    """The command has read its arguments, and does nothing with them."""


@pytest.fixture
def only_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have commands stop once they have read their arguments, all of them or those they know."""
    read = argparse.ArgumentParser.parse_known_args
    reading: list[argparse.ArgumentParser] = []

    def known(self: argparse.ArgumentParser, *told: Any, **named: Any) -> Any:
        reading.append(self)
        try:
            found = read(self, *told, **named)
        finally:
            reading.pop()
        if not reading:
            raise Read
        return found  # of a parser within another, which goes on

    def every(self: argparse.ArgumentParser, *told: Any, **named: Any) -> None:
        reading.append(self)
        try:
            _, others = read(self, *told, **named)
        finally:
            reading.pop()
        if others:
            self.error(f"unknown: {others}")
        raise Read

    monkeypatch.setattr(argparse.ArgumentParser, "parse_known_args", known)
    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", every)


def test_there_are_lines() -> None:
    assert len(list(lines())) > 20


def test_nobody_is_told_to_deploy_a_stack_in_another_way() -> None:
    """`stacks deploy` looks for parameters, tags, protects, and refuses another account."""
    typed = re.compile(r"(?:sam|aws cloudformation) deploy .*--template-file")
    assert not [each.name for each in PAGES if typed.search(each.read_text(encoding="utf-8"))]


@pytest.mark.usefixtures("only_reading")
@pytest.mark.parametrize(("document", "line"), list(lines()))
def test_each_line_is_understood_by_its_command(document: str, line: str) -> None:
    command, *arguments = words(line)
    if not arguments:
        assert command in COMMANDS, document  # the command is spoken of, not run
        return
    try:
        COMMANDS[command](arguments)
    except Read:
        return
    except SystemExit as refusal:
        pytest.fail(f"{document}: {line!r} is not understood ({refusal})")
    pytest.fail(f"{document}: {line!r} was not even read")
