import random

import pytest

from skafu.metrics.columns import CodecError, Reader, varint
from skafu.metrics.sketch import Sketch, decode_sketches, encode_sketches


def restored(sketches: list[Sketch]) -> list[Sketch]:
    return decode_sketches(Reader(encode_sketches(sketches)))


def latencies(count: int) -> list[float]:
    chance = random.Random(2)
    return [round(chance.lognormvariate(3, 0.6), 3) for _ in range(count)]


def test_a_percentile_lies_between_two_observations_in_proportion() -> None:
    assert Sketch.of([1.0, 1000.0]).quantile(50) == pytest.approx(500.5, rel=0.01)


def test_an_hour_of_latencies_takes_some_30_bytes() -> None:
    many = [Sketch.of(latencies(60 * n)[-60:]) for n in range(1, 101)]
    assert len(encode_sketches(many)) <= 29 * len(many)


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


def test_empty_sketches_and_none_at_all_come_back() -> None:
    assert restored([]) == []
    assert restored([Sketch(), Sketch()]) == [Sketch(), Sketch()]


def test_bins_that_cannot_be_are_refused() -> None:
    for positive in ({1: 0}, {1: -3}):
        with pytest.raises(CodecError, match="out of order or empty"):
            restored([Sketch(positive)])
    with pytest.raises(CodecError, match="cannot be"):
        restored([Sketch(zeros=-1)])
    with pytest.raises(CodecError, match="sketches"):
        decode_sketches(Reader(varint(5000)))


def test_bytes_that_end_early_or_go_on_are_refused() -> None:
    payload = encode_sketches([Sketch.of(latencies(60))])
    for end in range(len(payload)):
        with pytest.raises(CodecError):
            decode_sketches(Reader(payload[:end]))
    with pytest.raises(CodecError):
        reader = Reader(payload + b"!")
        decode_sketches(reader)
        reader.end()
