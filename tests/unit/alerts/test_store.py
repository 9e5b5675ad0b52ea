from collections.abc import Sequence
from dataclasses import replace

import pytest

from skafu.alerts.channels import TOPIC, ChannelStore, ChannelType
from skafu.alerts.codec import alert_from
from skafu.alerts.model import Alert, State
from skafu.alerts.states import StateReader
from skafu.alerts.store import AlertStore, UnknownChannels
from skafu.shared import keys
from skafu.shared.conflicts import TRIES, Conflicts
from skafu.shared.errors import Unavailable
from skafu.shared.table import (
    Absent,
    Check,
    ConditionFailed,
    Delete,
    Put,
    TransactionConflict,
    Write,
)
from tests.support.alerting import ALARM, INSUFFICIENT, OK, TENANT, Storyteller, minute
from tests.support.definitions import alert
from tests.support.memory_table import InMemoryTable


@pytest.fixture
def table() -> InMemoryTable:
    return InMemoryTable(page_size=3)


@pytest.fixture
def store(table: InMemoryTable) -> AlertStore:
    return AlertStore(table)


def versions(table: InMemoryTable, alert_id: str) -> list[int]:
    parts = keys.alert_parts(TENANT, alert_id)
    return [
        alert_from(str(item["body"])).version
        for key, item in table.items.items()
        if key.pk == parts and item["k"] == "version"
    ]


def test_a_stored_alert_is_found_by_its_tenant_alone(store: AlertStore) -> None:
    stored = store.create(TENANT, alert())

    assert store.get(TENANT, "alert-1") == stored == alert()
    assert store.get("tenant2", "alert-1") is None


def test_an_id_is_used_once(store: AlertStore) -> None:
    store.create(TENANT, alert())

    with pytest.raises(ConditionFailed):
        store.create(TENANT, alert())


def test_each_change_makes_a_version_of_the_alert_and_of_the_rules(
    store: AlertStore, table: InMemoryTable
) -> None:
    assert store.rules_version(TENANT) == 0
    store.create(TENANT, alert())
    changed = store.replace(TENANT, replace(alert(), name="Other"), 1)

    assert changed.version == 2
    assert store.get(TENANT, "alert-1") == changed
    assert store.rules_version(TENANT) == 2
    assert versions(table, "alert-1") == [1, 2]


def test_a_change_of_another_version_changes_nothing(
    store: AlertStore, table: InMemoryTable
) -> None:
    store.create(TENANT, alert())
    store.replace(TENANT, alert(), 1)
    before = dict(table.items)

    with pytest.raises(ConditionFailed):
        store.replace(TENANT, alert(), 1)
    with pytest.raises(ConditionFailed):
        store.delete(TENANT, "alert-1", 1)
    assert table.items == before


def test_a_version_is_never_overwritten(store: AlertStore, table: InMemoryTable) -> None:
    store.create(TENANT, alert())
    written = keys.alert_version(TENANT, "alert-1", 2)
    table.write(Put({**written._asdict(), "k": "version", "version": 2, "body": "from elsewhere"}))

    with pytest.raises(ConditionFailed):
        store.replace(TENANT, alert(), 1)
    assert table.items[written]["body"] == "from elsewhere"


def test_version_numbers_go_on_when_an_alert_comes_back(store: AlertStore) -> None:
    store.create(TENANT, alert())
    store.replace(TENANT, alert(), 1)
    store.delete(TENANT, "alert-1", None)

    assert store.get(TENANT, "alert-1") is None
    assert store.create(TENANT, alert()).version == 3
    assert store.rules_version(TENANT) == 4


def test_a_deleted_alert_has_no_state_but_keeps_versions_and_log(
    store: AlertStore, table: InMemoryTable
) -> None:
    story = Storyteller(table)
    story.publish()
    for i in range(5):
        story.happens(ALARM, i, (("host", str(i)),))

    store.delete(TENANT, "alert-1", 1)

    kinds = [item["k"] for item in table.items.values()]
    assert "instance" not in kinds
    assert kinds.count("decision") == 5
    assert versions(table, "alert-1") == [1]
    assert StateReader(table).in_state(TENANT, State.ALARM, 10, None) == ([], None)


def test_an_alert_made_again_begins_without_what_a_deletion_cut_short_left_behind(
    store: AlertStore, table: InMemoryTable
) -> None:
    story = Storyteller(table)
    story.publish()
    for i in range(120):
        story.happens(ALARM, i, (("host", str(i)),))
    table.write(Delete(keys.alert(TENANT, "alert-1")))

    assert store.create(TENANT, alert()).version == 2

    assert "instance" not in [item["k"] for item in table.items.values()]


def test_what_is_decided_about_an_alert_made_again_is_not_removed_with_the_old_one(
    store: AlertStore, table: InMemoryTable
) -> None:
    story = Storyteller(table)
    story.publish()
    story.happens(ALARM, 0, (("host", "a"),))
    store.replace(TENANT, alert(), 1)

    with pytest.raises(ConditionFailed):
        store.create(TENANT, alert())

    assert "instance" in [item["k"] for item in table.items.values()]


def channel(store: ChannelStore, channel_id: str) -> None:
    store.create(
        TENANT, replace(TOPIC, id=channel_id, type=ChannelType.WEBHOOK, url="https://h.example/")
    )


