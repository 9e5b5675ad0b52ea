"""Every finite double comes back bit for bit, wherever it stands."""

import struct
import zlib
from array import array

from hypothesis import example, given, settings
from hypothesis import strategies as st

from skafu.metrics.codec import CodecError, decode, encode
from skafu.metrics.columns import varint

T0 = 1_795_341_783_554
NASTY = [-0.0, 0.0, 5e-324, -5e-324, 2.0**53 + 1, -(2.0**53), 2.0**53 - 1, 1e308, 0.1, 1e-6, 1e22]

doubles = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(NASTY),
    st.integers(-(2**60), 2**60).map(float),
    st.decimals(-10_000, 10_000, places=3).map(float),
)
points = st.lists(
    st.tuples(st.integers(0, 5), st.integers(T0, T0 + 900_000), doubles), min_size=1, max_size=120
)


def bits(values: object) -> bytes:
    return array("d", values).tobytes()  # type: ignore[call-overload,no-any-return]  # array is not typed


def check(series: list[int], timestamps: list[int], values: list[float]) -> None:
    columns = decode(encode(series, timestamps, values))
    assert list(columns.series) == series
    assert list(columns.timestamps) == timestamps
    assert bits(columns.values) == bits(values)


@given(points)
@settings(max_examples=400)
def test_points_of_some_series_come_back_bit_for_bit(found: list[tuple[int, int, float]]) -> None:
    found.sort(key=lambda point: point[:2])
    series, timestamps, values = (list(column) for column in zip(*found, strict=True))
    check(series, timestamps, values)


@given(st.lists(doubles, min_size=1, max_size=120))
@example(NASTY)
@example(NASTY * 9)
@example([-0.0, 0.0])
@example([0.0] * 9 + [-0.0])
@settings(max_examples=400)
def test_one_series_and_one_point_of_each_series_come_back_bit_for_bit(values: list[float]) -> None:
    count = len(values)
    check([0] * count, list(range(T0, T0 + count)), values)
    check(list(range(count)), [T0] * count, values)


@given(st.binary(min_size=8, max_size=400))
def test_any_bits_are_kept_even_those_of_no_number(raw: bytes) -> None:
    values = [value for (value,) in struct.iter_unpack("<d", raw[: len(raw) // 8 * 8])]
    columns = decode(encode([0] * len(values), [T0] * len(values), values))
    assert [struct.pack("<d", v) for v in columns.values] == [struct.pack("<d", v) for v in values]


@given(st.lists(st.integers(-(2**62), 2**62 - 1), min_size=1, max_size=50))
def test_any_timestamps_come_back(timestamps: list[int]) -> None:
    columns = decode(encode([0] * len(timestamps), timestamps, [1.0] * len(timestamps)))
    assert list(columns.timestamps) == timestamps


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_and_never_crash(raw: bytes) -> None:
    for payload in (raw, b"\x01" + raw):
        try:
            decode(payload)
        except CodecError:
            continue
        raise AssertionError("a payload made of noise was read")


@given(st.integers(1, 40), st.binary(max_size=200))
@settings(max_examples=400)
def test_noise_under_a_right_checksum_is_refused_or_read_whole(count: int, noise: bytes) -> None:
    rest = b"\0" + varint(count) + noise
    try:
        columns = decode(b"\x01" + zlib.crc32(rest).to_bytes(4, "little") + rest)
    except CodecError:
        return
    assert [len(column) for column in columns] == [count] * 3


@given(points, st.data())
def test_damage_is_refused_and_never_read(
    found: list[tuple[int, int, float]], data: st.DataObject
) -> None:
    found.sort(key=lambda point: point[:2])
    series, stamps, values = (list(column) for column in zip(*found, strict=True))
    payload = bytearray(encode(series, stamps, values))
    at = data.draw(st.integers(0, len(payload) - 1))
    payload[at] ^= data.draw(st.integers(1, 255))
    try:
        decode(bytes(payload))
    except CodecError:
        return
    raise AssertionError("a damaged payload was read")
