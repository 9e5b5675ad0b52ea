"""Keeping an environment awake for a night."""

from datetime import datetime
from typing import Any

import pytest

from skafu.ops.environments import Environment, load
from skafu.ops.generated import ROOT
from skafu.ops.working_hours import keep_ready, main, moment
from skafu.probe.credentials import Credentials
from skafu.shared.working_hours import WorkingHours

ENVIRONMENTS = {each.name: each for each in load(ROOT / "environments")}
NIGHT = "2026-11-23T21:00:00+00:00"  # a Monday


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def berlin() -> WorkingHours:
    found = WorkingHours.parse("MON-FRI 08:00-18:00 Europe/Berlin")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("23:00", "2026-11-23T22:00:00+00:00"),
        ("22:30", "2026-11-23T21:30:00+00:00"),
        ("02:00", "2026-11-24T01:00:00+00:00"),
        ("22:00", "2026-11-24T21:00:00+00:00"),  # it is ten already there: tomorrow's
        ("2026-11-24T01:00:00Z", "2026-11-24T01:00:00+00:00"),
    ],
)
def test_a_time_is_the_next_of_its_kind_where_people_are(text: str, meant: str) -> None:
    assert moment(text, berlin(), at(NIGHT)) == at(meant)


@pytest.mark.parametrize(
    "text", ["soon", "25:00", "2026-11-24T01:00:00", "2026-11-23T20:00:00Z", "2026-11-25T01:00:00Z"]
)
def test_what_is_over_or_far_or_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        moment(text, berlin(), at(NIGHT))


class Scaling:
    """Application Auto Scaling that remembers actions."""

    def __init__(self) -> None:
        self.actions: list[dict[str, Any]] = []

    def put_scheduled_action(self, **asked: Any) -> None:
        self.actions.append(asked)


def _with_instances() -> Environment:
    return ENVIRONMENTS["production"]


def test_instances_are_kept_ready_until_then_and_no_longer() -> None:
    scaling = Scaling()
    wakes, until = at(NIGHT), at("2026-11-23T23:00:00+00:00")
    keep_ready(scaling, _with_instances(), "skafu-prod", wakes, until, False)
    told = [
        (x["ResourceId"], x["Schedule"], x["ScalableTargetAction"]["MaxCapacity"])
        for x in scaling.actions
    ]
    assert told == [
        ("function:skafu-prod-metrics:live", "at(2026-11-23T21:00:00)", 10),
        ("function:skafu-prod-metrics:live", "at(2026-11-23T23:00:00)", 0),
        ("function:skafu-prod-alerts:live", "at(2026-11-23T21:00:00)", 10),
        ("function:skafu-prod-alerts:live", "at(2026-11-23T23:00:00)", 0),
    ]


def test_who_stays_until_the_morning_is_not_sent_to_sleep_in_it() -> None:
    scaling = Scaling()
    keep_ready(scaling, _with_instances(), "skafu-prod", at(NIGHT), at(NIGHT) + 1, True)
    assert {x["ScheduledActionName"] for x in scaling.actions} == {"stays-awake"}


class Clients:
    """CloudFormation that has the stack, and Secrets Manager with one secret."""

    def __init__(self) -> None:
        self.secret = Credentials("client1", "secret1").document()

    def __call__(self, service: str, **_: Any) -> Any:
        assert service in ("cloudformation", "secretsmanager")
        return self

    def describe_stacks(self, **_: Any) -> Any:
        return {"Stacks": [{"Outputs": []}]}

    def get_secret_value(self, **asked: str) -> Any:
        assert asked["SecretId"] == "skafu-staging-probe"
        return {"SecretString": self.secret}

    def put_secret_value(self, **asked: str) -> None:
        assert asked["SecretId"] == "skafu-staging-probe"
        self.secret = asked["SecretString"]


def run(clients: Clients, *arguments: str, now: str = NIGHT) -> int:
    return main(["--environment", "staging", *arguments], clients, lambda: at(now))


def test_the_probe_is_told_and_keeps_what_it_signs_in_with(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clients = Clients()
    assert run(clients) == 0
    assert "now it is asleep" in capsys.readouterr().out
    assert run(clients, "--stay-awake-until", "23:30") == 0
    known = Credentials.parse(clients.secret)
    assert known == Credentials("client1", "secret1", at("2026-11-23T23:30:00+00:00"))
    told = capsys.readouterr().out
    assert "now it is awake" in told and "until 2026-11-23 23:30 UTC" in told
    assert run(clients) == 0
    assert "now it is awake" in capsys.readouterr().out
    assert run(clients, "--sleep") == 0
    assert Credentials.parse(clients.secret).awake_until == 0
    assert "now it is asleep" in capsys.readouterr().out


def test_what_cannot_be_meant_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    clients = Clients()
    before = clients.secret
    assert run(clients, "--stay-awake-until", "soon") == 1
    assert clients.secret == before
    assert capsys.readouterr().err


def test_an_environment_without_hours_never_sleeps(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--environment", "production"], Clients(), lambda: at(NIGHT)) == 0
    assert capsys.readouterr().out == "production never sleeps.\n"
