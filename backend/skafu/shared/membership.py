"""Which tenant a verified identity belongs to, and the making of tenants and memberships.

Claims are those of a Cognito *access token*, which carries no attributes: nothing but `sub` and
`client_id` is read. An invitation needs no look of its own: whoever is invited has a membership
before the mail leaves that lets them sign in (workspace/members).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

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


class Status(StrEnum):
    """How it stands with a membership. An item that does not tell is ACTIVE.

    INVITED: they have not been seen to sign in yet, and may. REMOVED: kept until no token of theirs
    is valid any more, so that an old one does not make a tenant.
    """

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"
    REMOVED = "removed"


@dataclass(frozen=True)
class Profile:
    """What is known of a member besides their rights: of people the address, of machines the
    client's name.
    """

    email: str | None = None
    name: str | None = None


NOTHING_KNOWN = Profile()
REFUSED = {
    Status.DISABLED: "your membership is disabled: an admin of your team can enable it again",
    Status.REMOVED: "you are no longer a member of the team that this account belonged to",
}
UNKNOWN = (
    "this account is of the region that stands by, and nobody's member: its operator runs "
    "`failover prepare` again"
)
REPLACED = "these credentials were replaced by newer ones: use those of the last rotation"


class Members:
    """Memberships in the table, the found ones remembered for a minute: a changed role, a disabled
    or a removed member may still act for that long. Absence is never remembered.
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
        Forbidden for a machine without membership, for members who are disabled or removed, and for
        credentials that were replaced.
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
        self._remember(subject, identity)
        return identity

    def create_tenant(self, subject: str, kind: Kind, profile: Profile = NOTHING_KNOWN) -> Identity:
        """Make a tenant whose admin is `subject`: membership, settings and registry at once.

        Raises Conflict when the subject already belongs to a tenant, Unavailable when another
        change to its membership keeps being under way.
        """
        now = self._clock()
        identity = Identity(subject, kind, self._new_id(), Role.ADMIN)
        settings, entry = keys.tenant_settings(identity.tenant), keys.registry(identity.tenant)
        writes = [
            Put(membership_item(identity, now, profile), Absent()),
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

    def add_member(
        self,
        subject: str,
        kind: Kind,
        tenant: str,
        role: Role,
        profile: Profile = NOTHING_KNOWN,
    ) -> Identity:
        """Add `subject` to an existing tenant; adding it again with the same role changes nothing.

        Raises Conflict when the subject belongs to another tenant or has another role.
        """
        identity = Identity(subject, kind, tenant, role)
        try:
            item = membership_item(identity, self._clock(), profile)
            self._table.write(Put(item, Absent()))
        except ConditionFailed as error:
            if self.member(subject) != identity:
                raise Conflict("this identity already belongs to a tenant") from error
        return identity

    def member(self, subject: str) -> Identity | None:
        """The membership of a subject as it is stored now; None for who is removed."""
        subject, item = stored(self._table, subject)
        if item is None or status_of(item) is Status.REMOVED:
            return None
        return identity_from(subject, item)

    def among(
        self, tenant: str, subjects: Iterable[str], *, disabled: bool = True
    ) -> dict[str, Identity]:
        """Those of these subjects that are members of the tenant now, by subject; with
        `disabled=False` only those that may act.
        """
        left_out = {Status.REMOVED} if disabled else {Status.REMOVED, Status.DISABLED}
        wanted = {keys.membership(each): each for each in subjects}
        found = {
            wanted[key]: item
            for key, item in self._table.get_many(wanted).items()
            if item.get("tenant") == tenant and status_of(item) not in left_out
        }
        return {subject: identity_from(subject, item) for subject, item in found.items()}

    def profile(self, subject: str) -> Profile:
        """What is known of a member; nothing where there is none."""
        return profile_from(self._table.get(keys.membership(subject)) or {})

    def _find(self, subject: str) -> Identity | None:
        """Who may act. A quick look first; only a miss pays for the consistent one."""
        item = self._read(subject)
        if item is None:
            return None
        if stands_for := item.get("stands_for"):
            subject = str(stands_for)
            item = self._read(subject)
            # Never a tenant of their own, and never a second step.
            if item is None or "stands_for" in item:
                raise Forbidden(UNKNOWN)
        if reason := REFUSED.get(status_of(item)):
            raise Forbidden(reason)
        until = item.get("until")
        if isinstance(until, int) and until <= self._clock():
            raise Forbidden(REPLACED)
        return identity_from(subject, item)

    def _read(self, subject: str) -> Item | None:
        key = keys.membership(subject)
        return self._table.get(key) or self._table.get(key, consistent=True)

    def _settle(self, subject: str) -> Identity:
        try:
            return self.create_tenant(subject, Kind.PERSON)
        except Conflict:
            # Two first requests at once: the other one has made the tenant that counts.
            found = self.member(subject)
            if found is None:
                raise
            return found

    def _remember(self, subject: str, identity: Identity) -> None:
        self._cache.pop(subject, None)
        if len(self._cache) >= CACHE_SIZE:
            # The oldest entry expires first, because all live equally long.
            del self._cache[next(iter(self._cache))]
        self._cache[subject] = (self._clock() + CACHE_MS, identity)


def _subject(claims: Mapping[str, object]) -> tuple[str, Kind]:
    sub, client = claims.get("sub"), claims.get("client_id")
    if not isinstance(sub, str) or not isinstance(client, str) or not sub or not client:
        raise Unauthenticated("an access token is needed; this is not one")
    return sub, Kind.MACHINE if sub == client else Kind.PERSON


def membership_item(
    identity: Identity, now: int, profile: Profile = NOTHING_KNOWN, **more: Value
) -> dict[str, Value]:
    """A new membership as it is stored; `more` are further attributes."""
    known = {"email": profile.email, "name": profile.name}
    return {
        **keys.membership(identity.subject)._asdict(),
        **keys.member_index(identity.tenant, identity.subject)._asdict(),
        "k": "membership",
        "tenant": identity.tenant,
        "role": identity.role.label,
        "kind": identity.kind.value,
        "created": now,
        **{name: text for name, text in known.items() if text is not None},
        **more,
    }


def stored(table: Table, subject: str) -> tuple[str, Item | None]:
    """The membership that decides about a subject, as it is now, and whose it is: another one's
    where this is an account of another region's pool that stands for theirs.
    """
    item = table.get(keys.membership(subject), consistent=True)
    if item is None or "stands_for" not in item:
        return subject, item
    stands_for = str(item["stands_for"])
    found = table.get(keys.membership(stands_for), consistent=True)
    return stands_for, None if found is None or "stands_for" in found else found


def stand_in_item(subject: str, stands_for: str, now: int) -> dict[str, Value]:
    """What makes an account of another region's pool act as a member: the membership of `subject`
    is whatever that of `stands_for` is. In no list of members, and of no tenant by itself.
    """
    return {
        **keys.membership(subject)._asdict(),
        "k": "stand_in",
        "stands_for": stands_for,
        "created": now,
    }


def identity_from(subject: str, item: Item) -> Identity:
    """Who a membership speaks of. Raises KeyError or ValueError for what is none."""
    return Identity(
        subject=subject,
        kind=Kind(str(item["kind"])),
        tenant=str(item["tenant"]),
        role=Role[str(item["role"]).upper()],
    )


def status_of(item: Item) -> Status:
    """How it stands with a stored membership."""
    return Status(str(item.get("status", Status.ACTIVE)))


def profile_from(item: Item) -> Profile:
    """What a membership tells besides rights."""
    email, name = (item.get(each) for each in ("email", "name"))
    return Profile(
        email if isinstance(email, str) else None, name if isinstance(name, str) else None
    )
