import json
from typing import Any

import pytest

from skafu.alerts.model import MissingData, Severity
from skafu.alerts.schemas import AlertIn
from skafu.metrics.model import Operator, TagFilter
from skafu.shared.errors import Unprocessable
from skafu.shared.validation import parse

PLAIN: dict[str, Any] = {
    "name": "CPU is busy",
    "metric": "cpu.load",
    "statistic": "avg",
    "period": 60,
    "comparison": ">",
    "threshold": 0.9,
}


def read(**changes: Any) -> AlertIn:
    return parse(AlertIn, json.dumps({**PLAIN, **changes}).encode())


def wrong(**changes: Any) -> dict[str, str]:
    """The fields at fault, with what is said about them."""
    with pytest.raises(Unprocessable) as caught:
        read(**changes)
    return {each.field: each.reason for each in caught.value.errors}


def test_what_is_not_said_is_as_the_design_has_it() -> None:
    draft = read().draft()

    assert draft.severity is Severity.MEDIUM
    assert draft.channels == () and draft.labels == {} and draft.runbook_url is None
    assert draft.definition.missing_data is MissingData.MISSING
    assert draft.definition.hold is True
    assert (draft.definition.lateness, draft.definition.grace) == (300, 30)
    assert (draft.definition.evaluation_periods, draft.definition.datapoints_to_alarm) == (1, 1)


def test_without_m_all_n_points_are_needed() -> None:
    assert read(evaluation_periods=3).draft().definition.datapoints_to_alarm == 3
    both = read(evaluation_periods=3, datapoints_to_alarm=2).draft().definition
    assert both.datapoints_to_alarm == 2


def test_everything_that_is_said_is_kept() -> None:
    draft = read(
        filters=[{"tag": "host", "op": "!=", "value": "a"}],
        group_by=["host", "zone"],
        recovery=0.8,
        missing_data="breaching",
        hold=False,
        lateness=0,
        grace=5,
        severity="critical",
        channels=["one", "two"],
        labels={"team": "core"},
        description="first line\nsecond",
        runbook_url="https://wiki.example/cpu",
    ).draft()

    assert draft.definition.filters == (TagFilter("host", Operator.NOT_EQUAL, "a"),)
    assert draft.definition.group_by == ("host", "zone")
    assert draft.definition.recovery == 0.8
    assert draft.definition.missing_data is MissingData.BREACHING
    assert not draft.definition.hold
    assert (draft.definition.lateness, draft.definition.grace) == (0, 5)
    assert draft.severity is Severity.CRITICAL
    assert draft.channels == ("one", "two")
    assert draft.labels == {"team": "core"}
    assert draft.description == "first line\nsecond"
    assert draft.runbook_url == "https://wiki.example/cpu"


def test_what_must_be_said_is_asked_for_by_name() -> None:
    with pytest.raises(Unprocessable) as caught:
        parse(AlertIn, b"{}")

    named = {each.field for each in caught.value.errors}
    assert named == {"name", "metric", "statistic", "period", "comparison"}


def test_unknown_fields_are_refused_by_name() -> None:
    assert wrong(treshold=1) == {"treshold": "is unknown"}
    assert list(wrong(filters=[{"tag": "a", "op": "=", "value": "b", "not": 1}])) == [
        "filters.0.not"
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 256),
        ("name", "two\nlines"),
        ("metric", "9lives"),
        ("metric", "with space"),
        ("metric", "x" * 256),
        ("metric", "ends\n"),
        ("statistic", "median"),
        ("period", 0),
        ("period", 86_401),
        ("period", 60.0),
        ("period", "60"),
        ("period", True),
        ("comparison", "=="),
        ("threshold", "0.9"),
        ("threshold", True),
        ("evaluation_periods", 0),
        ("evaluation_periods", 289),
        ("datapoints_to_alarm", 0),
        ("missing_data", "ok"),
        ("hold", "yes"),
        ("lateness", -1),
        ("lateness", 3_601),
        ("grace", 901),
        ("severity", "fatal"),
        ("channels", ["a", "a"]),
        ("channels", [str(i) for i in range(11)]),
        ("group_by", ["host", "host"]),
        ("group_by", [f"tag{i}" for i in range(31)]),
        ("labels", {f"label{i}": "x" for i in range(31)}),
        ("description", "x" * 4_097),
        ("description", "bell\x07"),
        ("runbook_url", "http://wiki.example/cpu"),
        ("runbook_url", "https:///nohost"),
        ("runbook_url", "https://user@wiki.example/"),
        ("runbook_url", "https://wiki.example/with space"),
        ("runbook_url", "https://[broken/"),
        ("runbook_url", "https://wiki.example/" + "x" * 2048),
    ],
)
def test_a_field_that_is_wrong_is_named(field: str, value: Any) -> None:
    assert list(wrong(**{field: value})) == [field]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_are_finite(number: str) -> None:
    body = json.dumps(PLAIN).replace("0.9", number).encode()

    with pytest.raises(Exception) as caught:
        parse(AlertIn, body)

    assert caught.type.__name__ in ("Unprocessable", "BadRequest")


def test_labels_are_named_as_prometheus_names_them() -> None:
    assert "labels.a-b.[key]" in wrong(labels={"a-b": "x"})
    reserved = wrong(labels={"severity": "x", "alertname": "y"})
    sentence = reserved["labels.severity.[key]"]
    assert sentence.startswith("the label severity is set by Skafu itself; right is")
    assert list(wrong(labels={"team": "x" * 257})) == ["labels.team"]


def test_items_of_lists_are_named_with_their_index() -> None:
    assert "filters.1.op" in wrong(
        filters=[
            {"tag": "a", "op": "=", "value": "b"},
            {"tag": "a", "op": "~", "value": "b"},
        ]
    )
    assert list(wrong(group_by=["host", ""])) == ["group_by.1"]
    assert list(wrong(channels=["x" * 65])) == ["channels.0"]
