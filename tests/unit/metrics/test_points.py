"""Each rule of a point, on its own."""

from typing import Any

import pytest

from skafu.metrics.model import Series
from skafu.metrics.points import UNITS, Batch, SeriesBook, read_points
from skafu.metrics.times import accepted
from skafu.shared.keys import BUCKET_MS, DAY_MS, HOUR_MS
from tests.support.clocks import NOON
from tests.support.metrics import point

DAY_30 = 30 * DAY_MS


def read(*raws: object, keyed: bool = False, book: SeriesBook | None = None) -> Batch:
    window = accepted(NOON + 1)
    return read_points(list(raws), book or SeriesBook(), window, NOON + 1, keyed=keyed)


def refusal(raw: object, *, keyed: bool = False) -> tuple[str, str]:
    """Field and reason of a point that is refused, though a good one of its series came before."""
    (rejected,) = read(point(timestamp=NOON), raw, keyed=keyed).rejected
    assert rejected.index == 1
    return rejected.field, rejected.reason


def test_a_good_point_becomes_a_row() -> None:
    book = SeriesBook()
    batch = read(
        point("disk.free", 5, timestamp=NOON, tags={"b": "2", "a": "1"}, unit="Bytes"), book=book
    )
    assert not batch.rejected
    assert [book.series[n] for n in batch.series] == [
        Series("disk.free", (("a", "1"), ("b", "2")), "Bytes")
    ]
    assert (batch.timestamps, batch.values) == ([NOON], [5.0])
    assert isinstance(batch.values[0], float)


def test_one_series_may_be_spelled_in_many_ways() -> None:
    book = SeriesBook()
    spellings = [
        point(tags={"a": "1", "b": "2"}),
        point(tags={"b": "2", "a": "1"}),
        point(tags={"b": "2", "a": "1"}, unit="None"),
        point(tags={"b": "2", "a": "1"}, unit=None, timestamp=None),
    ]
    batch = read(*spellings, *spellings, book=book)
    assert set(batch.series) == {0}
    assert book.series == [Series("cpu.load", (("a", "1"), ("b", "2")))]


def test_a_point_without_tags_is_not_the_one_with_empty_text() -> None:
    batch = read(point(), point(tags={}), point(tags={"a": ""}), point(unit="Count"))
    assert batch.series == [0, 0, 1, 2]


def test_a_point_without_a_timestamp_gets_the_time_of_receipt() -> None:
    batch = read(point(timestamp=NOON), point())
    assert batch.timestamps == [NOON, NOON + 1]
    assert batch.untimed == {1}


def test_with_a_key_each_point_carries_its_timestamp() -> None:
    assert refusal(point(), keyed=True)[0] == "timestamp"
    assert refusal(point(timestamp=None), keyed=True)[0] == "timestamp"


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        ("2023-11-15T12:00:00Z", NOON),
        ("2023-11-15T12:00:00.1239z", NOON + 123),
        ("2023-11-15 13:00:00.5+01:00", NOON + 500),
        ("2023-11-15t11:59:59-00:00", NOON - 1000),
    ],
)
def test_timestamps_may_be_rfc_3339_texts(text: str, stamp: int) -> None:
    assert read(point(timestamp=text)).timestamps == [stamp]


@pytest.mark.parametrize(
    "stamp",
    [
        "2023-11-15T12:00:00",
        "2023-11-15",
        "2023-W46-3T12:00:00Z",
        "20231115T120000Z",
        "2023-02-30T12:00:00Z",
        "2023-11-15T24:01:00Z",
        "２023-11-15T12:00:00Z",
        "now",
        "",
        1.5,
        float(NOON),
        True,
        [NOON],
        {},
    ],
)
def test_other_timestamps_are_refused(stamp: object) -> None:
    field, reason = refusal(point(timestamp=stamp))
    assert field == "timestamp"
    assert "RFC 3339" in reason


EDGES = (NOON - DAY_30, NOON + 2 * HOUR_MS + BUCKET_MS)


