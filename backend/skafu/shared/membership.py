"""Which tenant a verified identity belongs to, and the making of tenants and memberships.

Claims are those of a Cognito *access token*, which carries no attributes: nothing but `sub` and
`client_id` is read. Invitations (DESIGN 6) will be looked for in `Members.identify`, between "no
membership" and "a tenant of their own"; there are none yet.
"""

from collections.abc import Iterable, Mapping

from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import Conflict, Forbidden, Unauthenticated, Unavailable
from skafu.shared.identity import Identity, Kind, NewId, Role
from skafu.shared.table import (
    Absent,
    ConditionFailed,
    Item,
    Put,
    Table,
    TransactionConflict,
    Value,
)

CACHE_MS = 60_000
CACHE_SIZE = 10_000
TRIES = 3


class Members:
    """Memberships in the table, the found ones remembered for a minute: a changed role or a removed
    member may still act for that long. Absence is never remembered.
    """

    def __init__(self, table: Table, clock: Clock, new_id: NewId) -> None:
        self._table = table
        self._clock = clock
        self._new_id = new_id
        self._cache: dict[str, tuple[int, Identity]] = {}

    def identify(self, claims: Mapping[str, object]) -> Identity:
        """Who the verified claims speak of.

        A machine's token has its `client_id` as `sub`. A person without membership gets a tenant of
        their own, as its admin. Raises Unauthenticated when the claims are not an access token's,
        Forbidden for a machine without membership.
        """
        subject, kind = _subject(claims)
        known = self._cache.get(subject)
        if known is not None and self._clock() < known[0]:
            return known[1]
        identity = self._find(subject)
        if identity is None and kind is Kind.MACHINE:
            raise Forbidden("this machine client belongs to no tenant")
        if identity is None:
            identity = self._settle(subject)
        self._remember(identity)
        return identity

    def create_tenant(self, subject: str, kind: Kind) -> Identity:
        """Make a tenant whose admin is `subject`: membership, settings and registry at once.

        Raises Conflict when the subject already belongs to a tenant, Unavailable when another
        change to its membership keeps being under way.
        """
        now = self._clock()
        identity = Identity(subject, kind, self._new_id(), Role.ADMIN)
        settings, entry = keys.tenant_settings(identity.tenant), keys.registry(identity.tenant)
        writes = [
            Put(_membership(identity, now), Absent()),
            Put({**settings._asdict(), "k": "tenant", "created": now}, Absent()),
            Put(
                {**entry._asdict(), "k": "registry", "tenant": identity.tenant, "created": now},
                Absent(),
            ),
        ]
        for _ in range(TRIES):
            try:
                self._table.transact(writes)
                return identity
            except TransactionConflict:
                continue
            except ConditionFailed as error:
                raise Conflict("this identity already belongs to a tenant") from error
        raise Unavailable("this identity is being added to a tenant right now; try again")

    def add_member(self, subject: str, kind: Kind, tenant: str, role: Role) -> Identity:
        """Add `subject` to an existing tenant; adding it again with the same role changes nothing.

        Raises Conflict when the subject belongs to another tenant or has another role.
        """
        identity = Identity(subject, kind, tenant, role)
        try:
            self._table.write(Put(_membership(identity, self._clock()), Absent()))
        except ConditionFailed as error:
            if self.member(subject) != identity:
                raise Conflict("this identity already belongs to a tenant") from error
        return identity

    def member(self, subject: str) -> Identity | None:
        """The membership of a subject as it is stored now."""
        item = self._table.get(keys.membership(subject), consistent=True)
        return None if item is None else _identity(subject, item)

    def among(self, tenant: str, subjects: Iterable[str]) -> dict[str, Identity]:
        """Those of these subjects that are members of the tenant now, by subject."""
        wanted = {keys.membership(each): each for each in subjects}
        found = self._table.get_many(wanted)
        known = {wanted[key]: _identity(wanted[key], item) for key, item in found.items()}
        return {subject: each for subject, each in known.items() if each.tenant == tenant}

    def _find(self, subject: str) -> Identity | None:
        """A quick look first; only a miss pays for the consistent one."""
        item = self._table.get(keys.membership(subject))
        return self.member(subject) if item is None else _identity(subject, item)

    def _settle(self, subject: str) -> Identity:
        try:
            return self.create_tenant(subject, Kind.PERSON)
        except Conflict:
            # Two first requests at once: the other one has made the tenant that counts.
            found = self.member(subject)
            if found is None:
                raise
            return found

    def _remember(self, identity: Identity) -> None:
        self._cache.pop(identity.subject, None)
        if len(self._cache) >= CACHE_SIZE:
            # The oldest entry expires first, because all live equally long.
            del self._cache[next(iter(self._cache))]
        self._cache[identity.subject] = (self._clock() + CACHE_MS, identity)


def _subject(claims: Mapping[str, object]) -> tuple[str, Kind]:
    sub, client = claims.get("sub"), claims.get("client_id")
    if not isinstance(sub, str) or not isinstance(client, str) or not sub or not client:
        raise Unauthenticated("an access token is needed; this is not one")
    return sub, Kind.MACHINE if sub == client else Kind.PERSON


def _membership(identity: Identity, now: int) -> Item:
    key = keys.membership(identity.subject)
    index = keys.member_index(identity.tenant, identity.subject)
    return {
        **key._asdict(),
        **index._asdict(),
        "k": "membership",
        "tenant": identity.tenant,
        "role": identity.role.label,
        "kind": identity.kind.value,
        "created": now,
    }


def _identity(subject: str, item: Mapping[str, Value]) -> Identity:
    return Identity(
        subject=subject,
        kind=Kind(str(item["kind"])),
        tenant=str(item["tenant"]),
        role=Role[str(item["role"]).upper()],
    )
