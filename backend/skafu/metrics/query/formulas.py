"""Expressions among queries: what each needs, and in which order they are computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skafu.metrics.query.parsing import ExpressionError, Node, parse, references
from skafu.metrics.query.question import Asked, Formula, Question, refused


@dataclass(frozen=True)
class Step:
    """An expression, its place among the queries, and the ids that it names, in its order."""

    place: int
    formula: Formula
    node: Node
    needs: tuple[str, ...]

    @property
    def field(self) -> str:
        """Where the request has it."""
        return f"queries.{self.place}.expression"


def steps_of(queries: Sequence[Asked]) -> list[Step]:
    """The expressions, each behind all that it needs. Raises Unprocessable for what cannot be read,
    for ids that no query has, and for expressions that need themselves, by their names.
    """
    known = {query.id for query in queries}
    steps = {
        query.id: _step(place, query, known)
        for place, query in enumerate(queries)
        if isinstance(query, Formula)
    }
    ordered: dict[str, Step] = {}
    for step in steps.values():
        _visit(step, steps, ordered, ())
    return list(ordered.values())


def needed(queries: Sequence[Asked], steps: Sequence[Step]) -> set[str]:
    """The ids of the questions that must be answered: those shown, and those that others need."""
    named = {name for step in steps for name in step.needs}
    return {q.id for q in queries if isinstance(q, Question) and (not q.hidden or q.id in named)}


def _step(place: int, formula: Formula, known: set[str]) -> Step:
    field = f"queries.{place}.expression"
    try:
        node = parse(formula.expression)
    except ExpressionError as error:
        raise refused(field, str(error)) from error
    needs = tuple(dict.fromkeys(references(node)))
    if not needs:
        raise refused(field, "names no query: an expression computes with others by their ids")
    for name in needs:
        if name not in known:
            raise refused(field, f"there is no query {name}")
    return Step(place, formula, node, needs)


def _visit(
    step: Step, steps: Mapping[str, Step], ordered: dict[str, Step], way: tuple[str, ...]
) -> None:
    """At most as deep as there are queries in a request."""
    mine = step.formula.id
    if mine in way:
        circle = " needs ".join([*way[way.index(mine) :], mine])
        raise refused(step.field, f"goes in a circle: {circle}")
    if mine in ordered:
        return
    for name in step.needs:
        if name in steps:
            _visit(steps[name], steps, ordered, (*way, mine))
    ordered[mine] = step
