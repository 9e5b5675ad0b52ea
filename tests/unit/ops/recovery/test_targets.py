"""RTO and RPO: the file, and what is measured against it."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from skafu.ops.recovery.targets import Measured, judged, load

HOURS = 3600.0


def test_the_tiers_are_the_ones_that_were_asked_for() -> None:
    found = {name: (each.rto_minutes, each.rpo_minutes) for name, each in load().tiers.items()}
    assert found == {"critical": (60, 15), "important": (240, 60), "normal": (1440, 1440)}


def test_points_and_pages_are_critical_and_live_in_the_table() -> None:
    services = load().services
    for name in ("metrics", "alerts"):
        assert (services[name].tier, services[name].lives_in) == ("critical", "table")


@pytest.mark.parametrize(
    ("rto", "rpo", "late"),
    [
        (HOURS, HOURS / 4, set()),
        (HOURS + 1, 0.0, {"alerts", "metrics"}),
        (0.0, HOURS / 4 + 1, {"alerts", "metrics"}),
        (5 * HOURS, 0.0, {"alerts", "metrics", "dashboards", "workspace"}),
    ],
)
def test_each_service_is_held_to_its_own_tier(rto: float, rpo: float, late: set[str]) -> None:
    verdicts = list(judged(load(), Measured(rto, rpo)))
    assert {each.service for each in verdicts if not each.holds} == late
    assert all(("NOT WITHIN" in str(each)) is not each.holds for each in verdicts)


def test_what_does_not_live_in_the_table_is_not_judged_by_it() -> None:
    assert "console" not in {each.service for each in judged(load(), Measured(0, 0))}


@pytest.mark.parametrize(
    "text",
    [
        "tiers: {critical: {rto_minutes: 0, rpo_minutes: 1}}\nservices: {}",
        "tiers: {critical: {rto_minutes: 1, rpo_minutes: 1, hope: 1}}\nservices: {}",
        "tiers: {}\nservices: {metrics: {tier: critical, lives_in: table}}",
        "tiers: {}\nservices: {metrics: {tier: urgent, lives_in: table}}",
    ],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "recovery.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValidationError):
        load(path)
