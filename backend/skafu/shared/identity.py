"""Who is calling: from verified claims to tenant and role."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

type NewId = Callable[[], str]
"""Returns an identifier that nobody had before."""


def random_id() -> str:
    """20 hexadecimal digits, 80 bits of chance: safe in keys, URLs and messages."""
    return secrets.token_hex(10)


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


NOBODY = Identity(subject="", kind=Kind.PERSON, tenant="", role=Role.VIEWER)
"""Who calls a public route. The empty tenant is no part of any key: keys.join refuses it."""
