"""Alerts as people ask for them: types, what belongs to each, and sentences that help."""

import json
from typing import Any

import pytest

from skafu.alerts.asked import BELONGS, EXAMPLES
from skafu.alerts.backtest.schemas import DraftBacktestIn
from skafu.alerts.codec import alert_from, to_json
from skafu.alerts.definitions import MAX_DEPTH, MAX_PARTS, problems
from skafu.alerts.model import (
    Alert,
    Expression,
    Kind,
    Level,
    Logic,
    Season,
    Severity,
    Transform,
    TransformType,
)
from skafu.alerts.schemas import AlertIn, AlertOut
from skafu.alerts.states import Instances
from skafu.alerts.views import alert_view
from skafu.metrics.model import Operator, TagFilter
from skafu.shared.errors import Unprocessable
from skafu.shared.validation import parse, validate

METRIC: dict[str, Any] = {
    "name": "CPU is busy",
    "metric": "cpu.load",
    "statistic": "avg",
    "period": 60,
    "comparison": ">",
    "threshold": 0.9,
}
BEAT: dict[str, Any] = {
    "name": "Agents are alive",
    "type": "heartbeat",
    "metric": "cpu.load",
    "group_by": ["host"],
    "no_data_for": 300,
}
COMPOSITE: dict[str, Any] = {
    "name": "Busy and not in maintenance",
    "type": "composite",
    "condition": {"all": [{"alert": "busy"}, {"not": {"alert": "maintenance"}}]},
}


def read(asked: dict[str, Any]) -> AlertIn:
    return parse(AlertIn, json.dumps(asked).encode())


def wrong(asked: dict[str, Any]) -> dict[str, str]:
    """The fields at fault, with what is said about them."""
    with pytest.raises(Unprocessable) as caught:
        read(asked)
    return {each.field: each.reason for each in caught.value.errors}


def stored(asked: dict[str, Any]) -> Alert:
    """The alert that would be stored, as it is read back."""
    draft = read(asked).draft()
    assert not problems(draft.definition)
    made = Alert(**vars(draft), id="a", version=1, created_at=1, edited_at=2)
    again = alert_from(to_json(made))
    assert again == made
    return again


FORECAST = {"type": "forecast", "lookback": 21_600, "horizon": 14_400}
KINDS = [
    METRIC,
    {**METRIC, "levels": [{"severity": "high", "threshold": 0.95, "recovery": 0.8}]},
    {**METRIC, "keep_firing": 600, "cooldown": 3_600, "statistic": "p99.9"},
    {**METRIC, "transform": {"type": "change_percent", "offset": 604_800}},
    {**METRIC, "transform": FORECAST},
    {**METRIC, "transform": {"type": "deviation", "season": "week"}},
    {**METRIC, "statistic": "rate", "transform": {"type": "change"}},
    {**METRIC, "filters": [{"tag": "host", "op": "in", "value": ["a", "b"]}]},
    {**METRIC, "filters": [{"tag": "host", "op": "exists", "value": False}]},
    BEAT,
    {**BEAT, "no_data_for": 60},
    {**BEAT, "no_data_for": None, "period": 20, "evaluation_periods": 7},
    COMPOSITE,
    {**COMPOSITE, "condition": {"any": [{"alert": "a"}, {"all": [{"alert": "b"}]}]}},
]


@pytest.mark.parametrize("asked", KINDS, ids=lambda asked: json.dumps(asked)[-60:])
def test_an_alert_that_is_shown_can_be_asked_for_again_and_is_the_same(
    asked: dict[str, Any],
) -> None:
    made = stored(asked)

    shown = json.loads(json.dumps(alert_view(made, Instances())))
    assert AlertOut.model_validate(shown)
    again = {name: value for name, value in shown.items() if name in dict(AlertIn.model_fields)}
    assert read(again).draft() == read(asked).draft()


def test_levels_and_transforms_are_kept_as_values() -> None:
    levels = [
        {"severity": "high", "threshold": 0.95},
        {"severity": "critical", "threshold": 0.99, "recovery": 0.9},
    ]
    deviation = {"type": "deviation"}
    found = stored({**METRIC, "levels": levels, "transform": deviation}).definition

    assert found.levels == (
        Level(Severity.HIGH, 0.95),
        Level(Severity.CRITICAL, 0.99, recovery=0.9),
    )
    assert found.transform == Transform(TransformType.DEVIATION, season=Season.DAY, seasons=7)
    change = stored({**METRIC, "transform": {"type": "change"}}).definition.transform
    assert change == Transform(TransformType.CHANGE, offset=60), "the period before"


