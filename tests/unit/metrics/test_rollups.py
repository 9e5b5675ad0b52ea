import random
from dataclasses import replace

import pytest

from skafu.metrics.hours import Hour
from skafu.metrics.rollups import CodecError, hours_from, hours_of, rollup_items, sketch_items
from skafu.metrics.sketch import Sketch
from skafu.shared.keys import DAY_MS, MINUTE_MS
from skafu.shared.table import Value
from benchmarks.population import Fleet

DAY = 1_795_305_600_000 // DAY_MS * DAY_MS
NAME = ("acme", 3, DAY, 2, "group", 1, "tag")
type Items = list[dict[str, Value]]


def day(size: int = 16, mix: dict[str, int] | None = None) -> dict[int, list[Hour]]:
    """A day of points, one a minute, of the series in the second part of a group."""
    fleet = Fleet(size, mix)
    batches = [fleet.batch(DAY + minute * MINUTE_MS) for minute in range(1440)]
    return {
        16 + n: hours_of([(batch[n]["timestamp"], batch[n]["value"]) for batch in batches])
        for n in range(size)
    }


def both(hours: dict[int, list[Hour]]) -> tuple[Items, Items]:
    return rollup_items(*NAME, hours, DAY + 1999), sketch_items(*NAME, hours, DAY + 1999)


def size(items: Items) -> int:
    return sum(len(item["p"]) for item in items if isinstance(item["p"], bytes))


def test_a_day_of_16_series_takes_eleven_bytes_an_hour_and_details_seventeen() -> None:
    rollups, sketches = both(day())
    assert size(rollups) <= 11.0 * 16 * 24
    assert size(sketches) <= 17.0 * 16 * 24


def test_a_counter_takes_half_and_a_constant_nothing() -> None:
    rollups, sketches = both(day(mix={"counter": 1}))
    assert size(rollups) <= 6.0 * 16 * 24
    assert size(sketches) <= 5.0 * 16 * 24
    rollups, sketches = both(day(mix={"constant": 1}))
    assert size(rollups) <= 80
    assert not sketches


def test_numbers_are_read_without_their_details() -> None:
    hours = day(2)
    rollups, sketches = both(hours)
    numbers = hours_from(rollups, None)
    assert numbers is not None
    assert [hour.sum for hour in numbers[17]] == [hour.sum for hour in hours[17]]
    assert {(h.squares, h.increase, h.sketch) for h in numbers[17]} == {(None, None, None)}
    full = hours_from(rollups, sketches)
    assert full is not None
    assert [hour.sketch for hour in full[17]] == [hour.sketch for hour in hours[17]]
    assert [hour.increase for hour in full[17]] == [hour.increase for hour in hours[17]]


def test_items_say_where_they_belong_how_many_they_are_and_when_they_end() -> None:
    (rollup,), (sketch,) = both(day(1))
    assert (rollup["pk"], rollup["sk"]) == ("acme#rollups#3#group#1", "20261122#0002#tag#000")
    assert (sketch["pk"], sketch["sk"]) == ("acme#sketches#3#group#1", "20261122#0002#tag#000")
    assert [(item["k"], item["of"], item["ttl"]) for item in (rollup, sketch)] == [
        ("rollup", 1, DAY // 1000 + 1),
        ("sketch", 1, DAY // 1000 + 1),
    ]


def test_what_is_too_large_for_an_item_becomes_several() -> None:
    chance = random.Random(5)
    hour = hours_of([(DAY, 1.0), (DAY + 1, 2.0)])[0]
    wide = [Sketch({n: chance.randrange(1, 2**40) for n in range(20_000)}) for _ in range(6)]
    hours = {16 + n: [replace(hour, sketch=sketch)] for n, sketch in enumerate(wide)}
    rollups, sketches = both(hours)
    assert len(sketches) > 1
    assert all(size([item]) <= 300_000 for item in sketches)
    found = hours_from(rollups, reversed(sketches))
    assert found is not None
    assert [h.sketch for run in found.values() for h in run] == [
        h.sketch for run in hours.values() for h in run
    ]
    assert hours_from(rollups, sketches[1:]) is None
    assert hours_from(rollups, sketches[:-1]) is None


def test_a_missing_piece_is_missing() -> None:
    rollups, sketches = both(day(2))
    assert hours_from([], sketches) is None
    assert hours_from(rollups, []) is None
    assert hours_from([], None) is None


def test_constants_need_no_sketch_to_be_read() -> None:
    hours = day(3, {"constant": 1})
    rollups, _ = both(hours)
    assert hours_from(rollups, []) == hours


def test_an_unknown_version_is_refused_by_its_number() -> None:
    rollups, sketches = both(day(2))
    for items in (rollups, sketches):
        payload = items[0]["p"]
        assert isinstance(payload, bytes)
        items[0]["p"] = bytes([201]) + payload[1:]
    with pytest.raises(CodecError, match="version 201"):
        hours_from(rollups, None)
    with pytest.raises(CodecError, match="version 201"):
        hours_from(both(day(2))[0], sketches)


def test_details_of_other_hours_are_refused() -> None:
    (rollup,), _ = both(day(2))
    _, (sketch,) = both(day(1))
    with pytest.raises(CodecError, match="other hours"):
        hours_from([rollup], [sketch])


def test_a_damaged_item_is_refused() -> None:
    (rollup,), (sketch,) = both(day(2))
    for item in (rollup, sketch):
        payload = item["p"]
        assert isinstance(payload, bytes)
        for place in range(1, len(payload), 97):
            broken = bytearray(payload)
            broken[place] ^= 1
            damaged = {**item, "p": bytes(broken)}
            pair = ([damaged], None) if item is rollup else ([rollup], [damaged])
            with pytest.raises(CodecError):
                hours_from(*pair)
    with pytest.raises(CodecError, match="no piece"):
        hours_from([{**rollup, "p": "text"}], None)


def test_what_cannot_be_kept_is_refused() -> None:
    numbers = hours_from(both(day(1))[0], None)
    assert numbers is not None
    with pytest.raises(ValueError, match="details"):
        sketch_items(*NAME, numbers, DAY)
    with pytest.raises(ValueError, match="part 1"):
        rollup_items(*NAME, {0: day(1)[16]}, DAY)
    with pytest.raises(ValueError, match="hours"):
        rollup_items(*NAME, {}, DAY)
