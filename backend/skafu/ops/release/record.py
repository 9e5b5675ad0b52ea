"""A release: what a deployment, or a rollback, left running in an environment, written down so that
it can be had again.

A release is one of a stack. It names published versions, because an alias moves to a version in a
second, and the template with its parameters, because only a deployment brings the gateway and the
configuration back too.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from skafu.ops.artefact import manifest
from skafu.ops.artefact.manifest import Sha256, Strict
from skafu.ops.artefact.records import Mark

FORMAT: Literal[1] = 1
DataFormat = manifest.DataFormat
"""What a release stores and what it understands is its artefact's word."""
At = Annotated[int, Field(gt=0)]
"""Epoch milliseconds."""
ReleaseId = Annotated[str, Field(pattern=r"^\d{8}T\d{6}Z-[0-9a-f]{8}$")]
"""When it was deployed (UTC), and the beginning of its artefact's identity: ids sort by time."""


class Kind(StrEnum):
    """How a release came to be."""

    DEPLOY = "deploy"
    ROLLBACK = "rollback"


class FunctionVersion(Strict):
    """What the alias `live` of one function points at: `name` is the function's physical name,
    `code` what Lambda calls CodeSha256, `layers` are ARNs with their versions.
    """

    name: str
    version: Annotated[str, Field(pattern=r"^\d+$")]
    code: str
    layers: tuple[str, ...]


class Evidence(Strict):
    """That a gate of the promotion was passed by one artefact, and where that can be seen.

    `summary` is a sentence with the figures that decided; `digest` is the SHA-256 of what was
    looked at (a report), `link` where a run or a review is kept. `waived` is why the gate was left
    out: nothing was proved then, and `by` begins with the person who answers for that.
    """

    gate: str
    at: At
    by: str
    summary: str
    digest: Sha256 | None = None
    link: str | None = None
    waived: str | None = None


class Release(Strict):
    """One release of one stack.

    `functions` are by logical id, `template` is the key of the deployed template in the account's
    artefact bucket, `console` the SHA-256 of the part console.zip. `parameters` are those of the
    stack without the ones that CloudFormation keeps to itself (NoEcho). `previous` is what ran
    before, `of` what a rollback went back to. `by` is the ARN of who deployed.
    """

    format: Literal[1]
    id: ReleaseId
    kind: Kind
    environment: str
    stack: str
    account: Annotated[str, Field(pattern=r"^\d{12}$")]
    region: str
    at: At
    by: str
    artefact: Mark
    functions: Mapping[str, FunctionVersion]
    template: str
    parameters: Mapping[str, str]
    console: Sha256
    data_format: DataFormat
    evidence: tuple[Evidence, ...] = ()
    previous: ReleaseId | None = None
    of: ReleaseId | None = None


class Hold(Strict):
    """A stack is held after a rollback: nothing is deployed until somebody lifts it.

    `release` is the one that it goes back to; `functions` are the logical ids of those that were
    moved alone, none when all were.
    """

    release: ReleaseId
    at: At
    by: str
    reason: str
    functions: tuple[str, ...] = ()


def release_id(at: int, identity: str) -> str:
    """The id of what is released at a moment (epoch ms): see ReleaseId."""
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return f"{moment:%Y%m%dT%H%M%SZ}-{identity[:8]}"
