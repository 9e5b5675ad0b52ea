"""What the routes about machine clients read and answer, as models."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from skafu.shared.identity import Role
from skafu.shared.routes import Scope
from skafu.workspace.clients.model import MACHINE_SCOPES, ClientDraft, misfit
from skafu.workspace.schemas import Answer, Line, refuse

DAY_S = 86_400
MAX_OVERLAP_S = 7 * DAY_S

RoleName = Literal["viewer", "editor", "admin"]
ScopeName = Literal[
    "skafu/metrics.write",
    "skafu/metrics.read",
    "skafu/alerts.read",
    "skafu/alerts.write",
    "skafu/admin",
]


def _scopes(names: tuple[ScopeName, ...]) -> tuple[ScopeName, ...]:
    if not names:
        raise refuse("must be one at least")
    if len(set(names)) < len(names):
        raise refuse("must not contain a scope twice")
    return names


def _values(names: tuple[ScopeName, ...]) -> tuple[Scope, ...]:
    return tuple(Scope(each) for each in names)


Scopes = Annotated[
    tuple[ScopeName, ...],
    Field(
        max_length=len(MACHINE_SCOPES),
        json_schema_extra={"minItems": 1, "uniqueItems": True},
    ),
    AfterValidator(_scopes),
]


class ClientIn(Answer):
    """A machine client. Its requests need both, a scope for the route and a role for what it does:
    a viewer has reading scopes only, skafu/admin goes with the role admin, and admin with it.
    """

    name: Line
    role: RoleName
    scopes: Scopes

    @field_validator("scopes")
    @classmethod
    def _fitting(cls, names: tuple[ScopeName, ...], info: ValidationInfo) -> tuple[ScopeName, ...]:
        role = info.data.get("role")
        if role is not None and (reason := misfit(Role[role.upper()], _values(names))):
            raise refuse(f"does not fit the role {role}: {reason}")
        return names

    def draft(self) -> ClientDraft:
        """The same as a value."""
        return ClientDraft(self.name, Role[self.role.upper()], _values(self.scopes))


class ClientRotateIn(Answer):
    """How long the credentials before stay valid beside the new ones."""

    overlap: int = Field(
        default=DAY_S,
        strict=True,
        ge=0,
        le=MAX_OVERLAP_S,
        description="Seconds; 0 ends all earlier credentials at once.",
    )


class EarlierOut(Answer):
    """Credentials from before a rotation."""

    client_id: str
    until: int = Field(description="Epoch milliseconds: from then on they are refused")


class ClientOut(Answer):
    """A machine client. `id` stays; `client_id`, which it signs in with, changes with every
    rotation, and is null where making it was broken off: rotate it, or delete it.
    """

    id: str
    name: str
    role: RoleName
    scopes: tuple[ScopeName, ...]
    client_id: str | None
    created: int = Field(description="Epoch milliseconds")
    rotated_at: int | None = Field(description="Epoch milliseconds")
    earlier: tuple[EarlierOut, ...] = Field(description="What is valid besides, oldest first")
    version: int


class ClientCreated(ClientOut):
    """The same with what it fetches tokens with. No other answer ever shows the secret."""

    secret: str
    token_url: str = Field(description="Where tokens are fetched: OAuth 2.0, client credentials")


class ClientList(Answer):
    """Clients in the order of their ids; `limit` is how many there may be."""

    clients: tuple[ClientOut, ...]
    cursor: str | None
    limit: int
