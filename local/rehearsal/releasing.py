"""What is done with a release, step by step, each by the command that people run."""

from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import yaml

from local.rehearsal import checkouts
from local.rehearsal.checkouts import Change
from local.rehearsal.founding import found
from local.rehearsal.gates import Gates
from local.rehearsal.operators import Operators, Release
from local.rehearsal.places import DEVELOPMENT, PLACES, PRODUCTION, STAGING, STANDBY, Cloud, Place
from local.rehearsal.steps import Steps, require

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = {"days": list(DAYS), "opens": "00:00", "closes": "24:00"}
WINDOWS = {"production": {"time_zone": "UTC", "windows": [ALWAYS]}}


@dataclass
class Releasing:
    """Releases and what becomes of them, below `folder`."""

    cloud: Cloud
    folder: Path
    steps: Steps

    def __post_init__(self) -> None:
        self.operators = Operators(self.cloud, self.folder / "logs" / "steps")
        self.gates = Gates(self.operators, self.folder / "evidence")
        self._windows = self.folder / "change-windows.yaml"

    def accounts(self) -> None:
        """Make what accounts need once."""
        with self.steps.step("three accounts, two regions") as told:
            self._windows.write_text(yaml.safe_dump(WINDOWS), encoding="utf-8")
            self.cloud.write_profiles()
            for place in PLACES:
                self.cloud.found(place)
            told.append("; ".join(map(str, PLACES)))

    # --- a release's way up -----------------------------------------------------------------------

    def build(self, change: Change) -> Release:
        """Build a commit's artefact, as a step."""
        with self.steps.step(f"build release {change.name}") as told:
            release = self.make(change)
            told.append(f"commit {release.checkout.commit[:12]}, {release.artefact.stem[:12]}")
        return release

    def built(self, building: "Future[Release]", change: Change) -> Release:
        """One that was built beside other steps."""
        with self.steps.step(f"release {change.name}, built meanwhile") as told:
            release = building.result(checkouts.BUILD_S)
            told.append(f"commit {release.checkout.commit[:12]}: {change.message}")
        return release

    def make(self, change: Change) -> Release:
        """Build a commit's artefact."""
        checkout = checkouts.commit(self.folder / "releases", change)
        log = self.operators.log(f"build-{change.name}")
        bundle = checkouts.build(checkout, self.folder / "artefacts", log)
        return Release(change.name, checkout, bundle)

    def to_staging(self, release: Release) -> None:
        """From development, where it is deployed, through its gates to staging and out of it."""
        with self.steps.step(f"{release.name}: gates of development") as told:
            login = found(self.cloud, DEVELOPMENT)
            told += self.gates.leave_development(release, login)
        self.tested(release, DEVELOPMENT)
        self.promote(release, STAGING)
        with self.steps.step(f"{release.name}: gates of staging") as told:
            told += self.gates.leave_staging(release)
        self.tested(release, STAGING)

    def to_another_region(self, release: Release) -> None:
        """Deploy what runs in production in its other region too."""
        with self.steps.step(f"{release.name}: the same artefact in {STANDBY.region}") as told:
            # A stack that stands by uses the first one's table, which is not copied here
            # (local/drill plays that): in this region it has one of its own.
            home = ("--parameter", f"HomeRegion={STANDBY.region}")
            line = (*self.operators.deploying(release, STANDBY), *home, *self._windows_line)
            self.operators.must(release, STANDBY, "deploy", "--region", STANDBY.region, *line)
            codes = [self.codes(place) for place in (PRODUCTION, STANDBY)]
            require(codes[0] == codes[1], "The two regions run other code.")
            told.append(f"{len(codes[0])} functions run the same code in both regions")
        self.smoke(release, STANDBY, "--only", "health", "--only", "metrics")

    def deploy(self, release: Release, place: Place) -> None:
        """Deploy it where everything is taken."""
        with self.steps.step(f"{release.name}: deploy to {place.environment}") as told:
            line = self.operators.deploying(release, place)
            told.append(_released(self.operators.must(release, place, "deploy", *line).said))

    def promote(self, release: Release, place: Place) -> None:
        """Deploy it where only what was tested below is taken."""
        with self.steps.step(f"{release.name}: promote to {place.environment}") as told:
            line = self._promoting(release, place)
            told.append(_released(self.operators.must(release, place, "promote", *line).said))

    def smoke(self, release: Release, place: Place, *which: str) -> None:
        """See whether a place does what people use it for."""
        with self.steps.step(f"{release.name}: smoke test of {place}") as told:
            told.append(self.operators.must(release, place, "smoke", *which).last)

    def tested(self, release: Release, place: Place) -> None:
        """Let it go on."""
        with self.steps.step(f"{release.name}: tested in {place.environment}") as told:
            line = ("--artefact", str(release.artefact))
            told.append(self.operators.must(release, place, "tested", *line).last)

    # --- what is refused --------------------------------------------------------------------------

    def not_promoted(self, release: Release, place: Place, says: str) -> str:
        """With which words a promotion is refused. Raises Refused when it is not, or otherwise."""
        line = self._promoting(release, place)
        return self.operators.refused(release, place, "promote", *line, says=says)

    def not_tested(self, release: Release, place: Place, says: str) -> str:
        """The same of letting it go on."""
        line = ("--artefact", str(release.artefact))
        return self.operators.refused(release, place, "tested", *line, says=says)

    def not_deployed(self, release: Release, place: Place) -> str:
        """Why a deployment fails and is taken back, as CloudFormation tells it."""
        line = self.operators.deploying(release, place)
        self.operators.refused(release, place, "deploy", *line, says="ROLLBACK_COMPLETE")
        client = self.cloud.client("cloudformation", place)
        events = client.describe_stack_events(StackName=place.stack)["StackEvents"]
        failed = [each for each in events if each["ResourceStatus"].endswith("_FAILED")]
        return f"{failed[0]['LogicalResourceId']}: {failed[0]['ResourceStatusReason']}"

    # --- what is there ----------------------------------------------------------------------------

    def current(self, place: Place) -> str:
        """The id of a place's release."""
        name = f"/skafu/{place.stack}/release"
        told = self.cloud.client("ssm", place).get_parameter(Name=name)
        return str(told["Parameter"]["Value"])

    def codes(self, place: Place) -> dict[str, str]:
        """What callers of a place's functions get, by the names of their aliases."""
        client = self.cloud.client("lambda", place)
        outputs = self.cloud.outputs(place)
        aliases = {n: arn for n, arn in outputs.items() if n.endswith("FunctionAlias")}
        return {
            name: client.get_function_configuration(FunctionName=arn)["CodeSha256"]
            for name, arn in aliases.items()
        }

    def _promoting(self, release: Release, place: Place) -> tuple[str, ...]:
        line = self.operators.deploying(release, place)
        more = [each for each in line if each != "--no-confirm-changeset"]
        return ("--yes", *more, *self._windows_line)

    @property
    def _windows_line(self) -> tuple[str, str]:
        return ("--change-windows", str(self._windows))


def _released(said: str) -> str:
    """What a deployment printed of the release that it made."""
    lines = [line for line in said.splitlines() if ": release " in line]
    return lines[-1].rpartition(": ")[2] if lines else "deployed"
