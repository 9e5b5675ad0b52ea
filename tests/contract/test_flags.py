"""Every implementation of feature flags: what functions may rely on."""

from collections.abc import Callable, Mapping
from typing import Protocol

import pytest

from skafu.ops.flags.document import compiled
from skafu.ops.flags.settings import Setting, Staged
from skafu.shared.flag_catalogue import ALERT_BACKTESTS, ALERT_DRILLS, COMPACTION_INTERVAL
from skafu.shared.flags import Flags
from skafu.shared.flags_appconfig import MAX_AGE_MS, AppConfigFlags
from tests.support.clocks import FakeClock
from tests.support.flags import ADDRESS, AppConfigData, SetFlags

TENANTS = [f"tenant{number}" for number in range(2_000)]

type Settings = Mapping[str, Setting]


class World(Protocol):
    """Flags, and who sets them."""

    flags: Flags

    def set(self, settings: Settings) -> None:
        """Let everybody have these settings."""


class InMemory:
    def __init__(self) -> None:
        self._set = SetFlags()
        self.flags: Flags = self._set

    def set(self, settings: Settings) -> None:
        self._set.settings = settings


class InAppConfig:
    def __init__(self) -> None:
        self._clock = FakeClock()
        self._data = AppConfigData()
        self.flags: Flags = AppConfigFlags(ADDRESS, self._clock, lambda: self._data)

    def set(self, settings: Settings) -> None:
        self._data.document = compiled(settings)
        self._clock.advance(MAX_AGE_MS)


@pytest.fixture(params=[InMemory, InAppConfig])
def world(request: pytest.FixtureRequest) -> World:
    make: Callable[[], World] = request.param
    return make()


def on(world: World) -> list[str]:
    return [each for each in TENANTS if world.flags.is_on(ALERT_BACKTESTS, each)]


def test_a_flag_that_nobody_has_set_has_its_default(world: World) -> None:
    assert world.flags.number(COMPACTION_INTERVAL) == 5
    assert world.flags.is_on(ALERT_BACKTESTS, "tenant1")
    world.set({"alert_drills": False})
    assert world.flags.number(COMPACTION_INTERVAL) == 5
    assert world.flags.is_on(ALERT_BACKTESTS, "tenant1")


def test_a_number_is_what_was_set_last(world: World) -> None:
    world.set({"compaction_interval_minutes": 15})
    assert world.flags.number(COMPACTION_INTERVAL) == 15
    world.set({"compaction_interval_minutes": 60})
    assert world.flags.number(COMPACTION_INTERVAL) == 60


@pytest.mark.parametrize("value", [0, 4, 7, 65, True, -5])
def test_a_number_that_a_flag_does_not_accept_is_its_default(world: World, value: int) -> None:
    world.set({"compaction_interval_minutes": value})
    assert world.flags.number(COMPACTION_INTERVAL) == 5


def test_a_switch_is_off_for_everybody(world: World) -> None:
    world.set({"alert_backtests": False})
    assert not on(world)
    world.set({"alert_backtests": True})
    assert on(world) == TENANTS


def test_a_switch_that_is_a_number_is_its_default(world: World) -> None:
    world.set({"alert_backtests": 0})
    assert world.flags.is_on(ALERT_BACKTESTS, "tenant1")


@pytest.mark.parametrize("percent", [1, 20, 50, 99])
def test_a_percentage_of_tenants_is_that_share_of_them(world: World, percent: int) -> None:
    world.set({"alert_backtests": Staged(percent)})
    assert len(on(world)) / len(TENANTS) * 100 == pytest.approx(percent, abs=3)


def test_a_tenant_gets_the_same_answer_each_time(world: World) -> None:
    world.set({"alert_backtests": Staged(50)})
    assert on(world) == on(world)


def test_a_tenant_that_has_it_keeps_it_when_the_percentage_grows(world: World) -> None:
    before: set[str] = set()
    for percent in (5, 20, 60, 100):
        world.set({"alert_backtests": Staged(percent)})
        now = set(on(world))
        assert before < now
        before = now
    assert before == set(TENANTS)


def test_it_is_not_the_same_tenants_who_get_each_flag_first(world: World) -> None:
    world.set({"alert_backtests": Staged(50), "alert_drills": Staged(50)})
    both = [each for each in on(world) if world.flags.is_on(ALERT_DRILLS, each)]
    assert len(both) / len(TENANTS) == pytest.approx(0.25, abs=0.05)


def test_tenants_by_name_win_over_the_percentage_and_never_over_always(world: World) -> None:
    world.set({"alert_backtests": Staged(0, always=("tenant1", "tenant2"), never=("tenant2",))})
    assert on(world) == ["tenant1"]
    world.set({"alert_backtests": Staged(100, never=("tenant2",))})
    assert set(TENANTS) - set(on(world)) == {"tenant2"}
