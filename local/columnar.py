"""A batch by columns: the server knows its series, so that it need not be told them again.

A layout is the sorted list of a batch's series. The server names it when it has stored it, by a
hash of that list; from then on a batch of the same series says the name, and for each point its
series' position in the list, its timestamp and its value.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from skafu.metrics.layout import layout_of
from skafu.metrics.model import Series

from local.spool import Point


def layout_name(points: Sequence[Point]) -> str:
    """The name of a batch's layout."""
    return layout_of(map(_series, points)).hash


def body(points: Sequence[Point]) -> Mapping[str, Any]:
    """The request's body, where the server knows the batch's layout."""
    layout = layout_of(map(_series, points))
    positions = {each: position for position, each in enumerate(layout.series)}
    return {
        "layout": layout.hash,
        "series": [positions[_series(point)] for point in points],
        "timestamps": [point["timestamp"] for point in points],
        "values": [point["value"] for point in points],
    }


def _series(point: Point) -> Series:
    return Series(point["name"], tuple(sorted(point["tags"].items())), point.get("unit"))
