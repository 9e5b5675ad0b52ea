"""Machine clients: programs that sign in with credentials of their own."""

from dataclasses import dataclass

from skafu.shared.identity import Role
from skafu.shared.routes import Scope

MACHINE_SCOPES = tuple(scope for scope in Scope if scope is not Scope.PERSON)
READING = frozenset({Scope.METRICS_READ, Scope.ALERTS_READ})
MAX_EARLIER = 3


@dataclass(frozen=True)
class Earlier:
    """Credentials from before a rotation, valid before `until` (epoch milliseconds)."""

    client_id: str
    until: int


@dataclass(frozen=True)
class Client:
    """A machine client. `id` is ours and stays; `client_id` is what it signs in with, and changes
    with every rotation. It is None where the making was broken off: rotating completes it.

    `earlier` are those before, the oldest first; some may be over already. `deleted`: nothing of
    it can act any more, and what it leaves is being removed.
    """

    id: str
    name: str
    role: Role
    scopes: tuple[str, ...]
    created: int
    version: int = 1
    client_id: str | None = None
    rotated_at: int | None = None
    earlier: tuple[Earlier, ...] = ()
    deleted: bool = False

    @property
    def credentials(self) -> tuple[str, ...]:
        """What can sign in for it, or could a while ago."""
        present = () if self.client_id is None else (self.client_id,)
        return (*(each.client_id for each in self.earlier), *present)


@dataclass(frozen=True)
class ClientDraft:
    """A client as it is asked for."""

    name: str
    role: Role
    scopes: tuple[Scope, ...]


def misfit(role: Role, scopes: tuple[Scope, ...]) -> str | None:
    """Why a role and scopes do not fit, None if they do.

    The gateway looks at scopes and the API at roles, so that only what both allow can be done: a
    client that has one without the other would be refused where its maker does not expect it.
    """
    wanted = set(scopes)
    if role is Role.VIEWER and not wanted <= READING:
        return "it reads, by skafu/metrics.read and skafu/alerts.read; whoever writes is an editor"
    if role is Role.EDITOR and Scope.ADMIN in wanted:
        return "skafu/admin is for the role admin"
    if role is Role.ADMIN and Scope.ADMIN not in wanted:
        return "it needs skafu/admin; without, editor is enough"
    return None
