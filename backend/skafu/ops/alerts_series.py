"""What a PromQL expression reads, as a statistic of a metric. What does not fit raises Unfit.

A Skafu alert reduces all points of a group of series in a bucket of its period; PromQL looks at
each series' last point, or at a range of it, whenever a rule is evaluated. They agree where
AGGREGATED says so.
"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import promql_parser as promql

from skafu.ops.alerts_foreign import Unfit

OVER_TIME = {
    "avg_over_time": "avg",
    "max_over_time": "max",
    "min_over_time": "min",
    "sum_over_time": "sum",
    "count_over_time": "count",
    "last_over_time": "last",
    "stddev_over_time": "stddev",
}
# What an aggregation over series makes of the statistic inside it: (outer, inner) -> statistic.
AGGREGATED = {
    **{(each, "last"): each for each in ("avg", "max", "min", "sum", "count", "stddev")},
    ("avg", "avg"): "avg",
    ("max", "max"): "max",
    ("min", "min"): "min",
    ("sum", "sum"): "sum",
    ("sum", "count"): "count",
    ("sum", "rate"): "rate",
    ("sum", "increase"): "increase",
}
COUNTING = "counts every point of a period: right where each series sends one point in it"
LITERAL = re.compile(r"[A-Za-z0-9_ /:@,=%<>~!\"'#&;-]*")


@dataclass(frozen=True)
class Watch:
    """What is read: a statistic of a metric. `period` in seconds, None where the rule's own
    interval rules; `group_by` None: each series by itself.
    """

    metric: str
    filters: tuple[tuple[str, str, Any], ...]
    statistic: str = "last"
    period: int | None = None
    group_by: tuple[str, ...] | None = None
    offset: int = 0
    note: str | None = None


# --- what is read ---------------------------------------------------------------------------------


def watched(node: Any) -> Watch:
    """The statistic that an expression without comparison asks for."""
    node = bare(node)
    if isinstance(node, promql.VectorSelector):
        return selected(node)
    if isinstance(node, promql.AggregateExpr):
        return _aggregated(node)
    if isinstance(node, promql.Call):
        return _called(node)
    if isinstance(node, promql.SubqueryExpr):
        raise Unfit("a subquery ([5m:1m]) has no counterpart")
    raise Unfit("arithmetic between metrics: send the result as a metric of its own")


def _called(node: Any) -> Watch:
    name = node.func.name
    arguments = [bare(each) for each in node.args]
    ranges = [each for each in arguments if isinstance(each, promql.MatrixSelector)]
    if any(isinstance(each, promql.SubqueryExpr) for each in arguments):
        raise Unfit("a subquery ([5m:1m]) has no counterpart")
    if len(ranges) == 1:
        watch = replace(selected(ranges[0].vector_selector), period=seconds_of(ranges[0].range))
        if name in ("rate", "increase"):
            return replace(watch, statistic=name)
        if name in OVER_TIME:
            return replace(watch, statistic=OVER_TIME[name])
        if name == "quantile_over_time":
            return replace(watch, statistic=_percentile(number_of(node.args[0])))
    raise Unfit(f"the function {name} has no counterpart")


def _aggregated(node: Any) -> Watch:
    outer = str(node.op)
    modifier = node.modifier
    if modifier is not None and modifier.type is not promql.AggModifierType.By:
        raise Unfit("without (...) needs all labels of the series: say by (...)")
    inner = watched(node.expr)
    if inner.group_by is not None:
        raise Unfit("an aggregation of an aggregation has no counterpart")
    group_by = tuple(modifier.labels) if modifier is not None else ()
    if outer == "quantile" and inner.statistic == "last":
        return replace(inner, statistic=_percentile(number_of(node.param)), group_by=group_by)
    statistic = AGGREGATED.get((outer, inner.statistic))
    if statistic is None:
        of = "" if inner.statistic == "last" else f" of {inner.statistic}"
        raise Unfit(f"{outer}{of} over series has no counterpart")
    note = inner.note
    if outer in ("sum", "count") and inner.statistic == "last":
        note = f"{outer} {COUNTING}"
    return replace(inner, statistic=statistic, group_by=group_by, note=note)


def _percentile(quantile: float | None) -> str:
    if quantile is None or not 0 <= quantile <= 1:
        raise Unfit("a quantile is a number from 0 to 1")
    return f"p{quantile * 100:.6g}"


def selected(node: Any) -> Watch:
    """A selector's metric and filters."""
    if node.matchers.or_matchers:
        raise Unfit("matchers with or have no counterpart")
    if node.at is not None:
        raise Unfit("@ looks at a fixed moment: alerts watch the present")
    metric = node.name
    filters = []
    for each in node.matchers.matchers:
        if each.name == "__name__":
            if each.op is not promql.MatchOp.Equal or metric:
                raise Unfit("the metric must be named")
            metric = each.value
        else:
            filters.append(_filter(each.name, each.op, each.value))
    if not metric:
        raise Unfit("the metric must be named")
    offset = 0 if node.offset is None else seconds_of(node.offset)
    if offset < 0:
        raise Unfit("a negative offset looks into the future")
    return Watch(metric, tuple(filters), offset=offset)


def _filter(label: str, op: Any, value: str) -> tuple[str, str, Any]:
    """A label that is empty is one that is not there, in PromQL."""
    match op:
        case promql.MatchOp.Equal:
            return (label, "=", value) if value else (label, "exists", False)
        case promql.MatchOp.NotEqual:
            return (label, "!=", value) if value else (label, "exists", True)
        case promql.MatchOp.Re:
            return _regular(label, value)
    if LITERAL.fullmatch(value) and value:
        return (label, "!=", value)
    raise Unfit(f'{label}!~"{value}": only !~ of a plain word has a counterpart')


def _regular(label: str, value: str) -> tuple[str, str, Any]:
    """The regular expressions that are words, lists of words, beginnings, or anything."""
    if value in (".+", "..*"):
        return (label, "exists", True)
    words = value.removeprefix("(").removesuffix(")").split("|")
    if all(each and LITERAL.fullmatch(each) for each in words):
        return (label, "=", words[0]) if len(words) == 1 else (label, "in", words)
    start = value.removesuffix(".*").removesuffix(".+")
    if start != value and start and LITERAL.fullmatch(start) and value.endswith(".*"):
        return (label, "prefix", start)
    raise Unfit(f'{label}=~"{value}": only words, a|b, and beginnings (a.*) have counterparts')


# --- numbers --------------------------------------------------------------------------------------


def bare(node: Any) -> Any:
    """An expression without the parentheses around it."""
    while isinstance(node, promql.ParenExpr):
        node = node.expr
    return node


def number_of(node: Any) -> float | None:
    """The value of an expression without metrics; None if there are any."""
    node = bare(node)
    if isinstance(node, promql.NumberLiteral):
        return float(node.val)
    if isinstance(node, promql.UnaryExpr):
        inner = number_of(node.expr)
        return None if inner is None else -inner
    if isinstance(node, promql.BinaryExpr):
        left, right = number_of(node.lhs), number_of(node.rhs)
        if left is None or right is None:
            return None
        match str(node.op):
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/" if right:
                return left / right
            case "^":
                return float(left**right)
    return None


def seconds_of(duration: timedelta) -> int:
    """Whole seconds."""
    seconds = duration.total_seconds()
    if seconds != int(seconds):
        raise Unfit("parts of a second have no counterpart")
    return int(seconds)
