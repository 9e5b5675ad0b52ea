import zlib
from collections.abc import Callable

import pytest

from skafu.metrics import codec
from skafu.metrics.codec import CodecError, decode, encode
from skafu.metrics.columns import varint

T0 = 1_795_341_783_554
TENS = [1.5, -2.25, 300.0, 0.001, 7.0, 123456.789]


def test_the_format_of_version_1_never_changes() -> None:
    payload = bytes.fromhex("01f4e352e300041000021084c8acabc0688827030100190c")
    assert encode([0, 1], [T0, T0 + 2500], [2.5, 12.0]) == payload
    columns = decode(payload)
    assert list(columns.series) == [0, 1]
    assert list(columns.timestamps) == [T0, T0 + 2500]
    assert list(columns.values) == [2.5, 12.0]


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
