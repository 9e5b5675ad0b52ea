"""Which fields an alert of each type has, which it must have, and right values of them."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from skafu.alerts.definitions import MINUTE_S, RANKS, severity_problem, silence_periods
from skafu.alerts.model import Kind, TransformType
from skafu.shared.errors import FieldError

if TYPE_CHECKING:
    from skafu.alerts.schemas import AlertIn

METRICS, BEATS = frozenset({Kind.METRIC}), frozenset({Kind.HEARTBEAT})
MEASURED = METRICS | BEATS
BELONGS = {
    "metric": MEASURED,
    "statistic": METRICS,
    "period": MEASURED,
    "filters": MEASURED,
    "comparison": METRICS,
    "threshold": METRICS,
    "lower": METRICS,
    "upper": METRICS,
    "recovery": METRICS,
    "levels": METRICS,
    "transform": METRICS,
    "condition": frozenset({Kind.COMPOSITE}),
    "no_data_for": BEATS,
    "evaluation_periods": MEASURED,
    "datapoints_to_alarm": METRICS,
    "missing_data": METRICS,
    "hold": METRICS,
    "keep_firing": METRICS,
    "lateness": MEASURED,
    "grace": MEASURED,
}
"""Which types of alerts have which fields; all have the others."""

REQUIRED = {
    Kind.METRIC: ("metric", "statistic", "period", "comparison"),
    Kind.HEARTBEAT: ("metric",),
    Kind.COMPOSITE: ("condition",),
}
INSTEAD = {
    Kind.METRIC: 'a metric\'s, for example {"metric": "cpu.load", "statistic": "avg", "period": '
    '60, "comparison": ">", "threshold": 0.9}',
    Kind.HEARTBEAT: 'a heartbeat, for example {"type": "heartbeat", "metric": "cpu.load", '
    '"no_data_for": 300}',
    Kind.COMPOSITE: 'a composite, for example {"type": "composite", "condition": {"all": '
    '[{"alert": "<id>"}, {"not": {"alert": "<id>"}}]}}',
}
EXAMPLES = {
    "name": '"CPU is busy"',
    "type": '"metric"',
    "metric": '"cpu.load"',
    "statistic": '"avg", "p99" or "rate"',
    "period": "60",
    "filters": '[{"tag": "host", "op": "=", "value": "a"}]',
    "group_by": '["host"]',
    "comparison": '">"',
    "threshold": "0.9",
    "lower": "10",
    "upper": "20",
    "recovery": "0.8",
    "levels": '[{"severity": "critical", "threshold": 0.95}]',
    "transform": '{"type": "change_percent", "offset": 604800}',
    "condition": '{"all": [{"alert": "<id>"}, {"not": {"alert": "<id>"}}]}',
    "no_data_for": "300",
    "evaluation_periods": "3",
    "datapoints_to_alarm": "2",
    "missing_data": '"missing"',
    "hold": "true",
    "keep_firing": "600",
    "lateness": "300",
    "grace": "30",
    "severity": '"critical"',
    "cooldown": "3600",
    "labels": '{"team": "core"}',
    "runbook_url": '"https://wiki.example/cpu"',
}
"""A right value of each field, as JSON, for sentences."""

TRANSFORM_FIELDS = {
    TransformType.CHANGE: ("offset",),
    TransformType.CHANGE_PERCENT: ("offset",),
    TransformType.CHANGE_RATE: ("offset",),
    TransformType.FORECAST: ("lookback", "horizon"),
    TransformType.DEVIATION: ("season", "seasons"),
}
TRANSFORM_EXAMPLES = {
    TransformType.CHANGE: '{"type": "change", "offset": 3600}',
    TransformType.CHANGE_PERCENT: '{"type": "change_percent", "offset": 604800}',
    TransformType.CHANGE_RATE: '{"type": "change_rate", "offset": 60}',
    TransformType.FORECAST: '{"type": "forecast", "lookback": 21600, "horizon": 14400}',
    TransformType.DEVIATION: '{"type": "deviation", "season": "week", "seasons": 4}',
}


def misplaced(asked: "AlertIn") -> Iterator[FieldError]:
    """What does not belong to an alert of this type, and what it lacks."""
    kind = asked.type
    for name, kinds in BELONGS.items():
        if kind not in kinds and getattr(asked, name) != type(asked).model_fields[name].default:
            of = " and ".join(sorted(kinds))
            yield FieldError(name, f"belongs to alerts of type {of}; this one is {INSTEAD[kind]}")
    yield from missing(
        {"name": asked.name, "type": kind, **{n: getattr(asked, n) for n in BELONGS}}
    )
    if kind is Kind.HEARTBEAT:
        yield from _silence(asked)
    if kind is Kind.METRIC:
        yield from _transformed(asked)
        if asked.levels and RANKS[asked.levels[0].severity] <= RANKS[asked.severity]:
            yield severity_problem(0, asked.severity)


def missing(values: object) -> Iterator[FieldError]:
    """What an alert that was asked for in these words lacks."""
    words = values if isinstance(values, Mapping) else {}
    kind = words.get("type", Kind.METRIC)
    if kind not in list(Kind):
        return
    for name in REQUIRED[Kind(kind)]:
        if words.get(name) is None:
            yield FieldError(name, f"is required: {EXAMPLES[name]}, for example")


def _silence(asked: "AlertIn") -> Iterator[FieldError]:
    seconds, period, count = asked.no_data_for, asked.period, asked.evaluation_periods
    if seconds is None and period is None:
        yield FieldError(
            "no_data_for",
            "is required: 300, for example, or period 60 and evaluation_periods 5, which is the "
            "same",
        )
    elif seconds is not None and period is None and silence_periods(seconds) is None:
        yield FieldError(
            "no_data_for",
            f"{seconds} seconds cannot be cut into periods: use a multiple of 60, for example "
            f"{-(-seconds // MINUTE_S) * MINUTE_S}",
        )
    elif seconds is not None and period is None and count not in (1, (asked.silence or (0, 0))[1]):
        yield FieldError(
            "evaluation_periods", "give either no_data_for or period and evaluation_periods"
        )
    elif seconds is not None and period is not None and seconds != period * count:
        yield FieldError(
            "no_data_for",
            f"is {seconds}, but period times evaluation_periods is {period * count}: give either "
            "no_data_for or these",
        )


def _transformed(asked: "AlertIn") -> Iterator[FieldError]:
    transform = asked.transform
    if transform is None:
        return
    mine = TRANSFORM_FIELDS[transform.type]
    for name in ("offset", "horizon", "lookback", "season", "seasons"):
        if name not in mine and getattr(transform, name) is not None:
            yield FieldError(
                f"transform.{name}",
                f"does not belong to {transform.type}; right is, for example, "
                f"{TRANSFORM_EXAMPLES[transform.type]}",
            )
    if transform.type is TransformType.FORECAST:
        for name in ("lookback", "horizon"):
            if getattr(transform, name) is None:
                example = TRANSFORM_EXAMPLES[transform.type]
                yield FieldError(f"transform.{name}", f"is required: for example {example}")
