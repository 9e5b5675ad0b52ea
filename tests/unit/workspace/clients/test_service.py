"""Machine clients: nothing acts that is not listed, and no machine is left without a secret."""

from collections.abc import Sequence

import pytest

from skafu.shared import keys
from skafu.shared.errors import (
    Conflict,
    Forbidden,
    NotFound,
    PreconditionFailed,
    QuotaExceeded,
    Unavailable,
)
from skafu.shared.identity import Kind, Role
from skafu.shared.keys import DAY_MS, HOUR_MS
from skafu.shared.membership import CACHE_MS, Profile
from skafu.shared.quotas import MACHINE_CLIENTS
from skafu.shared.routes import Scope
from skafu.shared.table import Check, Update, Write
from skafu.workspace.clients.model import MAX_EARLIER, Client, ClientDraft, Earlier
from skafu.workspace.members.model import Caller
from tests.support.breaking import Breaker, Broken
from tests.support.claims import machine_claims
from tests.support.clocks import NOON
from tests.support.shaky_table import Fault, ShakyTable
from tests.support.team import TENANT, Team

STEPS = 10  # more than any change has
AGENT = ClientDraft("agent", Role.EDITOR, (Scope.METRICS_WRITE, Scope.METRICS_READ))


@pytest.fixture(name="team")
def fixture_team() -> Team:
    return Team()


def listed(team: Team) -> list[Client]:
    return team.clients.page(TENANT, 100, None)[0]


def count(team: Team) -> int:
    item = team.table.get(keys.machine_client_count(TENANT))
    return int(item["count"]) if item else 0


def with_limit(team: Team, limit: int) -> None:
    team.table.write(Update(keys.tenant_settings(TENANT), set={"machine_clients": limit}))


def all_is_listed(team: Team) -> bool:
    """Whether nothing can act that is not listed."""
    return team.acting() <= {each for client in listed(team) for each in client.credentials}


# --- making ---------------------------------------------------------------------------------------


def test_a_new_client_acts_with_its_role_in_its_team(team: Team) -> None:
    client, made = team.clients.create(team.caller, AGENT)

    identity = team.machine(made.client_id)
    assert (identity.tenant, identity.role, identity.kind) == (TENANT, Role.EDITOR, Kind.MACHINE)
    assert listed(team) == [client]
    assert client.client_id == made.client_id and client.id != made.client_id
    assert (client.created, client.rotated_at, client.version) == (NOON, None, 2)
    scopes = ("skafu/metrics.write", "skafu/metrics.read")
    assert team.app_clients.known[made.client_id] == (f"{TENANT}-{client.id}", scopes)
    assert team.fresh().profile(made.client_id) == Profile(name="agent")


def test_no_secret_is_stored_or_written_down(team: Team) -> None:
    client, first = team.clients.create(team.caller, AGENT)
    _, second = team.clients.rotate(team.caller, client.id, DAY_MS, None)

    stored = repr(team.table.items)
    assert first.secret not in stored and second.secret not in stored
    assert first.client_id in stored


def test_making_is_written_down(team: Team) -> None:
    client, _ = team.clients.create(team.caller, AGENT)

    (change,) = team.audited("client")
    assert (change.actor, change.action, change.subject) == (team.ann, "create", client.id)
    assert change.before is None
    assert change.after is not None and change.after["client_id"] == client.client_id


@pytest.mark.parametrize("at", range(1, STEPS))
def test_making_that_breaks_off_leaves_nothing_that_acts_unlisted(team: Team, at: int) -> None:
    try:
        team.client_service(Breaker(at)).create(team.caller, AGENT)
    except Broken:
        pass
    assert all_is_listed(team)
    assert count(team) == len(listed(team))

    for broken_off in listed(team):
        # Its secret is lost, if it ever had one: it gets another, or goes.
        made = team.clients.rotate(team.caller, broken_off.id, 0, None)[1]
        assert team.machine(made.client_id).tenant == TENANT
        team.clients.delete(team.caller, broken_off.id, None)

    assert not team.app_clients.known and not team.acting() and count(team) == 0


def test_a_pool_that_refuses_leaves_no_record(team: Team) -> None:
    team.app_clients.down = True

    with pytest.raises(Unavailable):
        team.clients.create(team.caller, AGENT)

    assert not listed(team) and count(team) == 0


def test_a_tenant_has_as_many_clients_as_it_may(team: Team) -> None:
    assert team.clients.limit(TENANT) == MACHINE_CLIENTS == 20
    with_limit(team, 2)
    first, _ = team.clients.create(team.caller, AGENT)
    team.clients.create(team.caller, AGENT)

    with pytest.raises(QuotaExceeded, match="machine_clients is 2") as refusal:
        team.clients.create(team.caller, AGENT)
    assert refusal.value.extra == {"quota": "machine_clients", "limit": 2, "used": 2}
    assert len(team.app_clients.known) == 2

    team.clients.delete(team.caller, first.id, None)
    team.clients.create(team.caller, AGENT)
    assert len(listed(team)) == count(team) == 2


