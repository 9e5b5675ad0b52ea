import random
import zlib

import pytest

from skafu.metrics import codec
from skafu.metrics.blocks import (
    CodecError,
    Columns,
    chunk_items,
    columns_from,
    day_items,
    decode_block,
    encode_block,
)
from skafu.metrics.columns import encode_ints, varint
from skafu.metrics.model import Summary
from skafu.shared import keys
from tests.support.columns import T0, columns_of, realistic, same

DAY = T0 // keys.DAY_MS * keys.DAY_MS
FEW = columns_of([(0, T0, 1.5), (0, T0 + 60_000, 2.5), (3, T0, -0.0), (3, T0 + 60_000, 7.0)])


def test_the_format_of_version_2_never_changes() -> None:
    payload = bytes.fromhex(
        "02764aef6d016360e26011606063606998326df5810c060186032bd99918981919ff33f04bb23340400300"
    )
    assert encode_block(FEW) == [payload]
    assert same(decode_block([payload]), FEW)


def bytes_a_point(series: int, minutes: int) -> float:
    """Of several fleets, because few series may be of any kinds."""
    fleets = [realistic(series, minutes, seed=seed) for seed in range(3, 9)]
    return sum(len(piece) for each in fleets for piece in encode_block(each)) / (
        len(fleets) * series * minutes
    )


def test_a_chunk_of_64_series_and_15_minutes_takes_two_bytes_a_point() -> None:
    assert bytes_a_point(64, 15) < 2.1


def test_a_day_of_8_series_takes_less_than_two_bytes_a_point() -> None:
    assert bytes_a_point(8, 1440) < 1.9


def test_timestamps_that_series_share_cost_next_to_nothing() -> None:
    jitter = random.Random(1)  # nosec B311 # the same every time
    stamps = [T0 + 60_000 * n + jitter.randrange(20_000) for n in range(15)]
    one = encode_block(columns_of((0, at, 1.0) for at in stamps))
    # Two hosts take turns: what a host's series share with each other, the neighbours do not have.
    others = [at + 7 for at in stamps]
    many = encode_block(
        columns_of((n, at, 1.0) for n in range(64) for at in (others if n % 2 else stamps))
    )
    assert len(many[0]) < 3 * len(one[0]) + 64


def test_many_points_become_pieces_that_fit_into_items() -> None:
    numbers = random.Random(2)  # nosec B311 # the same every time
    columns = columns_of((n % 3, T0 + n * 7, numbers.random()) for n in range(100_000))
    pieces = encode_block(columns)
    assert len(pieces) >= 3
    assert all(len(piece) <= 300_000 for piece in pieces)
    assert same(decode_block(pieces[::-1]), columns)


def test_a_piece_has_at_most_60000_points() -> None:
    columns = columns_of((0, T0 + n * 1000, 1.0) for n in range(86_400))
    pieces = encode_block(columns)
    assert len(pieces) == 2
    assert same(decode_block(pieces), columns)


def test_bins_make_pieces_too() -> None:
    bins = tuple((n / 7, n + 1) for n in range(2000))
    summary = Summary(sum(count for _, count in bins), 1e9, 0.0, 300.0, bins)
    columns = columns_of((0, T0 + n, summary) for n in range(300))
    pieces = encode_block(columns)
    assert len(pieces) > 1
    assert all(len(piece) <= 300_000 for piece in pieces)
    assert same(decode_block(pieces), columns)


@pytest.mark.parametrize("version", [0, 1, 3, 99])
def test_an_unknown_version_is_named(version: int) -> None:
    payload = bytes((version,)) + encode_block(FEW)[0][1:]
    with pytest.raises(CodecError, match=f"version {version} "):
        decode_block([payload])


def test_a_segments_payload_is_no_block_and_a_block_no_segment() -> None:
    with pytest.raises(CodecError, match="version 1 "):
        decode_block([codec.encode([0], [T0], [1.0])])
    with pytest.raises(CodecError, match="version 2 "):
        codec.decode(encode_block(FEW)[0])


def test_every_flipped_bit_is_noticed() -> None:
    payload = encode_block(FEW)[0]
    for bit in range(8 * len(payload)):
        broken = bytearray(payload)
        broken[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CodecError):
            decode_block([bytes(broken)])


def test_a_payload_cut_anywhere_is_noticed() -> None:
    payload = encode_block(realistic(3, 15))[0]
    for length in range(len(payload)):
        with pytest.raises(CodecError):
            decode_block([payload[:length]])


def framed(body: bytes) -> bytes:
    """A piece with a right checksum, whatever is inside."""
    rest = b"\0" + body
    return b"\x02" + zlib.crc32(rest).to_bytes(4, "little") + rest


