"""The dead-man switch beats after a sweep that left nothing undone, and only then."""

from dataclasses import replace

import pytest

from skafu.alerts.dead_man import message
from skafu.alerts.engine import build_sweeper
from skafu.shared.errors import Unavailable
from skafu.shared.observability import Handler
from skafu.shared.settings import SweeperSettings
from tests.support.deciding import QUEUES, Deciding
from tests.support.definitions import alert
from tests.support.events import lambda_context, sample_event


def sweeper(world: Deciding, dead_man: bool = True) -> Handler:
    settings = SweeperSettings(
        table_name="skafu-test",
        environment="local",
        deliveries_queue_url=f"{QUEUES}deliveries",
        wakeups_queue_url=f"{QUEUES}wakeups",
        dead_man=dead_man,
    )
    return build_sweeper(settings, world.table, world.sqs, world.clock)


def sweep(handler: Handler, remaining_ms: int = 28_000) -> None:
    context = lambda_context("AlertSweeperFunction", remaining_ms)
    handler(sample_event("alert-sweeper.schedule"), context)


def test_a_sweep_that_left_nothing_undone_beats() -> None:
    world = Deciding()
    world.create(alert())

    sweep(sweeper(world))

    assert world.sqs.bodies("deliveries") == [message(world.clock.now)]


def test_a_sweep_that_ran_out_of_time_does_not() -> None:
    world = Deciding()
    world.create(alert())
    world.create(replace(alert(), id="second"))

    sweep(sweeper(world), remaining_ms=1_000)

    assert not world.sqs.bodies("deliveries")


def test_a_sweep_whose_table_is_down_does_not() -> None:
    world = Deciding()
    world.create(alert())
    handler = sweeper(world)
    world.table.down = True

    with pytest.raises(Unavailable):
        sweep(handler)

    assert not world.sqs.bodies("deliveries")


def test_where_nobody_listens_nothing_is_sent() -> None:
    world = Deciding()
    world.create(alert())

    sweep(sweeper(world, dead_man=False))

    assert not world.sqs.bodies("deliveries")
