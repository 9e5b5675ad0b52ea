"""Expressions of an inquiry, one after another."""

from collections.abc import Sequence
from dataclasses import dataclass

from skafu.metrics.query.evaluation import MAX_WORK, Evaluation, TooMuchWork, Work
from skafu.metrics.query.filling import filled
from skafu.metrics.query.formulas import Step
from skafu.metrics.query.matching import Unmatched
from skafu.metrics.query.parsing import ExpressionError
from skafu.metrics.query.periods import Grid
from skafu.metrics.query.question import Resolution, beyond, refused
from skafu.metrics.query.values import Row


@dataclass(frozen=True)
class Solved:
    """The answer to one query before it is shown."""

    grid: Grid
    resolution: Resolution
    rows: Sequence[Row]


def computed(
    steps: Sequence[Step], solved: dict[str, Solved], now: int, warnings: list[str]
) -> None:
    """Add to `solved` the answers of the steps, which come behind what they need.

    Raises Unprocessable for periods that differ, series that cannot be matched, too much work.
    """
    work = Work()
    for step in steps:
        grid = _common_grid(step, solved)
        rows = [
            Row(row.tags, row.unit, filled(step.formula.fill, row.values, grid.starts, now))
            for row in _evaluated(step, solved, work, warnings)
        ]
        found = {solved[name].resolution for name in step.needs}
        solved[step.formula.id] = Solved(
            grid, found.pop() if len(found) == 1 else Resolution.MIXED, rows
        )


def _common_grid(step: Step, solved: dict[str, Solved]) -> Grid:
    first = step.needs[0]
    for name in step.needs[1:]:
        mine, other = solved[first].grid, solved[name].grid
        if mine.period != other.period:
            raise refused(
                step.field,
                f"{first} has a period of {mine.period // 1000} seconds and {name} one of "
                f"{other.period // 1000}: give them the same",
            )
    return solved[first].grid


def _evaluated(
    step: Step, solved: dict[str, Solved], work: Work, warnings: list[str]
) -> Sequence[Row]:
    evaluation = Evaluation({name: solved[name].rows for name in step.needs}, work)
    try:
        found = evaluation.of(step.node)
    except (ExpressionError, Unmatched) as error:
        raise refused(step.field, str(error)) from error
    except TooMuchWork as error:
        reason = f"expressions compute at most {MAX_WORK:,} values: ask for fewer series or buckets"
        raise beyond(step.field, reason) from error
    if not isinstance(found, list):
        raise AssertionError("an expression that names a query has series")
    mine = step.formula.id
    if evaluation.lonely:
        warnings.append(f"{mine}: {evaluation.lonely} series without a partner are left out")
    for left, right in sorted(evaluation.mixed):
        warnings.append(
            f"{mine}: {left} and {right} come together; give their queries the same `unit`"
        )
    return found
