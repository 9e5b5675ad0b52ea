import pytest

from skafu.metrics.model import Statistic
from skafu.metrics.points import UNITS
from skafu.metrics.query import units


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "expected"),
    [
        (1500.0, "Milliseconds", "Seconds", 1.5),
        (0.1, "Seconds", "Milliseconds", 100.0),
        (3.0, "Microseconds", "Milliseconds", 0.003),
        (2.0, "Kilobytes", "Bytes", 2000.0),
        (1.0, "Bytes", "Bits", 8.0),
        (4.0, "Bits", "Bytes", 0.5),
        (1.0, "Terabits", "Gigabytes", 125.0),
        (1.0, "Megabytes/Second", "Bits/Second", 8e6),
        (7.0, "Gigabits/Second", "Megabits/Second", 7000.0),
    ],
)
def test_values_are_converted(value: float, unit: str, wanted: str, expected: float) -> None:
    scale = units.scale(unit, wanted)
    assert scale is not None
    assert scale.of(value) == expected
    # pylint: disable-next=arguments-out-of-order # the way back
    back = units.scale(wanted, unit)
    assert back is not None
    assert back.of(expected) == pytest.approx(value)


def test_nothing_changes_where_units_are_the_same() -> None:
    assert units.scale("Percent", "Percent") is None
    assert units.scale(None, None) is None


def test_every_unit_has_a_dimension_and_most_are_alone_in_theirs() -> None:
    alone = {"Percent", "Count", "Count/Second", "None"}
    for unit in UNITS:
        others = {other for other in UNITS if units.dimension(other) == units.dimension(unit)}
        assert (others == {unit}) is (unit in alone), unit
    assert units.dimension(None) == units.dimension("None")
    assert units.dimension("Bytes") != units.dimension("Bytes/Second")


@pytest.mark.parametrize(
    ("found", "common"),
    [
        ({"Percent"}, "Percent"),
        ({None}, None),
        ({"Kilobytes"}, "Kilobytes"),
        ({"Kilobytes", "Gigabytes"}, "Bytes"),
        ({"Kilobytes", "Bits"}, "Bytes"),
        ({"Kilobits", "Megabits"}, "Bits"),
        ({"Milliseconds", "Microseconds"}, "Seconds"),
        ({"Kilobits/Second", "Bytes/Second"}, "Bytes/Second"),
        ({"Kilobits/Second", "Bits/Second"}, "Bits/Second"),
    ],
)
def test_several_units_become_the_base_unit_and_one_stays(
    found: set[str | None], common: str | None
) -> None:
    assert units.common(found) == common


@pytest.mark.parametrize(
    ("statistic", "unit", "expected"),
    [
        ("avg", "Bytes", "Bytes"),
        ("p99", "Milliseconds", "Milliseconds"),
        ("increase", "Count", "Count"),
        ("count", "Bytes", "Count"),
        ("rate", "Count", "Count/Second"),
        ("rate", "Kilobytes", "Kilobytes/Second"),
        ("rate", "Seconds", None),
        ("rate", "Percent", None),
        ("rate", "Bytes/Second", None),
        ("rate", None, None),
        ("sum", None, None),
    ],
)
def test_statistics_have_a_unit_of_their_own(
    statistic: str, unit: str | None, expected: str | None
) -> None:
    assert units.answered(Statistic(statistic), unit) == expected


def test_a_rate_may_be_asked_for_in_its_own_unit() -> None:
    assert units.required(Statistic.RATE, "Bytes/Second") == "Bytes"
    assert units.required(Statistic.RATE, "Bytes") == "Bytes"
    assert units.required(Statistic.AVG, "Bytes/Second") == "Bytes/Second"
    assert units.required(Statistic.RATE, None) is None
