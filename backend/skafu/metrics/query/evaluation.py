"""Expressions computed, bucket by bucket."""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from skafu.metrics.query.matching import match
from skafu.metrics.query.parsing import Binary, Call, ExpressionError, Negative, Node, Number
from skafu.metrics.query.parsing import Reference
from skafu.metrics.query.ranking import ranked
from skafu.metrics.query.values import Row, applied, column

MAX_WORK = 5_000_000
"""Values that the expressions of a request may compute: about two seconds of work."""
MAX_RANK = 10_000

type Operand = list[Row] | float | None
"""Series, or a number; None is a number that is none (1/0)."""


def _rounded(value: float) -> float:
    """Halves go up, as in PromQL."""
    below = math.floor(value)
    return float(below + (value - below >= 0.5))


_SIGNS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": math.fmod,
    "^": math.pow,
    "min": min,
    "max": max,
}
_SINGLE: dict[str, Callable[[float], float]] = {
    "abs": abs,
    "ceil": lambda value: float(math.ceil(value)),
    "floor": lambda value: float(math.floor(value)),
    "round": _rounded,
    "sqrt": math.sqrt,
    "ln": math.log,
    "log10": math.log10,
}
_OVER_SERIES: dict[str, Callable[[Sequence[float]], float]] = {
    "sum": math.fsum,
    "avg": lambda values: math.fsum(value / len(values) for value in values),
    "min": min,
    "max": max,
}
_LOSES_UNIT = frozenset({"*", "/", "^", "sqrt", "ln", "log10"})


class TooMuchWork(Exception):
    """The expressions would compute more than MAX_WORK values."""


@dataclass
class Work:
    """How many values may still be computed."""

    left: int = MAX_WORK

    def spend(self, values: int) -> None:
        """Raises TooMuchWork."""
        self.left -= values
        if self.left < 0:
            raise TooMuchWork


class Evaluation:
    """One expression over the answers of other queries, whose buckets are the same.

    Afterwards `lonely` tells how many series found no partner, `mixed` which units were added or
    compared though they differ.
    """

    def __init__(self, answers: Mapping[str, Sequence[Row]], work: Work) -> None:
        self._answers = answers
        self._work = work
        self.lonely = 0
        self.mixed: set[tuple[str, str]] = set()

    def of(self, node: Node) -> Operand:
        """The value of an expression. Raises ExpressionError, Unmatched and TooMuchWork."""
        match node:
            case Number(value):
                return value
            case Reference(name):
                return list(self._answers[name])
            case Negative(of):
                return self._each(operator.neg, self.of(of), keeps_unit=True)
            case Binary(sign, left, right):
                return self._both(sign, self.of(left), self.of(right))
            case Call():
                return self._call(node)

    def _call(self, node: Call) -> Operand:
        values = [self.of(each) for each in node.arguments]
        if node.name in _SINGLE:
            keeps = node.name not in _LOSES_UNIT
            return self._each(_SINGLE[node.name], values[0], keeps_unit=keeps)
        if node.name == "clamp":
            return self._both("min", self._both("max", values[0], values[1]), values[2])
        if node.name in ("topk", "bottomk"):
            most = values[0]
            if not isinstance(most, float) or most % 1 or not 1 <= most <= MAX_RANK:
                reason = f"{node.name} takes first how many, a whole number from 1 to {MAX_RANK:,}"
                raise ExpressionError(node.at, reason)
            rows = _series(node, values[1])
            self._work.spend(sum(len(row.values) for row in rows))
            return ranked(rows, int(most), largest=node.name == "topk")
        if len(values) == 2:
            return self._both(node.name, *values)
        return self._over_series(_OVER_SERIES[node.name], _series(node, values[0]))

    def _each(
        self, operation: Callable[[float], float], of: Operand, *, keeps_unit: bool
    ) -> Operand:
        if not isinstance(of, list):
            return applied(operation, of)
        return [
            Row(
                row.tags,
                row.unit if keeps_unit else None,
                self._applied(operation, row.values),
            )
            for row in of
        ]

    def _both(self, sign: str, left: Operand, right: Operand) -> Operand:
        operation = _SIGNS[sign]
        if not isinstance(left, list):
            if not isinstance(right, list):
                return applied(operation, left, right)
            return [
                Row(
                    row.tags,
                    self._unit(sign, row.unit, row.unit),
                    self._applied(
                        lambda value: operation(left, value) if left is not None else math.inf,
                        row.values,
                    ),
                )
                for row in right
            ]
        if not isinstance(right, list):
            return [
                Row(
                    row.tags,
                    self._unit(sign, row.unit, row.unit),
                    self._applied(
                        lambda value: operation(value, right) if right is not None else math.inf,
                        row.values,
                    ),
                )
                for row in left
            ]
        matching = match([row.tags for row in left], [row.tags for row in right])
        self.lonely += matching.lonely
        return [
            Row(
                pair.tags,
                self._unit(sign, left[pair.left].unit, right[pair.right].unit),
                self._applied(operation, left[pair.left].values, right[pair.right].values),
            )
            for pair in matching.pairs
        ]

    def _over_series(
        self, operation: Callable[[Sequence[float]], float], rows: Sequence[Row]
    ) -> list[Row]:
        if not rows:
            return []
        self._work.spend(sum(len(row.values) for row in rows))
        units = {row.unit for row in rows}
        values = []
        for column in zip(*(row.values for row in rows), strict=True):
            known = [value for value in column if value is not None]
            values.append(applied(_listing(operation), *known) if known else None)
        return [Row((), units.pop() if len(units) == 1 else None, values)]

    def _applied(
        self, operation: Callable[..., float], *columns: Sequence[float | None]
    ) -> list[float | None]:
        self._work.spend(len(columns[0]))
        return column(operation, *columns)

    def _unit(self, sign: str, left: str | None, right: str | None) -> str | None:
        if sign in _LOSES_UNIT:
            return None
        if left is not None and right is not None and left != right:
            self.mixed.add((left, right))
        return left if left == right else None


def _listing(operation: Callable[[Sequence[float]], float]) -> Callable[..., float]:
    return lambda *values: operation(values)


def _series(node: Call, of: Operand) -> list[Row]:
    if isinstance(of, list):
        return of
    raise ExpressionError(node.at, f"{node.name} takes series, not a number")
