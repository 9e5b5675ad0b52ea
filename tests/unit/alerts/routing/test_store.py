"""Routes in the table."""

import pytest

from skafu.alerts.channels import Channel, ChannelStore, ChannelType
from skafu.alerts.paging.model import Policy, Route, Step
from skafu.alerts.routing.store import PolicyStore, routes_naming, unchanged
from skafu.alerts.store import UnknownChannels
from skafu.metrics.model import Operator, TagFilter
from skafu.shared import keys
from skafu.shared.table import ConditionFailed, Put
from tests.support.alerting import TENANT
from tests.support.memory_table import InMemoryTable

ROUTE = Route(
    name="databases",
    matchers=(
        TagFilter("host", Operator.PREFIX, "db"),
        TagFilter("zone", Operator.IN, ("a", "b")),
        TagFilter("test", Operator.EXISTS, False),
    ),
    channels=("default",),
    group_by=("alertname",),
    wait=30,
    interval=300,
    repeat=3600,
    steps=(Step(600, ("default",)),),
    proceed=True,
)


@pytest.fixture
def table() -> InMemoryTable:
    return InMemoryTable()


def channel(table: InMemoryTable, name: str) -> None:
    ChannelStore(table).create(
        TENANT, Channel(name, 1, name, ChannelType.WEBHOOK, "https://example.com", "", 0, 0)
    )


def test_routes_come_back_as_they_were_stored(table: InMemoryTable) -> None:
    policy = Policy(1, (ROUTE, Route("rest", channels=("default",), group_by=())), 1234)

    PolicyStore(table).replace(TENANT, policy)

    assert PolicyStore(table).get(TENANT) == policy
    assert PolicyStore(table).get("tenant2") == Policy()


def test_only_the_version_after_the_present_one_is_stored(table: InMemoryTable) -> None:
    store = PolicyStore(table)
    store.replace(TENANT, Policy(1, (ROUTE,)))

    for version in (1, 3):
        with pytest.raises(ConditionFailed):
            store.replace(TENANT, Policy(version, ()))
    store.replace(TENANT, Policy(2, ()))

    assert store.get(TENANT).version == 2


def test_channels_must_be_there_when_routes_are_stored(table: InMemoryTable) -> None:
    channel(table, "pager")
    mine = Route("r", channels=("pager", "gone"), steps=(Step(60, ("away", "default")),))
    entry = Put({"pk": "a", "sk": "b"})

    with pytest.raises(UnknownChannels) as unknown:
        PolicyStore(table).replace(TENANT, Policy(1, (mine,)), [entry])

    assert sorted(unknown.value.channels) == ["away", "gone"]
    assert PolicyStore(table).get(TENANT) == Policy()
    assert table.get(keys.Key("a", "b")) is None


def test_what_belongs_to_the_change_is_stored_with_it(table: InMemoryTable) -> None:
    PolicyStore(table).replace(TENANT, Policy(1, (ROUTE,)), [Put({"pk": "a", "sk": "b"})])

    assert table.get(keys.Key("a", "b")) is not None


def test_a_removal_of_a_channel_fails_when_routes_have_changed(table: InMemoryTable) -> None:
    store = PolicyStore(table)
    nothing = store.get(TENANT)
    table.transact([unchanged(TENANT, nothing)])
    store.replace(TENANT, Policy(1, (ROUTE,)))

    with pytest.raises(ConditionFailed):
        table.transact([unchanged(TENANT, nothing)])
    table.transact([unchanged(TENANT, store.get(TENANT))])


def test_routes_name_channels_at_once_or_in_steps() -> None:
    policy = Policy(
        1,
        (
            Route("a", channels=("pager",)),
            Route("b", channels=("mail",), steps=(Step(60, ("pager",)),)),
            Route("c", channels=("mail",)),
        ),
    )

    assert routes_naming(policy, "pager") == ("a", "b")
    assert not routes_naming(policy, "chat")
