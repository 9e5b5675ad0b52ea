"""PromQL expressions as conditions that an alert can watch. What does not fit raises Unfit."""

import math
from dataclasses import dataclass, replace
from typing import Any

import promql_parser as promql

from skafu.ops.alerts_foreign import Entry, Unfit
from skafu.ops.alerts_series import Watch, bare, number_of, seconds_of, selected, watched

FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
SETS = ("and", "or", "unless")
DIGITS = 12


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
    node = bare(node)
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
    left, right = number_of(node.lhs), number_of(node.rhs)
    if (left is None) == (right is None):
        raise Unfit("one side of the comparison must be a number, the other a metric")
    if left is not None:
        return _solved(node.rhs, FLIPPED[word], left)
    assert right is not None  # nosec B101: for the type checker
    return _solved(node.lhs, word, right)


def _solved(node: Any, word: str, number: float) -> Simple:
    """Undo arithmetic with numbers, step by step: `x * 100 > 80` is `x > 0.8`."""
    node = bare(node)
    if isinstance(node, promql.UnaryExpr):
        return _solved(node.expr, FLIPPED[word], -number)
    if not isinstance(node, promql.BinaryExpr):
        return _compared(node, word, number)
    operator, left, right = str(node.op), number_of(node.lhs), number_of(node.rhs)
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
        now, then = watched(node.lhs), watched(node.rhs)
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
    watch = watched(node)
    if watch.offset:
        raise Unfit("an offset without what it is compared with: alerts watch the present")
    return Simple(watch, _limits(word, number))


def _limits(word: str, number: float) -> Entry:
    number = float(f"{number:.{DIGITS}g}")
    if not math.isfinite(number):
        raise Unfit("the number must be finite")
    if word in ("==", "!="):
        comparison = "inside" if word == "==" else "outside"
        return {"comparison": comparison, "lower": number, "upper": number}
    return {"comparison": word, "threshold": number}


def _forecast(node: Any, word: str, number: float) -> Simple:
    matrix, ahead = node.args[0], number_of(node.args[1])
    if not isinstance(matrix, promql.MatrixSelector) or ahead is None or ahead <= 0:
        raise Unfit("predict_linear needs a range of a metric and a number of seconds ahead")
    lookback = seconds_of(matrix.range)
    transform = {"type": "forecast", "lookback": lookback, "horizon": round(ahead)}
    watch = selected(matrix.vector_selector)
    # A sixtieth of the range: enough points for the line, few enough to read.
    period = max(60, lookback // 60 // 60 * 60)
    watch = replace(watch, statistic="avg", period=period)
    return Simple(watch, {**_limits(word, number), "transform": transform})


def _absence(node: Any) -> Simple:
    inner = bare(node.args[0])
    silence = 0
    if isinstance(inner, promql.MatrixSelector):
        silence = seconds_of(inner.range)
        inner = inner.vector_selector
    if not isinstance(inner, promql.VectorSelector):
        raise Unfit(f"{node.func.name} of anything but a metric's name and labels")
    watch = replace(selected(inner), group_by=(), statistic="count")
    note = "fires when data stop; a metric that was never there does not fire"
    return Simple(replace(watch, note=note), {}, heartbeat=True, silence=silence)
