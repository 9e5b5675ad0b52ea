"""One comment of a pull request for each report, however often it is pushed to."""

from pathlib import Path
from typing import Any

import pytest

from skafu.ops.pipeline import comment
from tests.support.http_script import HttpScript, read_by, says

VARIABLES = {"GITHUB_TOKEN": "t0k3n", "GITHUB_REPOSITORY": "skafu-org/skafu"}
BASE = "https://api.github.com/repos/skafu-org/skafu"
MARK = "<!-- skafu: change-set -->"


def by(kind: str, number: int, text: str) -> dict[str, Any]:
    return {"id": number, "user": {"type": kind}, "body": text}


@pytest.fixture(name="report")
def _report(tmp_path: Path) -> Path:
    path = tmp_path / "report.md"
    path.write_text("**1 replacement**\n", encoding="utf-8")
    return path


def commented(script: HttpScript, report: Path, **variables: str) -> int:
    line = ["--pull-request", "7", "--name", "change-set", "--report", str(report)]
    return comment.main(line, VARIABLES | variables, read_by(script))


def test_the_first_report_is_a_new_comment(report: Path) -> None:
    script = HttpScript([says(200, []), says(201, {})])
    assert commented(script, report) == 0
    looked, said = script.asked
    assert (looked.method, looked.url) == (
        "GET",
        f"{BASE}/issues/7/comments?per_page=100&page=1",
    )
    assert (said.method, said.url) == ("POST", f"{BASE}/issues/7/comments")
    assert said.json() == {"body": f"{MARK}\n**1 replacement**\n"}
    assert said.headers["Authorization"] == "Bearer t0k3n"


def test_the_next_one_takes_its_place(report: Path) -> None:
    there = [by("User", 1, "why?"), by("Bot", 2, "<!-- skafu: other -->"), by("Bot", 3, MARK)]
    script = HttpScript([says(200, there), says(200, {})])
    assert commented(script, report) == 0
    _, said = script.asked
    assert (said.method, said.url) == ("PATCH", f"{BASE}/issues/comments/3")


def test_what_a_person_wrote_is_not_changed(report: Path) -> None:
    script = HttpScript([says(200, [by("User", 1, MARK)]), says(201, {})])
    assert commented(script, report) == 0
    assert script.asked[-1].method == "POST"


def test_it_is_found_behind_a_long_discussion(report: Path) -> None:
    first = [by("User", each, "and") for each in range(100)]
    script = HttpScript([says(200, first), says(200, [by("Bot", 200, MARK)]), says(200, {})])
    assert commented(script, report) == 0
    assert [each.method for each in script.asked] == ["GET", "GET", "PATCH"]


def test_a_long_report_is_cut_at_a_line_and_says_so() -> None:
    text = comment.shortened("a line of the report\n" * 10_000)
    assert len(text) < 65_536
    assert text.splitlines()[-3] == "a line of the report"
    assert "longer than a comment" in text


@pytest.mark.parametrize("answer", [says(403), says(404), OSError("away")])
def test_what_github_refuses_fails_the_step(answer: Any, report: Path) -> None:
    assert commented(HttpScript([answer]), report) == 1


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "GITHUB_REPOSITORY"])
def test_what_is_missing_is_named(
    name: str, report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = HttpScript([says(200, [])])
    assert commented(script, report, **{name: ""}) == 1
    assert name in capsys.readouterr().err and not script.asked


def test_the_token_is_not_printed(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commented(HttpScript([says(403)]), report)
    said = capsys.readouterr()
    assert "t0k3n" not in said.out + said.err