def test_filters_have_all_operators_of_the_query_language() -> None:
    filters = [
        {"tag": "host", "op": "in", "value": ["a", "b"]},
        {"tag": "zone", "op": "exists", "value": True},
        {"tag": "role", "op": "prefix", "value": "db-"},
        {"tag": "os", "op": "!=", "value": "bsd"},
    ]

    assert stored({**METRIC, "filters": filters}).definition.filters == (
        TagFilter("host", Operator.IN, ("a", "b")),
        TagFilter("zone", Operator.EXISTS, True),
        TagFilter("role", Operator.PREFIX, "db-"),
        TagFilter("os", Operator.NOT_EQUAL, "bsd"),
    )
    for op, value in (("in", "a"), ("in", []), ("exists", "yes"), ("prefix", 5), ("=", ["a"])):
        asked = {**METRIC, "filters": [{"tag": "host", "op": op, "value": value}]}
        assert list(wrong(asked)) == ["filters.0.value"]


@pytest.mark.parametrize("statistic", ["rate", "increase", "stddev", "p0", "p100", "p99.99"])
def test_every_statistic_of_the_query_language_can_be_watched(statistic: str) -> None:
    assert stored({**METRIC, "statistic": statistic}).definition.statistic == statistic


# --- heartbeats -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "period", "count"), [(300, 60, 5), (60, 12, 5), (86_400, 17_280, 5)]
)
def test_a_silence_in_seconds_is_cut_into_periods(seconds: int, period: int, count: int) -> None:
    made = stored({**BEAT, "no_data_for": seconds}).definition

    assert made.kind is Kind.HEARTBEAT
    assert (made.period, made.evaluation_periods, made.datapoints_to_alarm) == (
        period,
        count,
        count,
    )


def test_a_silence_is_spelt_in_one_way_or_in_two_that_agree() -> None:
    plain = {name: value for name, value in BEAT.items() if name != "no_data_for"}

    assert stored({**plain, "period": 60, "evaluation_periods": 5}) == stored(BEAT)
    assert stored({**BEAT, "period": 60, "evaluation_periods": 5}) == stored(BEAT)
    assert wrong({**BEAT, "period": 60, "evaluation_periods": 4}) == {
        "no_data_for": "is 300, but period times evaluation_periods is 240: give either "
        "no_data_for or these"
    }
    assert wrong({**BEAT, "evaluation_periods": 4}) == {
        "evaluation_periods": "give either no_data_for or period and evaluation_periods"
    }
    assert wrong(plain) == {
        "no_data_for": "is required: 300, for example, or period 60 and evaluation_periods 5, "
        "which is the same"
    }
    assert wrong({**BEAT, "no_data_for": 301}) == {
        "no_data_for": "301 seconds cannot be cut into periods: use a multiple of 60, for example "
        "360"
    }


# --- what does not belong together ----------------------------------------------------------------

GIVEN: dict[str, Any] = {
    "metric": "cpu.load",
    "statistic": "avg",
    "period": 60,
    "filters": [{"tag": "host", "op": "=", "value": "a"}],
    "comparison": ">",
    "threshold": 1.0,
    "lower": 1.0,
    "upper": 2.0,
    "recovery": 1.0,
    "levels": [{"severity": "critical", "threshold": 2.0}],
    "transform": FORECAST,
    "condition": COMPOSITE["condition"],
    "no_data_for": 300,
    "evaluation_periods": 5,
    "datapoints_to_alarm": 2,
    "missing_data": "breaching",
    "hold": False,
    "keep_firing": 60,
    "lateness": 10,
    "grace": 10,
}


@pytest.mark.parametrize("name", list(BELONGS))
@pytest.mark.parametrize(
    "asked", [METRIC, BEAT, COMPOSITE], ids=["metric", "heartbeat", "composite"]
)
def test_what_does_not_belong_to_a_type_is_refused_by_name(
    asked: dict[str, Any], name: str
) -> None:
    kind = Kind(asked.get("type", "metric"))
    mixed = {**asked, name: GIVEN[name]}

    if kind in BELONGS[name]:
        assert name not in _fields(mixed)
    else:
        sentence = wrong(mixed)[name]
        assert sentence.startswith("belongs to alerts of type ")
        assert "for example {" in sentence


def _fields(asked: dict[str, Any]) -> set[str]:
    try:
        read(asked)
    except Unprocessable as refusal:
        return {each.field for each in refusal.errors}
    return set()


