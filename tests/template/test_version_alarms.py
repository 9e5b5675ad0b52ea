"""The deployed alarm definitions over recorded deployments: which release is taken back, after how
many minutes, and which is left alone.

Figures come one or two minutes late, as CloudWatch has them, and a version's own only while two of
them share the alias. What is recorded is made by seeded chance, so that each run sees the same.
"""

import copy
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from tests.support.alarm_trials import Recorded, definition_of, dimensions, result_of, rings
from tests.template.test_strategies import alarms_of, moved, stack

type Json = Any

BEFORE = 10
LASTS = {"canary": 10, "gradual": 20, "rolling": 10, "blue-green": 10}
"""Minutes in which a deployment can be stopped: until all traffic went over, or is no longer
watched.
"""
BUSY, QUIET = 20_000, 60
"""Calls a minute: of production's 2,000 a second a sixth, and of a team that begins."""


@dataclass(frozen=True)
class Version:
    """How a version behaves: shares of its calls, and its slowest in milliseconds."""

    raising: float = 0.0
    refusing: float = 0.0
    throttled: float = 0.0
    slowest: float = 400.0
    first_minute: float = 400.0


GOOD = Version(first_minute=9_000.0)
"""Cold starts make the first minute of a version slow."""
NOISY = Version(raising=0.0003, refusing=0.0007, slowest=2_500.0, first_minute=12_000.0)
"""One call in a thousand fails, for reasons of its own."""


@cache
def _deployed(strategy: str, function: str) -> tuple[Mapping[str, Json], Json]:
    """The alarms of a function's deployment group, and its version as the template names it."""
    resources = stack("production", strategy)
    _, group = moved(resources)[function]
    alias = resources[f"{function}Aliaslive"]["Properties"]
    return alarms_of(resources, group), alias["FunctionVersion"]


def weight(strategy: str, minute: int) -> float:
    """The new version's share of the traffic."""
    if minute < 0:
        return 0.0
    steps = {"canary": 0.05 if minute < 10 else 1.0, "gradual": 0.05 * (minute + 1)}
    return min(1.0, {**steps, "rolling": 0.1 * (minute + 1)}.get(strategy, 1.0))


@dataclass(frozen=True)
class Deployment:
    """A version takes over from another, under so many calls a minute."""

    strategy: str
    new: Version
    old: Version = GOOD
    calls: int = BUSY
    function: str = "MetricsFunction"
    every: int = 1
    seed: int = 7

    def alarms(self) -> Mapping[str, Json]:
        """What can stop it."""
        return _deployed(self.strategy, self.function)[0]

    def version_alarm(self) -> Json:
        """What watches its version."""
        return self.alarms()[f"{self.function.removesuffix('Function')}VersionAlarm"]

    def stopped(self, late: int = 2) -> int | None:
        """After how many minutes the first of the alarms stops it; None: it goes through."""
        recorded, minutes = self.recorded(), range(LASTS[self.strategy])
        found = [rings(alarm, recorded, minutes, late) for alarm in self.alarms().values()]
        return min((each for each in found if each is not None), default=None)

    def recorded(self) -> Recorded:
        """What CloudWatch was sent."""
        chance = random.Random(f"{self.seed} {self.strategy} {self.calls}")
        minutes = range(-BEFORE, LASTS[self.strategy], self.every)
        new = {minute: self._minute(chance, minute) for minute in minutes}
        old = {minute: self._minute(chance, minute, of_old=True) for minute in minutes}
        both = {minute: _together(new[minute], old[minute]) for minute in minutes}
        recorded, (_, number) = Recorded(), _deployed(self.strategy, self.function)
        shared = [each for each in minutes if 0 < weight(self.strategy, each) < 1]
        self._put(recorded, both)
        for version, told in ((number, new), ("41", old)):
            self._put(
                recorded, {minute: told[minute] for minute in shared}, ExecutedVersion=version
            )
        own = dimensions(service="skafu", function={"Ref": self.function}, version=number)
        refused = {at: told["Refused"] for at, told in new.items() if told.get("Refused")}
        recorded.put("skafu", "ServerErrors", own, refused)
        answered = {at: told.get("Invocations", 0.0) for at, told in both.items()}
        answered_5xx(recorded, {at: _failed(told) for at, told in both.items()}, answered)
        return recorded

    def _put(
        self, recorded: Recorded, figures: Mapping[int, Mapping[str, float]], **version: Json
    ) -> None:
        """Record what Lambda tells of the alias, or of a version behind it."""
        alias = {"FunctionName": {"Ref": self.function}, "Resource": f"${{{self.function}}}:live"}
        for name in ("Invocations", "Errors", "Throttles", "Duration"):
            told = {at: each[name] for at, each in figures.items() if name in each}
            stat = "p99" if name == "Duration" else "Sum"
            recorded.put("AWS/Lambda", name, dimensions(**alias, **version), told, stat)

    def _minute(self, chance: random.Random, minute: int, of_old: bool = False) -> dict[str, float]:
        share, version = weight(self.strategy, minute), self.new
        if of_old:
            share, version = 1 - share, self.old
        calls = chance.binomialvariate(self.calls, share)
        throttled = chance.binomialvariate(calls, version.throttled)
        answered = calls - throttled
        told: dict[str, float] = {"Throttles": throttled} if calls else {}
        if answered:
            told["Invocations"] = answered
            told["Errors"] = chance.binomialvariate(answered, version.raising)
            told["Refused"] = chance.binomialvariate(answered, version.refusing)
            told["Duration"] = version.first_minute if minute == 0 else version.slowest
        return told


