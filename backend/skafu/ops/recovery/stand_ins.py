"""Accounts in the other region's user pool, for all who are members: so that they can sign in there
when their own pool is gone (docs/adr/0016-regions.md).

A user pool belongs to a region and nothing of it can be copied: neither `sub` nor client id, no
password, no secret. What can be had is somebody new in the other pool who *stands for* a member:
the table says so, and their rights are read where they always were. All is made from the table
alone, which the other region has too. Asking again makes what is missing and changes nothing else.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from skafu.canary import reserved
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.membership import stand_in_item
from skafu.shared.table import Put, Query, Table
from skafu.workspace.clients.app_clients import CognitoAppClients, Credentials
from skafu.workspace.clients.model import Client
from skafu.workspace.clients.store import ClientStore
from skafu.workspace.conflicts import Transactions
from skafu.workspace.members.accounts import Account, AccountState, AddressRefused, AddressTaken
from skafu.workspace.members.cognito import CognitoAccounts
from skafu.workspace.members.model import Member
from skafu.workspace.members.store import MemberStore
from skafu.workspace.pool import Pool

PAGE = 60
CLIENTS = 100


class Directory(Protocol):
    """The other region's pool."""

    def find(self, name: str) -> Account | None:
        """The account with this address or this subject."""

    def create(self, email: str, name: str) -> Account:
        """An account that nobody is told of. Raises AddressTaken and AddressRefused."""

    def confirm(self, email: str) -> None:
        """Give an account a password that nobody knows, so that its owner may ask for another."""

    def clients(self) -> dict[str, str]:
        """All app clients: labels by client ids."""

    def client(self, label: str, scopes: Iterable[str]) -> Credentials:
        """A new app client."""

    def secret(self, client_id: str) -> str:
        """What its machine signs in with."""


class CognitoDirectory:
    """A pool; `client` is a botocore client of cognito-idp."""

    def __init__(self, client: Any, pool: str) -> None:
        self._pool = Pool(client, pool)
        self._accounts = CognitoAccounts(self._pool)

    def find(self, name: str) -> Account | None:
        return self._accounts.find(name)

    def create(self, email: str, name: str) -> Account:
        return self._accounts.create(email, name)

    def confirm(self, email: str) -> None:
        # Cognito resets the password of nobody who has never had one of their own.
        password = f"{secrets.token_urlsafe(32)}aA1!"
        self._pool.call(
            "admin_set_user_password", Username=email, Password=password, Permanent=True
        )

    def clients(self) -> dict[str, str]:
        found: dict[str, str] = {}
        more: dict[str, str] = {}
        while True:
            answer = self._pool.call("list_user_pool_clients", MaxResults=PAGE, **more)
            found |= {each["ClientId"]: each["ClientName"] for each in answer["UserPoolClients"]}
            if not answer.get("NextToken"):
                return found
            more = {"NextToken": answer["NextToken"]}

    def client(self, label: str, scopes: Iterable[str]) -> Credentials:
        return CognitoAppClients(self._pool).create(label, list(scopes))

    def secret(self, client_id: str) -> str:
        found = self._pool.call("describe_user_pool_client", ClientId=client_id)
        return str(found["UserPoolClient"]["ClientSecret"])


@dataclass
class Prepared:
    """What came of it: how many members the pool has accounts for, how many of these are new, and
    who has none and why.
    """

    known: int = 0
    made: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.known} can sign in there, {self.made} of them as of now"


@dataclass(frozen=True)
class Stand:
    """A machine's credentials in the other region."""

    tenant: str
    name: str
    client_id: str
    secret: str


class StandIns:
    """The table, and the pool that is to stand in."""

    def __init__(self, table: Table, directory: Directory, clock: Clock) -> None:
        self._table = table
        self._directory = directory
        self._clock = clock

    def prepare(self, tell: Callable[[str], None]) -> Prepared:
        """Make what is missing for every tenant. What cannot be made is told and left out."""
        done, there = Prepared(), self._directory.clients()
        for tenant in self._tenants():
            for member in MemberStore(self._table, Transactions(self._table)).all(tenant):
                self._count(done, self._person(member, done))
            for machine in self._machines(tenant):
                self._count(done, self._machine(tenant, machine, there))
        for problem in done.problems:
            tell(f"  {problem}")
        return done

    def credentials(self, tenant: str) -> Iterator[Stand]:
        """What a tenant's machines sign in with in the other region."""
        there = self._directory.clients()
        for machine in self._machines(tenant):
            for client_id in _labelled(there, _label(tenant, machine)):
                yield Stand(tenant, machine.name, client_id, self._directory.secret(client_id))

    def _tenants(self) -> list[str]:
        found = [str(each["tenant"]) for each in self._table.query_all(Query(keys.TENANTS))]
        return [each for each in found if each != reserved.TENANT]

    def _machines(self, tenant: str) -> Iterator[Client]:
        store, after = ClientStore(self._table, Transactions(self._table)), None
        while True:
            page, after = store.page(tenant, CLIENTS, after)
            yield from (each for each in page if each.client_id and not each.deleted)
            if after is None:
                return

    @staticmethod
    def _count(done: Prepared, made: bool | None) -> None:
        done.known += made is not None
        done.made += made is True

    def _person(self, member: Member, done: Prepared) -> bool | None:
        """Whether an account was made or pointed at them now; None: they have none."""
        if self._directory.find(member.id) is not None:
            return False
        if member.email is None:
            done.problems.append(f"{member.id} has no address: list the members once, then again")
            return None
        account = self._directory.find(member.email)
        if account is None:
            try:
                account = self._directory.create(member.email, member.name or member.email)
            except (AddressTaken, AddressRefused) as error:
                done.problems.append(f"{member.id}: {error or 'the address is taken'}")
                return None
        if account.state is AccountState.UNCONFIRMED:
            # Whoever began to sign up may not own the address, and would keep the password.
            done.problems.append(f"{member.id}: somebody signed up there and never confirmed it")
            return None
        if account.state is AccountState.INVITED:
            self._directory.confirm(member.email)
        return self._point(account.subject, member.id, done)

    def _machine(self, tenant: str, machine: Client, there: dict[str, str]) -> bool | None:
        wanted = str(machine.client_id)
        if wanted in there:
            return False
        label = _label(tenant, machine)
        found = _labelled(there, label)
        if not found:
            made = self._directory.client(label, machine.scopes)
            there[made.client_id] = label
            found = [made.client_id]
        news = [self._point(each, wanted) for each in found]
        return any(news)

    def _point(self, subject: str, member: str, done: Prepared | None = None) -> bool | None:
        """Have the table say whom an account stands for; whether that is news."""
        item = self._table.get(keys.membership(subject), consistent=True)
        if item is not None and "stands_for" not in item:
            if done is not None:
                done.problems.append(f"{member}: {subject} is a member in their own right")
            return None
        if item is not None and item["stands_for"] == member:
            return False
        self._table.write(Put(stand_in_item(subject, member, self._clock())))
        return True


def _label(tenant: str, machine: Client) -> str:
    """As machine clients' own credentials are called (workspace/clients): they go together."""
    return f"{tenant}-{machine.id}"


def _labelled(there: dict[str, str], label: str) -> list[str]:
    return [client_id for client_id, name in there.items() if name == label]
