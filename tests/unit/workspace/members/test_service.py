"""Roles, disabling and enabling: an admin who can act is always left."""

from collections.abc import Sequence

import pytest

from skafu.shared import keys
from skafu.shared.errors import Conflict, Forbidden, NotFound, PreconditionFailed, Unavailable
from skafu.shared.identity import Identity, Kind, Role
from skafu.shared.membership import CACHE_MS, Profile, Status, membership_item
from skafu.shared.table import Check, Put, Write
from skafu.workspace.members.model import Caller, Invitation
from tests.support.breaking import Breaker, Broken
from tests.support.claims import person_claims
from tests.support.clocks import NOON
from tests.support.team import TENANT, Team

STEPS = 12  # more than any change has
CLEO = Invitation("cleo@example.com", "Cleo", Role.ADMIN)


@pytest.fixture(name="team")
def fixture_team() -> Team:
    return Team()


@pytest.fixture(name="bob")
def fixture_bob(team: Team) -> str:
    return team.joined("bob@example.com", Role.EDITOR)


# --- roles ----------------------------------------------------------------------------------------


def test_a_member_gets_another_role_and_that_is_written_down(team: Team, bob: str) -> None:
    changed = team.members.change(team.caller, bob, 1, Role.ADMIN, Status.ACTIVE)

    assert (changed.role, changed.version) == (Role.ADMIN, 2)
    assert team.person(bob).role is Role.ADMIN
    (change,) = team.audited("member")
    assert (change.actor, change.action, change.subject) == (team.ann, "change", bob)
    assert change.before is not None and change.after is not None
    assert (change.before["role"], change.after["role"]) == ("editor", "admin")


def test_a_change_means_one_version(team: Team, bob: str) -> None:
    team.members.change(team.caller, bob, 1, Role.VIEWER, Status.ACTIVE)

    with pytest.raises(PreconditionFailed, match="version 2"):
        team.members.change(team.caller, bob, 1, Role.ADMIN, Status.ACTIVE)
    assert team.members.change(team.caller, bob, 2, Role.ADMIN, Status.ACTIVE).version == 3


def test_two_changes_of_one_version_at_once_are_one(team: Team, bob: str) -> None:
    def get_in_between(_: Sequence[Write | Check]) -> None:
        team.table.before_write = lambda writes: None
        team.members.change(team.caller, bob, 1, Role.VIEWER, Status.ACTIVE)

    team.table.before_write = get_in_between

    with pytest.raises(PreconditionFailed):
        team.members.change(team.caller, bob, 1, Role.ADMIN, Status.ACTIVE)
    assert team.person(bob).role is Role.VIEWER


def test_a_change_of_nothing_is_no_version(team: Team, bob: str) -> None:
    same = team.members.change(team.caller, bob, 1, Role.EDITOR, Status.ACTIVE)

    assert same.version == 1
    assert not team.audited("member")


def test_members_of_other_teams_do_not_exist(team: Team) -> None:
    stranger = team.joined("stranger@example.com", Role.ADMIN, tenant="other")

    with pytest.raises(NotFound):
        team.members.change(team.caller, stranger, 1, Role.VIEWER, Status.ACTIVE)
    with pytest.raises(NotFound):
        team.members.remove(team.caller, stranger, None)
    with pytest.raises(NotFound):
        team.members.send_again(team.caller, stranger)
    assert stranger not in [each.id for each in team.listed()]


# --- the last admin -------------------------------------------------------------------------------


def test_the_last_admin_stays_one(team: Team, bob: str) -> None:
    for role, status in ((Role.VIEWER, Status.ACTIVE), (Role.ADMIN, Status.DISABLED)):
        with pytest.raises(Conflict, match="only admin"):
            team.members.change(team.caller, team.ann, 1, role, status)

    assert team.person(team.ann).role is Role.ADMIN
    assert not team.audited("member")
    assert team.person(bob)


def test_an_admin_may_step_down_where_another_one_is(team: Team, bob: str) -> None:
    team.members.change(team.caller, bob, 1, Role.ADMIN, Status.ACTIVE)

    team.members.change(team.caller, team.ann, 1, Role.VIEWER, Status.ACTIVE)

    assert team.person(team.ann).role is Role.VIEWER


