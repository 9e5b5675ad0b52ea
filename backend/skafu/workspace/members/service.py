"""What admins do with the members of their team."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from skafu.shared.clock import Clock
from skafu.shared.errors import Conflict, NotFound, PreconditionFailed, Unavailable
from skafu.shared.identity import Role
from skafu.shared.membership import Status
from skafu.shared.observability import logger
from skafu.shared.table import Check, ConditionFailed, Put
from skafu.workspace.members.accounts import Account, Accounts, AccountState
from skafu.workspace.members.inviting import Inviting, entry
from skafu.workspace.members.model import Caller, Invitation, Member
from skafu.workspace.members.store import MemberStore, Position, still_leads

TRIES = 5
FIRST: Position = {"after": "invitations"}  # where a page ends that had room for these alone
LOOKED_UP = 25  # accounts that one listing asks after; the next listing goes on
LAST_ADMIN = (
    "this is the only admin who can sign in: make somebody else an admin first, and have them "
    "sign in once"
)

CHANGING = "members are being changed at this very moment; try again"


class MemberService:
    """Members of a tenant. Every method raises NotFound for ids of other tenants."""

    def __init__(self, store: MemberStore, accounts: Accounts, clock: Clock) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock
        self._inviting = Inviting(store, accounts, clock)

    # --- reading ---

    def page(self, tenant: str, limit: int, after: Position) -> tuple[list[Member], Position]:
        """Up to `limit` members in the order of their ids; the first page begins with invitations
        whose making was broken off.
        """
        broken_off = self._store.invitations(tenant)[:limit] if after is None else []
        if len(broken_off) == limit:
            return broken_off, FIRST
        start = None if after == FIRST else after
        people, position = self._store.page(tenant, limit - len(broken_off), start)
        return broken_off + self._looked_up(tenant, people), position

    def _looked_up(self, tenant: str, people: Iterable[Member]) -> list[Member]:
        """The same, with what the accounts know better: addresses of people who registered by
        themselves, and who of those invited has signed in. It is stored, so it is asked once.
        """
        found = []
        left = LOOKED_UP
        for member in people:
            unknown = member.email is None or member.status is Status.INVITED
            if unknown and left:
                left -= 1
                try:
                    member = self._learnt(tenant, member)
                except (Unavailable, ConditionFailed):
                    # A list without addresses is better than none.
                    logger.warning("member not looked up", exc_info=True)
            found.append(member)
        return found

    def _learnt(self, tenant: str, member: Member) -> Member:
        """A member with what their account says, which is then stored."""
        known = _known(member, self._accounts.find(member.id))
        if known != member:
            self._store.note(tenant, known)
        return known

    # --- changing ---

    def invite(self, caller: Caller, invitation: Invitation) -> tuple[Member, bool]:
        """As `Inviting.invite`."""
        return self._inviting.invite(caller, invitation)

    def send_again(self, caller: Caller, member_id: str) -> Member:
        """Send an invitation again, or complete one that was broken off. Raises Conflict for who
        has signed in, or is disabled.
        """
        broken_off = self._store.invitation(caller.tenant, member_id)
        if broken_off is not None:
            email, name = str(broken_off.email), str(broken_off.name)
            return self.invite(caller, Invitation(email, name, broken_off.role))[0]
        member = self._present(caller.tenant, member_id)
        if member.status is not Status.INVITED:
            raise Conflict(f"this member is {member.status}: invitations are for who is invited")
        return self._inviting.send_again(caller, member)

    def change(
        self, caller: Caller, member_id: str, version: int, role: Role, status: Status
    ) -> Member:
        """Give a member who is at `version` a role, and let them act (ACTIVE) or not (DISABLED).

        Who is invited and may act stays invited. Raises PreconditionFailed at another version,
        Conflict for the last admin who can act.
        """
        for _ in range(TRIES):
            before = self._at(caller.tenant, member_id, version)
            after = replace(before, role=role, status=self._status(before, status))
            if after != before:
                after = replace(after, version=before.version + 1)
                if not self._replaced(caller, "change", before, after):
                    continue  # the member or the other admin has changed meanwhile: look again
            # Also where nothing is new: whoever asks again heals what was broken off here.
            if after.status is Status.DISABLED:
                self._accounts.disable(member_id)
            elif after == before:
                self._accounts.enable(member_id)
            return after
        raise Unavailable(CHANGING)

    def remove(self, caller: Caller, member_id: str, version: int | None) -> None:
        """Remove an invited or disabled member, and the account: who comes back is somebody new.

        Asking again completes a removal that was broken off. Raises Conflict for who is active.
        """
        broken_off = self._store.invitation(caller.tenant, member_id)
        if broken_off is not None:
            entries = [entry(caller, "delete", broken_off, None, self._clock())]
            self._forget(caller.tenant, member_id, entries)
            return
        self._mark_removed(caller, member_id, version)
        # Until now the membership refuses them; from now on there is nobody to sign in.
        self._accounts.delete(member_id)
        self._store.expire(member_id, self._clock())

    # --- parts ---

    def _mark_removed(self, caller: Caller, member_id: str, version: int | None) -> None:
        for _ in range(TRIES):
            before = self._store.get(caller.tenant, member_id)
            if before is not None and before.status is Status.REMOVED:
                return
            before = self._at(caller.tenant, member_id, version)
            if before.status is Status.ACTIVE:
                raise Conflict("this member is active: disable them first")
            after = replace(before, status=Status.REMOVED, version=before.version + 1)
            if self._replaced(caller, "delete", before, after):
                return
        raise Unavailable(CHANGING)

    def _forget(self, tenant: str, invitation_id: str, also: Sequence[Put]) -> None:
        try:
            self._store.forget(tenant, invitation_id, also)
        except ConditionFailed as error:
            raise NotFound("there is no such member") from error

    def _present(self, tenant: str, member_id: str) -> Member:
        """A member as they are now; who was invited and has signed in is active."""
        member = self._store.get(tenant, member_id)
        if member is None or member.status is Status.REMOVED:
            raise NotFound("there is no such member")
        return self._decisive(tenant, member)

    def _decisive(self, tenant: str, member: Member) -> Member:
        """Whether somebody has signed in decides who is left to lead: here it has to be known."""
        if member.status is not Status.INVITED:
            return member
        try:
            return self._learnt(tenant, member)
        except ConditionFailed as error:
            raise Unavailable(CHANGING) from error

    def _at(self, tenant: str, member_id: str, version: int | None) -> Member:
        if self._store.invitation(tenant, member_id) is not None:
            raise Conflict("this invitation was broken off: send it again first, or delete it")
        member = self._present(tenant, member_id)
        if version is not None and member.version != version:
            raise PreconditionFailed(
                f"the member is at version {member.version}: read them again before you change them"
            )
        return member

    def _status(self, before: Member, wanted: Status) -> Status:
        """What becomes of `wanted`. Whoever is enabled can sign in before the table says so: broken
        off in between, they are still refused.
        """
        if wanted is Status.DISABLED:
            return wanted
        if before.status is not Status.DISABLED:
            return before.status
        self._accounts.enable(before.id)
        account = self._accounts.find(before.id)
        waits = account is not None and account.state is AccountState.INVITED
        return Status.INVITED if waits else Status.ACTIVE

    def _replaced(self, caller: Caller, action: str, before: Member, after: Member) -> bool:
        """Whether the change is stored; False: something of what it rests on has changed."""
        checks: list[Check] = []
        if before.leads and not after.leads:
            checks.append(still_leads(caller.tenant, self._another_admin(caller.tenant, before)))
        shown = None if after.status is Status.REMOVED else after
        change = entry(caller, action, before, shown, self._clock())
        try:
            self._store.replace(caller.tenant, before, after, [*checks, change])
        except ConditionFailed:
            return False
        return True

    def _another_admin(self, tenant: str, besides: Member) -> Member:
        """An admin who can act and is somebody else. Raises Conflict when there is none."""
        for each in self._store.all(tenant):
            if each.id == besides.id or each.role is not Role.ADMIN:
                continue
            # The list is a moment old.
            now = self._store.get(tenant, each.id)
            if now is not None and self._decisive(tenant, now).leads:
                return now
        raise Conflict(LAST_ADMIN)


def _known(member: Member, account: Account | None) -> Member:
    """A member, and what their account says of them."""
    if account is None:
        return member
    signed_in = member.status is Status.INVITED and account.state is AccountState.ACTIVE
    return replace(
        member,
        email=member.email or account.email,
        name=member.name or account.name,
        status=Status.ACTIVE if signed_in else member.status,
    )
