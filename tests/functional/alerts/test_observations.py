"""Alerts on points that are many observations, from the request's body to the transition."""

import json
from typing import Any

import pytest

from skafu.alerts.model import Comparison, MissingData, State
from skafu.metrics.ingest import Delivery, Ingest
from skafu.metrics.model import Layout, Segment, Statistic
from skafu.metrics.tenancy import Bucketing, Tenancy
from skafu.shared.keys import HOUR_MS, MINUTE_MS
from tests.support.clocks import NOON
from tests.support.deciding import Deciding
from tests.support.decisions import TENANT
from tests.support.definitions import alert

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
SET = {"statistics": {"sample_count": 40, "sum": 100.0, "minimum": 1.0, "maximum": 50.0}}
BINS = {"values": [1.0, 50.0], "counts": [39, 1]}


class Through:
    """What ingest writes goes into the world's table, and from there into its stream."""

    def __init__(self, world: Deciding, bucketing: Bucketing = Bucketing()) -> None:
        self.tenancies = self
        self._world = world
        self._tenancy = Tenancy(bucketing=bucketing)
        self._ingest = Ingest(self)

    def of(self, tenant: str) -> Tenancy:
        assert tenant == TENANT
        return self._tenancy

    def known_layouts(self, tenant: str, hashes: Any) -> dict[str, Layout]:
        return self._world.store.known_layouts(tenant, hashes)

    def write(self, tenant: str, layouts: list[Layout], segments: list[Segment]) -> None:
        assert tenant == TENANT
        self._world.write(layouts, segments)

    def send(self, **point: Any) -> None:
        """A point of now."""
        now = self._world.clock.now
        body = {"metrics": [{"name": "cpu.load", "timestamp": now, **point}]}
        self._ingest.take(Delivery(TENANT, json.dumps(body).encode(), "g", now))
        self._world.stream()


def minutes(world: Deciding, through: Through, *points: dict[str, Any]) -> list[State]:
    """A point each minute; the states that were decided."""
    for point in points:
        through.send(**point)
        world.pass_time(60)
    through.send(value=0.0)
    return [decision.target for decision in world.decisions]


@pytest.mark.parametrize("form", [SET, BINS])
@pytest.mark.parametrize(
    ("statistic", "threshold"), [(Statistic.COUNT, 39.0), (Statistic.SUM, 80.0)]
)
def test_an_alert_counts_observations(
    form: dict[str, Any], statistic: Statistic, threshold: float
) -> None:
    world = Deciding()
    world.create(alert(statistic=statistic, threshold=threshold))
    assert minutes(world, Through(world), form, {"value": 1.0}) == [ALARM, OK]


def test_the_highest_observation_decides_before_its_bucket_closes() -> None:
    world = Deciding()
    world.create(alert(statistic=Statistic.MAX, threshold=40.0, period=300))
    through = Through(world)
    through.send(value=1.0)
    world.pass_time(10)
    through.send(**SET)
    assert [decision.target for decision in world.decisions] == [ALARM]


def test_an_unknown_percentile_is_missing_data() -> None:
    world = Deciding()
    rule = alert(
        statistic=Statistic.P99,
        threshold=0.5,
        comparison=Comparison.ABOVE,
        missing_data=MissingData.NOT_BREACHING,
    )
    world.create(rule)
    # The bins say 50 or nearly, the sets say nothing: after three there is no data in range.
    assert minutes(world, Through(world), BINS, SET, SET, SET, BINS) == [ALARM, OK, ALARM]


def test_buckets_of_five_minutes_alarm_like_others() -> None:
    world = Deciding()
    world.create(alert(statistic=Statistic.AVG, threshold=10.0))
    world.clock.now = NOON + HOUR_MS - 2 * MINUTE_MS
    through = Through(world, Bucketing(((NOON + HOUR_MS, 5 * MINUTE_MS),)))
    values = [1.0, 20.0, 20.0, 1.0, 1.0, 1.0, 1.0, 20.0, 1.0]
    found = minutes(world, through, *({"value": value} for value in values))
    assert found == [OK, ALARM, OK, ALARM, OK]
