"""One account beside the running system's, to which one artefact is deployed: building and
deploying take their time, and all tests here begin with that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.rehearsal.places import DEVELOPMENT, Cloud
from tests.integration.accounts import Account, artefact_of, founded, repository
from tests.integration.system import System

ENVIRONMENT = ("--environment", DEVELOPMENT.environment)
RELEASE = f"/skafu/{DEVELOPMENT.stack}/release"


@dataclass(frozen=True)
class Delivered:
    """An artefact, the repository that it was built of, and the account that runs it as a release
    of this id.
    """

    account: Account
    sources: Path
    artefact: Path
    release: str

    def ops(self, command: str, *arguments: str) -> tuple[int, str, str]:
        """An operator's command about the environment: its exit code and what it printed."""
        done = self.account.ops(command, *ENVIRONMENT, *arguments)
        return done.returncode, done.stdout, done.stderr

    def deploy(self, artefact: Path) -> str:
        """Deploy another one; its release."""
        line = ["--artefact", str(artefact), "--no-confirm-changeset", *self.account.parameters]
        code, out, error = self.ops("deploy", *line)
        assert code == 0, out + error
        return self.current()

    def current(self) -> str:
        """The release that is current."""
        return str(self.account.client("ssm").get_parameter(Name=RELEASE)["Parameter"]["Value"])


@pytest.fixture(scope="package")
def delivered(system: System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivered]:
    """The work tree's sources, built and deployed as a person would."""
    place = tmp_path_factory.mktemp("delivery")
    sources = repository(place / "repository")
    artefact = artefact_of(sources, place / "out")
    with founded(Account(Cloud(system.home), DEVELOPMENT)) as account:
        found = Delivered(account, sources, artefact, "")
        yield Delivered(account, sources, artefact, found.deploy(Path(f"{artefact}.zip")))
