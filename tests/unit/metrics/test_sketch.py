import random

import pytest

from skafu.metrics.columns import CodecError
from skafu.metrics.framing import framed
from skafu.metrics.sketch import Sketch, encode_sketches


def latencies(count: int) -> list[float]:
    chance = random.Random(2)
    return [round(chance.lognormvariate(3, 0.6), 3) for _ in range(count)]


def test_a_percentile_lies_between_two_observations_in_proportion() -> None:
    assert Sketch.of([1.0, 1000.0]).quantile(50) == pytest.approx(500.5, rel=0.01)


def test_an_hour_of_latencies_takes_some_60_bytes_alone_and_half_of_it_in_company() -> None:
    assert len(Sketch.of(latencies(60)).encode()) <= 64
    many = [Sketch.of(latencies(60 * n)[-60:]) for n in range(1, 101)]
    assert len(framed(0, encode_sketches(many), 9)) <= 34 * len(many)


def test_negative_values_and_zeros_are_counted_in_order() -> None:
    sketch = Sketch.of([-100.0, -1.0, 0.0, -0.0, 1.0])
    assert [count for _, count in sketch.bins()] == [1, 1, 2, 1]
    assert [round(value) for value, _ in sketch.bins()] == [-100, -1, 0, 1]
    assert sketch.quantile(0) == pytest.approx(-100, rel=0.01)
    assert sketch.quantile(50) == 0


def test_one_value_may_be_many_observations() -> None:
    sketch = Sketch()
    sketch.add(10.0, 99)
    sketch.add(20.0)
    assert sketch.count == 100
    assert sketch.quantile(98) == pytest.approx(10, rel=0.01)
    assert sketch.quantile(100) == pytest.approx(20, rel=0.01)


def test_the_greatest_double_is_counted_too() -> None:
    most = 1.7976931348623157e308
    assert Sketch.of([most]).quantile(50) == pytest.approx(most, rel=0.01)
    assert Sketch({35_489: 1}).quantile(50) == most  # what rounding may make of it


def test_nothing_has_no_percentile_and_cannot_be_added() -> None:
    with pytest.raises(ValueError, match="no observations"):
        Sketch().quantile(50)
    with pytest.raises(ValueError, match="0 observations"):
        Sketch().add(1.0, 0)


def test_an_empty_sketch_comes_back() -> None:
    assert Sketch.decode(Sketch().encode()) == Sketch()


def test_an_unknown_version_is_refused_by_its_number() -> None:
    payload = Sketch.of([1.0]).encode()
    with pytest.raises(CodecError, match="version 77"):
        Sketch.decode(bytes([77]) + payload[1:])


def test_damage_is_noticed() -> None:
    payload = Sketch.of(latencies(60)).encode()
    for place in range(1, len(payload)):
        broken = bytearray(payload)
        broken[place] ^= 0x40
        with pytest.raises(CodecError):
            Sketch.decode(bytes(broken))


def test_bins_that_cannot_be_are_refused() -> None:
    for positive in ({1: 0}, {1: -3}):
        with pytest.raises(CodecError, match="out of order or empty"):
            Sketch.decode(Sketch(positive).encode())
    with pytest.raises(CodecError, match="cannot be"):
        Sketch.decode(Sketch(zeros=-1).encode())
    with pytest.raises(CodecError, match="2 sketches"):
        Sketch.decode(framed(5, encode_sketches([Sketch(), Sketch()])))
