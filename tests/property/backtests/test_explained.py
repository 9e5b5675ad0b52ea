"""What explanations say of a bucket is what was decided live, whatever the definition."""

import random

import pytest

from skafu.alerts.explain.model import Explanation
from skafu.alerts.explain.verdict import Why
from skafu.alerts.model import State
from skafu.alerts.points import period_ms
from tests.property.backtests.played import Played
from tests.support.explaining import Explaining

CLOSED_MS = 90_000
ASKED = 25


def _begun(found: Explanation) -> bool:
    return found.recorded is not None and found.recorded.before.since is not None


@pytest.mark.parametrize("seed", (100, 101))
def test_every_bucket_is_explained_as_it_was_decided(seed: int) -> None:
    played = Played(seed, alerts=6)
    explaining = Explaining(played.world)
    r = random.Random(seed)
    said: set[Why] = set()

    for made in played.alerts:
        for tags in played.histories(made):
            for _ in range(ASKED):
                period = period_ms(made.definition)
                at = r.randrange(played.began + period, played.ended - CLOSED_MS)
                found = explaining.of(made.id, at, tags)
                recorded, verdict = found.recorded, found.verdict
                said.add(verdict.why)
                if recorded is None or not _begun(found):
                    continue
                after = recorded.after
                assert (verdict.target, verdict.level) == (after.state, after.level), found
                assert not found.warnings and found.summary.endswith(".")
                moved = recorded.before != after
                assert moved is (verdict.why is Why.TRANSITION)
                fires = after.state is State.ALARM and recorded.before.state is State.ALARM
                assert not (fires and verdict.why in (Why.FINE, Why.TOO_FEW)), found.summary

    assert {Why.TRANSITION, Why.FINE, Why.BREACHING} <= said
