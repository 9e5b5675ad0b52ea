"""CloudWatch's metric math, as far as alarms of ours use it, for one minute.

After "Using math expressions with CloudWatch metrics": a result has no value where a figure in it
has none, unless FILL puts one there; a SUM of several has none where all of them have none. What
holds is 1, what does not 0.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from functools import cache

type Value = float | None
"""None: there is no value in this minute."""

FUNCTIONS = {"FILL", "IF", "SUM"}
ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}
COMPARISONS: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}


def evaluate(expression: str, figures: Mapping[str, Value]) -> Value:
    """The value of an expression; KeyError for a figure that nobody gave, ValueError for what is
    not understood.
    """
    return _of(_parsed(expression), figures)


def names_in(expression: str) -> set[str]:
    """The figures, and other expressions, that an expression looks at."""
    found = {each.id for each in ast.walk(_parsed(expression)) if isinstance(each, ast.Name)}
    return found - FUNCTIONS


@cache
def _parsed(expression: str) -> ast.expr:
    # What is used of its grammar is Python's too, once these two are called as there.
    text = expression.replace("&&", " and ").replace("||", " or ")
    return ast.parse(text, mode="eval").body


def _of(node: ast.expr, figures: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return figures[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            return _with(ARITHMETIC[type(op)], _of(left, figures), _of(right, figures))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
            return _with(COMPARISONS[type(op)], _of(left, figures), _of(right, figures))
        case ast.BoolOp(op=op, values=values):
            parts = [_of(each, figures) for each in values]
            hold = all(parts) if isinstance(op, ast.And) else any(parts)
            return None if None in parts else float(hold)
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return _called(function, arguments, figures)
    raise ValueError(f"not understood: {ast.unparse(node)}")


def _called(function: str, arguments: list[ast.expr], figures: Mapping[str, Value]) -> Value:
    match function, arguments:
        case "SUM", [ast.List(elts=elements)]:
            found = [each for each in (_of(x, figures) for x in elements) if each is not None]
            return sum(found) if found else None
        case "FILL", [figure, filling]:
            value = _of(figure, figures)
            return _of(filling, figures) if value is None else value
        case "IF", [condition, then, otherwise]:
            holds = _of(condition, figures)
            return None if holds is None else _of(then if holds else otherwise, figures)
    raise ValueError(f"not understood: {function} of {len(arguments)}")


def _with(combine: Callable[[float, float], float], left: Value, right: Value) -> Value:
    return None if left is None or right is None else float(combine(left, right))
