"""`python -m skafu.ops flags`, as an operator calls it."""

import json
from pathlib import Path
from typing import Any

import pytest

from skafu.ops import __main__ as ops
from skafu.ops.artefact.sources import Refused
from skafu.ops.flags import command
from skafu.ops.flags.deployed import Configuration
from tests.support.app_config import GRADUALLY, OUTPUTS, AppConfig

WHO = "arn:aws:iam::123456789012:user/ada"
OFF = {"alert_backtests": False}


class World:
    """An environment's AppConfig, a file of flags, and somebody who says yes or no."""

    def __init__(self, folder: Path) -> None:
        self.appconfig = AppConfig()
        self.outputs = dict(OUTPUTS)
        self.file = folder / "production.json"
        self.asked: list[str] = []
        self.yes = True
        self.pauses: list[float] = []

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        told = [{"OutputKey": k, "OutputValue": v} for k, v in self.outputs.items()]
        return {"Stacks": [{"Outputs": told}]}

    def get_caller_identity(self) -> dict[str, str]:
        return {"Arn": WHO}

    def make(self, service: str, **_: Any) -> Any:
        return self.appconfig if service == "appconfig" else self

    def answer(self, question: str) -> bool:
        self.asked.append(question)
        return self.yes

    def write(self, said: Any) -> None:
        self.file.write_text(json.dumps(said), "utf-8")

    def run(self, action: str, *options: str) -> int:
        file = [] if action in ("history", "rollback") else [str(self.file)]
        line = ["--environment", "production", action, *file, *options]
        return command.main(line, self.make, self.answer, self.pauses.append)

    def set(self, said: Any) -> None:
        """Have it applied, and handed out to everybody."""
        self.write(said)
        assert self.run("apply", "--yes") == 0
        self.appconfig.finish()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_it_is_one_of_the_operators_commands() -> None:
    assert ops.COMMANDS["flags"] is command.main


