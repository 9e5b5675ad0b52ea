"""A release takes over only from those whose data it reads, and leaves a way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skafu.ops.artefact.manifest import DataFormat
from skafu.ops.artefact.sources import Refused
from skafu.ops.release.data_format import admit_format, lately, may_take_over, unread
from skafu.ops.release.record import Kind, Release
from tests.support.released import release

OLD = DataFormat(writes=1, reads=(1,))
EXPANDED = DataFormat(writes=1, reads=(1, 2))
SWITCHED = DataFormat(writes=2, reads=(1, 2))
CONTRACTED = DataFormat(writes=2, reads=(2,))
WAY = [OLD, EXPANDED, SWITCHED, CONTRACTED]


@st.composite
def formats(draw: st.DrawFn) -> DataFormat:
    """A format that reads what it writes, as every build does."""
    writes = draw(st.integers(1, 4))
    others = draw(st.sets(st.integers(1, 4)))
    return DataFormat(writes=writes, reads=tuple(sorted(others | {writes})))


def ran(*way: DataFormat) -> list[Release]:
    """Releases of these formats, newest first."""
    return [release(minute, data_format=each) for minute, each in enumerate(way)][::-1]


def admits(wanted: DataFormat, recent: list[Release]) -> bool:
    try:
        admit_format(wanted, recent)
    except Refused:
        return False
    return True


def test_a_change_of_format_goes_by_expansion_and_contraction() -> None:
    for place, wanted in enumerate(WAY):
        assert admits(wanted, ran(*WAY[:place])[:1])


@pytest.mark.parametrize("place", range(1, len(WAY)))
def test_each_step_of_it_can_be_taken_back(place: int) -> None:
    assert may_take_over(WAY[place - 1], WAY[place])


@pytest.mark.parametrize(
    ("before", "wanted", "why"),
    [
        (OLD, CONTRACTED, "does not read data format 1"),
        (OLD, SWITCHED, "there would be no way back. First deploy a release that reads 2"),
        (EXPANDED, CONTRACTED, "does not read data format 1"),
    ],
)
def test_a_step_that_is_left_out_is_refused(
    before: DataFormat, wanted: DataFormat, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        admit_format(wanted, ran(before))


def test_the_first_release_takes_any_format() -> None:
    admit_format(CONTRACTED, [])


def test_what_was_written_before_a_rollback_has_to_be_read_after_it() -> None:
    first, bad = release(0, data_format=EXPANDED), release(1, data_format=SWITCHED)
    back = release(2, data_format=EXPANDED, kind=Kind.ROLLBACK, of=first.id)
    known = {each.id: each for each in (first, bad, back)}
    recent = lately(sorted(known, reverse=True), known.__getitem__)
    assert recent == [back, bad, first]
    assert not admits(OLD, recent)
    assert admits(EXPANDED, recent)


def test_releases_before_the_current_one_are_not_read_again() -> None:
    known = {each.id: each for each in ran(*WAY)}
    newest = max(known)
    assert lately(sorted(known, reverse=True), known.__getitem__) == [known[newest]]
    assert not lately([], known.__getitem__)


def test_a_rollback_to_a_rollback_reaches_back_to_where_that_went() -> None:
    first = release(0)
    second, third = release(1), release(2, kind=Kind.ROLLBACK, of=first.id)
    fourth, fifth = release(3), release(4, kind=Kind.ROLLBACK, of=third.id)
    known = {each.id: each for each in (first, second, third, fourth, fifth)}
    assert lately(sorted(known, reverse=True), known.__getitem__) == [
        fifth,
        fourth,
        third,
        second,
        first,
    ]


@given(wanted=formats(), before=st.lists(formats(), min_size=1, max_size=5))
def test_nothing_is_ever_deployed_that_does_not_read_what_is_there(
    wanted: DataFormat, before: list[DataFormat]
) -> None:
    recent = ran(*before)
    if admits(wanted, recent):
        assert {each.writes for each in before} <= set(wanted.reads)


@given(way=st.lists(formats(), min_size=2, max_size=6))
def test_whatever_was_admitted_can_be_taken_back(way: list[DataFormat]) -> None:
    deployed: list[DataFormat] = []
    for wanted in way:
        if admits(wanted, ran(*deployed)[:1]):
            deployed.append(wanted)
    for older, newer in zip(deployed, deployed[1:], strict=False):
        assert may_take_over(older, newer) and may_take_over(newer, older)


@given(target=formats(), since=st.lists(formats(), max_size=5))
def test_going_back_is_forbidden_by_exactly_those_that_wrote_what_is_not_read(
    target: DataFormat, since: list[DataFormat]
) -> None:
    releases = ran(*since)
    strange = unread(target, releases)
    assert [each in strange for each in releases] == [
        each.data_format.writes not in target.reads for each in releases
    ]
