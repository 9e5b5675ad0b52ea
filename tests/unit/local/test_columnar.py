from typing import Any

from skafu.metrics.columnar import layouts_named, read_columns
from skafu.metrics.layout import layout_of
from skafu.metrics.times import accepted

from local import columnar
from tests.support.clocks import NOON
from tests.support.metrics import series


def point(name: str, value: float, at: int = NOON, **tags: str) -> dict[str, Any]:
    return {"name": name, "value": value, "timestamp": at, "tags": tags, "unit": "Percent"}


POINTS = [
    point("b", 1.0, host="x"),
    point("a", 2.0, host="y"),
    point("a", 3.0, host="x"),
    point("a", 4.0, NOON + 10_000, host="x"),
    point("a", 5.0, NOON + 10_000, host="x"),
]
LAYOUT = layout_of([series(n, "Percent", host=h) for n, h in ("bx", "ay", "ax")])


def test_a_moment_is_a_column_in_the_layouts_order() -> None:
    assert columnar.body(POINTS) == {
        "columns": [
            {"layout": LAYOUT.hash, "timestamp": NOON, "values": [3.0, 2.0, 1.0]},
            {"layout": LAYOUT.hash, "timestamp": NOON + 10_000, "values": [4.0, None, None]},
            {"layout": LAYOUT.hash, "timestamp": NOON + 10_000, "values": [5.0, None, None]},
        ]
    }


def test_the_layout_has_the_name_that_the_server_gives_it() -> None:
    assert columnar.layout_name(POINTS) == LAYOUT.hash


def test_the_server_reads_the_same_points_from_it() -> None:
    raws = columnar.body(POINTS)["columns"]
    assert layouts_named(raws) == [LAYOUT.hash]
    read = read_columns(raws, {LAYOUT.hash: LAYOUT}, accepted(NOON), NOON, keyed=True)
    found = sorted(
        (LAYOUT.series[position].metric, dict(LAYOUT.series[position].tags)["host"], at, value)
        for column in read.columns
        for position, at, value in zip(
            column.positions, column.timestamps, column.values, strict=True
        )
    )
    assert not read.rejected
    assert found == sorted(
        (each["name"], each["tags"]["host"], each["timestamp"], each["value"]) for each in POINTS
    )
