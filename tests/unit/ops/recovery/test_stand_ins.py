"""Who can sign in in one region can sign in in the other, as the same member."""

from collections.abc import Iterable

import pytest

from skafu.ops.bootstrap import Machine, Person, Workspace, bootstrap
from skafu.ops.recovery.stand_ins import Prepared, StandIns
from skafu.shared import keys
from skafu.shared.errors import Forbidden
from skafu.shared.identity import Identity, Kind, Role
from skafu.shared.membership import Members, Profile
from skafu.shared.table import Delete, Query, Update
from skafu.workspace.clients.app_clients import Credentials
from skafu.workspace.members.accounts import AccountState
from tests.support.accounts import InMemoryAccounts
from tests.support.app_clients import InMemoryAppClients
from tests.support.claims import machine_claims, person_claims
from tests.support.clocks import FakeClock
from tests.support.memory_table import InMemoryTable

ANA = "ana@example.com"


class OtherPool(InMemoryAccounts):
    """The other region's pool."""

    def __init__(self) -> None:
        super().__init__()
        self.apps = InMemoryAppClients()
        self.confirmed: list[str] = []

    def confirm(self, email: str) -> None:
        """Note who may ask for a password."""
        self.confirmed.append(email)

    def clients(self) -> dict[str, str]:
        """Labels by ids."""
        return {client_id: label for client_id, (label, _) in self.apps.known.items()}

    def client(self, label: str, scopes: Iterable[str]) -> Credentials:
        """A new one."""
        return self.apps.create(label, list(scopes))

    def secret(self, client_id: str) -> str:
        """As the fake makes them."""
        return client_id.replace("app", "secret")


class Home:
    """A directory as bootstrap uses it: Ana and one machine, of the home region."""

    def person(self, person: Person) -> str:
        """Everybody's subject is made of their address."""
        return f"home-{person.email}"

    def machine(self, name: str) -> Machine:
        """A client of this name."""
        return Machine(f"home-{name}", "secret", True, ("skafu/metrics.write",))


class World:
    """A team of Ana and her machine, in the home region; `other` is what they are to sign in to."""

    def __init__(self) -> None:
        self.table = InMemoryTable()
        self.clock = FakeClock()
        self.other = OtherPool()
        workspace = Workspace.over(self.table, self.clock)
        founded = bootstrap(Home(), workspace, Person(ANA, "Ana"), "agent")
        self.tenant = founded.admin.tenant
        self.told: list[str] = []

    def prepare(self) -> Prepared:
        """Once more."""
        return StandIns(self.table, self.other, self.clock).prepare(self.told.append)

    def identify(self, claims: dict[str, str]) -> Identity:
        """Who somebody is, for a function that has just started."""
        return Members(self.table, self.clock, lambda: "new").identify(claims)


@pytest.fixture(name="world")
def fixture_world() -> World:
    return World()


def test_everybody_gets_an_account_there_and_is_the_same_member(world: World) -> None:
    done = world.prepare()
    assert (done.known, done.made, done.problems) == (2, 2, [])
    account = world.other.find(ANA)
    assert account is not None and world.other.confirmed == [ANA]
    wanted = Identity(f"home-{ANA}", Kind.PERSON, world.tenant, Role.ADMIN)
    assert world.identify(person_claims(account.subject)) == wanted
    [client_id] = world.other.apps.known
    assert world.identify(machine_claims(client_id)).subject == "home-agent"
    assert not world.other.mails


def test_asking_again_changes_nothing(world: World) -> None:
    world.prepare()
    before = dict(world.other.known), dict(world.other.apps.known)
    again = world.prepare()
    assert (again.known, again.made) == (2, 0)
    assert (world.other.known, world.other.apps.known) == before


def test_a_machine_is_told_what_it_signs_in_with_there(world: World) -> None:
    world.prepare()
    stand_ins = StandIns(world.table, world.other, world.clock)
    [found] = stand_ins.credentials(world.tenant)
    assert (found.name, found.client_id, found.secret) == ("agent", "app1", "secret1")


def test_after_a_rotation_the_machines_other_credentials_follow(world: World) -> None:
    world.prepare()
    [key] = world.table.query_all(Query(keys.machine_clients(world.tenant)))
    world.table.write(
        Update(keys.machine_client(world.tenant, str(key["sk"])), set={"client_id": "home-new"})
    )
    Members(world.table, world.clock, lambda: "x").add_member(
        "home-new", Kind.MACHINE, world.tenant, Role.EDITOR
    )
    world.table.write(Delete(keys.membership("home-agent")))
    with pytest.raises(Forbidden):
        world.identify(machine_claims("app1"))
    assert world.prepare().made == 1
    assert world.identify(machine_claims("app1")).subject == "home-new"
    assert len(world.other.apps.known) == 1


def test_an_account_that_somebody_began_there_stands_for_nobody(world: World) -> None:
    # They may not own the address, and would keep the password that they chose.
    stranger = world.other.put(ANA, "Eve", AccountState.UNCONFIRMED)
    done = world.prepare()
    assert len(done.problems) == 1 and "never confirmed" in world.told[0]
    assert world.table.get(keys.membership(stranger.subject)) is None


def test_who_is_a_member_in_their_own_right_there_is_not_taken_over(world: World) -> None:
    other = world.other.put(ANA, "Ana")
    members = Members(world.table, world.clock, lambda: "theirs")
    theirs = members.create_tenant(other.subject, Kind.PERSON, Profile(ANA, "Ana"))
    done = world.prepare()
    assert any("in their own right" in each for each in done.problems)
    assert world.identify(person_claims(other.subject)) == theirs


def test_who_has_joined_while_the_other_region_acted_needs_nobody_there(world: World) -> None:
    bo = world.other.put("bo@example.com", "Bo")
    members = Members(world.table, world.clock, lambda: "x")
    profile = Profile("bo@example.com", "Bo")
    members.add_member(bo.subject, Kind.PERSON, world.tenant, Role.VIEWER, profile)
    done = world.prepare()
    assert (done.known, done.made) == (3, 2)
    assert "stands_for" not in (world.table.get(keys.membership(bo.subject)) or {})


def test_who_has_no_address_yet_is_told(world: World) -> None:
    members = Members(world.table, world.clock, lambda: "x")
    members.add_member("home-cy", Kind.PERSON, world.tenant, Role.VIEWER)
    done = world.prepare()
    assert done.known == 2
    assert "home-cy has no address" in world.told[0]
