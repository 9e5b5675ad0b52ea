"""The answers of the workspace API as models: for the documentation; nothing loads them to
answer.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Base of all answers: their fields are all there are."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Me(Answer):
    """Who the access token speaks of."""

    id: str = Field(description="The token's sub: a person's, or a machine's client id")
    kind: Literal["person", "machine"]
    tenant: str = Field(description="The tenant that everything the caller sees belongs to")
    role: Literal["viewer", "editor", "admin"]


class Health(Answer):
    """That the API answers, and which release does."""

    status: Literal["ok"]
    version: str
    environment: str
