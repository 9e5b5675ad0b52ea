import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from skafu.ops.scan.checks import Unreadable
from skafu.ops.scan.said import Failed
from skafu.ops.scan.secrets import FILE, Candidate, Rule, is_lock, judge, read, scan
from tests.support.transformed import ROOT

RULE = Rule(kinds=["Hex"], files="events/*.json", line='"id"', why="an id that counts up")
PIN = f"uv==2.0 \\\n    --hash=sha256:{'0' * 64}\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A work tree with one file that looks suspicious in two lines."""
    events = tmp_path / "events"
    events.mkdir()
    (events / "a.json").write_text('{"id": "0123",\n"key": "4567"}\n', encoding="utf-8")
    return tmp_path


def candidate(line: int) -> Candidate:
    return Candidate(file="events/a.json", line=line, kind="Hex")


def test_what_a_rule_covers_is_no_secret(place: Path) -> None:
    said = judge(place, [RULE], [candidate(1)], 1)
    assert said.is_clean
    assert said.looked_at == "1 tracked files, 1 places known to be no secret"


def test_what_no_rule_covers_is_a_finding_that_does_not_repeat_it(place: Path) -> None:
    said = judge(place, [RULE], [candidate(1), candidate(2)], 1)
    assert said.findings == ("events/a.json:2: Hex",)


@pytest.mark.parametrize("change", [{"kinds": ["Base64"]}, {"files": "tests/*"}, {"line": "other"}])
def test_a_rule_is_for_its_kind_its_files_and_its_lines(
    place: Path, change: dict[str, object]
) -> None:
    rule = RULE.model_copy(update=change)
    assert "events/a.json:1: Hex" in judge(place, [rule], [candidate(1)], 1).findings


def test_a_rule_that_nothing_needs_is_a_finding(place: Path) -> None:
    assert judge(place, [RULE], [], 1).findings == (
        "nothing needs the rule for Hex in events/*.json",
    )


def test_a_rule_for_what_is_generated_may_be_without_need(place: Path) -> None:
    assert judge(place, [RULE.model_copy(update={"sometimes": True})], [], 1).is_clean


def test_of_two_rules_that_cover_the_same_the_second_is_not_needed(place: Path) -> None:
    again = RULE.model_copy(update={"files": "*"})
    assert judge(place, [RULE, again], [candidate(1)], 1).findings == (
        "nothing needs the rule for Hex in *",
    )


def test_a_lock_is_known_by_each_of_its_lines(tmp_path: Path) -> None:
    lock = tmp_path / "requirements" / "dev.txt"
    lock.parent.mkdir()
    lock.write_text(PIN, encoding="utf-8")
    assert is_lock(lock)
    lock.write_text(PIN + "--index-url https://me:secret@host/\n", encoding="utf-8")
    assert not is_lock(lock)
    lock.write_text("", encoding="utf-8")
    assert not is_lock(lock)


def test_the_repositorys_locks_are_locks() -> None:
    found = [*(ROOT / "requirements").glob("*.txt"), *ROOT.glob("layers/*/requirements.txt")]
    assert found and all(map(is_lock, found))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with a file that is tracked, one that is made, and one that is not known."""
    rules = tmp_path / FILE
    rules.parent.mkdir()
    rules.write_text("generated: [made.json]\nrules: []\n", encoding="utf-8")
    for name in ("a.py", "made.json", "unknown.py"):
        (tmp_path / name).write_text("x\n", encoding="utf-8")
    for line in (["init", "--quiet"], ["add", "a.py", "made.json"]):
        subprocess.run(["git", *line], cwd=tmp_path, check=True)
    return tmp_path


def test_tracked_files_are_looked_at_but_for_those_that_are_made(tree: Path) -> None:
    asked: list[str] = []

    def ask(files: Sequence[str]) -> str:
        asked.extend(files)
        return json.dumps([{"file": "a.py", "line": 1, "kind": "Hex"}])

    assert scan(tree, ask).findings == ("a.py:1: Hex",)
    assert asked == ["a.py"]


@pytest.mark.parametrize("answer", ["", "{}{}", '[{"file": "a.py"}]', "3"])
def test_an_answer_that_is_not_understood_is_no_clean_one(tree: Path, answer: str) -> None:
    with pytest.raises(Failed, match="not understood"):
        scan(tree, lambda _: answer)


def test_rules_without_a_reason_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yaml"
    path.write_text("generated: []\nrules: [{kinds: [Hex], files: a}]\n", encoding="utf-8")
    with pytest.raises(Unreadable, match="why"):
        read(path)
    assert read(ROOT / FILE).rules
