"""How somebody becomes a member, in steps each of which leaves nobody in a tenant of their own.

1. The invitation is stored under the tenant.
2. An account is made that nobody is told of, or the one with this address is found.
3. The membership is stored by the account's subject; with it the invitation is complete.
4. Only now the mail leaves that lets them sign in.

Whoever dies in between leaves an invitation (1, 2) or a member without mail (3) in the list, and
asking again with the same address goes on from there.
"""

from collections.abc import Sequence
from dataclasses import replace

from skafu.shared import audit
from skafu.shared.clock import Clock
from skafu.shared.errors import Conflict, FieldError, Unavailable, Unprocessable
from skafu.shared.membership import Status
from skafu.shared.table import ConditionFailed, Put
from skafu.workspace.members.accounts import (
    Account,
    Accounts,
    AccountState,
    AddressRefused,
    AddressTaken,
    AlreadySignedIn,
)
from skafu.workspace.members.model import Caller, Invitation, Member
from skafu.workspace.members.store import MemberStore
from skafu.workspace.members.views import member_view

KIND = "member"
TRIES = 3
ELSEWHERE = "this address belongs to a member of another team"
UNCONFIRMED = (
    "somebody has begun to sign up with this address and has not confirmed it; once they have, "
    "invite them again"
)
LOCKED = "the account with this address is disabled in the user pool; its operator can enable it"
GONE = "the account of this invitation is gone: delete the member, then invite the address again"
SIGNED_IN = "they have signed in already; there is nothing left to send"


class Inviting:
    """The steps, and the first one that is not done yet."""

    def __init__(self, store: MemberStore, accounts: Accounts, clock: Clock) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock

    def invite(self, caller: Caller, invitation: Invitation) -> tuple[Member, bool]:
        """The member with this address, and whether this call has done something about it. Somebody
        who is a member already stays as they are.

        Raises Conflict for an address that belongs elsewhere or is not confirmed, and
        Unprocessable for one that no account can have.
        """
        for _ in range(TRIES):
            account = self._account(caller.tenant, invitation)
            if account is None:
                continue  # somebody is making or removing this account right now: look again
            member = self._store.get(caller.tenant, account.subject)
            if member is None:
                member = self._joined(caller, invitation, account)
                return self._mailed(caller.tenant, member), True
            # Another admin may have been quicker: of this invitation nothing is left to do.
            self._store.discard(caller.tenant, invitation.id)
            due = member.status is Status.INVITED and member.mailed is None
            return (self._mailed(caller.tenant, member) if due else member), due
        raise Unavailable("this address is being changed at this very moment; try again")

    def send_again(self, caller: Caller, member: Member) -> Member:
        """Send another mail, whose password takes the place of the one before.

        Raises Conflict for who has signed in.
        """
        again = entry(caller, "invite", member, member, self._clock())
        return self._mailed(caller.tenant, member, [again])

    def _account(self, tenant: str, invitation: Invitation) -> Account | None:
        """The account with this address, which is made if there is none; None: look again."""
        account = self._accounts.find(invitation.email)
        if account is None:
            self._store.intend(tenant, invitation, self._clock())
            return self._made(tenant, invitation)
        return None if self._is_left_over(account) else account

    def _made(self, tenant: str, invitation: Invitation) -> Account | None:
        try:
            return self._accounts.create(invitation.email, invitation.name)
        except AddressTaken:
            return None
        except AddressRefused as refusal:
            self._store.discard(tenant, invitation.id)
            wrong = FieldError("email", str(refusal))
            raise Unprocessable("this address cannot be invited", [wrong]) from refusal

    def _is_left_over(self, account: Account) -> bool:
        """Whether this is the account of somebody who was removed: then it is deleted now."""
        tenant = self._store.tenant_of(account.subject)
        found = None if tenant is None else self._store.get(tenant, account.subject)
        if found is None or found.status is not Status.REMOVED:
            return False
        self._accounts.delete(account.subject)
        return True

    def _refuse(self, tenant: str, invitation: Invitation, reason: str) -> Conflict:
        """An invitation that can come to nothing is not kept."""
        self._store.discard(tenant, invitation.id)
        return Conflict(reason)

    def _joined(self, caller: Caller, invitation: Invitation, account: Account) -> Member:
        tenant = caller.tenant
        if self._store.tenant_of(account.subject) is not None:
            raise self._refuse(tenant, invitation, ELSEWHERE)
        if account.state is AccountState.UNCONFIRMED:
            raise self._refuse(tenant, invitation, UNCONFIRMED)
        if not account.enabled:
            raise self._refuse(tenant, invitation, LOCKED)
        member = _member(invitation, account, self._clock())
        made = entry(caller, "invite", None, member, member.created)
        try:
            self._store.join(tenant, member, invitation.id, [made])
        except ConditionFailed as error:
            found = self._store.get(tenant, account.subject)
            if found is None or found.status is Status.REMOVED:
                raise self._refuse(tenant, invitation, ELSEWHERE) from error
            return found  # another admin has invited them at the same time
        return member

    def _mailed(self, tenant: str, member: Member, also: Sequence[Put] = ()) -> Member:
        if member.status is not Status.INVITED:
            return member
        account = self._accounts.find(member.id)
        if account is None or account.email is None:
            raise Conflict(GONE)
        if account.state is not AccountState.INVITED:
            return self._noted(tenant, replace(member, status=Status.ACTIVE), ())
        try:
            self._accounts.send_invitation(account.email)
        except AlreadySignedIn as error:
            raise Conflict(SIGNED_IN) from error
        return self._noted(tenant, replace(member, mailed=self._clock()), also)

    def _noted(self, tenant: str, member: Member, also: Sequence[Put]) -> Member:
        try:
            self._store.note(tenant, member, also)
        except ConditionFailed as error:
            raise Conflict("this member is being changed at this moment: look again") from error
        return member


def _member(invitation: Invitation, account: Account, now: int) -> Member:
    waits = account.state is AccountState.INVITED
    return Member(
        id=account.subject,
        email=invitation.email,
        # Who has an account already has said what they are called.
        name=invitation.name if waits else account.name or invitation.name,
        role=invitation.role,
        status=Status.INVITED if waits else Status.ACTIVE,
        created=now,
    )


def entry(caller: Caller, action: str, before: Member | None, after: Member | None, at: int) -> Put:
    """What the audit keeps of a change that makes `before` into `after`, one of which may be
    None.
    """
    member = after or before
    assert member is not None  # nosec B101: for the type checker; nothing never becomes nothing
    views = (None if each is None else member_view(each) for each in (before, after))
    return audit.entry(
        caller.tenant, audit.Change(caller.actor, at, action, KIND, member.id, *views)
    )
