"""What a smoke test tells, and when it counts as passed."""

import json

from skafu.canary.checks import Check, Result
from skafu.ops.smoke import Report, Wanted
from skafu.ops.smoke.report import line

GOOD, BAD = Result("health", True, 12, "well"), Result("metrics.read_back", False, 1_234, "lost")


def report(*results: Result) -> Report:
    return Report("staging", "skafu-staging", results, "20261123T012117Z-3fa2b1c4", 1)


def test_one_failure_is_enough_and_nothing_looked_at_is_nothing_shown() -> None:
    assert report(GOOD).passed
    assert not report(GOOD, BAD).passed
    assert not report().passed
    assert report(GOOD, BAD).failures == ("metrics.read_back: lost",)


def test_programs_read_it_as_json() -> None:
    assert json.loads(report(GOOD, BAD).json()) == {
        "passed": False,
        "checks": [
            {"name": "health", "passed": True, "ms": 12, "detail": "well"},
            {"name": "metrics.read_back", "passed": False, "ms": 1234, "detail": "lost"},
        ],
        "release": "20261123T012117Z-3fa2b1c4",
        "at": 1,
        "environment": "staging",
        "stack": "skafu-staging",
    }


def test_people_read_a_line_for_each() -> None:
    assert line(GOOD).split() == ["ok", "health", "12", "ms", "well"]
    assert line(BAD).split() == ["FAILED", "metrics.read_back", "1,234", "ms", "lost"]


def test_checks_are_chosen_by_name_or_group() -> None:
    names = ("health", "metrics.read_back", "metrics.listed", "console.page")

    def chosen(wanted: Wanted) -> list[str]:
        return [name for name in names if wanted.includes(Check(name, lambda: ""))]

    assert chosen(Wanted()) == list(names)
    assert chosen(Wanted(only=frozenset({"health", "metrics.listed"}))) == [
        "health",
        "metrics.listed",
    ]
    assert chosen(Wanted(only=frozenset({"metrics"}))) == ["metrics.read_back", "metrics.listed"]
    assert chosen(Wanted(without=frozenset({"console", "metrics.listed"}))) == [
        "health",
        "metrics.read_back",
    ]
