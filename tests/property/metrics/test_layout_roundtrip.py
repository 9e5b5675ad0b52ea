from hypothesis import given
from hypothesis import strategies as st

from skafu.metrics.layout import decode, encode, layout_of
from skafu.metrics.model import COUNTER, Series

texts = st.text(st.characters(codec="utf-8"), max_size=20)
tags = st.dictionaries(texts.filter(bool), texts, max_size=5)
series = st.builds(
    lambda metric, found, unit, kind: Series(metric, tuple(sorted(found.items())), unit, kind),
    st.from_regex(r"[A-Za-z_:][A-Za-z0-9_.:/-]{0,20}", fullmatch=True),
    tags,
    st.sampled_from([None, "Percent", "Count/Second"]),
    st.sampled_from([None, None, COUNTER]),
)


@given(st.lists(series, min_size=1, max_size=20))
def test_any_series_come_back_sorted(found: list[Series]) -> None:
    layout = layout_of(found)
    assert decode(layout.hash, encode(layout)) == layout
    assert set(layout.series) == set(found)
    assert list(layout.series) == sorted(
        set(found), key=lambda s: (s[0], s[1], s[2] or "", s[3] or "")
    )


@given(st.lists(series, min_size=1, max_size=8), st.lists(series, min_size=1, max_size=8))
def test_lists_have_one_name_only_if_they_are_equal(one: list[Series], other: list[Series]) -> None:
    same_name = layout_of(one).hash == layout_of(other).hash
    assert same_name is (set(one) == set(other))
