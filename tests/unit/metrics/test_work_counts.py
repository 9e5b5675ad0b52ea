"""Work is exact, so it may be asserted: what DynamoDB is asked for, and what that costs."""

import pytest

from benchmarks.capacity import item_bytes, write_units
from benchmarks.metrics_storage import cost
from benchmarks.population import ALL_DIGITS, Fleet


def test_a_post_of_1000_points_on_a_known_layout_is_one_put_of_4_units() -> None:
    found = cost(Fleet(1000))
    assert (found.points, found.calls, found.units) == (1000, 1, 4)
    assert found.units_a_point <= 0.010


def test_a_post_of_100_points_is_one_unit() -> None:
    found = cost(Fleet(100))
    assert (found.points, found.calls, found.units) == (100, 1, 1)
    assert found.units_a_point <= 0.016


def test_a_millisecond_of_its_own_for_each_point_stays_within_the_budget() -> None:
    assert cost(Fleet(1000), spread=1000).units_a_point <= 0.010


def test_doubles_with_all_their_digits_stay_within_the_budget() -> None:
    assert cost(Fleet(1000, ALL_DIGITS)).units_a_point <= 0.010


@pytest.mark.parametrize(("size", "most"), [(1, 260), (100, 6.5), (1000, 3.3), (10_000, 3.1)])
def test_bytes_at_rest(size: int, most: float) -> None:
    assert cost(Fleet(size)).bytes_a_point <= most


def test_the_first_batch_of_a_day_pays_for_its_labels() -> None:
    found = cost(Fleet(1000))
    assert 5 <= found.first_units <= 30


def test_sizes_follow_the_published_rules() -> None:
    item: dict[str, dict[str, object]] = {
        "pk": {"S": "é"},
        "n": {"N": "1700049600"},
        "m": {"N": "-1"},
        "z": {"N": "0"},
        "b": {"B": b"123"},
        "f": {"BOOL": True},
    }
    assert item_bytes(item) == (2 + 2) + (1 + 5) + (1 + 3) + (1 + 2) + (1 + 3) + (1 + 1)
    assert write_units({"b": {"B": bytes(1023)}}) == 1
    assert write_units({"b": {"B": bytes(1024)}}) == 2
