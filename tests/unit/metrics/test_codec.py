import zlib
from collections.abc import Callable

import pytest

from skafu.metrics import codec
from skafu.metrics.codec import CodecError, decode, encode
from skafu.metrics.columns import encode_ints, varint
from skafu.metrics.doubles import encode_doubles
from skafu.metrics.model import Summary

T0 = 1_795_341_783_554
TENS = [1.5, -2.25, 300.0, 0.001, 7.0, 123456.789]


def test_the_format_of_version_1_never_changes() -> None:
    payload = bytes.fromhex("01f4e352e300041000021084c8acabc0688827030100190c")
    assert encode([0, 1], [T0, T0 + 2500], [2.5, 12.0]) == payload
    columns = decode(payload)
    assert list(columns.series) == [0, 1]
    assert list(columns.timestamps) == [T0, T0 + 2500]
    assert list(columns.values) == [2.5, 12.0]


BINS = Summary(3, 5.0, 1.0, 3.0, ((1.0, 2), (3.0, 1)))
SET = Summary(4, 10.0, 1.0, 4.0)


def test_the_format_of_version_3_never_changes() -> None:
    payload = bytes.fromhex(
        "0327f2c10601636364606064646c39b166f5810c20934580894980859981"
        "43808991850102541c60ac0ff6309680030b138300138b000b5c198b0300"
    )
    points = [0, 1, 1], [T0, T0, T0 + 1], [2.5, BINS.mean, SET.mean]
    assert encode(*points, {1: BINS, 2: SET}) == payload
    columns = decode(payload)
    assert [list(column) for column in columns[:3]] == list(points)
    assert columns.summaries == {1: BINS, 2: SET}


def test_points_without_a_summary_stay_version_1() -> None:
    assert encode([0], [T0], [1.0], {})[0] == 1
    assert encode([0], [T0], [SET.mean], {0: SET})[0] == 3


def test_the_value_of_a_summary_is_its_mean_whatever_was_given() -> None:
    assert list(decode(encode([0], [T0], [99.0], {0: SET})).values) == [2.5]


@pytest.mark.parametrize("place", [-1, 1])
def test_a_summary_without_a_point_is_not_packed(place: int) -> None:
    with pytest.raises(ValueError, match="has no point"):
        encode([0], [T0], [1.0], {place: SET})


ONE = varint(1) + b"\0" + varint(0)
"""One point of the first series."""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (varint(2), "2 summaries among 1 points"),
        (varint(-1), "-1 summaries"),
        (varint(1) + encode_ints([1]) + encode_ints([0]), "out of order"),
        (varint(1) + encode_ints([0]) + encode_ints([-1]), "number of bins"),
        (varint(1) + encode_ints([0]) + encode_ints([2**40]), "number of bins"),
        (
            varint(1) + encode_ints([0]) + encode_ints([0]) + encode_ints([3]) + encode_ints([1]),
            "follows",
        ),
        (
            varint(1) + encode_ints([0]) + encode_ints([0]) + encode_ints([0]) + encode_ints([0])
            + encode_doubles([1.0], [0]) * 3,
            "a summary of nothing",
        ),
        (
            varint(1) + encode_ints([0]) + encode_ints([1]) + encode_ints([1])
            + encode_doubles([1.0], [0]) + encode_ints([0]),
            "a bin of nothing",
        ),
        (
            varint(1) + encode_ints([0]) + encode_ints([1]) + encode_ints([1])
            + encode_doubles([1.7e308], [0]) + encode_ints([2**60]),
            "too large",
        ),
        (
            varint(1) + encode_ints([0]) + encode_ints([2]) + encode_ints([1])
            + encode_doubles([-1.7e308, 1.7e308], [0, 0]) + encode_ints([9, 9]),
            "too large",
        ),
    ],
)  # fmt: skip
def test_nonsensical_summaries_under_a_right_checksum_are_refused(body: bytes, reason: str) -> None:
    rest = b"\0" + ONE + encode_ints([T0]) + body
    with pytest.raises(CodecError, match=reason):
        decode(b"\x03" + zlib.crc32(rest).to_bytes(4, "little") + rest)


