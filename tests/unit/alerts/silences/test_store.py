"""Silences in the table."""

from dataclasses import replace

import pytest

from skafu.alerts.paging.model import Silence
from skafu.alerts.silences.store import KEEP_PRESENT_S, KEEP_RECORD_S, SilenceStore
from skafu.metrics.model import Operator, TagFilter
from skafu.shared import keys
from skafu.shared.table import ConditionFailed, Put
from tests.support.alerting import TENANT
from tests.support.memory_table import InMemoryTable
from tests.unit.alerts.silences.test_windows import DAILY, HOUR, ONCE, UNTIL_RESOLVED

FULL = replace(
    DAILY,
    matchers=(
        TagFilter("zone", Operator.IN, ("a", "b")),
        TagFilter("test", Operator.EXISTS, False),
        TagFilter("host", Operator.NOT_EQUAL, "web-1"),
    ),
    time_zone="Europe/Berlin",
    comment="Nightly",
    created_by="editor",
    created_at=7,
)


@pytest.fixture
def table() -> InMemoryTable:
    return InMemoryTable()


def ttl(table: InMemoryTable) -> list[object]:
    """Of the present silence and of its record."""
    found = (keys.silence(TENANT, "s"), keys.silence_record(TENANT, "s"))
    return [table.items[key].get("ttl") for key in found]


@pytest.mark.parametrize(
    "silence", [ONCE, UNTIL_RESOLVED, replace(UNTIL_RESOLVED, early=(1, 2)), FULL]
)
def test_a_silence_comes_back_as_it_was_stored(table: InMemoryTable, silence: Silence) -> None:
    store = SilenceStore(table)
    store.create(TENANT, silence)

    assert store.get(TENANT, "s") == silence
    assert store.all(TENANT) == [silence]
    assert list(store.recorded(TENANT)) == [silence]
    assert store.page(TENANT, 10, None) == ([silence], None)
    assert store.get("tenant2", "s") is None
    assert store.all("tenant2") == []


def test_it_is_read_for_an_hour_after_its_end_and_can_be_looked_up_for_90_days(
    table: InMemoryTable,
) -> None:
    SilenceStore(table).create(TENANT, ONCE)

    end = (ONCE.ends_at or 0) // 1000
    assert ttl(table) == [end + KEEP_PRESENT_S, end + KEEP_RECORD_S]


def test_one_without_an_end_stays(table: InMemoryTable) -> None:
    store = SilenceStore(table)
    store.create(TENANT, ONCE)
    store.replace(TENANT, replace(DAILY, version=2))

    assert ttl(table) == [None, None]


def test_one_that_was_ended_is_a_record_alone(table: InMemoryTable) -> None:
    store = SilenceStore(table)
    store.create(TENANT, DAILY)
    ended = replace(DAILY, version=2, ended_at=DAILY.starts_at + HOUR, ended_by="editor")
    store.replace(TENANT, ended)

    assert store.all(TENANT) == []
    assert store.get(TENANT, "s") == ended
    record = table.items[keys.silence_record(TENANT, "s")]
    assert record["ttl"] == (DAILY.starts_at + HOUR) // 1000 + KEEP_RECORD_S


def test_an_id_is_used_once_and_versions_follow_each_other(table: InMemoryTable) -> None:
    store = SilenceStore(table)
    store.create(TENANT, ONCE)

    with pytest.raises(ConditionFailed):
        store.create(TENANT, ONCE)
    for version in (1, 3):
        with pytest.raises(ConditionFailed):
            store.replace(TENANT, replace(DAILY, version=version))
    assert store.all(TENANT) == [ONCE]


def test_what_belongs_to_the_change_is_stored_with_it_or_not_at_all(table: InMemoryTable) -> None:
    store = SilenceStore(table)
    entry = Put({"pk": "a", "sk": "b"})

    store.create(TENANT, ONCE, [entry])
    assert table.get(keys.Key("a", "b")) is not None
    with pytest.raises(ConditionFailed):
        store.replace(TENANT, replace(ONCE, version=9), [Put({"pk": "a", "sk": "c"})])
    assert table.get(keys.Key("a", "c")) is None