def head(*numbers: int) -> bytes:
    return b"".join(map(varint, numbers))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "ends too early"),
        (head(1, 1, 1, 1), "piece 1 of 1"),
        (head(-1, 1, 1, 1), "piece -1 of 1"),
        (head(0, 2**40, 1, 1), "piece 0 of"),
        (head(0, 1, 0, 0), "a piece of 0 points"),
        (head(0, 1, 2**40, 1), "a piece of"),
        (head(0, 1, 1, 2), "of 2 series"),
        (head(0, 1, 2, 2) + encode_ints([1, 1]) + encode_ints([1, 1]), "out of order"),
        (head(0, 1, 1, 1) + encode_ints([-1]) + encode_ints([1]), "out of order"),
        (head(0, 1, 2, 1) + encode_ints([0]) + encode_ints([1]), "not as many"),
        (head(0, 1, 2, 2) + encode_ints([0, 1]) + encode_ints([2, 0]), "not as many"),
        (head(0, 1, 1, 1) + encode_ints([0]) + encode_ints([1]) + head(T0, 1), "nowhere"),
        (head(0, 1, 1, 1) + encode_ints([0]) + encode_ints([1]) + head(T0, -1), "nowhere"),
        (
            head(0, 1, 3, 2) + encode_ints([0, 1]) + encode_ints([1, 2])
            # The second series has two points and refers to the one of the first.
            + head(T0, 0) + encode_ints([0]) + head(1),
            "nowhere",
        ),
    ],
)  # fmt: skip
def test_nonsense_under_a_right_checksum_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(CodecError, match=reason):
        decode_block([framed(body)])


def test_pieces_of_another_block_are_noticed() -> None:
    columns = columns_of((0, T0 + n * 1000, 1.0) for n in range(86_400))
    first, second = encode_block(columns)
    for pieces in ([first], [second], [first, first], [first, second, *encode_block(FEW)], []):
        with pytest.raises(CodecError, match="missing or of another"):
            decode_block(pieces)


@pytest.mark.parametrize(
    "columns",
    [
        Columns([], [], []),
        Columns([0], [T0], []),
        Columns([0, 0], [T0], [1.0]),
        Columns([1, 0], [T0, T0], [1.0, 1.0]),
        Columns([0, 0], [T0 + 1, T0], [1.0, 1.0]),
        Columns([-1], [T0], [1.0]),
        Columns([0], [T0], [1.0], {1: Summary(1, 1.0, 1.0, 1.0)}),
    ],
)
def test_what_is_no_sorted_columns_is_not_packed(columns: Columns) -> None:
    with pytest.raises(ValueError, match="block|summary"):
        encode_block(columns)


def test_a_chunks_items_tell_where_they_belong_and_how_many_they_are() -> None:
    (item,) = chunk_items("t", 2, T0, "group", "tag", FEW, 1_000_500)
    assert (item["pk"], item["sk"]) == keys.chunk("t", 2, T0, "group", "tag", 0)
    assert (item["k"], item["of"], item["ttl"]) == ("chunk", 1, 1000)
    assert columns_from([item]) is not None


def test_a_days_items_are_those_of_a_generation_and_a_part() -> None:
    columns = columns_of([(8, T0, 1.0), (15, T0, 2.0)])
    (item,) = day_items("t", 0, DAY, 3, "group", 1, "tag", columns, 5000)
    partition = keys.merged("t", 0, keys.DAYS, "group", 1)
    assert (item["pk"], item["sk"]) == keys.merged_piece(partition, DAY, 3, "tag", 0)
    assert (item["k"], item["ttl"]) == ("day", 5)
    found = columns_from([item])
    assert found is not None and same(found, columns)


def test_a_day_chunk_takes_no_series_of_another_part() -> None:
    with pytest.raises(ValueError, match="part 1"):
        day_items("t", 0, DAY, 1, "group", 1, "tag", columns_of([(7, T0, 1.0)]), 0)


def test_items_come_in_any_order_and_a_missing_one_is_missed() -> None:
    columns = columns_of((0, T0 + n, 1.0) for n in range(130_000))
    items = chunk_items("t", 0, T0, "group", "tag", columns, 0)
    assert len(items) == 3
    found = columns_from([items[2], items[0], items[1], items[0]])
    assert found is not None and same(found, columns)
    for missing in range(3):
        assert columns_from(items[:missing] + items[missing + 1 :]) is None
    assert columns_from([]) is None


@pytest.mark.parametrize("change", [{"p": "text"}, {"of": 0}, {"p": b"\x63rest"}])
def test_an_item_that_is_no_piece_is_refused(change: dict[str, str | int | bytes]) -> None:
    (item,) = chunk_items("t", 0, T0, "group", "tag", FEW, 0)
    with pytest.raises(CodecError):
        columns_from([item | change])
