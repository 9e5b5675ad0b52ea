import pytest

from skafu.metrics.model import Tags
from skafu.metrics.query.matching import Unmatched, match


def tags(**of: str) -> Tags:
    return tuple(sorted(of.items()))


def matched(left: list[Tags], right: list[Tags]) -> tuple[list[tuple[int, int]], int]:
    found = match(left, right)
    return [(pair.left, pair.right) for pair in found.pairs], found.lonely


A, B, C = tags(host="a"), tags(host="b"), tags(host="c")
A1, A2, B1 = (tags(host=h, zone=z) for h, z in ("a1", "a2", "b1"))


def test_equal_tags_match_and_others_are_lonely() -> None:
    assert matched([A, B], [B, C]) == ([(1, 0)], 2)
    assert match([A, B], [B]).pairs[0].tags == B


def test_one_series_without_tags_matches_all_on_either_side() -> None:
    assert matched([A, B], [()]) == ([(0, 0), (1, 0)], 0)
    assert matched([()], [A, B]) == ([(0, 0), (0, 1)], 0)
    assert [pair.tags for pair in match([()], [A, B]).pairs] == [A, B]


def test_fewer_tags_match_all_that_agree_with_them() -> None:
    assert matched([A1, A2, B1], [A, C]) == ([(0, 0), (1, 0)], 2)
    assert matched([B, C], [A1, B1]) == ([(0, 1)], 2)
    assert match([A], [A1, A2]).pairs[1].tags == A2


def test_series_that_lack_a_tag_match_those_that_lack_it_too() -> None:
    assert matched([(), A], [A, ()]) == ([(0, 1), (1, 0)], 0)


def test_nothing_matches_nothing() -> None:
    assert matched([], [A]) == ([], 1)
    assert matched([A, B], []) == ([], 2)
    assert matched([], []) == ([], 0)


def test_sides_that_each_have_a_tag_of_their_own_are_refused_with_both() -> None:
    with pytest.raises(Unmatched, match=r"\{host=a\} and \{zone=1\}.*group both by the same"):
        match([(), A], [tags(zone="1")])
