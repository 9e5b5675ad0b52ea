"""Which rule decides which gate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion.rules import (
    assessment,
    junit,
    load,
    performance,
    review,
    scans,
    smoke,
    way_back,
)
from skafu.ops.promotion.rules.report import Report, Rule, Subject, Verdict


@dataclass(frozen=True)
class Limits:
    """Where rules find what may be exceeded by nothing."""

    figures: Path = performance.FILE
    load: Path = load.FILE


RULES: Mapping[str, Callable[[Limits], Rule]] = {
    "unit": lambda _: junit.tests_of("unit", "contract", "functional", "property"),
    "integration": lambda _: junit.tests_of("integration"),
    "security": lambda _: scans.clean,
    "performance": lambda limits: performance.within(performance.read(limits.figures)),
    "review": lambda _: review.approved,
    "end_to_end": lambda _: smoke.passed,
    "load": lambda limits: load.borne(load.read(limits.load)),
    "security_assessment": lambda _: assessment.clean,
    "rollback_plan": lambda _: way_back.there_from("production"),
}
"""By gate."""


def judge(
    gate: str, reports: Sequence[Report], subject: Subject, limits: Limits = Limits()
) -> Verdict:
    """Decide about a gate. Raises Refused for reports that its rule cannot read, for limits that
    cannot be read, and for a gate that takes none.
    """
    if gate not in RULES:
        raise Refused(f"{gate} takes no report.")
    if subject.accepted and gate != "security_assessment":
        raise Refused(f"There is nothing to accept in {gate}.")
    return RULES[gate](limits)(reports, subject)