def test_two_admins_who_demote_each_other_at_once_do_not_both_succeed(team: Team) -> None:
    bob = team.joined("bob@example.com", Role.ADMIN)

    def get_in_between(_: Sequence[Write | Check]) -> None:
        team.table.before_write = lambda writes: None
        team.members.change(Caller(TENANT, bob), team.ann, 1, Role.VIEWER, Status.ACTIVE)

    team.table.before_write = get_in_between

    with pytest.raises(Conflict, match="only admin"):
        team.members.change(team.caller, bob, 1, Role.VIEWER, Status.ACTIVE)

    assert [each.email for each in team.listed() if each.leads] == ["bob@example.com"]


def test_two_admins_who_disable_themselves_at_once_do_not_both_succeed(team: Team) -> None:
    bob = team.joined("bob@example.com", Role.ADMIN)

    def get_in_between(_: Sequence[Write | Check]) -> None:
        team.table.before_write = lambda writes: None
        team.members.change(Caller(TENANT, bob), bob, 1, Role.ADMIN, Status.DISABLED)

    team.table.before_write = get_in_between

    with pytest.raises(Conflict, match="only admin"):
        team.members.change(team.caller, team.ann, 1, Role.ADMIN, Status.DISABLED)

    assert [each.email for each in team.listed() if each.leads] == ["ann@example.com"]
    assert team.person(team.ann)


def test_who_is_only_invited_is_nobody_to_lead(team: Team) -> None:
    team.members.invite(team.caller, CLEO)

    with pytest.raises(Conflict, match="sign in once"):
        team.members.change(team.caller, team.ann, 1, Role.VIEWER, Status.ACTIVE)


def test_who_was_invited_and_has_signed_in_leads(team: Team) -> None:
    team.members.invite(team.caller, CLEO)
    cleo = team.accounts.sign_in(CLEO.email)

    team.members.change(team.caller, team.ann, 1, Role.VIEWER, Status.ACTIVE)
    with pytest.raises(Conflict, match="only admin"):
        team.members.change(Caller(TENANT, cleo), cleo, 1, Role.VIEWER, Status.ACTIVE)


def test_who_leads_is_decided_only_when_the_pool_answers(team: Team) -> None:
    cleo = team.members.invite(team.caller, CLEO)[0].id
    team.accounts.down = True

    with pytest.raises(Unavailable):
        team.members.change(team.caller, team.ann, 1, Role.VIEWER, Status.ACTIVE)
    with pytest.raises(Unavailable):
        team.members.change(team.caller, cleo, 1, Role.VIEWER, Status.ACTIVE)


def test_a_machine_and_a_disabled_admin_are_nobody_to_lead(team: Team) -> None:
    bob = team.joined("bob@example.com", Role.ADMIN)
    team.members.change(team.caller, bob, 1, Role.ADMIN, Status.DISABLED)

    with pytest.raises(Conflict, match="only admin"):
        team.members.change(team.caller, team.ann, 1, Role.EDITOR, Status.ACTIVE)


# --- disabling and enabling -----------------------------------------------------------------------


def test_who_is_disabled_is_refused_and_told_why_and_every_session_ends(
    team: Team, bob: str
) -> None:
    disabled = team.members.change(team.caller, bob, 1, Role.EDITOR, Status.DISABLED)

    assert disabled.status is Status.DISABLED
    assert team.member(bob).status is Status.DISABLED
    account = team.accounts.find(bob)
    assert account is not None and not account.enabled
    assert team.accounts.ended == [bob]
    with pytest.raises(Forbidden, match="an admin of your team"):
        team.person(bob)


def test_who_is_disabled_is_out_within_a_minute(team: Team, bob: str) -> None:
    function = team.fresh()
    function.identify(person_claims(bob))
    team.members.change(team.caller, bob, 1, Role.EDITOR, Status.DISABLED)

    team.clock.advance(CACHE_MS)

    with pytest.raises(Forbidden):
        function.identify(person_claims(bob))


def test_who_is_enabled_again_is_as_before(team: Team, bob: str) -> None:
    team.members.change(team.caller, bob, 1, Role.EDITOR, Status.DISABLED)

    enabled = team.members.change(team.caller, bob, 2, Role.EDITOR, Status.ACTIVE)

    assert (enabled.status, enabled.version) == (Status.ACTIVE, 3)
    assert team.accounts.sign_in("bob@example.com") == bob
    assert team.person(bob).role is Role.EDITOR


def test_who_is_listed_as_active_and_locked_in_the_pool_is_healed_by_asking_again(
    team: Team, bob: str
) -> None:
    team.accounts.disable(bob)

    team.members.change(team.caller, bob, 1, Role.EDITOR, Status.ACTIVE)

    assert team.accounts.sign_in("bob@example.com") == bob