def _together(new: Mapping[str, float], old: Mapping[str, float]) -> dict[str, float]:
    names = new.keys() | old.keys()
    summed = {name: new.get(name, 0.0) + old.get(name, 0.0) for name in names}
    if "Duration" in names:
        # Of a twentieth of the calls the slowest hundredth are among those of all.
        summed["Duration"] = max(new.get("Duration", 0.0), old.get("Duration", 0.0))
    return summed


def _failed(told: Mapping[str, float]) -> float:
    return told.get("Errors", 0.0) + told.get("Refused", 0.0)


def answered_5xx(
    recorded: Recorded, failures: Mapping[int, float], calls: Mapping[int, float]
) -> None:
    """Record what the gateway tells of its answers."""
    stage = dimensions(ApiName="skafu-test", Stage="production")
    recorded.put("AWS/ApiGateway", "5XXError", stage, failures)
    recorded.put("AWS/ApiGateway", "5XXError", stage, calls, "SampleCount")


# --- bad releases ---------------------------------------------------------------------------------

RAISES = Version(raising=1.0)
BREAKS_A_ROUTE = Version(refusing=0.03)
CRASHES_NOW_AND_THEN = Version(raising=0.02)
SLOW = Version(slowest=9_000.0, first_minute=9_000.0)
THROTTLED = Version(throttled=0.05)


@pytest.mark.parametrize("bad", [RAISES, BREAKS_A_ROUTE, CRASHES_NOW_AND_THEN, SLOW, THROTTLED])
@pytest.mark.parametrize("strategy", LASTS)
def test_a_bad_release_is_stopped_in_four_minutes(strategy: str, bad: Version) -> None:
    # Two bad minutes, and the two that figures are late.
    assert Deployment(strategy, bad).stopped() == 4
    assert Deployment(strategy, bad).stopped(late=1) == 3
    assert Deployment(strategy, bad).stopped(late=0) == 2


@pytest.mark.parametrize("function", ["AlertsFunction", "WorkspaceFunction"])
def test_every_function_behind_the_api_is_held_to_what_it_answers(function: str) -> None:
    assert Deployment("canary", BREAKS_A_ROUTE, function=function).stopped() == 4
    assert Deployment("canary", SLOW, function=function).stopped() == 4


@pytest.mark.parametrize("function", ["AlertEvaluatorFunction", "AlertNotifierFunction"])
@pytest.mark.parametrize("bad", [RAISES, CRASHES_NOW_AND_THEN, Version(slowest=80_000.0)])
def test_what_events_call_is_stopped_too(function: str, bad: Version) -> None:
    assert Deployment("canary", bad, function=function, calls=6_000).stopped() in (4, 5)


def test_a_team_that_begins_has_few_calls_and_a_release_that_fails_all_is_stopped() -> None:
    # Three calls a minute for the new version, and in some minutes none.
    found = [Deployment("canary", RAISES, calls=QUIET, seed=seed).stopped() for seed in range(200)]
    assert None not in found
    assert max(each for each in found if each) <= 7


def test_answers_that_the_gateway_cannot_read_are_seen_in_the_api_s_own_figures() -> None:
    """Malformed, they are 502 there, and well done to Lambda and to the function."""
    alarm, recorded = Deployment("canary", GOOD).alarms()["ApiErrorsAlarm"], Recorded()
    calls = dict.fromkeys(range(10), float(BUSY))
    # Of a canary's twentieth three tenths; and a twentieth, which is too little to be seen there.
    answered_5xx(recorded, dict.fromkeys(calls, BUSY * 0.05 * 0.3), calls)
    assert rings(alarm, recorded, range(10)) == 4
    answered_5xx(recorded, dict.fromkeys(calls, BUSY * 0.05 * 0.05), calls)
    assert rings(alarm, recorded, range(10)) is None


@pytest.mark.parametrize(
    ("function", "every"), [("MetricsCompactorFunction", 5), ("AlertSweeperFunction", 1)]
)
def test_one_failing_run_is_enough_of_what_comes_by_the_clock(function: str, every: int) -> None:
    found = [
        Deployment("rolling", RAISES, calls=1, function=function, every=every, seed=seed).stopped()
        for seed in range(100)
    ]
    if every == 1:
        assert sum(each is None for each in found) <= 2
    else:
        # Of the two runs in these ten minutes a tenth and six tenths go to the new version: the
        # pre-traffic hook has to find what these do not.
        assert 20 <= sum(each is None for each in found) <= 60


