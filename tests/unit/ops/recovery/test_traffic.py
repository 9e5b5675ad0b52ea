"""The API's name is moved by a figure in the region that stands by."""

from typing import Any

from skafu.ops.recovery.traffic import LIMIT_S, LOOK_S, METRIC, MINUTES, NAMESPACE, Signs
from tests.support.clocks import NOON, FakeClock


class Watch:
    """CloudWatch with one alarm, which follows after so many figures; -1: never."""

    def __init__(self, follows_after: int = 1, there: bool = True) -> None:
        self.put: list[dict[str, Any]] = []
        self.state = "OK"
        self._after = follows_after
        self._there = there

    def describe_alarms(self, **asked: Any) -> dict[str, Any]:
        """The alarm, if it is the one that is asked for."""
        is_ours = self._there and asked["AlarmNames"] == ["skafu-production-moved"]
        return {"MetricAlarms": [{"StateValue": self.state}] if is_ours else []}

    def put_metric_data(self, **asked: Any) -> None:
        """Take figures."""
        assert asked["Namespace"] == NAMESPACE
        self.put.append(asked)
        if len(self.put) == self._after:
            high = asked["MetricData"][0]["Value"] > 0.5
            self.state = "ALARM" if high else "OK"


def move(watch: Watch, away: bool) -> tuple[bool, list[str], list[float]]:
    told: list[str] = []
    waits: list[float] = []
    signs = Signs(watch, "production", FakeClock(), waits.append, told.append)
    return signs.move(away), told, waits


def test_figures_of_the_last_minutes_make_the_alarm_follow_at_once() -> None:
    watch = Watch()
    assert move(watch, away=True)[0]
    asked = watch.put[0]
    assert len(watch.put) == 1
    figures = asked["MetricData"]
    assert [each["Value"] for each in figures] == [1.0] * MINUTES
    assert {each["MetricName"] for each in figures} == {METRIC}
    assert figures[0]["Dimensions"] == [{"Name": "Environment", "Value": "production"}]
    moments = [round(each["Timestamp"].timestamp() * 1000) for each in figures]
    assert moments == [NOON, NOON - 60_000, NOON - 120_000]


def test_the_figure_is_put_again_until_the_alarm_has_followed() -> None:
    watch = Watch(follows_after=3)
    moved, _, waits = move(watch, away=True)
    assert moved and waits == [LOOK_S, LOOK_S]
    assert len(watch.put) == 3


def test_an_alarm_that_does_not_follow_is_told_and_not_waited_for_for_ever() -> None:
    moved, told, waits = move(Watch(follows_after=-1), away=True)
    assert not moved and sum(waits) == LIMIT_S
    assert "give it again" in told[-1]


def test_back_home_is_the_other_figure() -> None:
    watch = Watch()
    watch.state = "ALARM"
    assert move(watch, away=False)[0]
    assert {each["Value"] for each in watch.put[0]["MetricData"]} == {0.0}


def test_where_there_is_no_name_nothing_is_moved() -> None:
    watch = Watch(there=False)
    moved, told, _ = move(watch, away=True)
    assert not moved and not watch.put
    assert "infrastructure/names.yaml" in told[0]