@pytest.mark.parametrize("stamp", [EDGES[0] - 1, EDGES[1], 0, -1, 10**15, -(10**30)])
def test_points_outside_the_window_are_refused_but_known(stamp: int) -> None:
    batch = read(point(timestamp=stamp))
    assert [each.field for each in batch.rejected] == ["timestamp"]
    assert ("ahead" if stamp > NOON else "ago") in batch.rejected[0].reason
    assert batch.outside == {0}
    assert batch.series == [0]


@pytest.mark.parametrize("stamp", [EDGES[0], NOON, EDGES[1] - 1])
def test_points_inside_the_window_are_taken(stamp: int) -> None:
    assert not read(point(timestamp=stamp)).rejected


def test_the_windows_edges_are_edges_of_buckets() -> None:
    for now in (NOON, NOON + 1, NOON + BUCKET_MS - 1):
        assert accepted(now) == EDGES
    assert accepted(NOON + BUCKET_MS) == (EDGES[0] + BUCKET_MS, EDGES[1] + BUCKET_MS)


@pytest.mark.parametrize(
    "value",
    ["1", "NaN", None, True, [1.0], {}, float("nan"), float("inf"), -float("inf"), 10**400],
)
def test_values_that_are_no_finite_number_are_refused(value: object) -> None:
    assert refusal(point(value=value))[0] == "value"


@pytest.mark.parametrize("value", [0, -0.0, 5e-324, 1.7976931348623157e308, 2**63, 10**300])
def test_any_finite_number_is_a_value(value: float) -> None:
    assert read(point(value=value)).values == [float(value)]


@pytest.mark.parametrize("name", ["", "1a", "a b", "a#b", "é", "a" * 256, "a\n", 5, None, ["a"]])
def test_names_outside_the_rule_are_refused(name: object) -> None:
    field, reason = refusal(point(value=1.0) | {"name": name})
    assert field == "name"
    assert "255" in reason


@pytest.mark.parametrize("name", ["a", ":", "_x", "A-b/c.d:e_9", "a" * 255])
def test_names_inside_the_rule_are_taken(name: str) -> None:
    assert not read(point(name)).rejected


@pytest.mark.parametrize(
    ("tags", "field"),
    [
        ([], "tags"),
        ("", "tags"),
        (0, "tags"),
        (False, "tags"),
        ("host=a", "tags"),
        ({str(n): "v" for n in range(31)}, "tags"),
        ({"": "v"}, "tags"),
        ({"k" * 129: "v"}, "tags"),
        ({"host": 5}, "tags.host"),
        ({"host": None}, "tags.host"),
        ({"host": ["a"]}, "tags.host"),
        ({"host": "v" * 257}, "tags.host"),
        ({"host": "\ud800"}, "tags"),
        ({"\udfff": "a"}, "tags"),
    ],
)
def test_tags_outside_the_rule_are_refused(tags: object, field: str) -> None:
    assert refusal(point(tags=tags))[0] == field


def test_tags_at_the_limits_are_taken() -> None:
    tags = {f"{n:0128}": "é" * 256 for n in range(30)}
    assert not read(point(tags=tags)).rejected


@pytest.mark.parametrize("unit", ["percent", "", 5, ["Bytes"], "Petabytes"])
def test_units_that_cloudwatch_does_not_know_are_refused(unit: object) -> None:
    field, reason = refusal(point(unit=unit))
    assert field == "unit"
    assert "Gigabits/Second" in reason


def test_units_are_cloudwatchs_27() -> None:
    assert len(UNITS) == 27
    assert {"Bytes", "Bits/Second", "Terabits", "Kilobytes/Second", "Count/Second"} <= UNITS


def test_unknown_fields_are_refused_by_name() -> None:
    assert refusal(point(host="a"))[0] == "host"


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ("cpu.load", "metrics"),
        (None, "metrics"),
        ([], "metrics"),
        ({}, "name"),
        ({"name": "cpu.load"}, "value"),
        ({"value": 1.0}, "name"),
    ],
)
def test_what_is_no_point_is_refused(raw: Any, field: str) -> None:
    assert refusal(raw)[0] == field
