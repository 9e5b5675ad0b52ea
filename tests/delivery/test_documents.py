"""What the documents tell people to type exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from skafu.ops.__main__ import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "infrastructure/*.md")
    for path in ROOT.glob(pattern)
)
TARGETS = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
TYPED = re.compile(r"^make ((?:-s )?[a-z0-9-]+)|`make ([a-z0-9-]+)[ `]", re.MULTILINE)


def named(pattern: str) -> list[tuple[str, str]]:
    """(document, what it names) for all matches."""
    return sorted(
        {
            (str(path.relative_to(ROOT)), next(filter(None, found.groups())))
            for path in DOCUMENTS
            for found in re.finditer(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)
        }
    )


def test_there_are_documents() -> None:
    assert {"README.md", "CONTRIBUTING.md", "docs/runbook.md"} <= {
        str(path.relative_to(ROOT)) for path in DOCUMENTS
    }


@pytest.mark.parametrize(("document", "command"), named(TYPED.pattern))
def test_each_make_command_is_a_target(document: str, command: str) -> None:
    assert command.removeprefix("-s ") in TARGETS, document


@pytest.mark.parametrize(("document", "command"), named(r"python -m skafu\.ops ([a-z][a-z-]*)"))
def test_each_operators_command_exists(document: str, command: str) -> None:
    assert command in COMMANDS, document


def test_the_operators_commands_are_run_as_the_documents_say() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "skafu.ops", "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "rollback" in done.stdout


@pytest.mark.parametrize(("document", "link"), named(r"\]\((?!https?://|#)([^)#]+)(?:#[^)]*)?\)"))
def test_each_link_leads_to_a_file(document: str, link: str) -> None:
    assert (ROOT / document).parent.joinpath(link).exists()


def test_each_folder_on_the_readmes_map_exists() -> None:
    folders = re.findall(r"^\| `([^`]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(folders) > 10
    assert [folder for folder in folders if not (ROOT / folder).exists()] == []


def test_each_sample_event_is_used_by_a_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/test_*.py"))
    events = [path.stem for path in sorted((ROOT / "events").glob("*.json"))]
    assert len(events) > 10
    assert [event for event in events if f'"{event}"' not in tests] == []


def test_the_runbook_knows_each_alarm_of_the_template() -> None:
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    alarms = set(re.findall(r"^  (\w+Alarm):$", template, re.MULTILINE))
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    assert alarms
    headings = re.findall(r"^### (.+?):", runbook, re.MULTILINE)
    assert alarms == set(re.findall(r"\b\w+Alarm\b", " ".join(headings)))


RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
PROCEDURES = [
    (each.split(":")[0], each.split("\n## ")[0])
    for each in re.split(r"^### ", RUNBOOK, flags=re.MULTILINE)[1:]
    if re.match(r"\w+Alarm\b", each)
]
"""An alarm's procedure: the alarms of its heading, and its text."""
HOW = re.compile(
    r"^(Tried|Not tried): (.+(?:\n(?!\n|Tried: |Not tried: |<a id|#).+)*)", re.MULTILINE
)


@pytest.mark.parametrize(("alarms", "text"), PROCEDURES, ids=[each[0] for each in PROCEDURES])
def test_each_alarms_procedure_says_how_it_was_tried(alarms: str, text: str) -> None:
    told = HOW.findall(text)
    assert told, alarms
    for how, what in told:
        if how == "Not tried":
            assert "because" in what, what
        else:
            assert re.search(r"provoked|\bby\b|command", what), what


def test_what_procedures_were_tried_by_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/]+(?:\.py)?)`", RUNBOOK))
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_each_procedure_can_be_reached_from_its_alarm() -> None:
    """The template's descriptions end with an anchor, which stands above a procedure."""
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    wanted = set(re.findall(r"\$\{RunbookUrl\}#([A-Z]\w+)", template))
    assert wanted
    assert wanted <= set(re.findall(r'^<a id="(\w+)"></a>\n\n### \w+Alarm', RUNBOOK, re.MULTILINE))


def test_the_runbooks_shell_is_one_that_a_shell_reads() -> None:
    """Placeholders in angle brackets are put in by whoever types."""
    blocks = re.findall(r"^(?: {4}| {7})(\S.*(?:\n {4,}\S.*)*)$", RUNBOOK, re.MULTILINE)
    typed = "\n".join(re.sub(r"<[\w ]+>", "X", block) for block in blocks)
    assert "aws events enable-rule" in typed and "faults() {" in typed
    done = subprocess.run(["sh", "-n"], input=typed, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_each_strategy_of_recovery_says_how_it_was_tried() -> None:
    page = (ROOT / "docs" / "recovery.md").read_text(encoding="utf-8")
    table = re.split(r"^## ", page, flags=re.MULTILINE)[1]
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")]
    strategies = [row for row in rows[1:] if not row[0].strip().startswith("**")]
    assert len(strategies) > 10
    for what, _, _, tried in strategies:
        assert re.search(r"`make \w+`|`tests/\S+`|because|no account", tried), what
    named = set(re.findall(r"`(tests/[\w/]+(?:\.py)?)`", page))
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
