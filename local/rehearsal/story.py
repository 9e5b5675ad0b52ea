"""What is played: a release goes up to production, two bad ones do not last, no point is lost."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from skafu.shared.clock import system_clock

from local.home import Refused
from local.rehearsal import checkouts, planted
from local.rehearsal.checkouts import Change
from local.rehearsal.founding import Login, found
from local.rehearsal.gates import Gates
from local.rehearsal.ledger import Balance, Ledger, outage
from local.rehearsal.operators import Operators, Release
from local.rehearsal.places import (
    DEVELOPMENT,
    PLACES,
    PRODUCTION,
    STAGING,
    STANDBY,
    Cloud,
    Place,
)
from local.rehearsal.steps import Steps, require
from local.rehearsal.writer import HOSTS, Writer, read_back, sender, wait_until

ALWAYS_OPEN = {
    "production": {
        "time_zone": "UTC",
        "windows": [
            {
                "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                "opens": "00:00",
                "closes": "24:00",
            }
        ],
    }
}
NOTICED = 3
"""So many failed requests make whoever is on call go back."""
NOTICED_S, RECOVERED_S, DRAINED_S = 60.0, 60.0, 60.0


@dataclass
class Story:
    """A rehearsal below `folder`. `figures` is what is found out on the way."""

    cloud: Cloud
    folder: Path
    steps: Steps
    figures: dict[str, Any] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    _closing: list[Callable[[], None]] = field(default_factory=list)
    _writing: tuple[Writer, Login] | None = None

    def __post_init__(self) -> None:
        self.operators = Operators(self.cloud, self.folder / "logs" / "steps")
        self.gates = Gates(self.operators, self.folder / "evidence")

    def play(self) -> None:
        """All of it. Raises Refused when something does not go as it has to."""
        with ThreadPoolExecutor(1) as builders:
            self._accounts()
            good = self._build(planted.GOOD)
            seen = builders.submit(self._make, planted.SEEN)
            unseen = builders.submit(self._make, planted.UNSEEN)
            self._to_development(good)
            self._to_staging(good)
            self._to_production(good)
            self._to_another_region(good)
            self._not_what_was_tested(good)
            self._write()
            self._seen(self._built(seen, planted.SEEN))
            self._unseen(good, self._built(unseen, planted.UNSEEN))
            self._count()

    def close(self) -> None:
        """End what still runs."""
        while self._closing:
            self._closing.pop()()

    # --- a release's way up -----------------------------------------------------------------------

    def _accounts(self) -> None:
        with self.steps.step("three accounts, two regions") as told:
            self.cloud.write_profiles()
            for place in PLACES:
                self.cloud.found(place)
            told.append("; ".join(map(str, PLACES)))
        self._windows.write_text(yaml.safe_dump(ALWAYS_OPEN), encoding="utf-8")

    def _build(self, change: Change) -> Release:
        with self.steps.step(f"build release {change.name}") as told:
            release = self._make(change)
            told.append(f"commit {release.checkout.commit[:12]}, {release.artefact.stem[:12]}")
        return release

    def _built(self, building: "Future[Release]", change: Change) -> Release:
        with self.steps.step(f"release {change.name}, built meanwhile") as told:
            release = building.result(checkouts.BUILD_S)
            told.append(f"commit {release.checkout.commit[:12]}: {change.message}")
        return release

    def _make(self, change: Change) -> Release:
        checkout = checkouts.commit(self.folder / "releases", change)
        log = self.operators.log(f"build-{change.name}")
        bundle = checkouts.build(checkout, self.folder / "artefacts", log)
        return Release(change.name, checkout, bundle)

    def _to_development(self, release: Release) -> None:
        self._deploy(release, DEVELOPMENT)
        with self.steps.step(f"{release.name}: staging refuses what lacks evidence") as told:
            told.append(self._not_taken(release, STAGING, "was not"))
        with self.steps.step(f"{release.name}: gates of development") as told:
            login = found(self.cloud, DEVELOPMENT)
            told += self.gates.leave_development(release, login)
        self._tested(release, DEVELOPMENT)

    def _to_staging(self, release: Release) -> None:
        self._promote(release, STAGING)
        with self.steps.step(f"{release.name}: gates of staging") as told:
            told += self.gates.leave_staging(release)
        self._tested(release, STAGING)

    def _to_production(self, release: Release) -> None:
        self._promote(release, PRODUCTION)
        self._smoke(release, PRODUCTION)

    def _to_another_region(self, release: Release) -> None:
        with self.steps.step(f"{release.name}: the same artefact in {STANDBY.region}") as told:
            line = (*self.operators.deploying(release, STANDBY), *self._windows_line)
            self.operators.must(release, STANDBY, "deploy", "--region", STANDBY.region, *line)
            codes = [self._codes(place) for place in (PRODUCTION, STANDBY)]
            require(codes[0] == codes[1], "The two regions run other code.")
            told.append(f"{len(codes[0])} functions run the same code in both regions")
        self._smoke(release, STANDBY)

    def _deploy(self, release: Release, place: Place) -> None:
        with self.steps.step(f"{release.name}: deploy to {place.environment}") as told:
            line = self.operators.deploying(release, place)
            told.append(self._released(self.operators.must(release, place, "deploy", *line).said))

    def _promote(self, release: Release, place: Place) -> None:
        with self.steps.step(f"{release.name}: promote to {place.environment}") as told:
            done = self.operators.must(release, place, "promote", *self._promoting(release, place))
            told.append(self._released(done.said))

    def _smoke(self, release: Release, place: Place) -> None:
        with self.steps.step(f"{release.name}: smoke test of {place}") as told:
            told.append(self.operators.must(release, place, "smoke").last)

    def _tested(self, release: Release, place: Place) -> None:
        with self.steps.step(f"{release.name}: tested in {place.environment}") as told:
            line = ("--artefact", str(release.artefact))
            told.append(self.operators.must(release, place, "tested", *line).last)

    def _promoting(self, release: Release, place: Place) -> tuple[str, ...]:
        line = self.operators.deploying(release, place)
        more = [each for each in line if each != "--no-confirm-changeset"]
        return ("--yes", *more, *self._windows_line)

    def _not_taken(self, release: Release, place: Place, says: str) -> str:
        line = self._promoting(release, place)
        return self.operators.refused(release, place, "promote", *line, says=says)

    # --- what is refused --------------------------------------------------------------------------

    def _not_what_was_tested(self, release: Release) -> None:
        made = self.folder / "made-up"
        with self.steps.step("an artefact that was changed on the way is refused") as told:
            other = Release("damaged", release.checkout, planted.damaged(release.artefact, made))
            told.append(self._not_taken(other, STAGING, "is damaged"))
        with self.steps.step("one that other tools have built is refused") as told:
            changed = planted.built_by_others(release.artefact, made)
            other = Release("rebuilt", release.checkout, changed)
            told.append(self._not_taken(other, STAGING, "has other parts"))

    def _seen(self, release: Release) -> None:
        """A bug that is seen before anybody meets it."""
        before = {place: self._codes(place) for place in (DEVELOPMENT, PRODUCTION)}
        line = self.operators.deploying(release, DEVELOPMENT)
        with self.steps.step(f"{release.name}: validation refuses it in development") as told:
            says = "Rollback"
            self.operators.refused(release, DEVELOPMENT, "deploy", *line, says=says)
            require(self._codes(DEVELOPMENT) == before[DEVELOPMENT], "It gets traffic.")
            told.append(f"no traffic: {self._why(DEVELOPMENT)}")
        with self.steps.step(f"{release.name}: goes no further") as told:
            artefact = ("--artefact", str(release.artefact))
            says = "is not the one that is deployed"
            told.append(
                self.operators.refused(release, DEVELOPMENT, "tested", *artefact, says=says)
            )
            told.append(self._not_taken(release, STAGING, "was not"))
            require(self._codes(PRODUCTION) == before[PRODUCTION], "Production was touched.")

    def _unseen(self, good: Release, release: Release) -> None:
        """A bug that no gate sees, and the way back from it."""
        self._deploy(release, DEVELOPMENT)
        with self.steps.step(f"{release.name}: gates of development see nothing") as told:
            told += self.gates.leave_development(release, found(self.cloud, DEVELOPMENT))
        self._tested(release, DEVELOPMENT)
        self._to_staging(release)
        before, began = self._current(PRODUCTION), system_clock()
        self._to_production(release)
        bad = self._current(PRODUCTION)
        with self.steps.step(f"{release.name}: requests fail") as told:
            wait_until(
                lambda: self.ledger.failures(began, system_clock()) >= NOTICED,
                *(NOTICED_S, "no request to production has failed"),
            )
            failed = outage(self.ledger.attempts, began)
            told.append(f"{failed.failed if failed else 0} failed, health alone says nothing")
        self._roll_back(good, before, began)
        self._held(good, release)
        self._undoable(good, bad)

    def _roll_back(self, release: Release, target: str, began: int) -> None:
        with self.steps.step("rollback of production, one command") as told:
            called = system_clock()
            line = ("--yes", "--reason", "requests of hosts with a domain fail")
            done = self.operators.must(release, PRODUCTION, "rollback", *line)
            self.figures["rollback_command_s"] = round(done.seconds, 1)
            told.append(f"{done.seconds:.1f} s, back to {target}")
        with self.steps.step("the service is restored") as told:
            wait_until(
                lambda: self._recovered(began),
                *(RECOVERED_S, "requests of the host with a domain still fail"),
            )
            found_ = outage(self.ledger.attempts, began, HOSTS[-1])
            require(found_ is not None and found_.until is not None, "Nothing has failed.")
            assert found_ is not None and found_.until is not None  # nosec B101: for the types
            self.figures["outage_s"] = found_.seconds
            self.figures["restored_after_command_s"] = (found_.until - called) / 1000
            self.figures["failed_requests"] = found_.failed
            told.append(
                f"{found_.seconds:.1f} s after the first failed request, "
                f"{(found_.until - called) / 1000:.1f} s after the command was given; "
                f"{found_.failed} requests had failed"
            )
        self._smoke(release, PRODUCTION)

    def _recovered(self, began: int) -> bool:
        found_ = outage(self.ledger.attempts, began, HOSTS[-1])
        return found_ is not None and found_.until is not None

    def _held(self, good: Release, release: Release) -> None:
        with self.steps.step("held: a promotion is refused") as told:
            told.append(self._not_taken(release, PRODUCTION, "held"))
        with self.steps.step("resume") as told:
            told.append(self.operators.must(good, PRODUCTION, "resume", "--yes").last)

    def _undoable(self, release: Release, bad: str) -> None:
        with self.steps.step("the rollback itself could be undone") as told:
            line = ("--dry-run", "--to", bad)
            told.append(self.operators.must(release, PRODUCTION, "rollback", *line).last)

    # --- points -----------------------------------------------------------------------------------

    def _write(self) -> None:
        with self.steps.step("machines begin to write to production") as told:
            login = found(self.cloud, PRODUCTION)
            writer = Writer(sender(login.api()), self.ledger)
            writer.start()
            self._closing.append(writer.abandon)
            self._writing = writer, login
            wait_until(lambda: self.ledger.acknowledged > 0, 30, "no point was acknowledged")
            told.append(f"{len(HOSTS)} points a second, each tried again until it is acknowledged")

    def _count(self) -> None:
        with self.steps.step("every acknowledged point is read back") as told:
            if self._writing is None:
                raise Refused("Nobody has written.")
            writer, login = self._writing
            writer.stop(DRAINED_S)
            require(not writer.trouble, f"The writer failed: {writer.trouble[:1]}")
            balance = self._balance(login)
            told.append(str(balance))
            self.figures["points"] = {
                "sent": balance.sent,
                "acknowledged": balance.acknowledged,
                "lost": len(balance.lost),
                "doubled": len(balance.doubled),
                "changed": len(balance.wrong),
                "made_up": len(balance.foreign),
            }
            require(balance.holds, str(balance))

    def _balance(self, login: Login) -> Balance:
        since, until = self.ledger.span
        return self.ledger.balance(read_back(login.api(), since, until))

    # --- what is there ----------------------------------------------------------------------------

    def _current(self, place: Place) -> str:
        """The id of a place's release."""
        name = f"/skafu/{place.stack}/release"
        found_ = self.cloud.client("ssm", place).get_parameter(Name=name)
        return str(found_["Parameter"]["Value"])

    def _codes(self, place: Place) -> dict[str, str]:
        """What the functions of a place run, by their names."""
        client = self.cloud.client("lambda", place)
        outputs = self.cloud.outputs(place)
        aliases = {n: arn for n, arn in outputs.items() if n.endswith("FunctionAlias")}
        return {
            name: client.get_function_configuration(FunctionName=arn)["CodeSha256"]
            for name, arn in aliases.items()
        }

    def _why(self, place: Place) -> str:
        """Why the last deployment there failed, as CloudFormation tells it first."""
        client = self.cloud.client("cloudformation", place)
        events = client.describe_stack_events(StackName=place.stack)["StackEvents"]
        failed = [each for each in events if each["ResourceStatus"].endswith("_FAILED")]
        return f"{failed[0]['LogicalResourceId']}: {failed[0]['ResourceStatusReason']}"

    def _released(self, said: str) -> str:
        lines = [line for line in said.splitlines() if "release " in line]
        return lines[-1].rpartition(": ")[2] if lines else "deployed"

    @property
    def _windows(self) -> Path:
        return self.folder / "change-windows.yaml"

    @property
    def _windows_line(self) -> tuple[str, str]:
        return ("--change-windows", str(self._windows))
