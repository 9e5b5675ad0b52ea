"""What every rule of a gate is given and gives back: reports, what they are about, a verdict."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from skafu.ops.artefact.sources import Refused


@dataclass(frozen=True)
class Report:
    """A file that a program wrote: its name and its bytes."""

    name: str
    content: bytes

    def json(self) -> Any:
        """What it says. Raises Refused when it is empty, cut off, or no JSON."""
        try:
            return json.loads(self.content)
        except ValueError as error:
            raise Refused(f"{self.name} is not a JSON report: {error}") from error


@dataclass(frozen=True)
class Subject:
    """What reports have to be about: an artefact in the environment that it is to leave. `accepted`
    is what somebody takes upon themselves: the tool that could not audit, and why.
    """

    environment: str
    identity: str
    commit: str
    accepted: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """Whether a gate is passed, and the figures that decided, as a sentence."""

    passed: bool
    summary: str


type Rule = Callable[[Sequence[Report], Subject], Verdict]
"""Reads the reports of a gate and decides. Raises Refused for what it cannot read: that is neither
passed nor failed.
"""


def only(reports: Sequence[Report]) -> Report:
    """The report of a gate that takes one. Raises Refused for more, and for none."""
    if len(reports) != 1:
        raise Refused(f"This gate takes one report, not {len(reports)}.")
    return reports[0]


def foreign(report: Report, wanted: str) -> Refused:
    """For a report that can be read and is of another kind."""
    return Refused(f"{report.name} is not {wanted}.")


def judged(failures: Sequence[str], summary: str) -> Verdict:
    """Failed with what is wrong, or passed with the figures."""
    if failures:
        return Verdict(False, "; ".join(failures))
    return Verdict(True, summary)
