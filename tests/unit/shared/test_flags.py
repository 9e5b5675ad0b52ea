"""Flags while AppConfig misbehaves: functions go on, and say so once."""

import json
from typing import Any

import pytest

from skafu.shared.flag_catalogue import ALERT_BACKTESTS, COMPACTION_INTERVAL, KNOWN, Number
from skafu.shared.flags import Defaults, SwitchedOff, open_flags, require
from skafu.shared.flags_appconfig import MAX_AGE_MS, AppConfigFlags
from skafu.shared.observability import metrics
from tests.support.clocks import FakeClock
from tests.support.flags import ADDRESS, AppConfigData, SetFlags
from tests.support.log_lines import log_lines

QUARTER = json.dumps({"compaction_interval_minutes": {"default": 15, "boolean_type": False}})
HOUR = json.dumps({"compaction_interval_minutes": {"default": 60, "boolean_type": False}})


class World:
    def __init__(self, document: str | None = None) -> None:
        self.clock = FakeClock()
        self.data = AppConfigData(document)
        self.clients = 0
        self.flags = AppConfigFlags(ADDRESS, self.clock, self._make)
        metrics.clear_metrics()

    def _make(self) -> AppConfigData:
        self.clients += 1
        return self.data

    @property
    def minutes(self) -> int:
        return self.flags.number(COMPACTION_INTERVAL)

    @property
    def counted(self) -> float:
        """How often flags could not be had."""
        found = metrics.provider.metric_set.get("UnreadableFlags", {"Value": []})
        return float(sum(found["Value"]))


def test_nothing_is_made_or_asked_before_the_first_flag_is() -> None:
    world = World(QUARTER)
    assert (world.clients, world.data.calls) == (0, [])
    assert world.minutes == 15
    assert (world.clients, world.data.calls) == (1, ["start", "get"])


def test_appconfig_is_asked_once_a_minute() -> None:
    world = World(QUARTER)
    for _ in range(5):
        assert world.minutes == 15
    assert len(world.data.calls) == 2
    world.clock.advance(MAX_AGE_MS - 1)
    assert world.minutes == 15
    assert len(world.data.calls) == 2
    world.clock.advance(1)
    assert world.minutes == 15
    assert world.data.calls[2:] == ["get"]


def test_a_change_holds_within_a_minute() -> None:
    world = World(QUARTER)
    assert world.minutes == 15
    world.data.document = HOUR
    world.clock.advance(MAX_AGE_MS)
    assert world.minutes == 60


def test_while_appconfig_is_away_defaults_hold_and_it_is_asked_once_a_minute() -> None:
    world = World(QUARTER)
    world.data.away = True
    with log_lines() as lines:
        for _ in range(3):
            assert world.minutes == 5
        world.clock.advance(MAX_AGE_MS)
        assert world.minutes == 5
    assert world.data.calls == ["start", "start"]
    assert [line["message"] for line in lines] == ["flags cannot be read"]
    assert "appconfigdata.example" in lines[0]["reason"]
    assert world.counted == 2


def test_what_was_read_last_holds_while_appconfig_is_away() -> None:
    world = World(QUARTER)
    assert world.minutes == 15
    world.data.away = True
    world.clock.advance(100 * MAX_AGE_MS)
    assert world.minutes == 15
    world.data.away = False
    world.data.document = HOUR
    world.clock.advance(MAX_AGE_MS)
    assert world.minutes == 60


def test_a_token_that_has_expired_is_replaced_by_a_new_session() -> None:
    world = World(QUARTER)
    assert world.minutes == 15
    world.data.forget_sessions()
    world.data.document = HOUR
    world.clock.advance(MAX_AGE_MS)
    assert world.minutes == 15
    world.clock.advance(MAX_AGE_MS)
    assert world.minutes == 60


def test_where_nothing_was_ever_set_defaults_hold() -> None:
    assert World(None).minutes == 5


@pytest.mark.parametrize(
    "rubbish",
    [
        "{",
        "[]",
        '"on"',
        "7",
        "null",
        '{"compaction_interval_minutes": 15}',
        '{"compaction_interval_minutes": {}}',
        '{"compaction_interval_minutes": {"default": 15}}',
        '{"compaction_interval_minutes": {"default": 15, "boolean_type": false, "rules": [1]}}',
        '{"compaction_interval_minutes": {"default": null, "boolean_type": false}}',
        '{"another": {"default": true, "rules": {"all": {"when_match": true}}}}',
    ],
)
def test_rubbish_is_no_flag(rubbish: str) -> None:
    world = World(rubbish)
    with log_lines() as lines:
        assert world.minutes == 5
        assert world.flags.is_on(ALERT_BACKTESTS, "tenant1")
    assert len(lines) == 1
    assert world.counted == 1


def test_rubbish_does_not_replace_what_could_be_read() -> None:
    world = World(QUARTER)
    assert world.minutes == 15
    world.data.document = "{"
    world.clock.advance(MAX_AGE_MS)
    assert world.minutes == 15


@pytest.mark.parametrize("value", [0, 7, 61, 15.0, "15", True, [15], {"minutes": 15}])
def test_a_value_that_a_flag_cannot_have_is_counted_and_told_once(value: Any) -> None:
    feature = {"default": value, "boolean_type": False}
    world = World(json.dumps({"compaction_interval_minutes": feature}))
    with log_lines() as lines:
        assert [world.minutes, world.minutes] == [5, 5]
    assert len(lines) == 1
    assert lines[0]["message"] == "a flag has a value that it cannot have"
    assert lines[0]["flag"] == "compaction_interval_minutes"
    assert world.counted == 2


def test_a_clock_that_was_set_back_does_not_stop_the_reading() -> None:
    world = World(QUARTER)
    assert world.minutes == 15
    world.data.document = HOUR
    world.clock.advance(-100 * MAX_AGE_MS)
    assert world.minutes == 60


def test_defaults_are_values_that_their_flags_accept() -> None:
    assert len({flag.name for flag in KNOWN}) == len(KNOWN)
    assert all(flag.accepts(flag.default) for flag in KNOWN)
    for flag in KNOWN:
        assert flag.description.endswith(".")
        if isinstance(flag, Number):
            assert flag.accepts(flag.least) and flag.accepts(flag.most)


def test_without_an_address_there_are_defaults_and_no_client() -> None:
    def make() -> Any:
        raise AssertionError("nothing is asked")

    flags = open_flags("", FakeClock(), make)
    assert isinstance(flags, Defaults)
    assert flags.number(COMPACTION_INTERVAL) == 5
    assert flags.is_on(ALERT_BACKTESTS, "tenant1")


def test_an_address_that_is_none_stops_the_function_before_it_is_called() -> None:
    with pytest.raises(ValueError):
        open_flags("app/env", FakeClock())


def test_who_is_refused_reads_that_operators_did_it_and_what_goes_on() -> None:
    flags = SetFlags({"alert_backtests": False})
    with pytest.raises(SwitchedOff) as refused:
        require(flags, ALERT_BACKTESTS, "tenant1")
    assert str(refused.value) == (
        "backtests are switched off by the operators for now; alerts are watched as ever"
    )
    assert (refused.value.status, refused.value.slug) == (403, "switched-off")
    require(SetFlags(), ALERT_BACKTESTS, "tenant1")
