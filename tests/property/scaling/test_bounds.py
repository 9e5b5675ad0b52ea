"""Whatever happens to a reservation, it stays within its bounds and leaves the account its rest."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from skafu.scaling.concurrency import KEPT_FREE, Limits, Seen, decide, obstacle

ACCOUNT = 1_000
REFUSALS = st.sampled_from([0, 0, 1, 250])


@st.composite
def bounds(draw: st.DrawFn) -> Limits:
    usual = draw(st.integers(1, 400))
    return Limits(usual, draw(st.integers(usual, ACCOUNT)))


@settings(max_examples=200, deadline=None)
@given(bounds(), st.lists(REFUSALS, max_size=40), st.integers(0, 400))
def test_a_day_of_refusals_ends_where_it_began(
    limits: Limits, refused: list[int], others: int
) -> None:
    """Quarter of an hour by quarter of an hour, then nothing more is refused."""
    reserved, heard = limits.usual, [0] * 8
    for lately in [*refused, *[0] * 9]:
        heard = [*heard[1:], lately]
        free = ACCOUNT - reserved - others
        change = decide(limits, Seen(reserved, free, ACCOUNT, lately, sum(heard)))
        if change is not None:
            assert change.before == reserved
            assert limits.usual <= change.after <= limits.most
            assert not change.raises or free - (change.after - reserved) >= KEPT_FREE
            assert change.raises == (lately > 0)
            reserved = change.after
    assert reserved == limits.usual


@given(
    bounds(),
    st.none() | st.integers(0, ACCOUNT),
    st.integers(0, ACCOUNT),
    st.integers(1, 1_000),
    st.booleans(),
)
def test_what_is_refused_is_helped_or_somebody_is_told_why_not(
    limits: Limits, reserved: int | None, free: int, lately: int, shifting: bool
) -> None:
    seen = Seen(reserved, free, ACCOUNT, lately, lately, shifting)
    helped = decide(limits, seen) is not None
    assert helped or obstacle(limits, seen) or (reserved or 0) > limits.most
    # What was decided once is not decided twice over for the same state of things.
    assert decide(limits, replace(seen)) == decide(limits, seen)
