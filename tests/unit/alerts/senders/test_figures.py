from dataclasses import replace
from typing import Any

import pytest

from skafu.alerts.model import (
    Comparison,
    Definition,
    Expression,
    Kind,
    Level,
    Logic,
    Season,
    Severity,
    Transform,
    TransformType,
)
from skafu.alerts.senders.figures import clip, condition, lasting, moment, number, one_line
from tests.support.alerting import minute
from tests.support.definitions import definition


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (5.0, "5"),
        (-0.1, "-0.1"),
        (1e300, "1e+300"),
        (0.1 + 0.2, "0.30000000000000004"),
        (None, "no data"),
    ],
)
def test_numbers_are_written_exactly_and_no_longer_than_needed(
    value: float | None, written: str
) -> None:
    assert number(value) == written


def test_moments_are_rfc_3339() -> None:
    assert moment(minute(0) + 7) == "2023-11-15T12:00:00.007Z"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (-5, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (7_800, "2 h 10 min"),
        (3_605, "1 h"),
        (90_061, "1 d 1 h"),
    ],
)
def test_how_long_is_said_in_two_units(seconds: int, said: str) -> None:
    assert lasting(seconds * 1000) == said


def test_what_is_cut_off_is_marked() -> None:
    assert clip("abcdef", 6) == "abcdef"
    assert clip("abcdefg", 6) == "abc..."


def test_a_line_has_no_breaks_and_nothing_invisible() -> None:
    assert one_line(" a\nb\t\u2028c\x00  d ") == "a b c d"


def alert_of(name: str) -> Expression:
    return Expression(Logic.ALERT, name)


BOTH = Expression(Logic.ALL, of=(alert_of("a"), alert_of("b")))


@pytest.mark.parametrize(
    ("changes", "level", "said"),
    [
        ({}, 0, "avg of cpu.load over 60 s > 10"),
        (
            {"comparison": Comparison.OUTSIDE, "threshold": None, "lower": 1.0, "upper": 2.5},
            0,
            "avg of cpu.load over 60 s outside 1 to 2.5",
        ),
        ({"levels": (Level(Severity.HIGH, threshold=20.0),)}, 0, "avg of cpu.load over 60 s > 10"),
        ({"levels": (Level(Severity.HIGH, threshold=20.0),)}, 1, "avg of cpu.load over 60 s > 20"),
        ({"kind": Kind.HEARTBEAT, "evaluation_periods": 5}, 0, "no data of cpu.load for 5 min"),
        (
            {"transform": Transform(TransformType.CHANGE_PERCENT, offset=604_800)},
            0,
            "change in percent within 7 d of avg of cpu.load over 60 s > 10",
        ),
        (
            {"transform": Transform(TransformType.FORECAST, horizon=14_400, lookback=3600)},
            0,
            "forecast for 4 h later of avg of cpu.load over 60 s > 10",
        ),
        (
            {"transform": Transform(TransformType.DEVIATION, season=Season.WEEK, seasons=4)},
            0,
            "deviation from what is usual in a week of avg of cpu.load over 60 s > 10",
        ),
        ({"expression": BOTH}, 0, "a and b"),
        (
            {"expression": Expression(Logic.ANY, of=(BOTH, Expression(Logic.NOT, of=(BOTH,))))},
            0,
            "(a and b) or not (a and b)",
        ),
    ],
)
def test_every_condition_can_be_said(changes: dict[str, Any], level: int, said: str) -> None:
    assert condition(definition(**changes), level) == said


@pytest.mark.parametrize("kind", list(TransformType))
def test_every_transform_is_named(kind: TransformType) -> None:
    plain: Definition = definition()
    transform = Transform(kind, offset=60, horizon=60, lookback=60, season=Season.DAY)

    told = condition(replace(plain, transform=transform))

    assert told != condition(plain) and told.endswith(condition(plain))
