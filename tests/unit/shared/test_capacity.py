"""AWS's rules, on the examples of its developer guide and at their edges."""

import pytest

from skafu.shared.capacity import item_size, read_units, value_size, write_units
from skafu.shared.table import Value


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("", 0),
        ("abc", 3),
        ("Zürich", 7),
        (b"\x00\x01", 2),
        (True, 1),
        (0, 2),
        (7, 2),
        (1700, 2),  # zeros at the end are no significant digits
        (1_700_049_600, 5),
        (-1, 3),
        (10**37 + 1, 20),
    ],
)
def test_a_value_takes_what_the_guide_says(value: Value, size: int) -> None:
    assert value_size(value) == size


def test_an_item_takes_its_names_too() -> None:
    assert item_size({"pk": "é", "n": 1_700_049_600, "b": b"123", "f": True}) == (
        (2 + 2) + (1 + 5) + (1 + 3) + (1 + 1)
    )


@pytest.mark.parametrize(("size", "units"), [(0, 1), (1, 1), (1024, 1), (1025, 2), (400_000, 391)])
def test_writing_costs_a_unit_for_each_started_kilobyte(size: int, units: int) -> None:
    assert write_units(size) == units
    assert write_units(size, transactional=True) == 2 * units


@pytest.mark.parametrize(("size", "units"), [(0, 1), (4096, 1), (4097, 2), (8192, 2), (8193, 3)])
def test_reading_costs_a_unit_for_each_started_four_kilobytes(size: int, units: int) -> None:
    assert read_units(size, consistent=True) == units
    assert read_units(size, consistent=False) == units / 2
