"""Figures are within their budgets, or within what is accepted for a reason."""

from pathlib import Path
from typing import Any

import pytest

from skafu.ops.artefact.sources import Refused
from skafu.ops.promotion.rules import performance
from skafu.ops.promotion.rules.performance import Acceptance, Accepted, read, within
from skafu.ops.promotion.rules.report import Report
from tests.support.reports import decide, report

OVER = {"zip": Acceptance(limit=330, reason="it halves the cold start")}
ACCEPTED = Accepted(figures=("units", "zip"), over=OVER)
rule = within(ACCEPTED)


def figure(value: float | None, budget: float | None, unit: str = "KB") -> dict[str, Any]:
    return {"value": value, "budget": budget, "limit": None, "unit": unit}


def bench(units: float | None = 0.9, zip_: float | None = 90, **more: Any) -> Report:
    told = {"units": figure(units, 1.0), "zip": figure(zip_, 100), "free": figure(7, None)}
    return report(told | more, "bench.json")


def test_figures_within_their_budgets_pass() -> None:
    verdict = decide(rule, bench())
    assert verdict.passed and verdict.summary == "2 figures within their budgets"


def test_a_budget_may_be_used_up() -> None:
    assert decide(rule, bench(units=1.0)).passed


def test_a_figure_over_its_budget_fails() -> None:
    verdict = decide(rule, bench(units=1.01))
    assert not verdict.passed and verdict.summary == "units is over: 1.01 of 1 KB"


def test_what_is_over_and_accepted_passes_and_is_named() -> None:
    verdict = decide(rule, bench(zip_=313))
    assert verdict.passed
    told = "1 figures within their budgets; over and accepted: zip 313 of 100 KB"
    assert verdict.summary == told


def test_what_gets_worse_than_accepted_fails() -> None:
    assert decide(rule, bench(zip_=330)).passed
    verdict = decide(rule, bench(zip_=331))
    assert not verdict.passed
    assert verdict.summary == "zip is over: 331 of 100 KB, accepted up to 330"


def test_a_new_figure_with_a_budget_is_looked_at_too() -> None:
    assert not decide(rule, bench(new=figure(2, 1))).passed


def test_a_budget_of_nothing_is_a_budget() -> None:
    assert decide(rule, bench(new=figure(0, 0))).passed
    assert not decide(rule, bench(new=figure(0.1, 0))).passed


def test_a_figure_that_could_not_be_measured_fails() -> None:
    verdict = decide(rule, bench(units=None))
    assert not verdict.passed and verdict.summary == "units was not measured"


def test_a_run_of_some_benchmarks_is_refused() -> None:
    with pytest.raises(Refused, match="Figures are missing: zip. Run all of `make bench`"):
        decide(rule, report({"units": figure(0.5, 1)}))


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b"[]",
        b"null",
        b'{"units": 1}',
        b'{"units": {"value": "1"}}',
        b'{"units": {"value": NaN, "budget": 1, "unit": "x"}}',
    ],
)
def test_something_else_is_no_bench(content: bytes) -> None:
    with pytest.raises(Refused, match=r"is not a bench\.json"):
        decide(rule, Report("bench.json", content))


def test_a_report_that_is_cut_off_is_refused() -> None:
    with pytest.raises(Refused, match="is not a JSON report"):
        decide(rule, Report("bench.json", bench().content[:-1]))
    with pytest.raises(Refused, match="takes one report, not 2"):
        decide(rule, bench(), bench())


@pytest.mark.parametrize(
    "told",
    [
        "",
        "figures: []",
        "figures: [a]\nover: {a: {limit: 1}}",
        "figures: [a]\nelse: 1",
        "figures: {",
        "figures: [a]\nover: {a: {limit: 1, reason: so}}",
    ],
)
def test_acceptances_without_a_reason_are_refused(tmp_path: Path, told: str) -> None:
    path = tmp_path / "accepted.yaml"
    path.write_text(told, encoding="utf-8")
    with pytest.raises(Refused, match="cannot be read"):
        read(path)


def test_what_the_project_accepts_is_about_figures_that_it_measures() -> None:
    accepted = read(performance.FILE)
    assert accepted.over.keys() <= set(accepted.figures)
