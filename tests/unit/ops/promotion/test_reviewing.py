"""How a commit was reviewed, asked of GitHub."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion import reviewing
from skafu.ops.promotion.reviewing import Api, gh, review_of
from skafu.ops.promotion.rules.review import Opinion

COMMIT, HEAD, OLDER = "c" * 40, "d" * 40, "e" * 40
PLACE = "repos/{owner}/{repo}"


def pull(**more: Any) -> dict[str, Any]:
    return {
        "number": 7,
        "html_url": "https://github.com/example/skafu/pull/7",
        "merged_at": "2026-11-23T10:00:00Z",
        "merge_commit_sha": COMMIT,
        "head": {"sha": HEAD},
        "user": {"login": "ana"},
    } | more


def reviewed(login: str, state: str, commit: str = HEAD) -> dict[str, Any]:
    return {"user": {"login": login}, "state": state, "commit_id": commit}


def github(
    pulls: list[Any], commits: list[Any] | None = None, reviews: list[Any] | None = None
) -> Api:
    """GitHub's API, two objects a page."""
    told: Mapping[str, list[Any]] = {
        f"{PLACE}/commits/{COMMIT}/pulls": pulls,
        f"{PLACE}/pulls/7/commits": commits or [],
        f"{PLACE}/pulls/7/reviews": reviews or [],
    }
    return lambda path: [told[path][n : n + 2] for n in range(0, len(told[path]), 2)]


def test_it_tells_who_wrote_and_who_approved() -> None:
    commits = [
        {"author": {"login": "ben"}, "committer": {"login": "web-flow"}},
        {"author": None, "committer": {"login": "ana"}},
    ]
    found = review_of(COMMIT, github([pull()], commits, [reviewed("cai", "APPROVED")]))
    assert found.authors == ("ana", "ben")
    assert (found.commit, found.head, found.pull_request) == (COMMIT, HEAD, 7)
    assert found.opinions == {"cai": Opinion(state="APPROVED", commit=HEAD)}


def test_the_last_opinion_counts_and_comments_are_none() -> None:
    reviews = [
        reviewed("cai", "APPROVED", OLDER),
        reviewed("cai", "CHANGES_REQUESTED"),
        reviewed("cai", "COMMENTED"),
        reviewed("dan", "PENDING"),
        reviewed("eve", "CHANGES_REQUESTED", OLDER),
        reviewed("eve", "APPROVED"),
        {"user": None, "state": "APPROVED", "commit_id": HEAD},
    ]
    found = review_of(COMMIT, github([pull()], [], reviews)).opinions
    assert {name: each.state for name, each in found.items()} == {
        "cai": "CHANGES_REQUESTED",
        "eve": "APPROVED",
    }


@pytest.mark.parametrize(
    "pulls",
    [[], [pull(merged_at=None)], [pull(merge_commit_sha=OLDER)]],
    ids=["pushed", "not merged", "merged as another commit"],
)
def test_what_no_pull_request_brought_was_not_reviewed(pulls: list[Any]) -> None:
    with pytest.raises(Refused, match="No pull request was merged as c+: nobody has reviewed it"):
        review_of(COMMIT, github(pulls))


@pytest.mark.parametrize("pulls", [[{}], [None], [pull(number="7")], [pull(head=None)]])
def test_an_answer_of_another_shape_is_refused(pulls: list[Any]) -> None:
    with pytest.raises(Refused, match="is not understood"):
        review_of(COMMIT, github(pulls))


def test_the_report_is_written_for_the_gate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api = github([pull()], [], [reviewed("cai", "APPROVED")])
    report = tmp_path / "review.json"
    line = ["--commit", COMMIT, "--report", str(report)]
    assert reviewing.main(line, lambda program: api) == 0
    assert capsys.readouterr().out == "#7 by ana; cai: APPROVED\n"
    assert json.loads(report.read_text())["opinions"]["cai"]["commit"] == HEAD
    report.unlink()
    assert reviewing.main(line, lambda program: github([])) == 1
    assert "nobody has reviewed it" in capsys.readouterr().err
    assert not report.exists()


def script(folder: Path, text: str) -> str:
    path = folder / "gh"
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_the_program_is_asked_for_all_pages(tmp_path: Path) -> None:
    program = script(tmp_path, 'echo "[[\\"$*\\"]]"')
    assert gh(program)("repos/x") == [["api --paginate --slurp repos/x"]]


def test_a_program_that_fails_or_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="GitHub does not tell of repos/x: HTTP 401"):
        gh(script(tmp_path, "echo HTTP 401 >&2; exit 1"))("repos/x")
    with pytest.raises(Refused, match="is no JSON"):
        gh(script(tmp_path, "echo hello"))("repos/x")
    with pytest.raises(Refused, match="GitHub cannot be asked"):
        gh(str(tmp_path / "none"))("repos/x")