def test_a_run_of_the_compactor_is_as_long_as_it_may_be_and_no_longer() -> None:
    seconds = 300
    wanted = Version(slowest=seconds * 820.0, first_minute=seconds * 820.0)
    hanging = Version(slowest=seconds * 950.0, first_minute=seconds * 950.0)
    compactor = "MetricsCompactorFunction"
    assert Deployment("gradual", wanted, calls=40, function=compactor).stopped() is None
    assert Deployment("gradual", hanging, calls=40, function=compactor).stopped() is not None


# --- good ones ------------------------------------------------------------------------------------


@pytest.mark.parametrize("calls", [QUIET, 600, 6_000, BUSY])
@pytest.mark.parametrize("strategy", LASTS)
def test_a_healthy_noisy_release_goes_through(strategy: str, calls: int) -> None:
    found = [Deployment(strategy, NOISY, NOISY, calls, seed=seed).stopped() for seed in range(50)]
    assert [each for each in found if each is not None] == []


def test_one_bad_minute_is_a_hiccup_of_something_else() -> None:
    trial = Deployment("canary", GOOD)
    recorded = trial.recorded()
    for minutes in recorded.figures.values():
        if 4 in minutes:
            minutes[4] *= 100
    assert rings(trial.version_alarm(), recorded, range(10)) is None


@pytest.mark.parametrize("strategy", ["canary", "gradual", "rolling"])
def test_a_release_that_mends_a_broken_one_is_not_taken_for_it(strategy: str) -> None:
    trial = Deployment(strategy, GOOD, old=BREAKS_A_ROUTE)
    recorded = trial.recorded()
    assert rings(trial.version_alarm(), recorded, range(LASTS[strategy])) is None
    # What the API answers on the whole does not know versions: docs/delivery.md says what to do.
    assert trial.stopped() is not None


def test_after_a_switch_the_alias_s_own_figures_are_the_version_s() -> None:
    assert Deployment("blue-green", RAISES).stopped() == 4
    # Until then they are those of the version before.
    assert Deployment("blue-green", GOOD, old=RAISES).stopped() == 1


# --- that these trials would notice ---------------------------------------------------------------


def test_the_newest_minute_alone_would_never_ring() -> None:
    alarm = Deployment("canary", RAISES).version_alarm()
    recorded = Deployment("canary", RAISES).recorded()
    hasty = {**alarm, "EvaluationPeriods": 1, "DatapointsToAlarm": 1}
    assert rings(hasty, recorded, range(10), late=0) == 1
    assert rings(hasty, recorded, range(10), late=1) is None


def test_the_alias_s_errors_would_not_tell_of_a_canary() -> None:
    recorded = Deployment("canary", CRASHES_NOW_AND_THEN).recorded()
    alias = Deployment("blue-green", GOOD).version_alarm()
    assert rings(alias, recorded, range(10)) is None


def test_lambda_s_errors_would_not_tell_of_answers() -> None:
    trial = Deployment("canary", BREAKS_A_ROUTE)
    alarm = copy.deepcopy(trial.version_alarm())
    (told,) = [each for each in alarm["Metrics"] if each["Id"] == "failures"]
    told["MetricStat"]["Metric"]["MetricName"] = "Misspelt"
    assert rings(alarm, trial.recorded(), range(10)) is None


@pytest.mark.parametrize(
    ("figures", "value"),
    [
        ({"invocations": 100.0, "errors": 1.0}, 0),
        ({"invocations": 100.0, "errors": 2.0}, 1),
        ({"invocations": 50.0, "errors": 1.0}, 0),
        ({"invocations": 1.0, "errors": 1.0}, 1),
        ({"invocations": 100.0, "errors": 1.0, "failures": 1.0}, 1),
        ({"throttles": 5.0}, 2),
        ({"invocations": 1.0, "duration": 7_001.0}, 4),
        ({"invocations": 10.0, "errors": 10.0, "throttles": 9.0, "duration": 28_000.0}, 7),
        ({}, 0),
    ],
)
def test_the_value_says_what_is_wrong(figures: dict[str, float], value: int) -> None:
    alarm = Deployment("canary", GOOD).version_alarm()
    nothing = dict.fromkeys(("invocations", "errors", "failures", "throttles", "duration"))
    assert result_of(alarm, nothing | figures) == value


def test_the_definition_is_read_as_it_is_written() -> None:
    found = definition_of(Deployment("canary", GOOD).version_alarm())
    assert (found.period, found.evaluation_periods, found.datapoints_to_alarm) == (60, 5, 2)
    assert (found.threshold, found.missing_data) == (0, "notBreaching")
