import math

import pytest

from skafu.metrics.query.filling import filled
from skafu.metrics.query.question import Fill

GAPPY = [None, 1.0, None, None, 4.0, None]
TIMES = [0, 10, 20, 30, 40, 50]


@pytest.mark.parametrize(
    ("fill", "expected"),
    [
        (Fill.NULL, GAPPY),
        (Fill.ZERO, [0.0, 1.0, 0.0, 0.0, 4.0, 0.0]),
        (Fill.PREVIOUS, [None, 1.0, 1.0, 1.0, 4.0, 4.0]),
        (Fill.LINEAR, [None, 1.0, 2.0, 3.0, 4.0, None]),
    ],
)
def test_gaps_are_filled(fill: Fill, expected: list[float | None]) -> None:
    assert filled(fill, GAPPY, TIMES, 1000) == pytest.approx(expected)
    assert not filled(fill, [], [], 1000)
    assert filled(fill, [3.0], [0], 1000) == [3.0]


def test_the_future_is_not_filled() -> None:
    assert filled(Fill.ZERO, GAPPY, TIMES, 30) == [0.0, 1.0, 0.0, 0.0, 4.0, None]
    assert filled(Fill.PREVIOUS, GAPPY, TIMES, 49) == [None, 1.0, 1.0, 1.0, 4.0, None]
    assert filled(Fill.PREVIOUS, GAPPY, TIMES, 50)[-1] == 4.0


def test_a_line_is_drawn_over_time_not_over_buckets() -> None:
    assert filled(Fill.LINEAR, [0.0, None, 4.0], [0, 30, 40], 99) == pytest.approx([0.0, 3.0, 4.0])


def test_a_line_between_the_largest_doubles_can_be_drawn() -> None:
    assert filled(Fill.LINEAR, [-1.7e308, None, 1.7e308], [0, 1, 2], 9)[1] == 0.0


@pytest.mark.parametrize("fill", list(Fill))
def test_what_is_not_known_is_no_gap(fill: Fill) -> None:
    found = filled(fill, [1.0, math.nan, None, 5.0], TIMES[:4], 99)
    assert found[1] is not None and math.isnan(found[1])
    expected = {Fill.NULL: None, Fill.ZERO: 0.0, Fill.PREVIOUS: 1.0, Fill.LINEAR: 11 / 3}[fill]
    assert found[2] == pytest.approx(expected)
