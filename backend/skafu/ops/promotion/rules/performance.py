"""Benchmarks (`make bench`): no figure is over its budget, but for what is accepted, and why.

benchmarks/accepted.yaml is kept beside the benchmarks: which figures have to be there, and for each
that is known to be over its budget the limit that holds instead, with the reason. So nothing gets
worse unseen, and what is over is named each time.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from skafu.ops.artefact.sources import Refused
from skafu.ops.generated import ROOT
from skafu.ops.promotion.rules.report import Report, Rule, Subject, Verdict, foreign, judged, only

FILE = ROOT / "benchmarks" / "accepted.yaml"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Acceptance(_Part):
    """Up to where a figure may be over its budget, in its own unit, and why."""

    limit: float
    reason: Annotated[str, Field(min_length=10)]


class Accepted(_Part):
    """`figures` have to be measured; `over` are those that are known to be over their budgets."""

    figures: Annotated[tuple[str, ...], Field(min_length=1)]
    over: Mapping[str, Acceptance] = {}


class Figure(BaseModel):
    """A figure of bench.json; `value` is None where it could not be measured."""

    model_config = ConfigDict(frozen=True, strict=True, allow_inf_nan=False)

    value: float | None
    budget: float | None
    unit: str


def read(path: Path) -> Accepted:
    """What is accepted. Raises Refused for a file that cannot be read."""
    try:
        return Accepted.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise Refused(f"{path} cannot be read: {error}") from error


def within(accepted: Accepted) -> Rule:
    """The rule of the gate. It raises Refused for what is no bench.json, and for one of which a
    figure that has to be there is missing.
    """

    def rule(reports: Sequence[Report], _: Subject) -> Verdict:
        figures = _figures(only(reports))
        if missing := [name for name in accepted.figures if name not in figures]:
            raise Refused(f"Figures are missing: {', '.join(missing)}. Run all of `make bench`.")
        budgeted = {name: each for name, each in figures.items() if each.budget is not None}
        failures, known = [], []
        for name, figure in budgeted.items():
            failure = _failure(name, figure, accepted.over.get(name))
            if failure is not None:
                failures.append(failure)
            elif figure.value is not None and figure.value > (figure.budget or 0):
                known.append(f"{name} {_of(figure)}")
        summary = f"{len(budgeted) - len(known)} figures within their budgets"
        if known:
            summary += f"; over and accepted: {'; '.join(known)}"
        return judged(failures, summary)

    return rule


def _failure(name: str, figure: Figure, acceptance: Acceptance | None) -> str | None:
    limit = figure.budget if acceptance is None else acceptance.limit
    if figure.value is None:
        return f"{name} was not measured"
    if limit is not None and figure.value > limit:
        until = "" if acceptance is None else f", accepted up to {acceptance.limit:.4g}"
        return f"{name} is over: {_of(figure)}{until}"
    return None


def _of(figure: Figure) -> str:
    return f"{figure.value:.4g} of {figure.budget:.4g} {figure.unit}"


def _figures(report: Report) -> dict[str, Figure]:
    told: Any = report.json()
    if not isinstance(told, dict) or not told:
        raise foreign(report, "a bench.json")
    try:
        return {name: Figure.model_validate(each) for name, each in told.items()}
    except ValidationError as error:
        raise foreign(report, "a bench.json") from error
