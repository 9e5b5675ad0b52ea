"""Who runs the commands: `python -m skafu.ops` as people and pipelines call it, in a place."""

import sys
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from local.home import Refused
from local.rehearsal import programs
from local.rehearsal.checkouts import Checkout
from local.rehearsal.places import BELOW, Cloud, Place
from local.rehearsal.programs import Done

COMMAND_S = 180.0
DEPLOYING_S = 240.0


@dataclass(frozen=True)
class Release:
    """What is to be released: a commit and its artefact's bundle."""

    name: str
    checkout: Checkout
    artefact: Path


@dataclass
class Operators:
    """Run the commands of a release's own commit; what each printed is kept in `logs`."""

    cloud: Cloud
    logs: Path
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def ops(
        self,
        release: Release,
        place: Place,
        command: str,
        *arguments: str,
        deadline_s: float = COMMAND_S,
    ) -> Done:
        """Run a command about a place; how it ended."""
        line = [sys.executable, "-m", "skafu.ops", command, "--environment", place.environment]
        variables = release.checkout.variables() | self.cloud.variables(place)
        return programs.run(
            [*line, *arguments],
            release.checkout.folder,
            variables | {"PYTHONPATH": release.checkout.variables()["PYTHONPATH"]},
            self.log(f"{command}-{place.environment}"),
            deadline_s,
        )

    def must(self, release: Release, place: Place, command: str, *arguments: str) -> Done:
        """Run a command that has to succeed. Raises Refused when it does not."""
        done = self.ops(release, place, command, *arguments)
        if done.code:
            raise Refused(f"{command} in {place} failed: {done.said.strip()[-800:]}")
        return done

    def refused(
        self, release: Release, place: Place, command: str, *arguments: str, says: str
    ) -> str:
        """Run a command that has to be refused, with these words; the line that has them."""
        done = self.ops(release, place, command, *arguments)
        if done.code == 0:
            raise Refused(f"{command} in {place} was not refused.")
        lines = [line for line in done.said.splitlines() if says in line]
        if not lines:
            raise Refused(f"{command} in {place} was refused otherwise: {done.said[-800:]}")
        return lines[0].strip()

    def deploying(self, release: Release, place: Place) -> tuple[str, ...]:
        """The arguments of `deploy` for a place."""
        parameters = [part for each in self.cloud.parameters for part in ("--parameter", each)]
        below = ["--below-profile", BELOW[place.environment]] if place.environment in BELOW else []
        artefact = ["--artefact", str(release.artefact), "--no-confirm-changeset"]
        return (*artefact, *below, *parameters)

    def log(self, name: str) -> Path:
        """A file for what a program prints."""
        self.logs.mkdir(parents=True, exist_ok=True)
        return self.logs / f"{next(self._numbers):02d}-{name}.log"
