"""The security assessment, as `python -m skafu.ops assess` tells of it."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion.rules.report import Report, Subject, Verdict, foreign, judged, only

TOOLS = ("bandit", "cfn-lint", "npm-audit", "pip-audit", "zizmor")
"""Each has to have been asked: about the code, the template that CloudFormation gets, other
people's packages in the console and in the functions, the workflows.
"""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Tool(_Part):
    """What a tool said: `findings` is None where it could not tell, and `not_audited` says why;
    `looked_at` is what it has looked at, in words.
    """

    name: str
    exit_code: int
    findings: Annotated[int, Field(ge=0)] | None
    looked_at: str
    not_audited: str | None = None
    told: tuple[str, ...] = ()


class Assessment(_Part):
    """`identity` is that of the sources that were looked at."""

    identity: str
    at: Annotated[int, Field(gt=0)]
    tools: tuple[Tool, ...]


def clean(reports: Sequence[Report], subject: Subject) -> Verdict:
    """No tool has found anything in this artefact's sources, and each has looked at all of it, but
    for what somebody accepts to have been left out (`subject.accepted`).

    Raises Refused for another report, for one in which a tool is missing, and where something is
    accepted that was audited.
    """
    report = only(reports)
    try:
        told = Assessment.model_validate_json(report.content)
    except ValidationError as error:
        raise foreign(report, f"a report of `assess` ({error.error_count()} errors)") from error
    tools = {each.name: each for each in told.tools}
    if missing := [name for name in TOOLS if name not in tools]:
        raise Refused(f"{report.name} does not tell of {', '.join(missing)}.")
    audited = [each.name for each in told.tools if each.not_audited is None]
    if wrong := [name for name in subject.accepted if name not in tools or name in audited]:
        raise Refused(f"There is nothing to accept of {', '.join(wrong)}.")
    failures = [text for each in told.tools for text in _failures(each, subject)]
    if told.identity != subject.identity:
        failures.append(f"other sources were looked at: {told.identity[:12]}")
    return judged(failures, "; ".join(_summary(each, subject) for each in told.tools))


def _failures(tool: Tool, subject: Subject) -> list[str]:
    if tool.not_audited is not None:
        # What is accepted is that nobody could be asked, never what was found all the same.
        unasked = [] if tool.name in subject.accepted else [f"not audited: {tool.not_audited}"]
        found = [f"{tool.findings} findings"] if tool.findings else []
        return [f"{tool.name}: {text}" for text in unasked + found]
    if tool.findings is None:
        return [f"{tool.name}: it does not tell what it found"]
    if tool.findings or tool.exit_code:
        some = f" ({', '.join(tool.told[:3])})" if tool.told else ""
        return [f"{tool.name}: {tool.findings} findings, exit code {tool.exit_code}{some}"]
    return []


def _summary(tool: Tool, subject: Subject) -> str:
    if tool.not_audited is not None:
        return f"{tool.name}: not audited, accepted: {subject.accepted.get(tool.name)}"
    return f"{tool.name}: nothing in {tool.looked_at}"
