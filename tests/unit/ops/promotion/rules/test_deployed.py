"""What was seen of the deployed system: end to end, under load, and the way back."""

from pathlib import Path
from typing import Any

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion.rules import load as loads
from skafu.ops.promotion.rules import smoke as smokes
from skafu.ops.promotion.rules.load import Limits, borne, read
from skafu.ops.promotion.rules.report import Report
from skafu.ops.promotion.rules.smoke import passed
from skafu.ops.promotion.rules.way_back import there_from
from tests.support.reports import RELEASE, decide, load, report, smoke, way_back

LIMITS = {
    "staging": Limits.model_validate(
        {
            "seconds": 60,
            "rate": 100,
            "points": 10,
            "latency_ms": {"p50": 150, "p95": 500, "p99": 2000},
            "error_share": 0.001,
        }
    )
}
is_borne = borne(LIMITS)
is_there = there_from("production")


# --- end to end -----------------------------------------------------------------------------------


def test_every_check_of_every_area_passes_the_gate() -> None:
    verdict = decide(passed, report(smoke()))
    assert verdict.passed
    assert verdict.summary == f"6 checks passed on {RELEASE}, the slowest in 12 ms"


def test_one_failed_check_fails_it() -> None:
    told = smoke()
    told["checks"][1] |= {"passed": False, "detail": "2 of 3 points are there"}
    verdict = decide(passed, report(told))
    assert verdict.summary == "metrics.read_back: 2 of 3 points are there"
    # Whatever the report as a whole says.
    assert not decide(passed, report(told | {"passed": True})).passed


def test_a_report_that_says_that_it_failed_has() -> None:
    assert not decide(passed, report(smoke(passed=False))).passed


@pytest.mark.parametrize("area", smokes.AREAS)
def test_a_part_of_the_checks_is_refused(area: str) -> None:
    checks = [each for each in smoke()["checks"] if not each["name"].startswith(area)]
    with pytest.raises(Refused, match=f"has no check of {area}: run `smoke --full`"):
        decide(passed, report(smoke(checks=checks)))


@pytest.mark.parametrize("release", [None, "20261123T120000Z-bbbbbbbb"])
def test_another_release_was_not_looked_at(release: str | None) -> None:
    verdict = decide(passed, report(smoke(release=release)))
    assert not verdict.passed and "not at one of aaaaaaaa" in verdict.summary


@pytest.mark.parametrize("told", [{}, [], smoke(checks=[]), {"passed": True}, load()])
def test_something_else_is_no_smoke_test(told: Any) -> None:
    with pytest.raises(Refused, match="is not a report of `smoke`"):
        decide(passed, report(told))


# --- load -----------------------------------------------------------------------------------------


def test_a_load_within_its_limits_passes() -> None:
    verdict = decide(is_borne, report(load()))
    assert verdict.passed
    assert verdict.summary == (
        "99.9 requests/s of 10 points for 60 s: 60,000 points acknowledged and all read back, "
        "0 of 6,000 requests failed, p50/p95/p99 40/90/400 ms"
    )


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"rate": 50.0, "sent_rate": 50}, "50 requests/s of 10 points for 60 s are less than 100"),
        ({"seconds": 5.0}, "100 requests/s of 10 points for 5 s are less than 100 of 10 for 60 s"),
        ({"points": 1}, "100 requests/s of 1 points for 60 s are less than"),
        ({"sent_rate": 94.0}, "only 94.0 of 100 requests/s were sent"),
        ({"lost": 1, "read_back": 59_999}, "1 acknowledged points cannot be read back"),
        ({"read_back": 59_990}, "10 acknowledged points cannot be read back"),
        ({"lost": 3}, "3 acknowledged points cannot be read back"),
        ({"acknowledged": 0, "read_back": 0}, "no point was acknowledged"),
        ({"errors": 7, "failures": {"500": 7}}, "7 of 6000 requests failed (7 500)"),
        ({"latency_ms": {"p50": 151, "p95": 90, "p99": 400}}, "p50 151 ms of 150"),
        ({"latency_ms": {"p50": 40, "p95": 501, "p99": 600}}, "p95 501 ms of 500"),
        ({"latency_ms": {"p50": 40, "p95": 90, "p99": 2001}}, "p99 2001 ms of 2000"),
        ({"environment": "development"}, "it was put on development"),
        ({"release": None}, "it looked at release unknown"),
    ],
)
def test_anything_over_fails_it(more: dict[str, Any], told: str) -> None:
    verdict = decide(is_borne, report(load(**more)))
    assert not verdict.passed
    assert told in verdict.summary


def test_as_many_errors_as_are_allowed_are() -> None:
    few = {"errors": 6, "failures": {"500": 6}, "acknowledged": 59_940, "read_back": 59_940}
    assert decide(is_borne, report(load(**few))).passed


@pytest.mark.parametrize(
    "told", [{}, [], load(errors=-1), load(more=1), load(latency_ms={}), smoke()]
)
def test_something_else_is_no_load(told: Any) -> None:
    with pytest.raises(Refused, match="is not a report of `load`"):
        decide(is_borne, report(told))


def test_figures_that_are_none_are_refused() -> None:
    text = report(load()).content.replace(b"99.9", b"NaN")
    with pytest.raises(Refused, match="is not a report of `load`"):
        decide(is_borne, Report("load.json", text))


def test_an_environment_without_limits_cannot_be_decided_about() -> None:
    with pytest.raises(Refused, match="No load is told for staging"):
        decide(borne({}), report(load()))


def test_the_projects_own_limits_can_be_read() -> None:
    assert read(loads.FILE).keys() == {"staging"}


@pytest.mark.parametrize("told", ["", "staging: {}", "staging: {rate: 0}", "- staging", "a: {"])
def test_limits_that_are_not_understood_are_refused(tmp_path: Path, told: str) -> None:
    path = tmp_path / "load.yaml"
    path.write_text(told, encoding="utf-8")
    with pytest.raises(Refused):
        read(path)
    with pytest.raises(Refused, match="cannot be read"):
        read(tmp_path / "none.yaml")


# --- the way back ---------------------------------------------------------------------------------


def test_a_way_back_from_this_artefact_passes() -> None:
    verdict = decide(is_there, report(way_back()))
    assert verdict.passed and verdict.summary == "back to 20261122T120000Z-bbbbbbbb in 2 steps"


def test_the_first_release_has_nothing_to_go_back_to_and_says_so() -> None:
    first = way_back(release=None, target=None, steps=[], note="The first deployment.")
    verdict = decide(is_there, report(first))
    assert verdict.passed and verdict.summary == "The first deployment."


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"problems": ["version 3 of MetricsFunction is gone"]}, "version 3 of MetricsFunction"),
        ({"passed": False}, "the report says that there is none"),
        ({"environment": "staging"}, "it is about staging, not production"),
        ({"artefact": "b" * 64}, "it is about another artefact: bbbbbbbbbbbb"),
    ],
)
def test_a_way_that_is_blocked_or_another_one_fails(more: dict[str, Any], told: str) -> None:
    verdict = decide(is_there, report(way_back(**more)))
    assert not verdict.passed and told in verdict.summary


@pytest.mark.parametrize("told", [{}, [], {"passed": True}, way_back(steps="all"), load()])
def test_something_else_is_no_way_back(told: Any) -> None:
    with pytest.raises(Refused, match="is not a report of `rollback --dry-run`"):
        decide(is_there, report(told))
