"""A change is reviewed when somebody else has approved what was merged."""

from typing import Any

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion.rules.report import Report
from skafu.ops.promotion.rules.review import approved
from tests.support.reports import decide, report, review

HEAD, OLDER = "d" * 40, "e" * 40


def opinion(state: str, commit: str = HEAD) -> dict[str, str]:
    return {"state": state, "commit": commit}


def test_an_approval_by_somebody_else_passes() -> None:
    verdict = decide(approved, report(review()))
    assert verdict.passed and verdict.summary == "#7 approved by ben"


@pytest.mark.parametrize(
    "opinions",
    [
        {},
        {"ana": opinion("APPROVED")},
        {"ben": opinion("DISMISSED")},
        {"ben": opinion("CHANGES_REQUESTED")},
        {"ben": opinion("APPROVED", OLDER)},
    ],
    ids=["nobody", "its author", "dismissed", "refused", "of an older commit"],
)
def test_nothing_less_than_that_does(opinions: dict[str, Any]) -> None:
    verdict = decide(approved, report(review(opinions=opinions)))
    assert not verdict.passed
    assert "nobody but its authors has approved what was merged" in verdict.summary


def test_who_wrote_one_of_its_commits_is_an_author_too() -> None:
    assert not decide(approved, report(review(authors=["ana", "ben"]))).passed


def test_an_objection_stands_beside_an_approval() -> None:
    opinions = {"ben": opinion("APPROVED"), "cai": opinion("CHANGES_REQUESTED", OLDER)}
    verdict = decide(approved, report(review(opinions=opinions)))
    assert not verdict.passed and verdict.summary == "changes are asked for by cai"


def test_the_review_of_another_commit_fails() -> None:
    verdict = decide(approved, report(review(commit="f" * 40)))
    assert not verdict.passed
    assert verdict.summary == "it is about commit ffffffffffff, not cccccccccccc"


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        review(authors=[]),
        review(commit="main"),
        review(opinions={"ben": {"state": "LIKED", "commit": HEAD}}),
        review(more=1),
        {"approved": True},
    ],
)
def test_something_else_is_no_review(told: Any) -> None:
    with pytest.raises(Refused, match="is not a report of `review`"):
        decide(approved, report(told))


def test_a_report_that_is_cut_off_is_refused() -> None:
    with pytest.raises(Refused, match="is not a report of `review`"):
        decide(approved, Report("review.json", report(review()).content[:-1]))
