"""Who is calling: from verified claims to tenant and role."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Role(IntEnum):
    """What a member may do; each role includes the ones below it."""

    VIEWER = 1
    EDITOR = 2
    ADMIN = 3

    @property
    def label(self) -> str:
        """As the API and the table spell it."""
        return self.name.lower()


class Kind(StrEnum):
    """A person signs in; a machine shows a client's credentials."""

    PERSON = "person"
    MACHINE = "machine"


@dataclass(frozen=True)
class Identity:
    """A caller whose claims were verified and whose membership was found."""

    subject: str
    kind: Kind
    tenant: str
    role: Role