def test_the_last_place_is_taken_once(team: Team) -> None:
    with_limit(team, 1)

    def get_in_between(_: Sequence[Write | Check]) -> None:
        team.table.before_write = lambda writes: None
        team.clients.create(team.caller, AGENT)

    team.table.before_write = get_in_between

    with pytest.raises(QuotaExceeded):
        team.clients.create(team.caller, AGENT)
    assert len(listed(team)) == 1


def test_a_tenant_that_may_have_none_gets_none(team: Team) -> None:
    with_limit(team, 0)

    with pytest.raises(QuotaExceeded):
        team.clients.create(team.caller, AGENT)


def test_clients_of_other_teams_do_not_exist(team: Team) -> None:
    client, made = team.clients.create(team.caller, AGENT)
    stranger = Caller("other", "stranger")

    with pytest.raises(NotFound):
        team.clients.rotate(stranger, client.id, 0, None)
    with pytest.raises(NotFound):
        team.clients.delete(stranger, client.id, None)
    assert team.clients.page("other", 100, None) == ([], None)
    assert team.machine(made.client_id)


# --- rotating -------------------------------------------------------------------------------------


def test_both_secrets_are_valid_until_the_overlap_is_over(team: Team) -> None:
    client, first = team.clients.create(team.caller, AGENT)
    team.clock.advance(1)

    rotated, second = team.clients.rotate(team.caller, client.id, HOUR_MS, None)

    until = NOON + 1 + HOUR_MS
    assert rotated.earlier == (Earlier(first.client_id, until),)
    assert (rotated.rotated_at, rotated.version) == (NOON + 1, 3)
    assert team.machine(first.client_id) and team.machine(second.client_id)

    team.clock.advance(HOUR_MS)
    assert team.machine(second.client_id)
    with pytest.raises(Forbidden, match="last rotation"):
        team.machine(first.client_id)


def test_what_is_over_is_removed_when_clients_are_listed(team: Team) -> None:
    client, first = team.clients.create(team.caller, AGENT)
    _, second = team.clients.rotate(team.caller, client.id, HOUR_MS, None)
    assert len(team.app_clients.known) == 2
    team.clock.advance(HOUR_MS)

    (shown,) = listed(team)

    assert shown.earlier == ()
    assert list(team.app_clients.known) == [second.client_id]
    assert listed(team) == [shown]
    stored = team.table.get(keys.membership(first.client_id))
    assert stored is not None and int(stored["ttl"]) > NOON // 1000 + 86_400


def test_a_pool_that_is_down_hides_no_client(team: Team) -> None:
    client, _ = team.clients.create(team.caller, AGENT)
    team.clients.rotate(team.caller, client.id, HOUR_MS, None)
    team.clock.advance(HOUR_MS)
    team.app_clients.down = True

    assert [each.earlier for each in listed(team)] == [()]
    team.app_clients.down = False
    listed(team)
    assert len(team.app_clients.known) == 1


def test_without_overlap_all_earlier_ones_end_now(team: Team) -> None:
    client, first = team.clients.create(team.caller, AGENT)
    _, second = team.clients.rotate(team.caller, client.id, HOUR_MS, None)

    rotated, third = team.clients.rotate(team.caller, client.id, 0, None)

    assert rotated.earlier == ()
    assert list(team.app_clients.known) == [third.client_id]
    for gone in (first, second):
        with pytest.raises(Forbidden):
            team.machine(gone.client_id)
    assert team.machine(third.client_id)


def test_rotating_again_keeps_every_promise_and_there_is_an_end_to_it(team: Team) -> None:
    client, first = team.clients.create(team.caller, AGENT)
    for _ in range(MAX_EARLIER):
        team.clients.rotate(team.caller, client.id, HOUR_MS, None)
    assert team.machine(first.client_id)

    with pytest.raises(Conflict, match="still valid"):
        team.clients.rotate(team.caller, client.id, HOUR_MS, None)
    assert len(team.app_clients.known) == MAX_EARLIER + 1

    team.clock.advance(HOUR_MS)
    rotated, _ = team.clients.rotate(team.caller, client.id, HOUR_MS, None)
    assert len(rotated.earlier) == 1
    assert len(team.app_clients.known) == 2


def test_rotating_is_written_down(team: Team) -> None:
    client, first = team.clients.create(team.caller, AGENT)
    team.clock.advance(1)
    _, second = team.clients.rotate(team.caller, client.id, HOUR_MS, None)

    change = team.audited("client")[-1]
    assert (change.action, change.subject) == ("rotate", client.id)
    assert change.before is not None and change.before["client_id"] == first.client_id
    assert change.after is not None and change.after["client_id"] == second.client_id


def test_rotating_means_a_version_where_one_is_named(team: Team) -> None:
    client, _ = team.clients.create(team.caller, AGENT)
    team.clients.rotate(team.caller, client.id, HOUR_MS, client.version)

    with pytest.raises(PreconditionFailed):
        team.clients.rotate(team.caller, client.id, HOUR_MS, client.version)


