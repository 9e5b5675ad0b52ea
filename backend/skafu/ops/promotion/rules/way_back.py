"""The validated way back, as `rollback --environment production --dry-run` tells of it."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skafu.ops.promotion.rules.report import Report, Rule, Subject, Verdict, foreign, judged, only


class Way(BaseModel):
    """The report: `artefact` is what is to be deployed, `release` what runs and would be gone back
    to; None where nothing runs yet.
    """

    # It tells the whole plan; this is what decides.
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    passed: bool
    environment: str
    artefact: Annotated[str, Field(min_length=1)]
    target: str | None
    steps: tuple[str, ...]
    problems: tuple[str, ...]
    note: str = ""


def there_from(environment: str) -> Rule:
    """The rule for what is to be deployed in an environment: a plan for this artefact that nothing
    forbids. It raises Refused for another report.
    """

    def rule(reports: Sequence[Report], subject: Subject) -> Verdict:
        report = only(reports)
        try:
            way = Way.model_validate_json(report.content)
        except ValidationError as error:
            told = f"a report of `rollback --dry-run` ({error.error_count()} errors)"
            raise foreign(report, told) from error
        failures = list(way.problems)
        if not way.passed and not failures:
            failures.append("the report says that there is none")
        if way.environment != environment:
            failures.append(f"it is about {way.environment}, not {environment}")
        if way.artefact != subject.identity:
            failures.append(f"it is about another artefact: {way.artefact[:12]}")
        summary = f"back to {way.target} in {len(way.steps)} steps" if way.target else way.note
        return judged(failures, summary or "nothing to go back to")

    return rule
