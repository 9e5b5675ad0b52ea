"""Write down what a deployment, or a rollback, has left running."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from skafu.ops.artefact import frontend
from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.manifest import Manifest, Sha256
from skafu.ops.artefact.records import Mark
from skafu.ops.artefact.sources import Refused
from skafu.ops.release.journal import Journal
from skafu.ops.release.observed import functions_of, stack_of
from skafu.ops.release.record import FORMAT, DataFormat, Evidence, Kind, Release, release_id


@dataclass(frozen=True)
class Deployed:
    """What was deployed, to which stack: an artefact, the text of its template, the SHA-256 of its
    console.
    """

    environment: str
    stack: str
    artefact: Mark
    template: str
    console: Sha256
    data_format: DataFormat

    @classmethod
    def of(cls, manifest: Manifest, environment: str, stack: str, template: str, at: int) -> Self:
        """An artefact, deployed at a moment (epoch ms) by the text of this template."""
        mark, console = Mark.of(manifest, at), manifest.parts[frontend.NAME].sha256
        return cls(environment, stack, mark, template, console, manifest.data_format)

    @classmethod
    def again(cls, release: Release, template: str, at: int) -> Self:
        """An older release, gone back to at a moment (epoch ms)."""
        mark = release.artefact.model_copy(update={"at": at})
        place = (release.environment, release.stack)
        return cls(*place, mark, template, release.console, release.data_format)


def record(
    account: Account,
    journal: Journal,
    deployed: Deployed,
    kind: Kind,
    *,
    evidence: Sequence[Evidence] = (),
    of: str | None = None,
) -> Release:
    """Keep what runs now as the stack's current release, and what was current as its `previous`.

    Versions, parameters, the account and who does this are asked of AWS; `of` is the id of the
    release that a rollback went back to. Raises Refused when there is no such stack.
    """
    stack = stack_of(account, deployed.stack)
    if stack is None:
        raise Refused(f"There is no stack {deployed.stack}.")
    caller = account.client("sts").get_caller_identity()
    at = deployed.artefact.at
    id_ = release_id(at, deployed.artefact.identity)
    release = Release(
        format=FORMAT,
        id=id_,
        kind=kind,
        environment=deployed.environment,
        stack=deployed.stack,
        account=caller["Account"],
        region=account.where["region_name"],
        at=at,
        by=caller["Arn"],
        artefact=deployed.artefact,
        functions=functions_of(account, deployed.stack),
        template=journal.template_key(id_),
        parameters=stack.parameters,
        console=deployed.console,
        data_format=deployed.data_format,
        evidence=tuple(evidence),
        previous=journal.current_id(),
        of=of,
    )
    journal.keep(release, deployed.template)
    return release
