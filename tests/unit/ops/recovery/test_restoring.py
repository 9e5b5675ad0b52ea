"""A new table, and all that a restore forgets."""

from dataclasses import replace

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.recovery.restoring import RESTORED_FROM, Means, Wanted, restore
from skafu.ops.recovery.waiting import until
from tests.support.clocks import NOON
from tests.support.restored import BACKUP, KEY, Tables

WANTED = Wanted(
    source="skafu-prod",
    target="skafu-prod-2",
    key=KEY,
    point_in_time=True,
    protected=True,
    tags={"team": "skafu"},
    backup=BACKUP,
)


def means(tables: Tables, limit_s: float = 60) -> Means:
    return Means(tables, lambda _: None, lambda _: None, limit_s)


def test_a_restored_table_gets_what_a_restore_forgets() -> None:
    tables = Tables()
    stream = restore(WANTED, means(tables))
    assert stream.endswith("/stream/2026-11-23T00:00:00.000")
    assert tables.calls == [
        "restore skafu-prod-2",
        "StreamSpecification",
        "TTL",
        "PITR",
        "DeletionProtectionEnabled",
    ]
    assert list(tables.tags.values()) == [{"team": "skafu", RESTORED_FROM: BACKUP}]
    assert "skafu-prod" not in tables.found


def test_a_restored_table_takes_all_of_the_load_at_once() -> None:
    """Nobody would scale what it has: CloudFormation did not make it."""
    for wanted in (WANTED, replace(WANTED, backup=None, at=NOON)):
        tables = Tables()
        restore(wanted, means(tables))
        billing = tables.found["skafu-prod-2"]["BillingModeSummary"]
        assert billing == {"BillingMode": "PAY_PER_REQUEST"}


def test_an_environment_without_protection_gets_none() -> None:
    tables = Tables()
    restore(replace(WANTED, point_in_time=False, protected=False), means(tables))
    assert tables.calls == ["restore skafu-prod-2", "StreamSpecification", "TTL"]


def test_the_same_command_goes_on_where_one_broke_off_and_changes_nothing_twice() -> None:
    tables = Tables(looks=1_000)
    with pytest.raises(Refused, match="is not restored. AWS goes on"):
        restore(WANTED, means(tables, limit_s=4))
    tables.looks = 1
    tables._busy.clear()  # pylint: disable=protected-access # hours later
    restore(WANTED, means(tables))
    before = list(tables.calls)
    restore(WANTED, means(tables))
    assert tables.calls == before
    assert before.count("restore skafu-prod-2") == 1


def test_a_moment_is_restored_to_the_second() -> None:
    tables = Tables()
    wanted = replace(WANTED, backup=None, at=NOON)
    restore(wanted, means(tables))
    moment = tables.found["skafu-prod-2"]["RestoreSummary"]["RestoreDateTime"]
    assert moment.timestamp() * 1000 == NOON
    assert wanted.origin == "skafu-prod@2023-11-15T12:00:00Z"
    restore(wanted, means(tables))
    with pytest.raises(Refused, match="was not restored from"):
        restore(replace(wanted, at=NOON + 1000), means(tables))


def test_a_table_that_was_made_of_something_else_is_left_alone() -> None:
    tables = Tables()
    restore(WANTED, means(tables))
    before = list(tables.calls)
    with pytest.raises(Refused, match="was not restored from"):
        restore(replace(WANTED, backup=f"{BACKUP}0"), means(tables))
    tables.found["skafu-prod-2"].pop("RestoreSummary")
    with pytest.raises(Refused, match="was not restored from"):
        restore(WANTED, means(tables))
    assert tables.calls == before


def test_a_table_is_never_restored_over_itself() -> None:
    tables = Tables()
    with pytest.raises(Refused, match="over itself"):
        restore(replace(WANTED, target="skafu-prod"), means(tables))
    assert not tables.calls


def test_a_table_with_a_key_that_the_functions_cannot_use_is_refused() -> None:
    with pytest.raises(Refused, match="which the roles cannot use"):
        restore(WANTED, means(Tables(ignores_key=True)))


def test_waiting_ends() -> None:
    waited: list[float] = []
    with pytest.raises(Refused, match="After 6 s it is not there"):
        until(lambda: False, 6, "it is not there", waited.append)
    assert sum(waited) == 6
