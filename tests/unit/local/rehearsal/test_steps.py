"""What a rehearsal tells of its steps."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.home import Refused
from local.rehearsal.steps import Step, Steps, document, require, summary, write


def seconds() -> Iterator[float]:
    now = 0.0
    while True:
        yield now
        now += 1.5


def test_a_step_is_told_with_its_time_and_its_result() -> None:
    told: list[str] = []
    steps = Steps(told.append, seconds().__next__)
    with steps.step("deploy") as result:
        result += ["release 1", "all well"]
    assert steps.done == [Step("deploy", 1.5, True, "release 1; all well")]
    assert told == ["   1.5 s  deploy: release 1; all well"]
    assert steps.passed


def test_what_is_raised_fails_the_step_and_goes_on() -> None:
    steps = Steps(lambda _: None, seconds().__next__)
    with pytest.raises(Refused), steps.step("deploy"):
        raise Refused("no")
    assert steps.done == [Step("deploy", 1.5, False, "no")]
    assert not steps.passed


def test_an_interrupted_step_has_failed_too() -> None:
    steps = Steps(lambda _: None, seconds().__next__)
    with pytest.raises(KeyboardInterrupt), steps.step("deploy"):
        raise KeyboardInterrupt
    assert steps.done == [Step("deploy", 1.5, False, "KeyboardInterrupt")]


def test_no_steps_prove_nothing() -> None:
    assert not Steps(lambda _: None, seconds().__next__).passed


def test_the_table_has_a_line_for_each_step_and_says_what_failed() -> None:
    lines = summary([Step("a", 1.04, True, "done"), Step("b", 2, False, "x\n" * 200)])
    assert lines[2] == "a     1.0      done"
    assert lines[3].startswith("b     2.0      FAILED: x x")
    assert lines[3].endswith("...")


def test_the_report_holds_steps_and_figures(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.json"
    write(path, document([Step("a", 1, True, "done")], True, {"outage_s": 3.5}))
    assert json.loads(path.read_text()) == {
        "passed": True,
        "figures": {"outage_s": 3.5},
        "steps": [{"name": "a", "seconds": 1, "passed": True, "result": "done"}],
    }


def test_what_has_to_hold_is_refused_when_it_does_not() -> None:
    require(True, "fine")
    with pytest.raises(Refused, match="not fine"):
        require(False, "not fine")
