"""Whatever is put into a key comes out of it again, and nothing meets anything else."""

from hypothesis import given
from hypothesis import strategies as st

from skafu.shared import keys
from skafu.shared.keys import SegmentName

parts = st.text(st.characters(exclude_characters="#", exclude_categories=["Cs"]), min_size=1)
moments = st.integers(0, 4_102_444_800_000)  # to the year 2100
names = st.builds(SegmentName, parts, moments.map(keys.bucket_of), moments, parts)


@given(st.lists(parts, min_size=1))
def test_parts_come_back(given_parts: list[str]) -> None:
    assert keys.split(keys.join(*given_parts)) == tuple(given_parts)


@given(st.lists(parts, min_size=1), st.lists(parts, min_size=1))
def test_different_parts_are_different_keys(one: list[str], other: list[str]) -> None:
    assert (keys.join(*one) == keys.join(*other)) == (one == other)


@given(names)
def test_the_name_of_a_segment_comes_back(name: SegmentName) -> None:
    assert keys.segment_name(name.sk) == name


@given(moments, moments)
def test_the_order_of_names_is_the_order_of_time(one: int, other: int) -> None:
    if one <= other:
        assert keys.instant(one) <= keys.instant(other)
        assert keys.bucket_of(one) <= keys.bucket_of(other)
        assert keys.hour_of(one) <= keys.hour_of(other)
        assert keys.day_of(one) <= keys.day_of(other)


@given(moments)
def test_a_moment_is_in_its_bucket_and_the_bucket_in_its_hour_and_day(at: int) -> None:
    bucket = keys.bucket_of(at)

    assert 0 <= at - keys.bucket_start(bucket) < keys.BUCKET_MS
    assert keys.hour_of(at) == bucket[:10]
    assert keys.day_of(at) == bucket[:8]
