"""A team with admins, editors and viewers in memory, and the services that admins use."""

from typing import Any

from skafu.shared import keys
from skafu.shared.audit import AuditReader, Change, Wanted
from skafu.shared.identity import Identity, Kind, Role
from skafu.shared.membership import Members, Profile
from skafu.shared.table import Query
from skafu.workspace.clients.service import ClientService
from skafu.workspace.clients.store import ClientStore
from skafu.workspace.conflicts import Transactions
from skafu.workspace.members.model import Caller, Member
from skafu.workspace.members.service import MemberService
from skafu.workspace.members.store import MemberStore
from tests.support.accounts import InMemoryAccounts
from tests.support.app_clients import InMemoryAppClients
from tests.support.breaking import Breaker
from tests.support.claims import machine_claims, person_claims
from tests.support.clocks import FakeClock
from tests.support.memory_table import InMemoryTable

TENANT = "acme"
ANN = "ann@example.com"


class Team:
    """`ann` is the subject of the team's first admin."""

    def __init__(self, table: InMemoryTable | None = None) -> None:
        self.table = InMemoryTable(page_size=3) if table is None else table
        self.clock = FakeClock()
        self.accounts = InMemoryAccounts()
        self.app_clients = InMemoryAppClients()
        self.ann = self.joined(ANN, Role.ADMIN)
        self.caller = Caller(TENANT, self.ann)
        self.members = self.service()
        self.clients = self.client_service()
        self._ids = 0

    def service(self, breaker: Breaker | None = None) -> MemberService:
        """Members as one process has them, which may die."""
        store = MemberStore(self._table(breaker), Transactions(self._table(breaker), _no_pause))
        accounts: Any = self.accounts if breaker is None else breaker.around(self.accounts)
        return MemberService(store, accounts, self.clock)

    def client_service(self, breaker: Breaker | None = None) -> ClientService:
        """Machine clients as one process has them, which may die."""
        store = ClientStore(self._table(breaker), Transactions(self._table(breaker), _no_pause))
        keeper: Any = self.app_clients if breaker is None else breaker.around(self.app_clients)
        return ClientService(store, keeper, self.clock, self._new_id)

    def _table(self, breaker: Breaker | None) -> Any:
        return self.table if breaker is None else breaker.around(self.table)

    def _new_id(self) -> str:
        self._ids += 1
        return f"id{self._ids}"

    def joined(self, email: str, role: Role, tenant: str = TENANT) -> str:
        """Somebody who has been a member for long; their subject."""
        account = self.accounts.put(email)
        profile = Profile(email, email.partition("@")[0])
        self.fresh().add_member(account.subject, Kind.PERSON, tenant, role, profile)
        return account.subject

    def fresh(self) -> Members:
        """Memberships as a function sees them that has just begun."""
        numbers = iter(range(1, 100))
        return Members(self.table, self.clock, lambda: f"own{next(numbers)}")

    def person(self, subject: str) -> Identity:
        """Who a person's token speaks of. Raises Forbidden."""
        return self.fresh().identify(person_claims(subject))

    def machine(self, client_id: str) -> Identity:
        """Who a machine's token speaks of. Raises Forbidden."""
        return self.fresh().identify(machine_claims(client_id))

    def listed(self, tenant: str = TENANT) -> list[Member]:
        """All members, as admins see them."""
        found, after = self.members.page(tenant, 100, None)
        while after is not None:
            more, after = self.members.page(tenant, 100, after)
            found += more
        return found

    def member(self, subject: str) -> Member:
        """One of them."""
        (found,) = [each for each in self.listed() if each.id == subject]
        return found

    def acting(self) -> set[str]:
        """The client ids of all machines that the table lets act."""
        index = keys.member_index(TENANT, "-").gsi1pk
        items = self.table.query_all(Query(index, index="GSI1"))
        return {str(item["gsi1sk"]) for item in items if item["kind"] == "machine"}

    def audited(self, kind: str) -> list[Change]:
        """What was written down of changes, oldest first."""
        found = AuditReader(self.table).page(TENANT, Wanted(kind=kind), 1_000, None).changes
        return list(reversed(found))


def _no_pause(_: int) -> None:
    """Conflicts of these tests are over at once."""