def test_an_alert_is_stored_only_with_channels_that_exist(
    store: AlertStore, table: InMemoryTable
) -> None:
    channel(ChannelStore(table), "one")
    named = replace(alert(), channels=("one", "default", "two", "three"))

    with pytest.raises(UnknownChannels) as caught:
        store.create(TENANT, named)

    assert caught.value.channels == ("two", "three")
    assert store.get(TENANT, "alert-1") is None
    assert store.rules_version(TENANT) == 0
    store.create(TENANT, replace(alert(), channels=("one", "default")))


def test_what_belongs_to_a_change_is_written_with_it_or_not_at_all(
    store: AlertStore, table: InMemoryTable
) -> None:
    def note(name: str) -> Put:
        return Put({"pk": f"{TENANT}#audit", "sk": name, "k": "audit"}, Absent())

    store.create(TENANT, alert(), [note("1")])
    store.replace(TENANT, alert(), 1, [note("2")])
    with pytest.raises(ConditionFailed):
        store.replace(TENANT, alert(), 1, [note("3")])
    with pytest.raises(ConditionFailed):
        store.delete(TENANT, "alert-1", 1, [note("4")])
    with pytest.raises(UnknownChannels):
        store.replace(TENANT, replace(alert(), channels=("none",)), 2, [note("5")])
    store.delete(TENANT, "alert-1", 2, [note("6")])

    noted = [key.sk for key in sorted(table.items) if key.pk == f"{TENANT}#audit"]
    assert noted == ["1", "2", "6"]


def test_another_version_is_told_before_missing_channels(store: AlertStore) -> None:
    store.create(TENANT, alert())

    with pytest.raises(ConditionFailed):
        store.replace(TENANT, replace(alert(), channels=("none",)), 7)
    assert store.rules_version(TENANT) == 1


def test_pages_go_through_all_alerts_in_order(store: AlertStore) -> None:
    for i in range(7):
        store.create(TENANT, alert(f"alert-{i}"))
    store.create("tenant2", alert("alert-9"))

    found: list[str] = []
    after = None
    while True:
        page, after = store.page(TENANT, 2, after)
        found += [each.id for each in page]
        if after is None:
            break

    assert found == [f"alert-{i}" for i in range(7)]
    assert [each.id for each in store.all(TENANT)] == found
    assert set(store.get_many(TENANT, ["alert-3", "alert-x"])) == {"alert-3"}


class BusyTable(InMemoryTable):
    """The first transactions meet another one."""

    def __init__(self, conflicts: int) -> None:
        super().__init__()
        self.conflicts = conflicts

    def transact(self, writes: Sequence[Write | Check]) -> None:
        if self.conflicts:
            self.conflicts -= 1
            raise TransactionConflict()
        super().transact(writes)


def busy(conflicts: int) -> tuple[AlertStore, list[float]]:
    pauses: list[float] = []
    return AlertStore(BusyTable(conflicts), Conflicts(pauses.append, lambda: 0.5)), pauses


def test_changes_at_the_same_moment_wait_for_each_other() -> None:
    store, pauses = busy(TRIES - 1)

    store.create(TENANT, alert())

    assert store.get(TENANT, "alert-1") == alert()
    assert len(pauses) == TRIES - 1
    assert pauses == sorted(pauses) and sum(pauses) < 3


def test_changes_that_meet_others_for_ever_are_told_to_come_again() -> None:
    store, pauses = busy(1_000)

    with pytest.raises(Unavailable):
        store.create(TENANT, alert())
    assert len(pauses) == TRIES


def test_instances_in_alarm_come_first_and_the_rest_is_counted_out(table: InMemoryTable) -> None:
    story = Storyteller(table)
    story.publish()
    for i, state in enumerate((OK, OK, INSUFFICIENT, OK, OK, ALARM, OK, OK)):
        story.happens(OK if state is INSUFFICIENT else state, 1, (("host", str(i)),))
        if state is INSUFFICIENT:
            story.happens(state, 2, (("host", str(i)),))

    found = StateReader(table).of_alert(TENANT, "alert-1", 3)

    assert [each.state for each in found.shown] == [ALARM, INSUFFICIENT, OK]
    assert [each.tags for each in found.shown[2:]] == [(("host", "0"),)]
    assert found.more
    assert not StateReader(table).of_alert(TENANT, "alert-1", 8).more


def test_instances_of_several_alerts_are_read_together(table: InMemoryTable) -> None:
    one, other = Storyteller(table), Storyteller(table, alert=alert("alert-2"))
    one.publish()
    other.publish()
    other.happens(ALARM, 1)

    found = StateReader(table).of_alerts(TENANT, ["alert-1", "alert-2"], 5)

    assert found["alert-1"].shown == ()
    assert [each.since for each in found["alert-2"].shown] == [minute(1)]
    assert not StateReader(table).of_alerts(TENANT, [], 5)


def test_an_alert_is_written_as_it_is_read(store: AlertStore) -> None:
    rich: Alert = replace(
        alert(group_by=("host",), recovery=5.0), labels={"team": "core"}, runbook_url="https://w"
    )

    store.create(TENANT, rich)

    assert store.get(TENANT, "alert-1") == rich