def test_who_never_signed_in_is_invited_again_after_being_disabled(team: Team) -> None:
    cleo = team.members.invite(team.caller, CLEO)[0].id
    team.members.change(team.caller, cleo, 1, Role.VIEWER, Status.DISABLED)

    enabled = team.members.change(team.caller, cleo, 2, Role.VIEWER, Status.ACTIVE)

    assert enabled.status is Status.INVITED


def test_an_invited_member_gets_another_role_and_stays_invited(team: Team) -> None:
    cleo = team.members.invite(team.caller, CLEO)[0].id

    changed = team.members.change(team.caller, cleo, 1, Role.VIEWER, Status.ACTIVE)

    assert (changed.role, changed.status) == (Role.VIEWER, Status.INVITED)


@pytest.mark.parametrize("at", range(1, STEPS))
def test_disabling_that_breaks_off_is_completed_by_asking_again(
    team: Team, bob: str, at: int
) -> None:
    try:
        team.service(Breaker(at)).change(team.caller, bob, 1, Role.EDITOR, Status.DISABLED)
    except Broken:
        pass
    account = team.accounts.find(bob)
    assert account is not None
    if not account.enabled:
        with pytest.raises(Forbidden):
            team.person(bob)

    version = team.member(bob).version
    team.members.change(team.caller, bob, version, Role.EDITOR, Status.DISABLED)

    account = team.accounts.find(bob)
    assert account is not None and not account.enabled
    assert len(team.audited("member")) == 1


@pytest.mark.parametrize("at", range(1, STEPS))
def test_enabling_that_breaks_off_is_completed_by_asking_again(
    team: Team, bob: str, at: int
) -> None:
    team.members.change(team.caller, bob, 1, Role.EDITOR, Status.DISABLED)
    try:
        team.service(Breaker(at)).change(team.caller, bob, 2, Role.EDITOR, Status.ACTIVE)
    except Broken:
        pass

    version = team.member(bob).version
    team.members.change(team.caller, bob, version, Role.EDITOR, Status.ACTIVE)

    assert team.accounts.sign_in("bob@example.com") == bob
    assert team.person(bob)
    assert len(team.audited("member")) == 2


# --- lists ----------------------------------------------------------------------------------------


def test_people_are_listed_page_by_page_without_machines(team: Team) -> None:
    people = {team.ann, *(team.joined(f"p{n}@example.com", Role.VIEWER) for n in range(7))}
    for number in range(5):
        team.table.write(machine_of(number))

    seen: list[str] = []
    position = None
    while True:
        found, position = team.members.page(TENANT, 3, position)
        assert len(found) <= 3
        seen += [each.id for each in found]
        if position is None:
            break

    assert sorted(seen) == sorted(people)


def machine_of(number: int) -> Write:
    machine = Identity(f"sub-{number}m", Kind.MACHINE, TENANT, Role.EDITOR)
    return Put(membership_item(machine, NOON, Profile(name="bot")))


def test_invitations_that_broke_off_come_first_and_no_page_is_too_long(team: Team) -> None:
    for number in range(2):
        invitation = Invitation(f"c{number}@example.com", "C", Role.VIEWER)
        with pytest.raises(Broken):
            team.service(Breaker(at=2)).invite(team.caller, invitation)

    found, position = team.members.page(TENANT, 2, None)
    assert [each.pending for each in found] == [True, True]
    found, position = team.members.page(TENANT, 2, position)
    assert [each.id for each in found] == [team.ann]


def test_addresses_of_who_registered_alone_are_learnt_when_they_are_listed(team: Team) -> None:
    alone = team.accounts.put("dan@example.com", "Dan").subject
    own = team.person(alone).tenant

    (dan,) = team.listed(own)

    assert (dan.email, dan.name, dan.version) == ("dan@example.com", "Dan", 1)
    assert team.fresh().profile(alone) == Profile("dan@example.com", "Dan")
    team.accounts.down = True
    assert team.listed(own) == [dan]


def test_a_list_is_better_than_none_when_the_pool_is_down(team: Team) -> None:
    alone = team.accounts.put("dan@example.com").subject
    own = team.person(alone).tenant
    team.accounts.down = True

    assert [each.email for each in team.listed(own)] == [None]


# --- removing -------------------------------------------------------------------------------------


def test_an_active_member_is_not_removed(team: Team, bob: str) -> None:
    with pytest.raises(Conflict, match="disable"):
        team.members.remove(team.caller, bob, None)
    assert team.person(bob)


