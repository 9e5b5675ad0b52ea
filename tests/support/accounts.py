"""Accounts in memory: the port of workspace/members/accounts.py. Kept honest by tests/contract."""

from dataclasses import replace
from itertools import count

from skafu.shared.errors import Unavailable
from skafu.workspace.members.accounts import (
    Account,
    AccountState,
    AddressRefused,
    AddressTaken,
    AlreadySignedIn,
)


class InMemoryAccounts:
    """`mails` are the addresses that invitations went to; `ended` whose sessions were ended."""

    def __init__(self) -> None:
        self.known: dict[str, Account] = {}
        self.mails: list[str] = []
        self.ended: list[str] = []
        self.down = False
        self._numbers = count(1)

    # --- the port ---

    def find(self, name: str) -> Account | None:
        self._reach()
        wanted = name.lower()
        for account in self.known.values():
            if wanted in (account.subject, account.email):
                return account
        return None

    def create(self, email: str, name: str) -> Account:
        if self.find(email):
            raise AddressTaken
        if "@" not in email:
            raise AddressRefused("Username should be an email.")
        return self.put(email, name, AccountState.INVITED)

    def send_invitation(self, email: str) -> None:
        account = self.find(email)
        assert account is not None, "nobody is mailed who has no account"
        if account.state is not AccountState.INVITED:
            raise AlreadySignedIn
        self.mails.append(email)

    def disable(self, subject: str) -> None:
        self._change(subject, enabled=False)
        self.ended.append(subject)

    def enable(self, subject: str) -> None:
        self._change(subject, enabled=True)

    def delete(self, subject: str) -> None:
        self._reach()
        self.known.pop(subject, None)

    # --- what people and operators do ---

    def put(
        self, email: str, name: str | None = None, state: AccountState = AccountState.ACTIVE
    ) -> Account:
        """Somebody who registers, or is put there by an operator."""
        account = Account(f"sub-{next(self._numbers)}", email.lower(), name, state)
        self.known[account.subject] = account
        return account

    def sign_in(self, email: str) -> str:
        """Somebody signs in: with the password of a mail, or their own. Their subject."""
        account = self.find(email)
        assert account is not None and account.enabled, "nobody without account signs in"
        assert account.state is AccountState.ACTIVE or email in self.mails, "nobody told them how"
        self.known[account.subject] = replace(account, state=AccountState.ACTIVE)
        return account.subject

    def _change(self, subject: str, *, enabled: bool) -> None:
        self._reach()
        if subject in self.known:
            self.known[subject] = replace(self.known[subject], enabled=enabled)

    def _reach(self) -> None:
        if self.down:
            raise Unavailable("the user pool is not answering; try again")