def test_what_is_missing_is_told_together_with_what_is_wrong() -> None:
    found = wrong({"name": "", "type": "metric", "period": "60"})

    assert list(found) == ["name", "period", "metric", "statistic", "comparison"]
    assert found["statistic"] == 'is required: "avg", "p99" or "rate", for example'
    assert found["period"].endswith("; right is, for example, 60")
    assert list(wrong({"name": "x", "type": "composite"})) == ["condition"]
    assert list(wrong({"name": "x", "type": "heartbeat"})) == ["metric", "no_data_for"]
    assert list(wrong({"name": "x", "type": "beat"})) == ["type"]


def test_an_example_of_every_field_is_right() -> None:
    for name, text in EXAMPLES.items():
        base = next(
            each
            for each in (METRIC, BEAT, COMPOSITE)
            if Kind(each.get("type", "metric")) in BELONGS.get(name, frozenset({Kind.METRIC}))
        )
        example = text.split(", ")[0] if name == "statistic" else text
        asked = {**base, name: json.loads(example)}
        if name in ("lower", "upper"):
            asked = {**asked, "comparison": "outside", "threshold": None, "lower": 10, "upper": 20}
        if name == "datapoints_to_alarm":
            asked["evaluation_periods"] = 3
        draft = read(asked).draft()
        assert not problems(draft.definition), name


def test_the_first_level_matters_more_than_the_alert_itself() -> None:
    levels = [{"severity": "high", "threshold": 0.95}]

    assert read({**METRIC, "levels": levels, "severity": "medium"})
    assert list(wrong({**METRIC, "levels": levels, "severity": "high"})) == ["levels.0.severity"]
    assert wrong({**METRIC, "levels": levels, "severity": "critical"}) == {
        "levels.0.severity": "must be greater than the one before, critical: there is nothing "
        "above critical: leave the level out"
    }


@pytest.mark.parametrize(
    ("transform", "fields"),
    [
        ({"type": "change", "lookback": 60}, ["transform.lookback"]),
        ({"type": "forecast", "horizon": 60}, ["transform.lookback"]),
        ({"type": "forecast"}, ["transform.lookback", "transform.horizon"]),
        ({**FORECAST, "season": "day"}, ["transform.season"]),
        ({"type": "deviation", "offset": 60}, ["transform.offset"]),
        ({"type": "derivative"}, ["transform.type"]),
        ({"type": "change", "by": 1}, ["transform.by"]),
    ],
)
def test_what_a_transform_lacks_or_has_too_much_is_told(
    transform: dict[str, Any], fields: list[str]
) -> None:
    assert list(wrong({**METRIC, "transform": transform})) == fields


# --- composites -----------------------------------------------------------------------------------


def test_a_condition_is_read_as_an_expression() -> None:
    assert stored(COMPOSITE).definition.expression == Expression(
        Logic.ALL,
        of=(
            Expression(Logic.ALERT, "busy"),
            Expression(Logic.NOT, of=(Expression(Logic.ALERT, "maintenance"),)),
        ),
    )


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        ("busy", "condition"),
        ({}, "condition"),
        ({"alert": "a", "not": {"alert": "b"}}, "condition"),
        ({"alert": ""}, "condition.alert"),
        ({"alert": 5}, "condition.alert"),
        ({"all": []}, "condition.all"),
        ({"all": {"alert": "a"}}, "condition.all"),
        ({"none": [{"alert": "a"}]}, "condition.none"),
        ({"all": [{"alert": "a"}, {"not": {"alert": ""}}]}, "condition.all.1.not.alert"),
        ({"any": [{"alert": "a"}, 5]}, "condition.any.1"),
    ],
)
def test_what_is_wrong_in_a_condition_is_told_with_its_place(condition: Any, field: str) -> None:
    assert list(wrong({**COMPOSITE, "condition": condition})) == [field]


def test_a_condition_is_of_a_bounded_depth_and_size() -> None:
    def nested(depth: int) -> dict[str, Any]:
        return {"alert": "a"} if not depth else {"not": nested(depth - 1)}

    def wide(count: int) -> dict[str, Any]:
        return {"all": [{"alert": "a"}] * count}

    assert read({**COMPOSITE, "condition": nested(MAX_DEPTH)})
    assert wrong({**COMPOSITE, "condition": nested(200)})
    assert read({**COMPOSITE, "condition": wide(MAX_PARTS - 1)})
    assert list(wrong({**COMPOSITE, "condition": wide(MAX_PARTS)})) == ["condition"]


def test_what_is_wrong_inside_another_model_is_told_with_the_whole_path() -> None:
    asked = {"start": 1, "end": 2, "alert": {**METRIC, "no_data_for": 5, "condition": {"x": 1}}}
    with pytest.raises(Unprocessable) as caught:
        validate(DraftBacktestIn, asked)

    assert {each.field for each in caught.value.errors} >= {"alert.condition.x"}
