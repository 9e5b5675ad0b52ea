"""People of a tenant, and who is to become one."""

from dataclasses import dataclass
from hashlib import blake2b

from skafu.shared.identity import Role
from skafu.shared.membership import Status

_ID_BYTES = 10


@dataclass(frozen=True)
class Member:
    """A person's membership. `id` is the subject of their tokens.

    `mailed` is when an invitation was last sent, None if none was. `pending` is an invitation that
    is not a membership yet, because the request that made it did not come to its end: its id is
    its own, and asking again completes it.
    """

    id: str
    email: str | None
    name: str | None
    role: Role
    status: Status
    created: int
    version: int = 1
    mailed: int | None = None
    pending: bool = False

    @property
    def leads(self) -> bool:
        """Whether this is an admin who can act."""
        return self.role is Role.ADMIN and self.status is Status.ACTIVE


@dataclass(frozen=True)
class Invitation:
    """Who is invited. The address is in lower case, as the pool compares it."""

    email: str
    name: str
    role: Role

    @property
    def id(self) -> str:
        """The same for every invitation of an address."""
        return blake2b(self.email.encode(), digest_size=_ID_BYTES, person=b"invitation").hexdigest()


@dataclass(frozen=True)
class Caller:
    """On whose behalf something is done: an admin, by tenant and subject."""

    tenant: str
    actor: str
