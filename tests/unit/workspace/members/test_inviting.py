"""Inviting, step by step: whoever dies in between, nobody ends up in a tenant of their own."""

from collections.abc import Sequence

import pytest

from skafu.shared import keys
from skafu.shared.errors import Conflict, Unavailable, Unprocessable
from skafu.shared.identity import Kind, Role
from skafu.shared.membership import Status
from skafu.shared.table import Check, Query, Write
from skafu.workspace.members.accounts import AccountState
from skafu.workspace.members.model import Caller, Invitation
from tests.support.breaking import Breaker, Broken
from tests.support.clocks import NOON
from tests.support.team import TENANT, Team

CLEO = Invitation("cleo@example.com", "Cleo", Role.EDITOR)
STEPS = 12  # more than inviting has


@pytest.fixture(name="team")
def fixture_team() -> Team:
    return Team()


def invitations(team: Team, tenant: str = TENANT) -> list[str]:
    return [str(x["email"]) for x in team.table.query_all(Query(keys.invitations(tenant)))]


def test_who_is_invited_is_mailed_and_comes_into_the_team(team: Team) -> None:
    member, is_news = team.members.invite(team.caller, CLEO)

    assert is_news
    assert (member.email, member.name) == ("cleo@example.com", "Cleo")
    assert (member.role, member.status) == (Role.EDITOR, Status.INVITED)
    assert (member.created, member.version) == (NOON, 1)
    assert team.accounts.mails == ["cleo@example.com"]
    assert not invitations(team)

    identity = team.person(team.accounts.sign_in("cleo@example.com"))
    assert (identity.tenant, identity.role) == (TENANT, Role.EDITOR)
    assert identity.subject == member.id


def test_who_has_signed_in_is_active(team: Team) -> None:
    member, _ = team.members.invite(team.caller, CLEO)
    assert team.member(member.id).status is Status.INVITED

    team.accounts.sign_in("cleo@example.com")

    assert team.member(member.id).status is Status.ACTIVE
    stored = team.table.get(keys.membership(member.id))
    assert stored is not None and "status" not in stored


def test_an_invitation_is_written_down_without_secrets(team: Team) -> None:
    member, _ = team.members.invite(team.caller, CLEO)

    (change,) = team.audited("member")
    assert (change.actor, change.action, change.subject) == (team.ann, "invite", member.id)
    assert change.before is None
    assert change.after == {
        "id": member.id,
        "email": "cleo@example.com",
        "name": "Cleo",
        "kind": "person",
        "role": "editor",
        "status": "invited",
        "created": NOON,
        "version": 1,
    }


@pytest.mark.parametrize("at", range(1, STEPS))
def test_a_process_that_dies_after_any_step_leaves_what_asking_again_completes(
    team: Team, at: int
) -> None:
    breaker = Breaker(at)
    try:
        team.service(breaker).invite(team.caller, CLEO)
    except Broken:
        pass

    account = team.accounts.find(CLEO.email)
    if account is not None:
        assert CLEO.email in [each.email for each in team.listed()], "an account that nobody lists"
    if team.accounts.mails:
        assert team.person(team.accounts.sign_in(CLEO.email)).tenant == TENANT

    team.members.invite(team.caller, CLEO)

    assert team.person(team.accounts.sign_in(CLEO.email)).tenant == TENANT
    assert not invitations(team)
    assert [each.email for each in team.listed()].count(CLEO.email) == 1
    assert 1 <= len(team.accounts.mails) <= 2
    assert len(team.audited("member")) == 1


def test_the_steps_are_all_tried() -> None:
    breaker = Breaker()
    team = Team()
    team.service(breaker).invite(team.caller, CLEO)

    assert 6 < breaker.calls < STEPS


def test_the_mail_is_the_last_thing_that_happens(team: Team) -> None:
    def look(writes: Sequence[Write | Check]) -> None:
        assert not team.accounts.mails or len(writes) == 1

    team.table.before_write = look
    team.members.invite(team.caller, CLEO)

    assert team.accounts.mails


def test_asking_again_changes_nothing_and_mails_nobody(team: Team) -> None:
    first, _ = team.members.invite(team.caller, CLEO)

    again = Invitation(CLEO.email, "Somebody else", Role.ADMIN)
    member, is_news = team.members.invite(team.caller, again)

    assert (member, is_news) == (first, False)
    assert team.accounts.mails == [CLEO.email]
    assert len(team.audited("member")) == 1


def test_an_address_of_another_team_is_refused_and_nothing_is_kept(team: Team) -> None:
    team.joined(CLEO.email, Role.VIEWER, tenant="other")

    with pytest.raises(Conflict, match="another team"):
        team.members.invite(team.caller, CLEO)

    assert not invitations(team)
    assert [each.email for each in team.listed()] == ["ann@example.com"]
    assert not team.accounts.mails


