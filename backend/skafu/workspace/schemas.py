"""The answers of the workspace API as models: for the documentation; nothing loads them to
answer. And what requests have in common.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

MAX_LINE = 128


def refuse(sentence: str) -> PydanticCustomError:
    """What a validator raises, so that the caller reads this sentence and nothing around it."""
    return PydanticCustomError("skafu", "{sentence}", {"sentence": sentence})


def _line(text: str) -> str:
    if not text.strip():
        raise refuse("must not be blank")
    if any(ord(each) < 32 or 127 <= ord(each) < 160 for each in text):
        raise refuse("must not contain control characters or line breaks")
    return text


Line = Annotated[str, Field(min_length=1, max_length=MAX_LINE), AfterValidator(_line)]
"""What something is called: any text of one line. Markup is text too."""


class Answer(BaseModel):
    """Base of all answers: their fields are all there are."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Me(Answer):
    """Who the access token speaks of."""

    id: str = Field(description="The token's sub: a person's, or a machine's client id")
    kind: Literal["person", "machine"]
    tenant: str = Field(description="The tenant that everything the caller sees belongs to")
    role: Literal["viewer", "editor", "admin"]
    email: str | None = Field(description="A person's address; null where it is not known yet")
    name: str | None = Field(description="A person's, or a machine client's")


class Health(Answer):
    """That the API answers, and which release does."""

    status: Literal["ok"]
    version: str
    environment: str


class Actor(Answer):
    """Who made a change; kind and role as they are now, null for who is no member any more."""

    id: str = Field(description="The token's sub")
    kind: Literal["person", "machine"] | None
    role: Literal["viewer", "editor", "admin"] | None


class FieldChange(Answer):
    """One field (a dotted path); null also where it was or is not there."""

    field: str
    before: Any
    after: Any


class AuditEntry(Answer):
    """One change. `before` and `after` are as the API shows the thing, without secrets; null where
    there was or is nothing.
    """

    at: int = Field(description="Epoch milliseconds")
    actor: Actor
    action: str = Field(description="create, change, delete, restore, ...")
    kind: str = Field(description="What kind of thing: alert, channel, routing, silence, ...")
    subject: str = Field(description="The thing's id")
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    changes: tuple[FieldChange, ...]


class AuditList(Answer):
    """Changes, newest first."""

    entries: tuple[AuditEntry, ...]
    cursor: str | None
