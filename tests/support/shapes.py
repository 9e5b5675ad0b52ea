"""Random definitions of every shape that an alert may have."""

from random import Random
from typing import Any

from skafu.alerts.definitions import problems
from skafu.alerts.model import (
    Comparison,
    Definition,
    Kind,
    Level,
    MissingData,
    Severity,
    Transform,
    TransformType,
)
from skafu.metrics.model import Statistic

COUNTERS = ("rate", "increase")
STATISTICS = ("avg", "sum", "min", "max", "count", "last", "p50", "p90", "stddev", *COUNTERS)
RISING = (Comparison.ABOVE, Comparison.AT_LEAST)


def random_definition(r: Random, metric: str, counter: str, **fixed: Any) -> Definition:
    """A sound definition over values around 10 (or growths of a counter)."""
    statistic = Statistic(r.choice(STATISTICS))
    n = r.choice((1, 1, 2, 3, 4))
    period = r.choice((30, 60))
    fields: dict[str, Any] = {
        "metric": counter if statistic in COUNTERS else metric,
        "statistic": statistic,
        "period": period,
        "evaluation_periods": n,
        "datapoints_to_alarm": r.randint(1, n),
        "missing_data": r.choice(list(MissingData)),
        "hold": r.random() < 0.7,
        "group_by": r.choice(((), ("host",), ("host",))),
        "keep_firing": r.choice((0, 0, 0, period, 3 * period)),
        **_limits(r),
    }
    kind = r.random()
    if kind < 0.1:
        fields |= {"kind": Kind.HEARTBEAT, "statistic": Statistic.COUNT, "metric": metric}
        fields |= {"levels": (), "recovery": None, "keep_firing": 0, "datapoints_to_alarm": n}
    elif kind < 0.3:
        fields["transform"] = _transform(r, period)
    definition = Definition(**{**fields, **fixed})
    return (
        definition if not problems(definition) else random_definition(r, metric, counter, **fixed)
    )


def _limits(r: Random) -> dict[str, Any]:
    comparison = r.choice(list(Comparison))
    centre = r.choice((2.0, 8.0, 10.0, 12.0, 30.0))
    if comparison in (Comparison.OUTSIDE, Comparison.INSIDE):
        return {"comparison": comparison, "lower": centre - 3, "upper": centre + 2}
    up = 1 if comparison in RISING else -1
    limits: dict[str, Any] = {"comparison": comparison, "threshold": centre}
    if r.random() < 0.4:
        limits["recovery"] = centre - 2 * up
    if r.random() < 0.4:
        recovery = centre + 1 * up if r.random() < 0.5 else None
        limits["levels"] = (
            Level(Severity.HIGH, threshold=centre + 2 * up, recovery=recovery),
            Level(Severity.CRITICAL, threshold=centre + 4 * up),
        )
    return limits


def _transform(r: Random, period: int) -> Transform:
    kind = r.choice((TransformType.CHANGE, TransformType.CHANGE_PERCENT, TransformType.FORECAST))
    if kind is TransformType.FORECAST:
        return Transform(kind, horizon=5 * period, lookback=4 * period)
    return Transform(kind, offset=r.choice((1, 3)) * period)
