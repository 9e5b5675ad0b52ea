"""Runs of the compactor that an operator asks for, against a function that answers by a script."""

import io
import json
from typing import Any

import pytest

from skafu.ops import __main__ as ops, compact
from tests.support.clocks import NOON

MINUTE = 60_000
ALIAS = "arn:aws:lambda:us-east-1:123456789012:function:skafu-local-metrics-compactor:live"
NOTHING = ("--environment", "local")


class Cloud:
    """CloudFormation and Lambda: `left` is what each run in turn leaves for the next one."""

    def __init__(self, *left: int, error: str | None = None) -> None:
        self.left = list(left)
        self.error = error
        self.asked: list[dict[str, Any]] = []
        self.options: dict[str, Any] = {}

    def make(self, service: str, **options: Any) -> "Cloud":
        if service == "lambda":
            self.options = options
        return self

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        output = {"OutputKey": "MetricsCompactorFunctionAlias", "OutputValue": ALIAS}
        return {"Stacks": [{"Outputs": [output]}]}

    def invoke(self, **asked: Any) -> dict[str, Any]:
        assert asked["FunctionName"] == ALIAS
        event = json.loads(asked["Payload"])
        self.asked.append(event)
        if self.error is not None:
            return {"Payload": io.BytesIO(self.error.encode()), "FunctionError": "Unhandled"}
        left = self.left.pop(0) if self.left else 0
        report = {"at": event.get("at", NOON), "sealed": 3, "left": left}
        return {"Payload": io.BytesIO(json.dumps(report).encode())}

    def run(self, *arguments: str) -> int:
        return compact.main([*NOTHING, *arguments], self.make)


def test_without_a_time_it_is_the_functions_own(capsys: pytest.CaptureFixture[str]) -> None:
    cloud = Cloud()
    assert cloud.run() == 0
    assert cloud.asked == [{}]
    assert "2023-11-15T12:00:00+00:00  sealed 3, left 0" in capsys.readouterr().out


@pytest.mark.parametrize("text", [str(NOON), "2023-11-15T12:00:00Z", "2023-11-15T13:00+01:00"])
def test_a_moment_is_given_as_people_or_programs_give_it(text: str) -> None:
    cloud = Cloud()
    assert cloud.run("--at", text, "--tenant", "acme") == 0
    assert cloud.asked == [{"at": NOON, "tenant": "acme"}]


def test_a_clock_is_played_forward_to_its_very_end() -> None:
    cloud = Cloud()
    last = NOON + 40 * MINUTE
    assert cloud.run("--from", str(NOON), "--to", str(last), "--step", "15") == 0
    moments = [NOON, NOON + 15 * MINUTE, NOON + 30 * MINUTE, last]
    assert [event["at"] for event in cloud.asked] == moments


def test_a_moment_is_repeated_while_work_is_left() -> None:
    cloud = Cloud(7, 2, 0)
    assert cloud.run("--at", str(NOON)) == 0
    assert cloud.asked == [{"at": NOON}] * 3


def test_work_that_does_not_end_is_told() -> None:
    cloud = Cloud(*[1] * (compact.MOST_RUNS + 1))
    assert cloud.run("--at", str(NOON)) == 1
    assert len(cloud.asked) == compact.MOST_RUNS


def test_a_run_is_waited_for_and_not_repeated_when_its_answer_is_late() -> None:
    cloud = Cloud()
    cloud.run()
    assert cloud.options["attempts"] == 1
    assert cloud.options["read_timeout_s"] >= 300


def test_what_the_function_says_when_it_fails_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    cloud = Cloud(error='{"errorMessage": "the table is gone"}')
    assert cloud.run("--from", "1", "--to", "2") == 1
    assert len(cloud.asked) == 1
    assert "the table is gone" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "1"),
        ("--to", "1"),
        ("--from", "1", "--to", "2", "--at", "1"),
        ("--from", "2", "--to", "1"),
        ("--at", "yesterday"),
        ("--from", "1", "--to", "2", "--step", "0"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments: tuple[str, ...]) -> None:
    cloud = Cloud()
    with pytest.raises(SystemExit) as ended:
        cloud.run(*arguments)
    assert ended.value.code == 2
    assert not cloud.asked


def test_the_command_is_offered_to_operators() -> None:
    assert ops.COMMANDS["compact"] is compact.main
