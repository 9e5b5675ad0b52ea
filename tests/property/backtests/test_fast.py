"""Skipping buckets in which nothing can change changes nothing."""

import random
from dataclasses import replace

import pytest

from skafu.alerts.backtest.pure import first_needed
from skafu.alerts.backtest.replay import replay
from skafu.alerts.backtest.stock import Stock
from skafu.alerts.machine import Bucket, Closing, decide, window_length
from skafu.alerts.model import Alert, Cause, State
from skafu.alerts.samples import Samples
from skafu.alerts.walk import Ruling, Standing, walk
from skafu.metrics.demands import Run
from skafu.metrics.model import Series
from tests.support.clocks import NOON
from tests.support.definitions import alert
from tests.support.shapes import random_definition

MINUTES = 400


def _points(r: random.Random) -> tuple[list[int], list[float]]:
    """Long calm stretches, steps, noise around limits, gaps."""
    times, values = [], []
    level, noise, silent = 8.0, 0.0, False
    for second in range(-3_600, MINUTES * 60, 20):
        if r.random() < 0.03:
            level = r.choice((1.0, 8.0, 10.0, 10.0, 13.0, 20.0))
            noise, silent = r.choice((0.0, 0.0, 3.0)), r.random() < 0.3
        if not silent or r.random() < 0.02:
            times.append(NOON + second * 1000)
            values.append(level + r.uniform(-noise, noise))
    return times, values


def _samples(made: Alert, run: Run, end: int) -> Samples:
    stock = Stock()
    stock.add(made.definition, run)
    samples = Samples(made.definition, first_needed(made.definition, NOON), end)
    stock.fill(samples)
    return samples


@pytest.mark.parametrize("seed", range(25))
def test_the_quick_way_through_the_buckets_decides_what_the_whole_way_does(seed: int) -> None:
    r = random.Random(seed)
    end = NOON + MINUTES * 60_000
    run = Run(Series("load", (("host", "a"),)), *_points(r))
    for _ in range(6):
        definition = random_definition(r, "load", "load")
        made = replace(alert(), definition=definition)
        at_once = replace(made, definition=replace(definition, grace=0))

        whole = walk([Ruling(at_once, _samples(made, run, end))], Standing(), NOON, end)

        wanted = tuple(each for each in whole.effects if each.bucket <= end)
        assert replay(made, _samples(made, run, end), NOON, end) == wanted, definition


@pytest.mark.parametrize("seed", range(200))
def test_a_range_that_lies_alike_throughout_changes_nothing_the_second_time(seed: int) -> None:
    r = random.Random(seed)
    definition = random_definition(r, "load", "load")
    value = r.choice((None, 1.0, 6.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 16.0, 30.0, 40.0))
    window = [Bucket(end, value) for end in range(window_length(definition))]
    closing = Closing(window[-1].end, Cause.DATA, 1)
    for state in State:
        for level in range(len(definition.levels) + 1 if state is State.ALARM else 1):
            once, effect = decide(definition, state, window, closing, level)
            at = level if effect is None else effect.target_level

            assert decide(definition, once, window, closing, at) == (once, None), definition


def test_calm_stretches_are_not_decided_bucket_by_bucket() -> None:
    made = alert()
    times = [NOON + minute * 60_000 for minute in range(-5, 10_000)]
    samples = _samples(made, Run(Series("load"), times, [1.0] * len(times)), times[-1])
    asked: list[int] = []
    window = samples.window

    class Counting:
        """The same, and it counts what is asked for."""

        value, covers, complete, stirs = (
            samples.value,
            samples.covers,
            samples.complete,
            samples.stirs,
        )

        def window(self, end: int):  # type: ignore[no-untyped-def]  # whatever it gives
            asked.append(end)
            return window(end)

    replay(made, Counting(), NOON, times[-1])

    assert len(asked) < 20
