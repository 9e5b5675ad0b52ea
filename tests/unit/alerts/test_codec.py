"""Alerts as JSON: what is read back is what was written."""

from dataclasses import replace
from typing import Any

import pytest

from skafu.alerts.codec import alert_from, to_json
from skafu.alerts.model import (
    Expression,
    Kind,
    Level,
    Logic,
    Season,
    Severity,
    Transform,
    TransformType,
)
from skafu.metrics.model import Operator, TagFilter
from tests.support.definitions import alert

NAMED = Expression(Logic.ALERT, "a1")
DEFINITIONS = [
    {"filters": (TagFilter("host", Operator.EQUAL, "a"),)},
    {"filters": (TagFilter("host", Operator.IN, ("a", "b")),)},
    {"filters": (TagFilter("host", Operator.EXISTS, False),)},
    {"filters": (TagFilter("host", Operator.PREFIX, "web"),)},
    {"levels": (Level(Severity.CRITICAL, threshold=20.0, recovery=15.0),)},
    {"transform": Transform(TransformType.DEVIATION, season=Season.WEEK, seasons=4)},
    {"kind": Kind.COMPOSITE, "expression": Expression(Logic.NOT, of=(NAMED,))},
    {"keep_firing": 600, "group_by": ("host", "zone")},
]


@pytest.mark.parametrize("changes", DEFINITIONS, ids=lambda changes: next(iter(changes)))
def test_an_alert_is_read_back_as_it_was(changes: dict[str, Any]) -> None:
    written = alert(**changes)
    assert alert_from(to_json(written)) == written


def test_what_is_said_beside_the_definition_is_read_back_too() -> None:
    written = replace(
        alert(), labels={"team": "core"}, channels=("c1", "c2"), cooldown=60, drill_of="a2"
    )
    assert alert_from(to_json(written)) == written


def test_a_filter_that_was_read_back_still_compares() -> None:
    written = alert(filters=(TagFilter("host", Operator.IN, ("a", "b")),))
    (found,) = alert_from(to_json(written)).definition.filters
    assert found.matches({"host": "b"})
    assert not found.matches({"host": "c"})
