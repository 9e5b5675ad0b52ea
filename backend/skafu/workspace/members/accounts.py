"""Accounts that people sign in with, as members need them: a port. The adapter is in cognito.py."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class AccountState(StrEnum):
    """INVITED: made for somebody who has not signed in yet. UNCONFIRMED: begun by somebody who has
    not shown that the address is theirs.
    """

    INVITED = "invited"
    UNCONFIRMED = "unconfirmed"
    ACTIVE = "active"


@dataclass(frozen=True)
class Account:
    """Who can sign in; `subject` is the `sub` of their tokens, and nobody else's ever again."""

    subject: str
    email: str | None
    name: str | None
    state: AccountState
    enabled: bool = True


class AddressTaken(Exception):
    """There is an account with this address already."""


class AddressRefused(Exception):
    """No account can have this address; the message says why."""


class AlreadySignedIn(Exception):
    """Whoever has signed in cannot be invited to."""


class Accounts(Protocol):
    """Every method raises Unavailable when the accounts cannot be reached."""

    def find(self, name: str) -> Account | None:
        """The account with this address (in any case) or this subject."""

    def create(self, email: str, name: str) -> Account:
        """An account that nobody is told of yet: no mail is sent, and nobody knows its password.

        Raises AddressTaken and AddressRefused.
        """

    def send_invitation(self, email: str) -> None:
        """Send mail with a new temporary password, good for seven days; an earlier one is void.

        Raises AlreadySignedIn.
        """

    def disable(self, subject: str) -> None:
        """End every session, and let no new one begin. An account that is gone stays so."""

    def enable(self, subject: str) -> None:
        """Let them sign in again. An account that is gone stays so."""

    def delete(self, subject: str) -> None:
        """Remove an account; one that is gone already is fine."""
