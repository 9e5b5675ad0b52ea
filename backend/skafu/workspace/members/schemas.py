"""What the routes about members read and answer, as models."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from skafu.shared.identity import Role
from skafu.shared.membership import Status
from skafu.workspace.members.model import Invitation
from skafu.workspace.schemas import Answer, Line, refuse

MAX_EMAIL = 128  # Cognito's limit of a user name
# What mail servers and Cognito agree on; that somebody reads it, only the mail can show.
ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")

RoleName = Literal["viewer", "editor", "admin"]


def _address(text: str) -> str:
    if not ADDRESS.fullmatch(text):
        raise refuse("is no mail address")
    return text.lower()


Address = Annotated[str, Field(max_length=MAX_EMAIL), AfterValidator(_address)]


class MemberIn(Answer):
    """Somebody to be invited. `name` is what stands before the @ if it is not given."""

    email: Address
    name: Line | None = None
    role: RoleName

    def invitation(self) -> Invitation:
        """The same as a value."""
        name = self.name or self.email.partition("@")[0]
        return Invitation(self.email, name, Role[self.role.upper()])


class MemberChange(Answer):
    """What a member may do. Whoever has not signed in yet and may, stays invited."""

    role: RoleName
    status: Literal["active", "disabled"]

    def wanted(self) -> tuple[Role, Status]:
        """The same as values."""
        return Role[self.role.upper()], Status(self.status)


class MemberOut(Answer):
    """A member. Of people who registered by themselves address and name may be missing for a
    moment.
    """

    id: str = Field(description="The sub of their tokens, as the audit and assignments name them")
    email: str | None
    name: str | None
    kind: Literal["person"]
    role: RoleName
    status: Literal["invited", "active", "disabled"]
    created: int = Field(description="Epoch milliseconds")
    version: int = Field(description="For If-Match")


class MemberList(Answer):
    """Members in the order of their ids; first invitations whose making was broken off."""

    members: tuple[MemberOut, ...]
    cursor: str | None
