"""What a chunk is made from comes back from it bit for bit, summaries too."""

import random
import zlib

from hypothesis import given, settings
from hypothesis import strategies as st

from skafu.metrics.blocks import CodecError, chunk_items, columns_from, decode_block, encode_block
from skafu.metrics.codec import decode, encode
from skafu.metrics.columns import varint
from skafu.metrics.model import Summary
from tests.support.columns import T0, columns_of, same

numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([-0.0, 0.0, 5e-324, 2.0**53 + 1, 1e308, -1e308, 0.1]),
    st.decimals(-10_000, 10_000, places=3).map(float),
)
counts = st.one_of(st.integers(1, 9), st.integers(1, 2**40))


@st.composite
def summaries(draw: st.DrawFn) -> Summary:
    """A statistic set, or observations, or bins with a sum of their own."""
    low, high = sorted((draw(numbers), draw(numbers)))
    bins = tuple(sorted(draw(st.dictionaries(numbers, counts, max_size=12)).items()))
    total = draw(numbers)
    if not bins:
        return Summary(draw(counts), total, low, high)
    count = sum(times for _, times in bins)
    if draw(st.booleans()):
        return Summary(count, total, low, high, bins)
    return Summary(count, _sum(bins), bins[0][0], bins[-1][0], bins)


def _sum(bins: tuple[tuple[float, int], ...]) -> float:
    total = 0.0
    for value, count in bins:
        total += value * count
    return total if abs(total) < 1e308 else 0.0


stamps = st.one_of(st.integers(T0, T0 + 900_000), st.integers(0, 14).map(lambda n: T0 + n * 60_000))
points = st.lists(
    st.tuples(st.integers(0, 63), stamps, st.one_of(numbers, numbers, summaries())),
    min_size=1,
    max_size=150,
)


@given(points)
@settings(max_examples=400)
def test_a_block_comes_back_bit_for_bit(found: list[tuple[int, int, float | Summary]]) -> None:
    columns = columns_of(found)
    assert same(decode_block(encode_block(columns)), columns)


@given(points)
@settings(max_examples=400)
def test_a_segment_comes_back_bit_for_bit(found: list[tuple[int, int, float | Summary]]) -> None:
    columns = columns_of(found)
    payload = encode(*columns)
    assert payload[0] == (3 if columns.summaries else 1)
    assert same(decode(payload), columns)


@given(st.integers(0, 2**32), st.integers(60_001, 130_000), st.integers(1, 70), st.randoms())
@settings(max_examples=3, deadline=None)
def test_pieces_come_in_any_order(seed: int, count: int, series: int, order: random.Random) -> None:
    chance = random.Random(seed)  # nosec B311 # the same for each seed
    columns = columns_of(
        (chance.randrange(series), T0 + chance.randrange(86_400_000), chance.random())
        for _ in range(count)
    )
    items = chunk_items("t", 0, T0, "group", "tag", columns, 0)
    order.shuffle(items)
    found = columns_from(items)
    assert found is not None and same(found, columns)
    assert columns_from(items[1:]) is None


@given(points, st.data())
def test_damage_is_refused_and_never_read(
    found: list[tuple[int, int, float | Summary]], data: st.DataObject
) -> None:
    payload = bytearray(encode_block(columns_of(found))[0])
    at = data.draw(st.integers(0, len(payload) - 1))
    payload[at] ^= data.draw(st.integers(1, 255))
    try:
        decode_block([bytes(payload)])
    except CodecError:
        return
    raise AssertionError("a damaged piece was read")


@given(st.integers(1, 40), st.integers(1, 6), st.binary(max_size=200), st.booleans())
@settings(max_examples=400)
def test_noise_under_a_right_checksum_is_refused_or_read_whole(
    count: int, runs: int, noise: bytes, block: bool
) -> None:
    head = varint(0) + varint(1) + varint(count) + varint(runs) if block else varint(count)
    rest = b"\0" + head + noise
    payload = (b"\2" if block else b"\3") + zlib.crc32(rest).to_bytes(4, "little") + rest
    try:
        columns = decode_block([payload]) if block else decode(payload)
    except CodecError:
        return
    assert [len(column) for column in columns[:3]] == [count] * 3
    assert all(0 <= row < count for row in columns.summaries)
