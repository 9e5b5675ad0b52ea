import random
import zlib

import pytest

from skafu.metrics import layout
from skafu.metrics.layout import CodecError, decode, encode, fitting, layout_of
from skafu.metrics.model import COUNTER, Series

CPU = Series("cpu.load", (("host", "a"),), "Percent")
MEMORY = Series("memory.used", (), "Bytes")
NAME = "2nycwggreokzss7r"


def test_a_layout_is_named_by_its_series_whatever_their_order() -> None:
    assert layout_of([MEMORY, CPU]) == layout_of([CPU, MEMORY, CPU])
    assert layout_of([CPU, MEMORY]).series == (CPU, MEMORY)


def test_the_name_of_a_list_never_changes() -> None:
    assert layout_of([CPU, MEMORY]).hash == NAME


def test_the_unit_is_part_of_what_a_layout_tells() -> None:
    assert layout_of([CPU]) != layout_of([CPU._replace(unit=None)])


def test_a_counter_is_another_series_and_names_of_gauges_stay() -> None:
    counter = CPU._replace(kind=COUNTER)
    found = layout_of([counter, MEMORY, CPU])
    assert found.series == (CPU, counter, MEMORY)
    assert encode(found)[0] == 2
    assert encode(layout_of([CPU, MEMORY]))[0] == 1
    assert decode(found.hash, encode(found)) == found


def test_where_a_tag_ends_is_never_in_doubt() -> None:
    lists = [
        [Series("m", (("a", "b"), ("c", "d")))],
        [Series("m", (("a", 'b","c","d'),))],
        [Series("m", (("a", "b=c"),))],
        [Series("m", (("a", "b#c\n\0"),))],
        [Series("m", (("a", "b"),)), Series("m", (("c", "d"),))],
    ]
    assert len({layout_of(series).hash for series in lists}) == len(lists)


def test_an_unknown_version_is_named() -> None:
    with pytest.raises(CodecError, match="version 7 "):
        decode(NAME, b"\x07" + encode(layout_of([CPU]))[1:])


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x01\xff\xff",
        encode(layout_of([CPU])),
        encode(layout_of([CPU, MEMORY]))[:-1],
        encode(layout_of([CPU, MEMORY])) + b"more",
        b"\x01" + zlib.compress(b"[" * 20_000_000, wbits=-15),
    ],
)
def test_bytes_of_another_list_or_of_none_are_refused(payload: bytes) -> None:
    with pytest.raises(CodecError):
        decode(NAME, payload)


def test_a_list_too_long_for_an_item_is_split_into_layouts_that_fit() -> None:
    noise = random.Random(5)
    whole = layout_of(Series("m", (("id", f"{noise.getrandbits(1000):x}"),)) for _ in range(10_000))
    assert len(encode(whole)) > layout.MAX_BYTES
    parts = fitting(whole)
    assert all(len(encode(part)) <= layout.MAX_BYTES for part in parts)
    assert sum((part.series for part in parts), ()) == whole.series


def test_an_ordinary_list_stays_one_layout() -> None:
    whole = layout_of(Series("m", (("host", f"h{n}"),)) for n in range(10_000))
    assert fitting(whole) == [whole]