def test_a_disabled_member_is_removed_with_the_account(team: Team, bob: str) -> None:
    team.members.change(team.caller, bob, 1, Role.EDITOR, Status.DISABLED)
    team.clock.advance(1)
    with pytest.raises(PreconditionFailed):
        team.members.remove(team.caller, bob, 1)

    team.members.remove(team.caller, bob, 2)

    assert bob not in [each.id for each in team.listed()]
    assert team.accounts.find(bob) is None
    changes = team.audited("member")
    assert [each.action for each in changes] == ["change", "delete"]
    assert changes[-1].after is None and changes[-1].before is not None


def test_who_was_removed_is_no_member_to_change_or_to_mail(team: Team, bob: str) -> None:
    team.members.change(team.caller, bob, 1, Role.EDITOR, Status.DISABLED)
    team.members.remove(team.caller, bob, None)

    with pytest.raises(NotFound):
        team.members.change(team.caller, bob, 3, Role.ADMIN, Status.ACTIVE)
    with pytest.raises(NotFound):
        team.members.send_again(team.caller, bob)


def test_an_old_token_of_who_was_removed_makes_no_tenant(team: Team, bob: str) -> None:
    team.members.change(team.caller, bob, 1, Role.EDITOR, Status.DISABLED)
    team.members.remove(team.caller, bob, None)

    with pytest.raises(Forbidden, match="no longer a member"):
        team.person(bob)
    stored = team.table.get(keys.membership(bob))
    assert stored is not None
    assert int(stored["ttl"]) > NOON // 1000 + 86_400
    assert not {"email", "name", "gsi1pk"} & set(stored)
    assert team.fresh().member(bob) is None
    assert not team.fresh().among(TENANT, [bob])


def test_an_invitation_is_taken_back_with_its_account(team: Team) -> None:
    cleo = team.members.invite(team.caller, CLEO)[0].id

    team.members.remove(team.caller, cleo, None)

    assert team.accounts.find(CLEO.email) is None
    assert len(team.listed()) == 1


def test_who_signed_in_meanwhile_is_not_removed_as_an_invitation(team: Team) -> None:
    cleo = team.members.invite(team.caller, CLEO)[0].id
    team.accounts.sign_in(CLEO.email)

    with pytest.raises(Conflict, match="active"):
        team.members.remove(team.caller, cleo, None)
    assert team.person(cleo)


def test_an_invitation_that_broke_off_is_deleted(team: Team) -> None:
    with pytest.raises(Broken):
        team.service(Breaker(at=2)).invite(team.caller, CLEO)
    (pending,) = [each for each in team.listed() if each.pending]
    with pytest.raises(Conflict, match="broken off"):
        team.members.change(team.caller, pending.id, 1, Role.VIEWER, Status.ACTIVE)

    team.members.remove(team.caller, pending.id, None)

    assert len(team.listed()) == 1
    assert [each.action for each in team.audited("member")] == ["delete"]
    with pytest.raises(NotFound):
        team.members.remove(team.caller, pending.id, None)


@pytest.mark.parametrize("at", range(1, STEPS))
def test_removing_that_breaks_off_lets_nobody_in_and_is_completed_by_asking_again(
    team: Team, bob: str, at: int
) -> None:
    team.members.change(team.caller, bob, 1, Role.EDITOR, Status.DISABLED)
    team.clock.advance(1)
    try:
        team.service(Breaker(at)).remove(team.caller, bob, None)
    except Broken:
        pass
    with pytest.raises(Forbidden):
        team.person(bob)

    team.members.remove(team.caller, bob, None)

    assert team.accounts.find(bob) is None
    stored = team.table.get(keys.membership(bob))
    assert stored is not None and "ttl" in stored
    assert [each.action for each in team.audited("member")] == ["change", "delete"]


@pytest.mark.parametrize("at", range(1, STEPS))
def test_who_was_removed_can_be_invited_as_somebody_new(team: Team, bob: str, at: int) -> None:
    team.members.change(team.caller, bob, 1, Role.EDITOR, Status.DISABLED)
    team.clock.advance(1)
    try:
        team.service(Breaker(at)).remove(team.caller, bob, None)
    except Broken:
        pass
    if bob in [each.id for each in team.listed()]:
        return  # nothing was done yet

    again = Invitation("bob@example.com", "Bob", Role.VIEWER)
    member, _ = team.members.invite(team.caller, again)

    assert member.id != bob
    assert team.person(team.accounts.sign_in("bob@example.com")).tenant == TENANT
