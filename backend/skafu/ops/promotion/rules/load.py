"""What `python -m skafu.ops load` measured, against delivery/load.yaml."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skafu.ops.artefact.sources import Refused
from skafu.ops.generated import ROOT
from skafu.ops.promotion.rules.report import Report, Rule, Subject, Verdict, foreign, judged, only
from skafu.ops.promotion.rules.smoke import about

FILE = ROOT / "delivery" / "load.yaml"

Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Latencies(_Part):
    """Milliseconds that half, 95 and 99 of a hundred requests stayed below."""

    p50: float
    p95: float
    p99: float


class Limits(_Part):
    """What an environment has to bear: for `seconds`, `rate` requests a second of `points` points
    each, answered within `latency_ms`; `error_share` of the requests may fail, between 0 and 1.
    """

    seconds: Positive
    rate: Positive
    points: Annotated[int, Field(ge=1, le=10_000)]
    latency_ms: Latencies
    error_share: Annotated[float, Field(ge=0, lt=1)]


class Load(_Part):
    """The report: of `requests` that were sent `errors` had no good answer (`failures`: how many of
    which kind); of the `acknowledged` points `read_back` were there afterwards, each once with its
    value. `rate` is what was asked for, `sent_rate` what was sent.
    """

    environment: str
    release: str | None
    at: Annotated[int, Field(gt=0)]
    seconds: Positive
    rate: Positive
    sent_rate: float
    points: Count
    requests: Count
    errors: Count
    failures: Mapping[str, Count]
    acknowledged: Count
    read_back: Count
    lost: Count
    latency_ms: Latencies


KEPT_PACE = 0.95
"""Share of the rate that has to be sent: who cannot send it has not shown that it is borne."""


def read(path: Path) -> Mapping[str, Limits]:
    """Each environment's limits. Raises Refused for a file that cannot be read."""
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(told, dict):
            raise Refused(f"{path} names no environments.")
        return {name: Limits.model_validate(each) for name, each in told.items()}
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise Refused(f"{path} cannot be read: {error}") from error


def borne(limits: Mapping[str, Limits]) -> Rule:
    """The rule of the gate. It raises Refused for another report, and for an environment without
    limits.
    """

    def rule(reports: Sequence[Report], subject: Subject) -> Verdict:
        report = only(reports)
        try:
            load = Load.model_validate_json(report.content)
        except ValidationError as error:
            raise foreign(report, f"a report of `load` ({error.error_count()} errors)") from error
        if subject.environment not in limits:
            raise Refused(f"No load is told for {subject.environment}.")
        failures = exceeded(load, limits[subject.environment])
        if load.environment != subject.environment:
            failures.append(f"it was put on {load.environment}")
        return judged(failures + about(subject, load.release), told(load))

    return rule


def exceeded(load: Load, limits: Limits) -> list[str]:
    """What is wrong with what was measured."""
    failures = []
    if load.seconds < limits.seconds or load.rate < limits.rate or load.points < limits.points:
        failures.append(
            f"{load.rate:g} requests/s of {load.points} points for {load.seconds:g} s are less "
            f"than {limits.rate:g} of {limits.points} for {limits.seconds:g} s"
        )
    if load.sent_rate < KEPT_PACE * load.rate:
        failures.append(f"only {load.sent_rate:.1f} of {load.rate:g} requests/s were sent")
    if not load.acknowledged:
        failures.append("no point was acknowledged")
    if load.lost or load.read_back != load.acknowledged:
        missing = max(load.lost, load.acknowledged - load.read_back)
        failures.append(f"{missing} acknowledged points cannot be read back")
    if load.errors > limits.error_share * load.requests:
        kinds = ", ".join(f"{count} {kind}" for kind, count in load.failures.items())
        failures.append(f"{load.errors} of {load.requests} requests failed ({kinds})")
    for name, limit in limits.latency_ms.model_dump().items():
        if (took := getattr(load.latency_ms, name)) > limit:
            failures.append(f"{name} {took:.0f} ms of {limit:g}")
    return failures


def told(load: Load) -> str:
    """The figures, as a sentence."""
    latency = load.latency_ms
    return (
        f"{load.sent_rate:.1f} requests/s of {load.points} points for {load.seconds:g} s: "
        f"{load.acknowledged:,} points acknowledged and all read back, {load.errors} of "
        f"{load.requests:,} requests failed, p50/p95/p99 "
        f"{latency.p50:.0f}/{latency.p95:.0f}/{latency.p99:.0f} ms"
    )
