"""How many different things there were."""

from collections.abc import Iterator

import pytest

from skafu.metrics.columns import CodecError
from skafu.metrics.distinct import REGISTERS, Distinct, decode


def things(count: int, first: int = 0) -> Iterator[bytes]:
    return (f"cpu.load\0host\0machine-{number}".encode() for number in range(first, first + count))


def counted(count: int, first: int = 0) -> Distinct:
    found = Distinct()
    found.add(things(count, first))
    return found


@pytest.mark.parametrize("count", [0, 1, 2, 10, 50, 100])
def test_few_are_counted_nearly_exactly(count: int) -> None:
    assert abs(len(counted(count)) - count) <= count // 50


@pytest.mark.parametrize("count", [1_000, 5_000, 10_000, 20_000, 100_000])
def test_many_are_counted_within_three_standard_errors(count: int) -> None:
    assert abs(len(counted(count)) - count) <= 3 * 1.04 / REGISTERS**0.5 * count


def test_the_same_things_again_change_nothing() -> None:
    found = counted(500)
    before = found.copy()
    found.add(things(500))
    assert found == before


def test_a_union_counts_what_is_in_both_once() -> None:
    assert counted(600).union(counted(600, first=400)) == counted(1000)


def test_a_copy_stands_alone() -> None:
    found = counted(5)
    found.copy().add(things(100))
    assert len(found) == 5


def test_it_comes_back_as_it_was_and_is_small() -> None:
    for count, most in ((0, 30), (20, 120), (100_000, 2_100)):
        found = counted(count)
        assert decode(found.encode()) == found
        assert len(found.encode()) <= most


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (b"", "version none"),
        (b"\x02abc", "version 2"),
        (b"\x01\xff", "cannot be read"),
        (Distinct(bytes(7)).encode(), "damaged"),
        (Distinct(b"\xff" * REGISTERS).encode(), "damaged"),
    ],
)
def test_damage_is_told(payload: bytes, says: str) -> None:
    with pytest.raises(CodecError, match=says):
        decode(payload)
