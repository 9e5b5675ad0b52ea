"""PromQL expressions as conditions that an alert can watch. What does not fit raises Unfit.

A Skafu alert reduces all points of a group of series in a bucket of its period; PromQL looks at
each series' last point, or at a range of it, whenever a rule is evaluated. They agree where
`_reduced` below says so.
"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import promql_parser as promql

from skafu.ops.alerts_foreign import Entry, Unfit

FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
SETS = ("and", "or", "unless")
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
DIGITS = 12


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


@dataclass(frozen=True)
class Simple:
    """One alert's condition; `fields` are those of the API that say what is compared. A heartbeat
    has none and fires after `silence` seconds, or when the rule says so (0).
    """

    watch: Watch
    fields: Entry
    heartbeat: bool = False
    silence: int = 0


@dataclass(frozen=True)
class Combined:
    """Two conditions put together by and, or, unless; `on` are the labels that must agree, None:
    all that they have in common.
    """

    word: str
    left: "Condition"
    right: "Condition"
    on: tuple[str, ...] | None


type Condition = Simple | Combined


def condition_of(text: str) -> Condition:
    """What an expression of an alerting rule asks for. Raises Unfit."""
    try:
        tree = promql.parse(text)
    except ValueError as error:
        raise Unfit(f"the expression cannot be read: {error}") from error
    return _condition(tree)


def _condition(node: Any) -> Condition:
    node = _bare(node)
    if isinstance(node, promql.BinaryExpr):
        word = str(node.op)
        if word in SETS:
            return Combined(word, _condition(node.lhs), _condition(node.rhs), _on(node))
        if word in FLIPPED:
            return _comparison(node, word)
    if isinstance(node, promql.Call) and node.func.name in ("absent", "absent_over_time"):
        return _absence(node)
    raise Unfit("there is no comparison with a number: it fires whatever the value")


def _on(node: Any) -> tuple[str, ...] | None:
    matching = node.modifier.matching if node.modifier else None
    if matching is None:
        return None
    if matching.type is not promql.LabelModifierType.Include:
        raise Unfit("ignoring(...) needs all labels of the series: say on(...)")
    return tuple(matching.labels)


# --- comparisons ----------------------------------------------------------------------------------


def _comparison(node: Any, word: str) -> Simple:
    if node.modifier is not None and node.modifier.return_bool:
        raise Unfit("a comparison with bool is always there: leave bool out")
    left, right = _number(node.lhs), _number(node.rhs)
    if (left is None) == (right is None):
        raise Unfit("one side of the comparison must be a number, the other a metric")
    if left is not None:
        return _solved(node.rhs, FLIPPED[word], left)
    assert right is not None  # nosec B101: for the type checker
    return _solved(node.lhs, word, right)


def _solved(node: Any, word: str, number: float) -> Simple:
    """Undo arithmetic with numbers, step by step: `x * 100 > 80` is `x > 0.8`."""
    node = _bare(node)
    if isinstance(node, promql.UnaryExpr):
        return _solved(node.expr, FLIPPED[word], -number)
    if not isinstance(node, promql.BinaryExpr):
        return _compared(node, word, number)
    operator, left, right = str(node.op), _number(node.lhs), _number(node.rhs)
    match operator:
        case "+" if right is not None:
            return _solved(node.lhs, word, number - right)
        case "+" if left is not None:
            return _solved(node.rhs, word, number - left)
        case "-" if right is not None:
            return _solved(node.lhs, word, number + right)
        case "-" if left is not None:
            return _solved(node.rhs, FLIPPED[word], left - number)
        case "*" if factor := right or left:
            inner = node.lhs if right else node.rhs
            return _solved(inner, word if factor > 0 else FLIPPED[word], number / factor)
        case "/" if right:
            return _solved(node.lhs, word if right > 0 else FLIPPED[word], number * right)
        case "-" | "/":
            return _change(node, operator, word, number)
    raise Unfit(f"arithmetic ({operator}) between metrics: send the result as a metric of its own")


def _change(node: Any, operator: str, word: str, number: float) -> Simple:
    """`x - x offset 1w` and `x / x offset 1w`."""
    try:
        now, then = _watch(node.lhs), _watch(node.rhs)
    except Unfit:
        now, then = Watch("", ()), Watch("-", ())
    if not then.offset or now.offset or replace(then, offset=0) != now:
        raise Unfit(
            f"arithmetic ({operator}) between metrics: send the result as a metric of its own"
        )
    if operator == "-":
        transform: Entry = {"type": "change", "offset": then.offset}
        return Simple(now, {**_limits(word, number), "transform": transform})
    transform = {"type": "change_percent", "offset": then.offset}
    limits = _limits(word, (number - 1) * 100)
    note = "compares the change in percent, which is the same as long as the metric is positive"
    return Simple(replace(now, note=note), {**limits, "transform": transform})


def _compared(node: Any, word: str, number: float) -> Simple:
    if isinstance(node, promql.Call) and node.func.name == "predict_linear":
        return _forecast(node, word, number)
    watch = _watch(node)
    if watch.offset:
        raise Unfit("an offset without what it is compared with: alerts watch the present")
    return Simple(watch, _limits(word, number))


def _limits(word: str, number: float) -> Entry:
    number = float(f"{number:.{DIGITS}g}")
    if number in (float("inf"), float("-inf")) or number != number:
        raise Unfit("the number must be finite")
    if word in ("==", "!="):
        comparison = "inside" if word == "==" else "outside"
        return {"comparison": comparison, "lower": number, "upper": number}
    return {"comparison": word, "threshold": number}


def _forecast(node: Any, word: str, number: float) -> Simple:
    matrix, ahead = node.args[0], _number(node.args[1])
    if not isinstance(matrix, promql.MatrixSelector) or ahead is None or ahead <= 0:
        raise Unfit("predict_linear needs a range of a metric and a number of seconds ahead")
    lookback = _seconds(matrix.range)
    transform = {"type": "forecast", "lookback": lookback, "horizon": round(ahead)}
    watch = _selected(matrix.vector_selector)
    # A sixtieth of the range: enough points for the line, few enough to read.
    period = max(60, lookback // 60 // 60 * 60)
    watch = replace(watch, statistic="avg", period=period)
    return Simple(watch, {**_limits(word, number), "transform": transform})


def _absence(node: Any) -> Simple:
    inner = _bare(node.args[0])
    silence = 0
    if isinstance(inner, promql.MatrixSelector):
        silence = _seconds(inner.range)
        inner = inner.vector_selector
    if not isinstance(inner, promql.VectorSelector):
        raise Unfit(f"{node.func.name} of anything but a metric's name and labels")
    watch = replace(_selected(inner), group_by=(), statistic="count")
    note = "fires when data stop; a metric that was never there does not fire"
    return Simple(replace(watch, note=note), {}, heartbeat=True, silence=silence)


# --- what is read ---------------------------------------------------------------------------------


def _watch(node: Any) -> Watch:
    node = _bare(node)
    if isinstance(node, promql.VectorSelector):
        return _selected(node)
    if isinstance(node, promql.AggregateExpr):
        return _aggregated(node)
    if isinstance(node, promql.Call):
        return _called(node)
    if isinstance(node, promql.SubqueryExpr):
        raise Unfit("a subquery ([5m:1m]) has no counterpart")
    raise Unfit("arithmetic between metrics: send the result as a metric of its own")


def _called(node: Any) -> Watch:
    name = node.func.name
    arguments = [_bare(each) for each in node.args]
    ranges = [each for each in arguments if isinstance(each, promql.MatrixSelector)]
    if any(isinstance(each, promql.SubqueryExpr) for each in arguments):
        raise Unfit("a subquery ([5m:1m]) has no counterpart")
    if len(ranges) == 1:
        watch = replace(_selected(ranges[0].vector_selector), period=_seconds(ranges[0].range))
        if name in ("rate", "increase"):
            return replace(watch, statistic=name)
        if name in OVER_TIME:
            return replace(watch, statistic=OVER_TIME[name])
        if name == "quantile_over_time":
            return replace(watch, statistic=_percentile(_number(node.args[0])))
    raise Unfit(f"the function {name} has no counterpart")


def _aggregated(node: Any) -> Watch:
    outer = str(node.op)
    modifier = node.modifier
    if modifier is not None and modifier.type is not promql.AggModifierType.By:
        raise Unfit("without (...) needs all labels of the series: say by (...)")
    inner = _watch(node.expr)
    if inner.group_by is not None:
        raise Unfit("an aggregation of an aggregation has no counterpart")
    group_by = tuple(modifier.labels) if modifier is not None else ()
    if outer == "quantile" and inner.statistic == "last":
        return replace(inner, statistic=_percentile(_number(node.param)), group_by=group_by)
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


def _selected(node: Any) -> Watch:
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
    offset = 0 if node.offset is None else _seconds(node.offset)
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


def _bare(node: Any) -> Any:
    while isinstance(node, promql.ParenExpr):
        node = node.expr
    return node


def _number(node: Any) -> float | None:
    """The value of an expression without metrics; None if there are any."""
    node = _bare(node)
    if isinstance(node, promql.NumberLiteral):
        return float(node.val)
    if isinstance(node, promql.UnaryExpr):
        inner = _number(node.expr)
        return None if inner is None else -inner
    if isinstance(node, promql.BinaryExpr):
        left, right = _number(node.lhs), _number(node.rhs)
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


def _seconds(duration: timedelta) -> int:
    seconds = duration.total_seconds()
    if seconds != int(seconds):
        raise Unfit("parts of a second have no counterpart")
    return int(seconds)
