"""What backtest promises: replaying stored points gives the same instances, buckets and states as
deciding live gave, wherever all causes were data or early.

SKAFU_BACKTESTS=100 plays more than usual.
"""

import os
from collections.abc import Mapping

import pytest

from skafu.alerts.backtest.service import Backtests
from skafu.alerts.backtest.shelf import Asked
from skafu.alerts.model import Alert, Effect
from skafu.metrics.model import Tags
from skafu.metrics.reader import Reader
from skafu.shared.keys import BUCKET_MS
from tests.property.backtests.played import Played, steps
from tests.support.compacted import Compacting
from tests.support.decisions import TENANT

SEEDS = int(os.environ.get("SKAFU_BACKTESTS", "4"))


def backtested(played: Played, made: Alert) -> Mapping[Tags, tuple[Effect, ...]]:
    world = played.world
    reader = Reader(world.table, world.clock, degree=1)
    backtests = Backtests(world.alerts, reader, world.clock)
    last = played.ended - 31_000 - made.definition.grace * 1000
    found = backtests.stored(TENANT, made.id, Asked(played.began, last, world.clock.now))
    return {tags: effects for tags, effects in found.histories.items() if effects}


def lived(played: Played, made: Alert) -> Mapping[Tags, tuple[Effect, ...]]:
    last = played.ended - 31_000 - made.definition.grace * 1000
    found = {
        tags: tuple(x for x in effects if x.bucket <= last)
        for tags, effects in played.histories(made).items()
    }
    return {tags: effects for tags, effects in found.items() if effects}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_replaying_stored_points_gives_what_was_decided_live(seed: int) -> None:
    played = Played(seed)
    assert not played.corrected()
    moves = 0

    for made in played.alerts:
        live = lived(played, made)
        again = backtested(played, made)
        assert {x: steps(e) for x, e in again.items()} == {
            x: steps(e) for x, e in live.items()
        }, made
        moves += sum(map(len, live.values()))

    assert moves > 10


def test_it_is_the_same_wherever_the_points_are_stored() -> None:
    played = Played(1000)
    before = [backtested(played, made) for made in played.alerts]
    compacting = Compacting(played.world.table)
    first = (played.began - 900_000) // BUCKET_MS * BUCKET_MS

    for bucket in range(first, played.ended - 2 * BUCKET_MS, BUCKET_MS):
        compacting.seal(bucket)
    sealed = [backtested(played, made) for made in played.alerts]
    compacting.merge(played.began // 86_400_000 * 86_400_000)
    merged = [backtested(played, made) for made in played.alerts]

    assert before == sealed == merged
    assert any(before)
