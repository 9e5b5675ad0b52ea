import pytest

from skafu.metrics.manifests import Manifest, bits, part_bits


def manifest(generation: int, present: bytes) -> Manifest:
    return Manifest(0, 0, generation, "tag", ("directory",), present, 1)


def test_a_seal_tells_which_groups_have_points() -> None:
    seal = manifest(0, bits([0, 9]))

    assert [number for number in range(20) if seal.has(number)] == [0, 9]


@pytest.mark.parametrize(
    ("size", "parts"), [(8, [True, False, False, True]), (16, [True, True])], ids=["days", "hours"]
)
def test_a_generation_tells_which_parts_of_a_group_have_points(
    size: int, parts: list[bool]
) -> None:
    first_and_twenty_fifth = 1 | 1 << 24
    generation = manifest(2, part_bits({3: first_and_twenty_fifth}))

    assert [generation.has_series(3, at, size) for at in range(0, 32, size)] == parts
    assert [number for number in range(6) if generation.has(number)] == [3]


def test_the_last_series_of_a_group_is_in_its_last_part() -> None:
    generation = manifest(1, part_bits({0: 1 << 63}))

    assert [part for part in range(8) if generation.has_series(0, part * 8, 8)] == [7]


def test_what_is_empty_has_nothing() -> None:
    assert not manifest(1, part_bits({})).has(0)
    assert not manifest(0, bits([])).has(0)
