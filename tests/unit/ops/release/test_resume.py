"""A hold is lifted by who was told what it was for."""

import pytest

from skafu.ops.release import resume
from skafu.ops.release.journal import Journal
from tests.support.clouds import Cloud
from tests.unit.ops.release.conftest import Releasing, hold_of

ASKED = ["--environment", "production"]


def test_who_says_yes_lifts_the_hold(
    cloud: Cloud, journal: Journal, releasing: Releasing, capsys: pytest.CaptureFixture[str]
) -> None:
    made = releasing(0, "a1")
    journal.hold(hold_of(made))
    asked: list[str] = []

    def yes(question: str) -> bool:
        asked.append(question)
        return True

    assert resume.main(ASKED, cloud.make, yes) == 0
    said = capsys.readouterr().out
    assert "held since 2023-11-15 12:00:00 UTC" in said and f"went back to {made.id}" in said
    assert asked == ["Let skafu-prod take deployments again?"]
    assert journal.held() is None


def test_a_no_leaves_it_held(cloud: Cloud, journal: Journal, releasing: Releasing) -> None:
    journal.hold(hold_of(releasing(0, "a1")))
    assert resume.main(ASKED, cloud.make, lambda _: False) == 1
    assert journal.held() is not None


def test_nobody_is_asked_with_yes(cloud: Cloud, journal: Journal, releasing: Releasing) -> None:
    journal.hold(hold_of(releasing(0, "a1")))
    assert resume.main([*ASKED, "--yes"], cloud.make, lambda _: False) == 0
    assert journal.held() is None


def test_what_runs_otherwise_than_recorded_is_told_before_the_question(
    cloud: Cloud, journal: Journal, releasing: Releasing, capsys: pytest.CaptureFixture[str]
) -> None:
    releasing(0, "a1")
    journal.hold(hold_of(releasing(1, "a2")))
    cloud.functions.update_alias(FunctionName="skafu-prod-a", Name="live", FunctionVersion="1")
    resume.main(ASKED, cloud.make, lambda _: False)
    assert "A runs version 1, recorded is 2." in capsys.readouterr().out


def test_what_is_not_held_stays_so(
    cloud: Cloud, releasing: Releasing, capsys: pytest.CaptureFixture[str]
) -> None:
    releasing(0, "a1")
    assert resume.main(ASKED, cloud.make, lambda _: False) == 0
    assert capsys.readouterr().out == "skafu-prod is not held.\n"
