"""What the life of points takes is exact, so it may be asserted; times never."""

import pytest

from skafu.metrics.reader import Demand
from skafu.shared.keys import DAY_MS, MINUTE_MS
from benchmarks.deployment import DAY, Deployment
from benchmarks.lives import short
from benchmarks.population import Fleet

METRIC = "app.requests"


@pytest.fixture(scope="module")
def day() -> Deployment:
    """A merged day of 64 series of one metric, a point a minute."""
    deployment = Deployment()
    fleet = Fleet(64, metric=METRIC)
    deployment.live(fleet, 64, DAY + DAY_MS + 6 * MINUTE_MS)
    return deployment


def test_a_point_of_1000_is_taken_in_and_sealed_for_7_thousandths_of_a_unit() -> None:
    found = short(1000, 1000)
    assert found.points == found.ingest.points == 15_000
    assert found.ingest.wru == 60
    assert found.seal.wru <= 46
    assert found.seal.rru + found.ingest.rru <= 55


def test_batches_of_100_take_six_units_more_for_each_thousand() -> None:
    found = short(1000, 100)
    assert found.ingest.wru == 150
    assert found.seal.wru <= 50


def test_a_point_of_its_own_takes_a_unit_and_its_share_of_a_seal() -> None:
    found = short(100, 1)
    assert found.ingest.wru == 1500
    assert found.seal.wru <= 30


def test_merging_a_day_takes_two_thousandths_of_a_unit_a_point(day: Deployment) -> None:
    points = 64 * 1440
    assert day.merge.wru / points <= 0.0025
    assert day.merge.rru / points <= 0.0015


def test_what_stays_of_a_point_are_two_bytes(day: Deployment) -> None:
    at_rest = day.at_rest()
    points = 64 * 1440
    assert sum(at_rest[kind] for kind in ("day", "rollup", "sketch")) / points <= 2.1
    assert at_rest["rollup"] / points <= 0.19
    assert at_rest["sketch"] / points <= 0.29
    assert at_rest["chunk"] / points <= 2.4


def test_a_day_of_points_is_read_from_day_chunks(day: Deployment) -> None:
    found = day.read([Demand(METRIC, DAY, DAY + DAY_MS)])
    assert found.points == 64 * 1440
    assert found.rru <= 35


def test_a_day_of_hours_takes_a_few_units(day: Deployment) -> None:
    found = day.read([Demand(METRIC, DAY, DAY + DAY_MS, hours=True)])
    assert (found.hours, found.points) == (64 * 24, 0)
    assert found.rru <= 12
    with_details = day.read([Demand(METRIC, DAY, DAY + DAY_MS, hours=True, sketches=True)])
    assert with_details.rru <= found.rru + 6


def test_an_hour_takes_no_more_however_old_it_is(day: Deployment) -> None:
    first, last = (
        day.read([Demand(METRIC, DAY + at * DAY_MS // 24, DAY + (at + 1) * DAY_MS // 24)])
        for at in (0, 22)
    )
    assert first.points == last.points == 64 * 60
    assert abs(first.rru - last.rru) <= 1
