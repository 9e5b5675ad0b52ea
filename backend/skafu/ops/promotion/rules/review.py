"""The review of a change, as `python -m skafu.ops review` tells of it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skafu.ops.promotion.rules.report import Report, Subject, Verdict, foreign, judged, only

Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40,64}$")]
Login = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Opinion(_Part):
    """What a reviewer said last, of which commit of the branch."""

    state: Literal["APPROVED", "CHANGES_REQUESTED", "DISMISSED"]
    commit: Commit


class Review(_Part):
    """`commit` is what the pull request was merged as, `head` the last commit of its branch;
    `authors` opened it or wrote one of its commits.
    """

    commit: Commit
    pull_request: Annotated[int, Field(gt=0)]
    url: str
    head: Commit
    authors: Annotated[tuple[Login, ...], Field(min_length=1)]
    opinions: Mapping[Login, Opinion]


def approved(reports: Sequence[Report], subject: Subject) -> Verdict:
    """Somebody who wrote nothing of a change has approved what was merged, and nobody's objection
    stands.

    Raises Refused for what `review` has not written.
    """
    report = only(reports)
    try:
        review = Review.model_validate_json(report.content)
    except ValidationError as error:
        raise foreign(report, f"a report of `review` ({error.error_count()} errors)") from error
    approvers = [
        name
        for name, opinion in review.opinions.items()
        if opinion.state == "APPROVED"
        and opinion.commit == review.head
        and name not in review.authors
    ]
    against = [
        name
        for name, opinion in review.opinions.items()
        if opinion.state == "CHANGES_REQUESTED" and name not in review.authors
    ]
    failures = []
    if review.commit != subject.commit:
        failures.append(f"it is about commit {review.commit[:12]}, not {subject.commit[:12]}")
    if not approvers:
        failures.append("nobody but its authors has approved what was merged")
    if against:
        failures.append(f"changes are asked for by {', '.join(against)}")
    number = f"#{review.pull_request}"
    return judged(failures, f"{number} approved by {', '.join(approvers)}")