def test_a_file_is_checked_without_any_account(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.write(OFF)
    assert command.main(["check", str(world.file)]) == 0
    assert "alert_backtests               off" in capsys.readouterr().out
    world.write({"alert_backtest": False})
    assert command.main(["check", str(world.file)]) == 1
    assert "alert_backtest: there is no such flag" in capsys.readouterr().err
    assert command.main(["check", str(world.file) + "5"]) == 1


@pytest.mark.parametrize("line", [["check"], ["show"], ["apply", "some.json"]])
def test_a_line_that_lacks_something_is_refused(line: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(line)
    assert ended.value.code == 2


def test_a_stack_without_a_place_for_flags_is_told_from_one_with(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.write(OFF)
    del world.outputs["FlagsAddress"]
    assert world.run("apply", "--yes") == 1
    assert "There are no flags here: " in capsys.readouterr().err


def test_apply_shows_what_changes_asks_and_begins_gradually(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.write(OFF)
    assert world.run("apply", "--because", "reads cost too much") == 0
    out = capsys.readouterr().out
    assert "alert_backtests               on (the default)  ->  off" in out
    assert f"deploying, 20 % of processes  reads cost too much ({WHO})" in out
    assert world.asked == ["Set these flags in production?"]
    assert world.appconfig.served() is None
    assert world.appconfig.monitors
    world.appconfig.finish()
    assert world.appconfig.served() == {"alert_backtests": {"default": False}}


def test_nothing_is_set_unless_somebody_says_yes(world: World) -> None:
    world.write(OFF)
    world.yes = False
    assert world.run("apply") == 1
    assert not world.appconfig.deployments
    assert world.run("apply", "--yes") == 0
    assert len(world.asked) == 1


def test_a_wrong_file_changes_nothing(world: World) -> None:
    world.write({"alert_backtests": "off"})
    assert world.run("apply", "--yes") == 1
    assert not world.appconfig.versions


def test_what_is_set_already_is_not_set_again(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.set(OFF)
    assert world.run("apply", "--yes") == 0
    assert "nothing changes" in capsys.readouterr().out
    assert len(world.appconfig.deployments) == 1


def test_defaults_that_were_never_set_are_set_once_so_that_functions_find_a_document(
    world: World,
) -> None:
    world.set({"alert_backtests": True})
    assert world.appconfig.served() == {"alert_backtests": {"default": True}}


def test_at_once_waits_until_everybody_has_it(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.write(OFF)
    assert world.run("apply", "--at-once", "--yes") == 0
    assert world.appconfig.served() == {"alert_backtests": {"default": False}}
    assert world.pauses
    assert "complete  by arn" in capsys.readouterr().out


def test_at_once_an_alarm_that_is_on_does_not_take_it_back_and_watches_again_afterwards(
    world: World,
) -> None:
    world.appconfig.alarm = True
    world.write(OFF)
    assert world.run("apply", "--at-once", "--yes") == 0
    assert world.appconfig.served() is not None
    assert world.appconfig.monitors == [{"AlarmArn": "arn:failing"}]


def test_the_alarms_watch_again_also_when_appconfig_refuses(world: World) -> None:
    world.write(OFF)
    assert world.run("apply", "--yes") == 0
    world.appconfig.deployments[0]["State"] = "COMPLETE"
    world.appconfig.start_deployment(
        ApplicationId="app1234",
        EnvironmentId="env1234",
        ConfigurationProfileId="pro1234",
        ConfigurationVersion="1",
        DeploymentStrategyId=GRADUALLY,
        Description="somebody else's, in between",
    )
    with pytest.raises(Refused), _configuration(world).unwatched():
        _configuration(world).deploy("{}", "at-once", "")
    assert world.appconfig.monitors


def _configuration(world: World) -> Configuration:
    return Configuration(world.appconfig, world.outputs["FlagsAddress"], world.pauses.append)


def test_alarms_that_are_gone_are_missed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.set(OFF)
    assert world.run("show") == 0
    assert "no alarm" not in capsys.readouterr().out
    world.appconfig.monitors = []
    assert world.run("show") == 0
    assert "no alarm watches changes" in capsys.readouterr().out
    world.set({"alert_backtests": True})
    assert "no alarm watches changes" in capsys.readouterr().out


def test_gradually_an_alarm_takes_it_back(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.appconfig.alarm = True
    world.set(OFF)
    assert world.appconfig.served() is None
    assert world.run("history") == 0
    assert "rolled_back" in capsys.readouterr().out


def test_where_all_is_at_once_nothing_is_gradual(world: World) -> None:
    world.outputs["FlagsStrategy"] = world.outputs["FlagsAtOnce"]
    world.write(OFF)
    assert world.run("apply", "--yes") == 0
    assert world.appconfig.served() is not None


def test_one_change_at_a_time(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.write(OFF)
    assert world.run("apply", "--yes") == 0
    world.write({"alert_backtests": True})
    assert world.run("apply", "--yes") == 1
    assert "A change is under way; wait, or `rollback` it" in capsys.readouterr().err


def test_what_a_stack_of_an_older_release_does_not_know_is_refused_by_it(world: World) -> None:
    with pytest.raises(Refused, match="AppConfig does not take these flags"):
        _configuration(world).deploy('{"new": {"default": true}}', GRADUALLY, "")


def test_show_says_what_is_set_and_where_the_file_says_something_else(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.write({})
    assert world.run("show") == 0
    assert "nothing was ever set" in capsys.readouterr().out
    world.set(OFF)
    capsys.readouterr()
    assert world.run("show") == 0
    assert "alert_backtests               off\n" in capsys.readouterr().out
    world.write({"alert_backtests": {"percent_of_tenants": 20}})
    assert world.run("show") == 1
    assert "off; production.json says on for 20 % of tenants" in capsys.readouterr().out


def test_history_tells_who_changed_flags_and_why_newest_first(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    for minutes in (10, 15, 20):
        world.set({"compaction_interval_minutes": minutes})
    capsys.readouterr()
    assert world.run("history") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["3", "2", "1"]
    assert all(f"complete  by {WHO}" in line for line in lines)


def test_rollback_sets_what_was_set_before(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.set({"compaction_interval_minutes": 10})
    world.set({"compaction_interval_minutes": 60})
    assert world.run("rollback", "--yes") == 0
    assert world.appconfig.served()["compaction_interval_minutes"]["default"] == 10
    assert "production.json still says something else" in capsys.readouterr().out


def test_rollback_stops_what_is_under_way(world: World) -> None:
    world.set({"compaction_interval_minutes": 10})
    world.write({"compaction_interval_minutes": 60})
    assert world.run("apply", "--yes") == 0
    assert world.run("rollback", "--yes") == 0
    world.appconfig.finish()
    assert world.appconfig.served()["compaction_interval_minutes"]["default"] == 10


def test_rollback_asks_and_refuses_where_there_is_nothing_to_take_back(world: World) -> None:
    assert world.run("rollback", "--yes") == 1
    world.set(OFF)
    world.yes = False
    assert world.run("rollback") == 1
    assert world.appconfig.served() is not None
    world.yes = True
    assert world.run("rollback") == 0
    assert world.run("rollback") == 1


def test_what_somebody_wrote_by_hand_is_shown_as_such_and_replaced(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.set(OFF)
    world.appconfig.versions[0] = '{"alert_backtests": {"default": true, "rules": {"mine": 1}}}'
    assert world.run("show") == 1
    assert "was not made from a file of flags" in capsys.readouterr().err
    assert world.run("apply", "--yes") == 0
    world.appconfig.finish()
    assert world.appconfig.served() == {"alert_backtests": {"default": False}}