def test_two_rotations_at_once_are_one_and_nothing_is_left_of_the_other(team: Team) -> None:
    client, _ = team.clients.create(team.caller, AGENT)

    def get_in_between(_: Sequence[Write | Check]) -> None:
        team.table.before_write = lambda writes: None
        team.clients.rotate(team.caller, client.id, HOUR_MS, None)

    team.table.before_write = get_in_between

    with pytest.raises(PreconditionFailed):
        team.clients.rotate(team.caller, client.id, HOUR_MS, None)
    (shown,) = listed(team)
    assert set(team.app_clients.known) == set(shown.credentials) == team.acting()


@pytest.mark.parametrize("at", range(1, STEPS))
def test_rotating_that_breaks_off_leaves_the_machine_its_secret(team: Team, at: int) -> None:
    client, first = team.clients.create(team.caller, AGENT)
    try:
        team.client_service(Breaker(at)).rotate(team.caller, client.id, HOUR_MS, None)
    except Broken:
        pass

    assert team.machine(first.client_id).tenant == TENANT
    assert all_is_listed(team)

    _, again = team.clients.rotate(team.caller, client.id, HOUR_MS, None)
    assert team.machine(first.client_id) and team.machine(again.client_id)
    team.clients.delete(team.caller, client.id, None)
    assert not team.app_clients.known and not team.acting()


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.THROTTLED])
def test_a_rotation_that_nobody_heard_of_counts_if_it_is_stored(fault: Fault) -> None:
    table = ShakyTable()
    team = Team(table)
    client, first = team.clients.create(team.caller, AGENT)
    # Of the calls of a rotation, reading comes first: of writes, the transaction is the first.
    table.fault, table.at = fault, table.calls + (1 if fault is Fault.LOST else 2)

    with table.watched():
        if fault is Fault.LOST:
            _, second = team.clients.rotate(team.caller, client.id, HOUR_MS, None)
            assert team.machine(second.client_id)
        else:
            with pytest.raises(Unavailable):
                team.clients.rotate(team.caller, client.id, HOUR_MS, None)

    assert team.machine(first.client_id)
    (shown,) = listed(team)
    assert set(team.app_clients.known) == set(shown.credentials) == team.acting()


# --- deleting -------------------------------------------------------------------------------------


def test_a_deleted_client_is_refused_within_a_minute_and_leaves_nothing(team: Team) -> None:
    client, first = team.clients.create(team.caller, AGENT)
    _, second = team.clients.rotate(team.caller, client.id, HOUR_MS, None)
    function = team.fresh()
    for each in (first, second):
        function.identify(machine_claims(each.client_id))

    team.clients.delete(team.caller, client.id, None)

    team.clock.advance(CACHE_MS)
    for each in (first, second):
        with pytest.raises(Forbidden):
            function.identify(machine_claims(each.client_id))
    assert not listed(team) and not team.app_clients.known and count(team) == 0
    assert team.table.get(keys.machine_client(TENANT, client.id)) is None
    change = [each for each in team.audited("client") if each.action == "delete"]
    assert len(change) == 1 and change[0].after is None


def test_deleting_means_a_version_where_one_is_named(team: Team) -> None:
    client, _ = team.clients.create(team.caller, AGENT)

    with pytest.raises(PreconditionFailed):
        team.clients.delete(team.caller, client.id, 1)
    team.clients.delete(team.caller, client.id, client.version)
    with pytest.raises(NotFound):
        team.clients.delete(team.caller, client.id, None)


@pytest.mark.parametrize("at", range(1, STEPS))
def test_deleting_that_breaks_off_acts_no_more_and_is_completed(team: Team, at: int) -> None:
    client, made = team.clients.create(team.caller, AGENT)
    with pytest.raises(Broken):
        # Credentials that no record names: they cannot act, and go with their client.
        team.client_service(Breaker(at=2)).rotate(team.caller, client.id, HOUR_MS, None)
    assert len(team.app_clients.known) == 2
    try:
        team.client_service(Breaker(at)).delete(team.caller, client.id, None)
    except Broken:
        pass
    assert all_is_listed(team)

    if not listed(team):  # the look itself has cleared away what was broken off
        with pytest.raises(Forbidden):
            team.machine(made.client_id)
        with pytest.raises(NotFound):
            team.clients.delete(team.caller, client.id, None)
    else:
        team.clients.delete(team.caller, client.id, None)

    assert not team.app_clients.known and not team.acting() and count(team) == 0


def test_deleting_again_completes_what_was_broken_off(team: Team) -> None:
    client, _ = team.clients.create(team.caller, AGENT)
    team.app_clients.down = True
    with pytest.raises(Unavailable):
        team.clients.delete(team.caller, client.id, None)
    assert not listed(team) and not team.acting() and count(team) == 1
    with pytest.raises(NotFound):
        team.clients.rotate(team.caller, client.id, 0, None)

    team.app_clients.down = False
    team.clients.delete(team.caller, client.id, None)

    assert not team.app_clients.known and count(team) == 0