def test_two_teams_that_invite_somebody_at_once_do_not_both_have_them(team: Team) -> None:
    rival = Caller("other", "sub-of-another-admin")

    def get_in_between(_: Sequence[Write | Check]) -> None:
        team.table.before_write = lambda writes: None
        team.members.invite(rival, CLEO)

    team.table.before_write = get_in_between

    with pytest.raises(Conflict):
        team.members.invite(team.caller, CLEO)

    assert team.person(team.accounts.sign_in(CLEO.email)).tenant == "other"
    assert not invitations(team) and not invitations(team, "other")


def test_two_admins_who_invite_somebody_at_once_make_one_member(team: Team) -> None:
    def get_in_between(_: Sequence[Write | Check]) -> None:
        team.table.before_write = lambda writes: None
        team.members.invite(team.caller, CLEO)

    team.table.before_write = get_in_between
    member, _ = team.members.invite(team.caller, CLEO)

    assert [each.id for each in team.listed() if each.email == CLEO.email] == [member.id]
    assert len(team.audited("member")) == 1


def test_who_has_an_account_and_no_team_comes_in_without_a_mail(team: Team) -> None:
    account = team.accounts.put(CLEO.email, "Cleopatra")

    member, is_news = team.members.invite(team.caller, CLEO)

    assert is_news
    assert (member.id, member.name) == (account.subject, "Cleopatra")
    assert member.status is Status.ACTIVE
    assert not team.accounts.mails
    assert team.person(account.subject).tenant == TENANT


def test_who_has_only_begun_to_sign_up_is_not_let_in(team: Team) -> None:
    team.accounts.put(CLEO.email, "Mallory", AccountState.UNCONFIRMED)

    with pytest.raises(Conflict, match="not confirmed"):
        team.members.invite(team.caller, CLEO)

    assert len(team.listed()) == 1


def test_an_account_that_operators_locked_is_not_let_in(team: Team) -> None:
    team.accounts.disable(team.accounts.put(CLEO.email).subject)

    with pytest.raises(Conflict, match="disabled"):
        team.members.invite(team.caller, CLEO)


def test_an_address_that_no_account_can_have_is_told_by_its_field(team: Team) -> None:
    with pytest.raises(Unprocessable) as refusal:
        team.members.invite(team.caller, Invitation("nowhere", "Nobody", Role.VIEWER))

    assert [each.field for each in refusal.value.errors] == ["email"]
    assert not invitations(team)


def test_a_pool_that_is_down_keeps_the_invitation_for_the_next_try(team: Team) -> None:
    team.accounts.down = True
    with pytest.raises(Unavailable):
        team.members.invite(team.caller, CLEO)

    team.accounts.down = False
    team.members.invite(team.caller, CLEO)

    assert team.accounts.mails == [CLEO.email]


def test_an_invitation_is_sent_again_and_that_is_written_down(team: Team) -> None:
    member, _ = team.members.invite(team.caller, CLEO)
    team.clock.advance(1)

    sent = team.members.send_again(team.caller, member.id)

    assert sent.mailed == NOON + 1
    assert team.accounts.mails == [CLEO.email, CLEO.email]
    assert [each.action for each in team.audited("member")] == ["invite", "invite"]


def test_an_invitation_that_was_broken_off_is_completed_by_sending_it(team: Team) -> None:
    with pytest.raises(Broken):
        team.service(Breaker(at=2)).invite(team.caller, CLEO)
    (pending,) = [each for each in team.listed() if each.pending]

    sent = team.members.send_again(team.caller, pending.id)

    assert sent.id != pending.id and sent.role is Role.EDITOR
    assert team.accounts.mails == [CLEO.email]
    assert not [each for each in team.listed() if each.pending]


def test_who_has_signed_in_is_sent_nothing(team: Team) -> None:
    member, _ = team.members.invite(team.caller, CLEO)
    team.accounts.sign_in(CLEO.email)

    with pytest.raises(Conflict, match="active"):
        team.members.send_again(team.caller, member.id)
    with pytest.raises(Conflict):
        team.members.send_again(team.caller, team.ann)

    assert len(team.accounts.mails) == 1


def test_an_invitation_whose_account_is_gone_says_what_to_do(team: Team) -> None:
    member, _ = team.members.invite(team.caller, CLEO)
    team.accounts.delete(member.id)

    with pytest.raises(Conflict, match="delete the member"):
        team.members.send_again(team.caller, member.id)


def test_who_registered_alone_keeps_their_own_team(team: Team) -> None:
    alone = team.accounts.put("dan@example.com").subject
    own = team.person(alone)
    assert own.kind is Kind.PERSON and own.tenant != TENANT

    with pytest.raises(Conflict):
        team.members.invite(team.caller, Invitation("dan@example.com", "Dan", Role.VIEWER))
