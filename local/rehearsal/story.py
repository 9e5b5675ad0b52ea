"""What is played: a release goes up to production, two bad ones do not last, no point is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from skafu.shared.clock import system_clock

from local.home import Refused
from local.rehearsal import planted, programs
from local.rehearsal.founding import Login, found
from local.rehearsal.ledger import Ledger, Outage, outage
from local.rehearsal.operators import Release
from local.rehearsal.places import DEVELOPMENT, PRODUCTION, STAGING
from local.rehearsal.releasing import Releasing
from local.rehearsal.steps import require
from local.rehearsal.writer import HOSTS, Writer, read_back, sender, wait_until

NOTICED = 3
"""So many failed requests make whoever is on call go back."""
TAKEN_S, NOTICED_S, RECOVERED_S, DRAINED_S = 60.0, 60.0, 120.0, 60.0
TROUBLED = HOSTS[-1]
"""Whose requests release c trips over."""


@dataclass
class Story:
    """A rehearsal. `figures` is what is found out on the way."""

    releasing: Releasing
    figures: dict[str, Any] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    _closing: list[Callable[[], None]] = field(default_factory=list)
    _writing: tuple[Writer, Login] | None = None

    def play(self) -> None:
        """All of it. Raises Refused when something does not go as it has to."""
        way, builders = self.releasing, ThreadPoolExecutor(1)
        try:
            way.accounts()
            good = way.build(planted.GOOD)
            seen = builders.submit(way.make, planted.SEEN)
            unseen = builders.submit(way.make, planted.UNSEEN)
            self._up(good)
            self._not_what_was_tested(good)
            self._write()
            self._seen(way.built(seen, planted.SEEN))
            self._unseen(good, way.built(unseen, planted.UNSEEN))
            self._count()
        finally:
            builders.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """End what still runs."""
        programs.end()
        while self._closing:
            self._closing.pop()()

    # --- acts -------------------------------------------------------------------------------------

    def _up(self, release: Release) -> None:
        """A release that works, from a commit to two regions."""
        way = self.releasing
        way.deploy(release, DEVELOPMENT)
        with way.steps.step(f"{release.name}: staging refuses what lacks evidence") as told:
            told.append(way.not_promoted(release, STAGING, "was not"))
        way.to_staging(release)
        way.promote(release, PRODUCTION)
        way.smoke(release, PRODUCTION)
        way.to_another_region(release)

    def _not_what_was_tested(self, release: Release) -> None:
        """Artefacts that are not the one that was tested."""
        way, made = self.releasing, self.releasing.folder / "made-up"
        with way.steps.step("an artefact that was changed on the way is refused") as told:
            other = Release("damaged", release.checkout, planted.damaged(release.artefact, made))
            told.append(way.not_promoted(other, STAGING, "is damaged"))
        with way.steps.step("one that other tools have built is refused") as told:
            changed = planted.built_by_others(release.artefact, made)
            other = Release("rebuilt", release.checkout, changed)
            told.append(way.not_promoted(other, STAGING, "has other parts"))

    def _seen(self, release: Release) -> None:
        """A bug that validation sees, before a caller meets it."""
        way = self.releasing
        before = {place: way.codes(place) for place in (DEVELOPMENT, PRODUCTION)}
        with way.steps.step(f"{release.name}: validation refuses it in development") as told:
            told.append(way.not_deployed(release, DEVELOPMENT))
            require(way.codes(DEVELOPMENT) == before[DEVELOPMENT], "It gets traffic.")
        with way.steps.step(f"{release.name}: goes no further") as told:
            told.append(way.not_tested(release, DEVELOPMENT, "is not the one that is deployed"))
            told.append(way.not_promoted(release, STAGING, "was not"))
            require(way.codes(PRODUCTION) == before[PRODUCTION], "Production was touched.")

    def _unseen(self, good: Release, release: Release) -> None:
        """A bug that no gate sees, and the way back from it."""
        way = self.releasing
        way.deploy(release, DEVELOPMENT)
        way.to_staging(release)
        before, began = way.current(PRODUCTION), system_clock()
        way.promote(release, PRODUCTION)
        bad = way.current(PRODUCTION)
        with way.steps.step(f"{release.name}: requests fail in production") as told:
            wait_until(
                lambda: self.ledger.failures(began, system_clock()) >= NOTICED,
                *(NOTICED_S, "no request to production has failed"),
            )
            told.append("those of one host, whose like no gate has sent")
        self._back(good, before, began)
        with way.steps.step("held: a promotion is refused") as told:
            told.append(way.not_promoted(release, PRODUCTION, "held"))
        with way.steps.step("resume") as told:
            told.append(way.operators.must(good, PRODUCTION, "resume", "--yes").last)
        with way.steps.step("the rollback itself could be undone") as told:
            line = ("--dry-run", "--to", bad)
            told.append(way.operators.must(good, PRODUCTION, "rollback", *line).last)

    def _back(self, release: Release, target: str, began: int) -> None:
        """Roll production back, and see when requests are answered again."""
        way = self.releasing
        with way.steps.step("rollback of production, one command") as told:
            called = system_clock()
            line = ("--yes", "--reason", "requests of hosts with a domain fail")
            done = way.operators.must(release, PRODUCTION, "rollback", *line)
            told.append(f"back to {target}")
        with way.steps.step("the service is restored") as told:
            lasted = self._recovered(began)
            self.figures |= {
                "outage_s": lasted.seconds,
                "restored_after_command_s": ((lasted.until or called) - called) / 1000,
                "rollback_command_s": round(done.seconds, 1),
                "failed_requests": lasted.failed,
            }
            told.append(
                f"{self.figures['outage_s']:.1f} s after the first failed request, "
                f"{self.figures['restored_after_command_s']:.1f} s after the command was given; "
                f"{lasted.failed} requests had failed, each was tried again"
            )
        way.smoke(release, PRODUCTION)

    def _recovered(self, began: int) -> Outage:
        """The outage, once it is over. Raises Refused when it is not in time."""

        def is_over() -> bool:
            found_ = outage(self.ledger.attempts, began, TROUBLED)
            return found_ is not None and found_.until is not None

        wait_until(is_over, RECOVERED_S, f"requests of {TROUBLED} still fail")
        found_ = outage(self.ledger.attempts, began, TROUBLED)
        if found_ is None:
            raise Refused("No request has failed.")
        return found_

    # --- points -----------------------------------------------------------------------------------

    def _write(self) -> None:
        way = self.releasing
        with way.steps.step("machines begin to write to production") as told:
            login = found(way.cloud, PRODUCTION)
            writer = Writer(sender(login.api()), self.ledger)
            writer.start()
            self._closing.append(writer.abandon)
            self._writing = writer, login
            wait_until(
                lambda: self.ledger.acknowledged > 0, *(TAKEN_S, "no point was acknowledged")
            )
            told.append(f"{len(HOSTS)} points a second, each tried again until it is acknowledged")

    def _count(self) -> None:
        with self.releasing.steps.step("every acknowledged point is read back") as told:
            if self._writing is None:
                raise Refused("Nobody has written.")
            writer, login = self._writing
            writer.stop(DRAINED_S)
            require(not writer.trouble, f"The writer failed: {writer.trouble[:1]}")
            balance = self.ledger.balance(read_back(login.api(), *self.ledger.span))
            failed = sum(not each.is_good for each in self.ledger.attempts)
            self.figures["failed_otherwise"] = failed - self.figures.get("failed_requests", 0)
            self.figures["points"] = str(balance)
            require(balance.holds, str(balance))
            told.append(str(balance))
