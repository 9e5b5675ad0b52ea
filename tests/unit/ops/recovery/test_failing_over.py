"""What acts goes from one region to the other, never in both, and can be gone on with."""

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.recovery import regions
from skafu.ops.recovery.changing import Means
from skafu.ops.recovery.failing_over import Move
from skafu.ops.recovery.failover import main
from skafu.ops.recovery.regions import ACTIVE
from skafu.ops.recovery.switching import STREAM
from skafu.ops.terminal import Operator
from tests.support.two_regions import EAST, WEST, Pair

QUIET = ("--yes", "--no-smoke", "--no-accounts")


def run(pair: Pair, *arguments: str, answer: bool = True) -> int:
    line = ["--environment", "production", *arguments]
    operator = Operator(answer=lambda _: answer)
    return main(line, pair.make, operator, clock=pair.clock, wait=lambda _: None)


def acting(pair: Pair) -> list[str]:
    """Regions whose triggers are on and whose table lets them act."""
    return [
        name
        for name, region in pair.regions.items()
        if region.acts and (pair.named(name) or EAST) == name
    ]


def test_the_other_region_acts_and_the_first_one_does_nothing() -> None:
    pair = Pair(looks=2)
    assert acting(pair) == [EAST]
    assert run(pair, "--to", WEST, *QUIET) == 0
    assert acting(pair) == [WEST]
    assert {pair.named(EAST), pair.named(WEST)} == {WEST}


def test_the_way_home_is_the_same() -> None:
    pair = Pair()
    run(pair, *QUIET)
    assert run(pair, "--back", *QUIET) == 0
    assert acting(pair) == [EAST]


def test_two_regions_never_act_at_once_wherever_it_breaks_off() -> None:
    for steps in range(4):
        pair = Pair(looks=1)
        move = Move(regions.look(pair.place(EAST)), regions.look(pair.place(WEST)))
        means = Means(lambda _: None, pair.clock, lambda _: None)
        for step in (move.stop, move.declare, move.start)[:steps]:
            step(means)
            assert len(acting(pair)) <= 1
        assert run(pair, "--to", WEST, *QUIET) == 0
        assert acting(pair) == [WEST]


def test_again_changes_nothing() -> None:
    pair = Pair()
    run(pair, *QUIET)
    before = [list(each.done) for each in pair.regions.values()]
    assert run(pair, *QUIET) == 0
    assert [list(each.done) for each in pair.regions.values()] == before


def test_a_region_that_is_silent_is_left_out_only_when_somebody_says_so() -> None:
    pair = Pair()
    pair.regions[EAST].down = True
    assert run(pair, *QUIET) == 1
    assert not pair.regions[WEST].done
    assert run(pair, "--without-source", *QUIET) == 0
    assert pair.named(WEST) == WEST and pair.regions[WEST].acts


def test_a_region_that_comes_back_is_told_by_its_table_before_anybody_changes_its_stack() -> None:
    pair = Pair()
    pair.regions[EAST].down = True
    run(pair, "--without-source", *QUIET)
    pair.regions[EAST].down = False
    assert pair.regions[EAST].acts  # its parameters are of before
    pair.look()
    assert acting(pair) == [WEST]
    assert run(pair, "--to", WEST, *QUIET) == 0
    assert not pair.regions[EAST].acts


def test_a_region_whose_triggers_stay_off_does_not_act() -> None:
    pair = Pair()
    pair.regions[WEST].stuck = True
    assert run(pair, *QUIET) == 1


def test_another_release_there_is_refused() -> None:
    pair = Pair()
    pair.regions[WEST].code = "other"
    assert run(pair, *QUIET) == 1
    assert not any(each.done for each in pair.regions.values())


def test_a_stack_that_reads_another_stream_is_refused() -> None:
    pair = Pair()
    pair.regions[WEST].parameters[STREAM] = "of another table"
    assert run(pair, *QUIET) == 1
    assert not pair.regions[WEST].done


def test_nothing_is_touched_by_a_plan_nor_by_a_no() -> None:
    pair = Pair()
    assert run(pair, "--dry-run") == 0
    assert run(pair, "--no-smoke", "--no-accounts", answer=False) == 1
    assert not any(each.done for each in pair.regions.values())


def test_a_region_that_is_none_of_the_two_is_refused() -> None:
    assert run(Pair(), "--to", "eu-west-1", *QUIET) == 1


def test_a_release_that_knows_one_region_is_refused() -> None:
    pair = Pair()
    del pair.regions[EAST].parameters[ACTIVE]
    with pytest.raises(Refused, match="knows one region"):
        regions.look(pair.place(EAST))
