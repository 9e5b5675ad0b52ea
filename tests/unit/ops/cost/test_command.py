"""`python -m skafu.ops cost` and `cost-tables`, as people call them, on the real template."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from skafu.ops.cost import budgets, command, generating
from skafu.ops.generated import ROOT
from tests.unit.ops.cost import stacks


def test_people_see_what_drives_an_environment(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--environment", "production"]) == 0
    told = capsys.readouterr().out
    assert "production under team (a small team" in told
    assert "2 instances of MetricsFunction kept ready $34.56" in told
    assert "for a million points" in told
    assert "CloudWatch" in told and "Managed Prometheus" in told
    assert "Not in it: taxes" in told
    assert "staging" not in told


def test_programs_get_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--environment", "development", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    idle, *others = found["estimates"]
    assert idle["a_million_points"] is None
    assert idle["total"] == pytest.approx(sum(each["dollars"] for each in idle["lines"]))
    assert all(each["a_million_points"] > 0 for each in others)


def test_a_file_that_says_what_cannot_be_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("mine: {told: mine, series: -1}")
    assert command.main(["--environment", "staging", "--profile", str(path)]) == 1
    assert "series" in capsys.readouterr().err
    assert command.main(["--environment", "staging", "--profile", str(tmp_path / "none")]) == 1


def test_tables_and_budgets_are_written_between_their_markers() -> None:
    page, stack = generating.generated(ROOT, lambda _: stacks.resources(), lambda *_: {})
    assert page.path == "docs/cost.md" and stack.path == "infrastructure/cost.yaml"
    assert "| `hosts-1000`: 1,000 hosts of 100 series | 4,320.0 |" in page.content
    assert "28.9% for writes and 28.9% for reads." in page.content
    assert "    production: { Environment: " in stack.content


def test_a_check_says_what_is_stale(capsys: pytest.CaptureFixture[str]) -> None:
    assert generating.main(["--check"]) == 0, capsys.readouterr().out


def test_budgets_round_up_and_never_to_nothing() -> None:
    rules = budgets.read()
    assert rules.rounded(0) == 10
    assert rules.rounded(6.6) == 10
    assert rules.rounded(6.7) == 20


def test_other_commands_do_not_wait_for_sams_translator() -> None:
    program = "import sys, skafu.ops.__main__; sys.exit('samtranslator' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