@pytest.mark.parametrize("version", [0, 2, 99])
def test_an_unknown_version_is_named(version: int) -> None:
    payload = bytes((version,)) + encode([0], [T0], [1.0])[1:]
    with pytest.raises(CodecError, match=f"version {version} "):
        decode(payload)


def test_every_flipped_bit_is_noticed() -> None:
    payload = encode(range(6), [T0] * 6, TENS)
    for bit in range(8 * len(payload)):
        broken = bytearray(payload)
        broken[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CodecError):
            decode(bytes(broken))


def test_a_payload_cut_anywhere_is_noticed() -> None:
    payload = encode([0] * 200, range(T0, T0 + 200), [n / 7 for n in range(200)])
    for length in range(0, len(payload), 5):
        with pytest.raises(CodecError):
            decode(payload[:length])


def framed(flags: int, data: bytes) -> bytes:
    """A payload with a right checksum, whatever is inside."""
    rest = bytes((flags,)) + data
    return bytes((codec.VERSION,)) + zlib.crc32(rest).to_bytes(4, "little") + rest


CONSTANT_INTS = b"\0" + varint(0)


@pytest.mark.parametrize(
    ("flags", "data", "reason"),
    [
        (0, b"", "ends too early"),
        (2, b"x", "unknown flags 2"),
        (1, b"\xff\xff", "cannot be inflated"),
        (1, zlib.compress(b"x" * 3_000_000, wbits=-15), "to its end"),
        (1, zlib.compress(b"x" * 30, wbits=-15) + b"more", "to its end"),
        (0, varint(0), "a payload of 0 points"),
        (0, varint(2**40), "points"),
        (0, varint(-1), "a payload of -1 points"),
        (0, b"\xff" * 11, "too long"),
        (0, varint(1) + b"\x03", "unknown form 3 of an integer column"),
        (0, varint(1) + b"\0" + varint(-1) + CONSTANT_INTS + b"\0" + b"0" * 8, "out of order"),
        (0, varint(2) + b"\x10" + varint(3) + varint(-1), "out of order"),
        (0, varint(1) + CONSTANT_INTS * 2 + b"\x09", "unknown form 9 of a column of values"),
        (0, varint(1) + CONSTANT_INTS * 2 + b"\x02\x07", "unknown decimal exponent 7"),
        (0, varint(1) + CONSTANT_INTS * 2 + b"\x03\x07", "unknown class"),
        (0, varint(1) + CONSTANT_INTS * 2 + b"\x01" + b"0" * 9, "goes on after its end"),
    ],
)
def test_nonsense_under_a_right_checksum_is_refused(flags: int, data: bytes, reason: str) -> None:
    with pytest.raises(CodecError, match=reason):
        decode(framed(flags, data))


@pytest.mark.parametrize(
    "points",
    [
        lambda: encode([], [], []),
        lambda: encode([0], [T0], []),
        lambda: encode([0], [T0, T0], [1.0]),
        lambda: encode([1, 0], [T0, T0], [1.0, 1.0]),
        lambda: encode([-1], [T0], [1.0]),
        lambda: encode([0], [2**62], [1.0]),
        lambda: encode([0] * 65_537, [T0] * 65_537, [1.0] * 65_537),
    ],
)
def test_what_is_no_column_of_points_is_not_packed(points: Callable[[], bytes]) -> None:
    with pytest.raises(ValueError, match="payload|column"):
        points()


def test_a_number_that_is_none_among_decimals_comes_back_too() -> None:
    values = [1.25] * 12 + [float("nan")]
    found = decode(encode([0] * 13, range(T0, T0 + 13), values)).values
    assert list(found[:12]) == values[:12]
    assert found[12] != found[12]  # pylint: disable=comparison-with-itself # what NaN is


def test_a_regular_series_costs_next_to_nothing() -> None:
    payload = encode([0] * 1000, range(T0, T0 + 60_000_000, 60_000), [42.0] * 1000)
    assert len(payload) < 40
