from typing import Any

import pytest

from skafu.metrics.tenancy import (
    LENGTHS_MS,
    STEP_AHEAD_MS,
    Bucketing,
    Quotas,
    Sharding,
    Tenancies,
    Tenancy,
    change,
    tenancy_from,
    with_step,
)
from skafu.shared import keys
from skafu.shared.keys import HOUR_MS
from skafu.shared.table import ConditionFailed, Put
from tests.support.clocks import NOON, FakeClock
from tests.support.memory_table import InMemoryTable

TENANT = "acme"
FIVE, FIFTEEN = LENGTHS_MS
AHEAD = NOON + STEP_AHEAD_MS


@pytest.fixture
def table() -> InMemoryTable:
    found = InMemoryTable()
    found.write(Put({**keys.tenant_settings(TENANT)._asdict(), "k": "tenant", "created": 1}))
    return found


def record(table: InMemoryTable) -> dict[str, Any]:
    found = table.get(keys.tenant_settings(TENANT))
    assert found is not None
    return found


def test_a_step_begins_with_an_hour_that_is_far_enough_ahead() -> None:
    assert with_step((), 4, NOON, default=1) == ((AHEAD, 4),)
    assert with_step((), 4, NOON + 1, default=1) == ((AHEAD + HOUR_MS, 4),)


def test_what_holds_already_is_no_step() -> None:
    assert with_step((), 1, NOON, default=1) == ()
    steps = ((NOON - HOUR_MS, 4),)
    assert with_step(steps, 4, NOON, default=1) == steps


def test_a_later_decision_gives_up_what_was_planned_but_not_what_may_be_under_way() -> None:
    planned = ((NOON - HOUR_MS, 2), (NOON + HOUR_MS, 3), (AHEAD, 4))
    assert with_step(planned, 8, NOON, default=1) == (*planned[:2], (AHEAD, 8))
    assert with_step(planned, 3, NOON, default=1) == planned[:2]


def test_a_changed_record_says_what_was_decided_and_keeps_what_else_it_says(
    table: InMemoryTable,
) -> None:
    after = Tenancy(
        Quotas(active_series=7, retention_days=30),
        Sharding(with_step((), 4, NOON, default=1)),
        Bucketing(with_step((), FIVE, NOON, default=FIFTEEN)),
    )
    table.write(change(TENANT, record(table), after))

    assert tenancy_from(record(table)) == after
    assert Tenancies(table, FakeClock()).of(TENANT) == after
    assert record(table)["created"] == 1


def test_what_somebody_else_has_changed_meanwhile_is_not_overwritten(table: InMemoryTable) -> None:
    read = record(table)
    table.write(change(TENANT, read, Tenancy(Quotas(active_series=7))))
    with pytest.raises(ConditionFailed):
        table.write(change(TENANT, read, Tenancy(Quotas(active_series=8))))

    assert tenancy_from(record(table)).quotas.active_series == 7


def test_nobody_becomes_a_tenant_by_a_change(table: InMemoryTable) -> None:
    with pytest.raises(ConditionFailed):
        table.write(change("nobody", {}, Tenancy()))
