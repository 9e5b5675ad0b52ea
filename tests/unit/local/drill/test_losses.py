"""The account of a drill."""

import pytest

from local.drill.losses import Losses, Moments, TimedLedger, losses
from local.rehearsal.ledger import Cell

MOMENTS = Moments(backup=1_000, damage=2_000, switched=3_000)
POINTS = {("a", 0): 900, ("b", 0): 1_500, ("c", 0): 2_500, ("d", 0): 3_500}


def account(*lost: str) -> Losses:
    """Of four points, one acknowledged in each phase."""
    ledger = TimedLedger()
    for cell, at in POINTS.items():
        ledger.send(cell, 1.0)
        ledger.answered(cell, at - 10, 503)
        ledger.answered(cell, at, 202)
    stored: dict[Cell, tuple[int, float]] = {
        cell: (1, 1.0) for cell in POINTS if cell[0] not in lost
    }
    return losses(ledger, stored, MOMENTS)


def test_losses_are_told_by_when_they_were_acknowledged() -> None:
    found = account("a", "b", "c", "d")
    counts = (found.before, found.since_backup, found.since_damage, found.after)
    assert counts == (1, 1, 1, 1)


def test_what_comes_between_backup_and_switch_over_may_be_lost() -> None:
    assert not account("b", "c").problems


@pytest.mark.parametrize("host", ["a", "d"])
def test_what_comes_before_and_after_may_not(host: str) -> None:
    assert len(account(host).problems) == 1


@pytest.mark.parametrize(
    ("lost", "seconds"), [((), 1.0), (("b",), 1.0), (("b", "c"), 1.5), (("d",), 2.5)]
)
def test_the_rpo_reaches_to_the_last_point_that_is_lost_or_to_the_damage(
    lost: tuple[str, ...], seconds: float
) -> None:
    assert account(*lost).rpo_s(MOMENTS) == seconds


def test_a_point_that_is_there_twice_is_a_problem() -> None:
    ledger = TimedLedger()
    ledger.send(("a", 0), 1.0)
    ledger.answered(("a", 0), 900, 202)
    found = losses(ledger, {("a", 0): (2, 2.0)}, MOMENTS)
    assert found.problems == ["1 points are there twice"]


def test_a_drill_in_which_nothing_was_acknowledged_shows_nothing() -> None:
    assert losses(TimedLedger(), {}, MOMENTS).problems == ["no point was acknowledged"]


def test_only_what_was_acknowledged_before_a_moment_is_wanted_back() -> None:
    ledger = TimedLedger()
    for cell, at in POINTS.items():
        ledger.send(cell, 1.0)
        ledger.answered(cell, at, 202)
    assert ledger.acknowledged_by(1_500) == [("a", 0)]
