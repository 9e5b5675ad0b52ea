from collections.abc import Sequence
from itertools import count

import pytest

from skafu.shared import keys
from skafu.shared.errors import Conflict, Forbidden, Unauthenticated, Unavailable
from skafu.shared.identity import Identity, Kind, Role
from skafu.shared.keys import Key
from skafu.shared.membership import CACHE_MS, CACHE_SIZE, Members, Profile, stand_in_item
from skafu.shared.table import Check, Delete, Put, Query, TransactionConflict, Update, Value, Write
from tests.support.claims import MACHINE, PERSON, machine_claims, person_claims
from tests.support.clocks import NOON, FakeClock
from tests.support.memory_table import InMemoryTable


class StaleTable(InMemoryTable):
    """Whose eventually consistent reads see nothing yet; it counts the reads of both kinds."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[bool] = []

    def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
        self.reads.append(consistent)
        return super().get(key, consistent=True) if consistent else None


@pytest.fixture(name="table")
def fixture_table() -> InMemoryTable:
    return InMemoryTable()


@pytest.fixture(name="clock")
def fixture_clock() -> FakeClock:
    return FakeClock()


def members_of(table: InMemoryTable, clock: FakeClock, prefix: str = "tenant") -> Members:
    numbers = count(1)
    return Members(table, clock, lambda: f"{prefix}{next(numbers)}")


@pytest.fixture(name="members")
def fixture_members(table: InMemoryTable, clock: FakeClock) -> Members:
    return members_of(table, clock)


def tenants(table: InMemoryTable) -> list[str]:
    return [str(item["tenant"]) for item in table.query_all(Query("registry"))]


# --- people ---------------------------------------------------------------------------------------


def test_a_person_without_membership_gets_a_tenant_of_their_own_as_its_admin(
    table: InMemoryTable, members: Members
) -> None:
    identity = members.identify(person_claims())

    assert identity == Identity(PERSON, Kind.PERSON, "tenant1", Role.ADMIN)
    assert tenants(table) == ["tenant1"]
    assert table.get(keys.tenant_settings("tenant1")) == {
        "pk": "tenant1#tenant",
        "sk": "settings",
        "k": "tenant",
        "created": NOON,
    }


def test_a_membership_says_everything_and_can_be_listed_by_tenant(
    table: InMemoryTable, members: Members
) -> None:
    members.identify(person_claims())

    index = keys.member_index("tenant1", PERSON)
    assert list(table.query_all(Query(index.gsi1pk, index="GSI1"))) == [
        {
            **keys.membership(PERSON)._asdict(),
            **index._asdict(),
            "k": "membership",
            "tenant": "tenant1",
            "role": "admin",
            "kind": "person",
            "created": NOON,
        }
    ]


def test_the_same_person_is_the_same_member_again(
    table: InMemoryTable, members: Members, clock: FakeClock
) -> None:
    first = members.identify(person_claims())
    clock.advance(CACHE_MS)

    assert members.identify(person_claims()) == first
    assert members_of(table, clock, "other").identify(person_claims()) == first
    assert tenants(table) == ["tenant1"]


def test_two_first_requests_at_once_make_one_tenant(
    table: InMemoryTable, members: Members, clock: FakeClock
) -> None:
    rival = members_of(table, clock, "rival")

    def get_in_between(_: Sequence[Write | Check]) -> None:
        table.before_write = lambda writes: None
        rival.identify(person_claims())

    table.before_write = get_in_between

    assert members.identify(person_claims()).tenant == "rival1"
    assert tenants(table) == ["rival1"]


def test_a_membership_being_made_elsewhere_is_waited_for(
    table: InMemoryTable, members: Members
) -> None:
    conflicts = [TransactionConflict(), TransactionConflict()]

    def conflict(_: Sequence[Write | Check]) -> None:
        if conflicts:
            raise conflicts.pop()

    table.before_write = conflict

    assert members.identify(person_claims()).tenant == "tenant1"


def test_a_conflict_that_does_not_end_is_unavailable(
    table: InMemoryTable, members: Members
) -> None:
    def conflict(_: Sequence[Write | Check]) -> None:
        raise TransactionConflict()

    table.before_write = conflict

    with pytest.raises(Unavailable):
        members.identify(person_claims())


# --- machines -------------------------------------------------------------------------------------


def test_a_machine_without_membership_is_forbidden_and_gets_no_tenant(
    table: InMemoryTable, members: Members
) -> None:
    with pytest.raises(Forbidden):
        members.identify(machine_claims())

    assert not table.items


def test_a_machine_belongs_where_it_was_added(members: Members) -> None:
    members.add_member(MACHINE, Kind.MACHINE, "acme", Role.EDITOR)

    assert members.identify(machine_claims()) == Identity(
        MACHINE, Kind.MACHINE, "acme", Role.EDITOR
    )


def test_absence_is_not_remembered(members: Members) -> None:
    with pytest.raises(Forbidden):
        members.identify(machine_claims())

    members.add_member(MACHINE, Kind.MACHINE, "acme", Role.VIEWER)

    assert members.identify(machine_claims()).tenant == "acme"


# --- those who may not act ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "reason"), [("disabled", "enable it again"), ("removed", "no longer a member")]
)
def test_who_is_disabled_or_removed_is_refused_with_a_sentence(
    table: InMemoryTable, members: Members, status: str, reason: str
) -> None:
    members.add_member(PERSON, Kind.PERSON, "acme", Role.ADMIN)
    table.write(Update(keys.membership(PERSON), set={"status": status}))

    with pytest.raises(Forbidden, match=reason):
        members.identify(person_claims())
    assert not tenants(table)


def test_a_refusal_is_not_remembered(table: InMemoryTable, members: Members) -> None:
    members.add_member(PERSON, Kind.PERSON, "acme", Role.ADMIN)
    table.write(Update(keys.membership(PERSON), set={"status": "disabled"}))
    with pytest.raises(Forbidden):
        members.identify(person_claims())

    table.write(Update(keys.membership(PERSON), remove=("status",)))

    assert members.identify(person_claims()).role is Role.ADMIN


def test_who_is_invited_may_act(table: InMemoryTable, members: Members) -> None:
    members.add_member(PERSON, Kind.PERSON, "acme", Role.VIEWER)
    table.write(Update(keys.membership(PERSON), set={"status": "invited"}))

    assert members.identify(person_claims()).tenant == "acme"


def test_replaced_credentials_act_until_their_moment(
    table: InMemoryTable, members: Members, clock: FakeClock
) -> None:
    members.add_member(MACHINE, Kind.MACHINE, "acme", Role.EDITOR)
    table.write(Update(keys.membership(MACHINE), set={"until": clock() + CACHE_MS}))

    clock.advance(CACHE_MS - 1)
    assert members_of(table, clock).identify(machine_claims())
    clock.advance(1)
    with pytest.raises(Forbidden, match="last rotation"):
        members_of(table, clock).identify(machine_claims())


def test_among_tells_members_of_this_tenant_and_who_of_them_may_act(
    table: InMemoryTable, members: Members
) -> None:
    for name, tenant, status in (
        ("ann", "acme", "active"),
        ("bob", "acme", "disabled"),
        ("cleo", "acme", "removed"),
        ("dan", "other", "active"),
    ):
        members.add_member(name, Kind.PERSON, tenant, Role.VIEWER)
        table.write(Update(keys.membership(name), set={"status": status}))
    names = ["ann", "bob", "cleo", "dan", "nobody"]

    assert set(members.among("acme", names)) == {"ann", "bob"}
    assert set(members.among("acme", names, disabled=False)) == {"ann"}
    assert members.member("cleo") is None
    assert members.member("bob") is not None


def test_what_is_known_of_a_member_is_kept_with_the_membership(members: Members) -> None:
    profile = Profile("ann@example.com", "Ann <b>")
    members.create_tenant("ann", Kind.PERSON, profile)
    members.add_member("bot", Kind.MACHINE, "acme", Role.EDITOR, Profile(name="bot"))
    members.identify(person_claims())

    assert members.profile("ann") == profile
    assert members.profile("bot") == Profile(None, "bot")
    assert members.profile(PERSON) == members.profile("nobody") == Profile()


# --- claims ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["sub", "client_id"])
def test_claims_of_anything_but_an_access_token_are_refused(
    table: InMemoryTable, members: Members, missing: str
) -> None:
    claims = person_claims()
    for wrong in ({**claims, missing: ""}, {k: v for k, v in claims.items() if k != missing}):
        with pytest.raises(Unauthenticated):
            members.identify(wrong)

    assert not table.items


# --- reading and remembering ----------------------------------------------------------------------


def test_a_miss_is_read_again_consistently(clock: FakeClock) -> None:
    table = StaleTable()
    members_of(table, clock).add_member(PERSON, Kind.PERSON, "acme", Role.VIEWER)

    assert members_of(table, clock).identify(person_claims()).tenant == "acme"
    assert table.reads == [False, True]
    assert not tenants(table)


def test_a_machine_that_was_added_a_moment_ago_is_found(clock: FakeClock) -> None:
    table = StaleTable()
    members_of(table, clock).add_member(MACHINE, Kind.MACHINE, "acme", Role.VIEWER)

    assert members_of(table, clock).identify(machine_claims()).tenant == "acme"


def test_a_found_membership_is_remembered_for_a_minute(clock: FakeClock) -> None:
    table = StaleTable()
    members = members_of(table, clock)
    members.add_member(PERSON, Kind.PERSON, "acme", Role.VIEWER)
    members.identify(person_claims())
    reads = len(table.reads)
    table.write(Update(keys.membership(PERSON), set={"role": "editor"}))

    clock.advance(CACHE_MS - 1)
    assert members.identify(person_claims()).role is Role.VIEWER
    assert len(table.reads) == reads

    clock.advance(1)
    assert members.identify(person_claims()).role is Role.EDITOR


def test_a_removed_machine_is_out_after_a_minute(
    table: InMemoryTable, members: Members, clock: FakeClock
) -> None:
    members.add_member(MACHINE, Kind.MACHINE, "acme", Role.EDITOR)
    members.identify(machine_claims())
    table.write(Delete(keys.membership(MACHINE)))
    clock.advance(CACHE_MS)

    with pytest.raises(Forbidden):
        members.identify(machine_claims())


def test_what_is_remembered_is_bounded_and_the_oldest_is_forgotten_first(clock: FakeClock) -> None:
    table = StaleTable()
    members = members_of(table, clock)
    for i in range(CACHE_SIZE + 1):
        members.identify(person_claims(f"person{i}"))
    reads = len(table.reads)

    members.identify(person_claims("person1"))
    assert len(table.reads) == reads
    members.identify(person_claims("person0"))
    assert len(table.reads) > reads


# --- making them by hand --------------------------------------------------------------------------


def test_a_tenant_is_made_once_per_identity(table: InMemoryTable, members: Members) -> None:
    made = members.create_tenant(PERSON, Kind.PERSON)

    assert made == Identity(PERSON, Kind.PERSON, "tenant1", Role.ADMIN)
    with pytest.raises(Conflict):
        members.create_tenant(PERSON, Kind.PERSON)
    assert tenants(table) == ["tenant1"]


def test_adding_a_member_again_changes_nothing(
    table: InMemoryTable, members: Members, clock: FakeClock
) -> None:
    added = members.add_member(MACHINE, Kind.MACHINE, "acme", Role.EDITOR)
    stored = table.get(keys.membership(MACHINE))
    clock.advance(1)

    assert members.add_member(MACHINE, Kind.MACHINE, "acme", Role.EDITOR) == added
    assert table.get(keys.membership(MACHINE)) == stored
    assert members.member(MACHINE) == added


@pytest.mark.parametrize(("tenant", "role"), [("other", Role.EDITOR), ("acme", Role.ADMIN)])
def test_a_member_is_not_moved_by_adding_it_elsewhere(
    members: Members, tenant: str, role: Role
) -> None:
    members.add_member(MACHINE, Kind.MACHINE, "acme", Role.EDITOR)

    with pytest.raises(Conflict):
        members.add_member(MACHINE, Kind.MACHINE, tenant, role)


def test_who_is_no_member_is_none(members: Members) -> None:
    assert members.member("nobody") is None


def test_a_table_that_is_down_stays_unavailable(table: InMemoryTable, members: Members) -> None:
    table.down = True

    with pytest.raises(Unavailable):
        members.identify(person_claims())


def test_a_membership_with_a_role_that_is_none_is_nobodys(
    table: InMemoryTable, members: Members
) -> None:
    table.write(
        Put(
            {
                **keys.membership(PERSON)._asdict(),
                "tenant": "acme",
                "kind": "person",
                "role": "emperor",
            }
        )
    )

    with pytest.raises(KeyError):
        members.identify(person_claims())


# --- accounts of another region's pool ------------------------------------------------------------


def test_an_account_of_the_other_regions_pool_acts_as_whom_it_stands_for(
    table: InMemoryTable, clock: FakeClock, members: Members
) -> None:
    known = members.identify(person_claims())
    table.write(Put(stand_in_item("other", PERSON, clock())))

    assert members.identify(person_claims("other")) == known
    assert members.member("other") == known
    assert tenants(table) == [known.tenant]


def test_who_is_disabled_or_gone_has_nobody_to_stand_for_them(
    table: InMemoryTable, clock: FakeClock, members: Members
) -> None:
    members.identify(person_claims())
    table.write(Put(stand_in_item("other", PERSON, clock())))
    table.write(Update(keys.membership(PERSON), set={"status": "disabled"}))
    with pytest.raises(Forbidden, match="disabled"):
        members.identify(person_claims("other"))

    table.write(Delete(keys.membership(PERSON)))
    with pytest.raises(Forbidden, match="failover prepare"):
        members.identify(person_claims("other"))
    assert members.member("other") is None
    assert tenants(table) == ["tenant1"]


def test_nobody_stands_for_who_stands_for_another(
    table: InMemoryTable, clock: FakeClock, members: Members
) -> None:
    members.identify(person_claims())
    table.write(Put(stand_in_item("other", PERSON, clock())))
    table.write(Put(stand_in_item("third", "other", clock())))
    with pytest.raises(Forbidden, match="nobody's member"):
        members.identify(person_claims("third"))
    assert members.member("third") is None
