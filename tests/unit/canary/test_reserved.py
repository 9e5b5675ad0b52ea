"""The reserved tenant: made once, nobody's, and silent."""

import re

import pytest

from skafu.alerts.silences.store import SilenceStore
from skafu.alerts.silences.windows import windows
from skafu.canary import reserved
from skafu.metrics.tenancy import Quotas, tenancy_from
from skafu.shared import keys
from skafu.shared.errors import Forbidden
from skafu.shared.identity import Kind, Role, random_id
from skafu.shared.membership import Members
from tests.support.clocks import NOON, FakeClock
from tests.support.memory_table import InMemoryTable

# What Cognito makes: subjects of people, ids of clients.
PERSON = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CLIENT = re.compile(r"[a-z0-9]{26}")


@pytest.fixture
def table() -> InMemoryTable:
    made = InMemoryTable()
    assert reserved.found(made, NOON)
    return made


def test_its_member_is_an_editor_and_a_machine(table: InMemoryTable) -> None:
    who = Members(table, FakeClock(), random_id).identify(reserved.claims(reserved.SUBJECT))
    assert (who.tenant, who.role, who.kind) == (reserved.TENANT, Role.EDITOR, Kind.MACHINE)


def test_a_stranger_is_refused_and_gets_no_tenant(table: InMemoryTable) -> None:
    before = dict(table.items)
    with pytest.raises(Forbidden):
        Members(table, FakeClock(), random_id).identify(reserved.claims(reserved.STRANGER))
    assert table.items == before


def test_it_is_made_once_and_what_an_operator_changed_stays(table: InMemoryTable) -> None:
    settings = keys.tenant_settings(reserved.TENANT)
    table.items[settings]["quotas"] = '{"retention_days": 3}'
    assert not reserved.found(table, NOON + 1)
    del table.items[keys.membership(reserved.SUBJECT)]
    assert reserved.found(table, NOON + 2)
    assert table.items[settings]["quotas"] == '{"retention_days": 3}'


def test_it_is_swept_and_compacted_like_any_other_and_keeps_little(table: InMemoryTable) -> None:
    assert table.get(keys.registry(reserved.TENANT)) is not None
    quotas = tenancy_from(table.get(keys.tenant_settings(reserved.TENANT))).quotas
    assert quotas == Quotas(
        reserved.ACTIVE_SERIES, reserved.POINTS_A_MINUTE, retention_days=reserved.RETENTION_DAYS
    )


def test_no_alert_of_it_tells_anybody(table: InMemoryTable) -> None:
    store = SilenceStore(table)
    [silence] = store.all(reserved.TENANT)
    assert store.get(reserved.TENANT, reserved.SILENCE) == silence
    assert silence.matchers == ()  # all of none hold: it is about everything
    much_later = NOON + 70 * 365 * 86_400_000
    [window] = windows(silence, much_later, much_later + 1)
    assert window.start <= much_later


def test_nobody_outside_can_be_it_and_no_tenant_is_called_so() -> None:
    for subject in (reserved.SUBJECT, reserved.STRANGER):
        assert not PERSON.fullmatch(subject)
        assert not CLIENT.fullmatch(subject)
    assert not re.fullmatch(r"[0-9a-f]{20}", reserved.TENANT)
    assert re.fullmatch(r"[0-9a-f]{20}", random_id())
