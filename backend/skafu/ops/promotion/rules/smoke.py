"""What `python -m skafu.ops smoke --full` found of the deployed system."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion.rules.report import Report, Subject, Verdict, foreign, judged, only

AREAS = ("health", "metrics", "alerts", "workspace", "console", "alarm")
"""What is looked at from end to end: a check of each has to be there, so that a health check alone
does not do.
"""


class _Part(BaseModel):
    # It may tell more than what decides.
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Check(_Part):
    """One of them."""

    name: Annotated[str, Field(min_length=1)]
    passed: bool
    ms: float
    detail: str = ""


class Smoke(_Part):
    """The report; `release` is the id of the release that was looked at."""

    passed: bool
    checks: Annotated[tuple[Check, ...], Field(min_length=1)]
    release: str | None


def passed(reports: Sequence[Report], subject: Subject) -> Verdict:
    """All checks went well, on a release of this artefact.

    Raises Refused for another report, one without checks, and one of a part of them.
    """
    report = only(reports)
    try:
        smoke = Smoke.model_validate_json(report.content)
    except ValidationError as error:
        raise foreign(report, f"a report of `smoke` ({error.error_count()} errors)") from error
    there = {check.name.partition(".")[0] for check in smoke.checks}
    if missing := [area for area in AREAS if area not in there]:
        raise Refused(f"{report.name} has no check of {', '.join(missing)}: run `smoke --full`.")
    failures = [f"{each.name}: {each.detail}" for each in smoke.checks if not each.passed]
    if not smoke.passed and not failures:
        failures.append("the report says that it failed")
    failures += about(subject, smoke.release)
    slowest = max(each.ms for each in smoke.checks)
    summary = (
        f"{len(smoke.checks)} checks passed on {smoke.release}, the slowest in {slowest:.0f} ms"
    )
    return judged(failures, summary)


def about(subject: Subject, release: str | None) -> list[str]:
    """What is wrong with the release that a report is about: its id ends with the beginning of its
    artefact's identity.
    """
    if release is not None and release.endswith(f"-{subject.identity[:8]}"):
        return []
    return [f"it looked at release {release or 'unknown'}, not at one of {subject.identity[:8]}"]
