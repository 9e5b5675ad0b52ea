"""What a restore would do, and what forbids it."""

from dataclasses import replace

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.recovery.backups import Backup, name_at
from skafu.ops.recovery.place import moment, shown
from skafu.ops.recovery.plan import Plan
from tests.support.clocks import NOON

TAKEN = Backup("arn:b", "b", "skafu-production", "AVAILABLE", NOON, 1)
PLAN = Plan(
    stack="skafu-prod",
    environment="production",
    used="skafu-production",
    own="skafu-production",
    target="skafu-production-restored-1",
    moment=NOON,
    backup=TAKEN,
    validates=True,
    switches=True,
)


def test_a_plan_says_from_where_to_where_and_what_is_lost() -> None:
    told = "\n".join(PLAN.lines(NOON + 90_000))
    assert "2023-11-15T12:00:00Z, 1.5 minutes ago" in told
    assert "into   skafu-production-restored-1, a new table" in told
    assert "written to skafu-production since 2023-11-15T12:00:00Z is not in" in told
    assert not list(PLAN.problems)


def test_what_is_not_asked_for_is_no_step() -> None:
    told = "\n".join(replace(PLAN, validates=False, switches=False).lines(NOON))
    assert "validate:" not in told and "switch:" not in told and "Know that" not in told


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (replace(PLAN, target="skafu-production"), "never replaces one"),
        (replace(PLAN, used="skafu-production-2", target="skafu-production"), "is in use"),
        (replace(PLAN, target="skafu-staging-restored"), "has to begin with skafu-production"),
        (replace(PLAN, backup=replace(TAKEN, table="skafu-staging")), "is a backup of skafu-st"),
    ],
)
def test_some_restores_are_forbidden(plan: Plan, says: str) -> None:
    assert says in " ".join(plan.problems)
    assert any(line.startswith("It cannot be done: ") for line in plan.lines(NOON))


def test_a_backup_of_the_stacks_own_table_serves_when_another_is_in_use() -> None:
    assert not list(replace(PLAN, used="skafu-production-restored-0").problems)


def test_moments_are_read_as_they_are_shown() -> None:
    assert moment(shown(NOON)) == NOON
    assert moment("2023-11-15T13:00:00+01:00") == NOON
    assert name_at("t", NOON) == "t-20231115T120000Z"


@pytest.mark.parametrize("text", ["yesterday", "2023-11-15T12:00:00", "1700049600"])
def test_a_moment_that_could_be_another_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        moment(text)
