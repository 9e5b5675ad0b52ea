"""Members and invitations in the table. What a write's condition refuses is a ConditionFailed."""

from collections.abc import Iterator, Mapping, Sequence

from skafu.shared import keys
from skafu.shared.identity import Identity, Kind, Role
from skafu.shared.membership import (
    Profile,
    Status,
    identity_from,
    membership_item,
    profile_from,
    status_of,
    stored,
)
from skafu.shared.table import (
    Absent,
    AllOf,
    AnyOf,
    Check,
    Condition,
    Delete,
    Equals,
    Item,
    Missing,
    Present,
    Put,
    Query,
    Table,
    Update,
    Value,
    Write,
)
from skafu.workspace.conflicts import Transactions
from skafu.workspace.members.model import Invitation, Member

type Position = Mapping[str, str] | None

ROUNDS = 20  # machines are in the same partition: a page of them alone is read over
REMOVED_S = 2 * 86_400
"""So long a removed membership is kept: no access token lives longer than a day."""


class MemberStore:
    """Memberships of people, and their invitations."""

    def __init__(self, table: Table, transactions: Transactions) -> None:
        self._table = table
        self._transactions = transactions

    # --- reads ---

    def get(self, tenant: str, member_id: str) -> Member | None:
        """A person of the tenant, removed ones too, as stored now."""
        return _person(tenant, *stored(self._table, member_id))

    def tenant_of(self, subject: str) -> str | None:
        """Where somebody is a member, or was until they were removed."""
        _, item = stored(self._table, subject)
        return None if item is None else str(item["tenant"])

    def page(self, tenant: str, limit: int, after: Position) -> tuple[list[Member], Position]:
        """Up to `limit` people in the order of their ids. What has just changed may be missing for
        a moment.
        """
        partition = keys.member_index(tenant, "-").gsi1pk
        found: list[Member] = []
        for _ in range(ROUNDS):
            query = Query(partition, index="GSI1", limit=limit - len(found), after=after)
            page = self._table.query(query)
            for item in page.items:
                person = _person(tenant, str(item["gsi1sk"]), item)
                if person is not None and person.status is not Status.REMOVED:
                    found.append(person)
            after = page.after
            if after is None or len(found) >= limit:
                break
        return found, after

    def all(self, tenant: str) -> Iterator[Member]:
        """Everybody, in the order of their ids."""
        after: Position = None
        while True:
            some, after = self.page(tenant, 100, after)
            yield from some
            if after is None:
                return

    def invitations(self, tenant: str) -> list[Member]:
        """Invitations that are not memberships yet."""
        items = self._table.query_all(Query(keys.invitations(tenant)))
        return [_pending(item) for item in items]

    def invitation(self, tenant: str, invitation_id: str) -> Member | None:
        """One of them."""
        item = self._table.get(keys.invitation(tenant, invitation_id), consistent=True)
        return None if item is None else _pending(item)

    # --- writes ---

    def intend(self, tenant: str, invitation: Invitation, now: int) -> None:
        """Store an invitation; a later one of the same address takes its place."""
        item = {
            **keys.invitation(tenant, invitation.id)._asdict(),
            "k": "invitation",
            "email": invitation.email,
            "name": invitation.name,
            "role": invitation.role.label,
            "created": now,
        }
        self._table.write(Put(item))

    def forget(self, tenant: str, invitation_id: str, also: Sequence[Write] = ()) -> None:
        """Remove an invitation that is there, with what belongs to it."""
        key = keys.invitation(tenant, invitation_id)
        self._transactions.run([Delete(key, Present()), *also])

    def discard(self, tenant: str, invitation_id: str) -> None:
        """Remove an invitation, if there is one."""
        self._table.write(Delete(keys.invitation(tenant, invitation_id)))

    def join(self, tenant: str, member: Member, invitation_id: str, also: Sequence[Write]) -> None:
        """Make somebody a member who is none anywhere; their invitation is then complete."""
        identity = Identity(member.id, Kind.PERSON, tenant, member.role)
        profile = Profile(member.email, member.name)
        more: dict[str, Value] = {"version": member.version}
        if member.status is not Status.ACTIVE:
            more["status"] = member.status.value
        item = membership_item(identity, member.created, profile, **more)
        done = Delete(keys.invitation(tenant, invitation_id))
        self._transactions.run([Put(item, Absent()), done, *also])

    def replace(
        self, tenant: str, before: Member, after: Member, also: Sequence[Write | Check]
    ) -> None:
        """Give a member at `before.version` the role, status and version of `after`."""
        change: dict[str, Value] = {"role": after.role.label, "version": after.version}
        remove: tuple[str, ...] = ("status",)
        if after.status is not Status.ACTIVE:
            change["status"], remove = after.status.value, ()
        if after.status is Status.REMOVED:
            # Nobody lists them any more, and nothing is kept of who they were.
            remove = ("gsi1pk", "gsi1sk", "email", "name")
        update = Update(
            keys.membership(before.id), set=change, remove=remove, when=_at(tenant, before)
        )
        self._transactions.run([update, *also])

    def note(self, tenant: str, member: Member, also: Sequence[Write] = ()) -> None:
        """Write down what was learnt of a member: address, name, that they have signed in, when
        they were mailed. This is nobody's change, and makes no version; a member that has changed
        meanwhile makes it fail.
        """
        known: dict[str, Value | None] = {
            "email": member.email,
            "name": member.name,
            "mailed": member.mailed,
        }
        change = {name: value for name, value in known.items() if value is not None}
        remove = ("status",) if member.status is Status.ACTIVE else ()
        if change or remove:
            key = keys.membership(member.id)
            update = Update(key, set=change, remove=remove, when=_at(tenant, member))
            self._transactions.run([update, *also])

    def expire(self, member_id: str, now: int) -> None:
        """Let a removed membership go once no token of theirs can be valid any more."""
        removed = Equals("status", Status.REMOVED.value)
        until = {"ttl": now // 1000 + REMOVED_S}
        self._table.write(Update(keys.membership(member_id), set=until, when=removed))


def still_leads(tenant: str, member: Member) -> Check:
    """That somebody is an admin who can act, when the transaction is written."""
    return Check(
        keys.membership(member.id),
        AllOf(
            (
                Equals("tenant", tenant),
                Equals("kind", Kind.PERSON.value),
                Equals("role", Role.ADMIN.label),
                Missing("status"),
            )
        ),
    )


def _at(tenant: str, member: Member) -> Condition:
    version: Condition = Equals("version", member.version)
    if member.version == 1:
        # Who registered by themselves, or was there before there were versions.
        version = AnyOf((version, Missing("version")))
    return AllOf((Equals("tenant", tenant), version))


def _person(tenant: str, subject: str, item: Item | None) -> Member | None:
    if item is None or item["tenant"] != tenant or item["kind"] != Kind.PERSON:
        return None
    profile, mailed = profile_from(item), item.get("mailed")
    return Member(
        id=subject,
        email=profile.email,
        name=profile.name,
        role=identity_from(subject, item).role,
        status=status_of(item),
        created=int(item["created"]),
        version=int(item.get("version", 1)),
        mailed=mailed if isinstance(mailed, int) else None,
    )


def _pending(item: Item) -> Member:
    return Member(
        id=str(item["sk"]),
        email=str(item["email"]),
        name=str(item["name"]),
        role=Role[str(item["role"]).upper()],
        status=Status.INVITED,
        created=int(item["created"]),
        pending=True,
    )
