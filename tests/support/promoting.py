"""An account with an artefact bucket, in memory, and artefacts to promote."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skafu.ops.artefact.accounts import Account
from skafu.ops.artefact.manifest import DataFormat, Manifest, parts_of
from tests.support.buckets import Bucket, Exceptions
from tests.support.clouds import CALLER
from tests.support.repositories import write

BUCKET = "artefacts"
WHERE = {"region_name": "eu-west-1"}
SETTINGS = """\
[%(name)s.global.parameters]
stack_name = "skafu-%(name)s"
region = "eu-west-1"
parameter_overrides = "Environment=%(name)s"
[%(name)s.deploy.parameters]
capabilities = "CAPABILITY_IAM"
confirm_changeset = false
tags = "project=skafu"
"""


@dataclass
class Place:
    """An account, and what makes its clients."""

    bucket: Bucket = field(default_factory=Bucket)
    exceptions = Exceptions

    @property
    def account(self) -> Account:
        """Whose clients it makes."""
        return Account(self.make, WHERE)

    def make(self, service: str, **_options: Any) -> Any:
        """A client by the name of its service."""
        return {"s3": self.bucket, "cloudformation": self, "sts": self}[service]

    def describe_stacks(self, **asked: Any) -> dict[str, Any]:
        """The foundation."""
        assert asked["StackName"] == "skafu-foundation"
        found = {"OutputKey": "ArtefactBucket", "OutputValue": BUCKET}
        return {"Stacks": [{"Outputs": [found]}]}

    def get_caller_identity(self) -> dict[str, str]:
        """Who asks."""
        return {"Arn": CALLER}


def artefact(folder: Path, identity: str = "a" * 64, *, dirty: bool = False) -> Manifest:
    """Write an artefact with little in it to a folder."""
    settings = "".join(SETTINGS % {"name": n} for n in ("development", "staging", "production"))
    write(folder, {"A.zip": "function", "samconfig.toml": settings})
    made = Manifest(
        format=2,
        identity=identity,
        architecture="arm64",
        commit="c" * 40,
        dirty=dirty,
        tools={},
        data_format=DataFormat(writes=1, reads=(1,)),
        parts=parts_of(folder),
    )
    made.write(folder)
    return made
