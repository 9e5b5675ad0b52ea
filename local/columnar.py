"""A batch by columns: the server knows its series, so that it need not be told them again.

A layout is the sorted list of a batch's series. The server names it when it has stored it, by a
hash of that list; from then on a batch of the same series says the name, and for each moment the
value of each series in the list's order, null where it has none.
"""

from collections.abc import Sequence
from typing import Any

from skafu.metrics.layout import layout_of
from skafu.metrics.model import Series

from local.spool import Point

type Column = list[Any]


def layout_name(points: Sequence[Point]) -> str:
    """The name of a batch's layout."""
    return layout_of(map(_series, points)).hash


def body(points: Sequence[Point]) -> dict[str, Any]:
    """The request's body, where the server knows the batch's layout."""
    layout = layout_of(map(_series, points))
    positions = {each: position for position, each in enumerate(layout.series)}
    moments: dict[int, list[Column]] = {}
    for point in points:
        position = positions[_series(point)]
        columns = moments.setdefault(point["timestamp"], [])
        # A series with two values at one moment needs two columns for it.
        column = next((each for each in columns if each[position] is None), None)
        if column is None:
            column = [None] * len(positions)
            columns.append(column)
        column[position] = point["value"]
    return {
        "columns": [
            {"layout": layout.hash, "timestamp": at, "values": column}
            for at, columns in sorted(moments.items())
            for column in columns
        ]
    }


def _series(point: Point) -> Series:
    return Series(point["name"], tuple(sorted(point["tags"].items())), point.get("unit"))
