"""Machine clients in the table: a record that admins see, a membership for each of its credentials,
and how many records there are. What a write's condition refuses is a ConditionFailed.
"""

import json
from collections.abc import Mapping, Sequence

from skafu.shared import keys
from skafu.shared.errors import QuotaExceeded
from skafu.shared.identity import Identity, Kind, Role
from skafu.shared.membership import Profile, membership_item
from skafu.shared.quotas import MACHINE_CLIENTS
from skafu.shared.table import (
    Absent,
    AllOf,
    AnyOf,
    Below,
    ConditionFailed,
    Delete,
    Equals,
    Item,
    Missing,
    Put,
    Query,
    Table,
    Update,
    Value,
    Write,
)
from skafu.workspace.clients.model import Client, Earlier
from skafu.workspace.conflicts import Transactions

type Position = Mapping[str, str] | None

QUOTA = "machine_clients"
REPLACED_S = 2 * 86_400
"""So long the membership of replaced credentials is kept: no access token lives longer than a day,
and until they expire their owners should be told why they are refused.
"""


class ClientStore:
    """Records of a tenant's machine clients."""

    def __init__(self, table: Table, transactions: Transactions) -> None:
        self._table = table
        self._transactions = transactions

    # --- reads ---

    def get(self, tenant: str, client_id: str) -> Client | None:
        """A record as it is stored now, also of one that is being deleted."""
        item = self._table.get(keys.machine_client(tenant, client_id), consistent=True)
        return None if item is None else _client(item)

    def page(self, tenant: str, limit: int, after: Position) -> tuple[list[Client], Position]:
        """Up to `limit` records in the order of their ids, also of those being deleted."""
        query = Query(keys.machine_clients(tenant), limit=limit, after=after)
        page = self._table.query(query)
        return [_client(item) for item in page.items], page.after

    def limit(self, tenant: str) -> int:
        """How many clients a tenant may have."""
        settings = self._table.get(keys.tenant_settings(tenant)) or {}
        return int(settings.get(QUOTA, MACHINE_CLIENTS))

    # --- writes ---

    def create(self, tenant: str, client: Client) -> None:
        """Store a new record. Raises QuotaExceeded when the tenant has as many as it may."""
        most = self.limit(tenant)
        room = Below("count", most)
        counted = Update(
            keys.machine_client_count(tenant),
            set={"k": "count"},
            add={"count": 1},
            when=AnyOf((Missing("count"), room)) if most else room,
        )
        try:
            self._transactions.run([Put(_item(tenant, client), Absent()), counted])
        except ConditionFailed as error:
            raise QuotaExceeded(
                f"the quota {QUOTA} is {most}: delete a client that nothing uses any more",
                extra={"quota": QUOTA, "limit": most, "used": most},
            ) from error

    def replace(self, tenant: str, before: Client, after: Client, also: Sequence[Write]) -> None:
        """Make `before` into `after`, whose version is the next one, with the memberships of their
        credentials: what `after` has for the first time comes to be, what it has no more ends, and
        what has become earlier ends when it says.
        """
        writes: list[Write] = [Put(_item(tenant, after), _at(before))]
        kept = () if after.deleted else after.credentials
        writes += [Delete(keys.membership(x)) for x in before.credentials if x not in kept]
        if after.client_id is not None and after.client_id not in before.credentials:
            writes.append(Put(_membership(tenant, after, after.client_id), Absent()))
        writes += [_ending(tenant, x) for x in after.earlier if x.client_id == before.client_id]
        self._transactions.run([*writes, *also])

    def drop(self, tenant: str, client: Client, also: Sequence[Write] = ()) -> None:
        """Remove a record that nothing can act for, and count it no more."""
        self._transactions.run(
            [
                Delete(keys.machine_client(tenant, client.id), _at(client)),
                Update(keys.machine_client_count(tenant), add={"count": -1}),
                *also,
            ]
        )

    def retire(self, tenant: str, before: Client, after: Client) -> None:
        """Note which earlier credentials are left. This is nobody's change, and no version."""
        key = keys.machine_client(tenant, before.id)
        left: dict[str, Value] = {"earlier": _earlier_text(after)}
        self._transactions.run([Update(key, set=left, when=_at(before))])

    def adopt(self, tenant: str, client: Client) -> bool:
        """Give a record to a membership that has none: a machine that an operator made. Whether it
        had none. It counts, but no quota keeps an operator from it.
        """
        if client.client_id is None:
            raise ValueError("only credentials that exist can be adopted")
        key = keys.membership(client.client_id)
        mine = AllOf((Equals("tenant", tenant), Missing("client")))
        named: dict[str, Value] = {"client": client.id, "name": client.name}
        counted = Update(keys.machine_client_count(tenant), set={"k": "count"}, add={"count": 1})
        try:
            self._transactions.run(
                [
                    Update(key, set=named, when=mine),
                    Put(_item(tenant, client), Absent()),
                    counted,
                ]
            )
        except ConditionFailed:
            return False
        return True


def _at(client: Client) -> AllOf:
    return AllOf((Equals("version", client.version), Equals("deleted", client.deleted)))


def _ending(tenant: str, earlier: Earlier) -> Update:
    end = earlier.until // 1000 + REPLACED_S
    change: dict[str, Value] = {"until": earlier.until, "ttl": end}
    return Update(keys.membership(earlier.client_id), set=change, when=Equals("tenant", tenant))


def _earlier_text(client: Client) -> str:
    return json.dumps([[each.client_id, each.until] for each in client.earlier])


def _membership(tenant: str, client: Client, client_id: str) -> Item:
    identity = Identity(client_id, Kind.MACHINE, tenant, client.role)
    created = client.rotated_at or client.created
    return membership_item(identity, created, Profile(name=client.name), client=client.id)


def _item(tenant: str, client: Client) -> Item:
    known: dict[str, Value | None] = {
        "client_id": client.client_id,
        "rotated_at": client.rotated_at,
    }
    return {
        **keys.machine_client(tenant, client.id)._asdict(),
        "k": "client",
        "name": client.name,
        "role": client.role.label,
        "scopes": " ".join(client.scopes),
        "created": client.created,
        "version": client.version,
        "deleted": client.deleted,
        "earlier": _earlier_text(client),
        **{name: value for name, value in known.items() if value is not None},
    }


def _client(item: Item) -> Client:
    return Client(
        id=str(item["sk"]),
        name=str(item["name"]),
        role=Role[str(item["role"]).upper()],
        scopes=tuple(str(item["scopes"]).split()),
        created=int(item["created"]),
        version=int(item["version"]),
        client_id=_text(item, "client_id"),
        rotated_at=_number(item, "rotated_at"),
        earlier=tuple(Earlier(*each) for each in json.loads(str(item["earlier"]))),
        deleted=item["deleted"] is True,
    )


def _text(item: Item, name: str) -> str | None:
    found = item.get(name)
    return found if isinstance(found, str) else None


def _number(item: Item, name: str) -> int | None:
    found = item.get(name)
    return found if isinstance(found, int) else None
