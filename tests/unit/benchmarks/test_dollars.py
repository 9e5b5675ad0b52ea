from dataclasses import asdict

import pytest

from skafu.metrics.prices import PRICES
from skafu.shared.keys import DAY_MS
from benchmarks.dollars import GB, Counted, Load, cloudwatch, items, prometheus, skafu
from benchmarks.prices import prices

LOAD = Load(1000, 1000)
COUNTED = Counted(
    wru=0.009,
    rru=0.004,
    post_ms=5.0,
    compaction_ms=0.01,
    calls=0.003,
    rest=6.0 * 30 * DAY_MS,
    later=0.5 * 420 * DAY_MS,
)


def test_a_tenants_bill_and_the_benchmarks_have_the_same_prices() -> None:
    shared = asdict(PRICES).keys() & asdict(prices()).keys()
    assert shared == {
        "write_units_million",
        "read_units_million",
        "storage_gb_month",
        "rest_api_million",
        "lambda_million",
        "lambda_gb_second",
    }
    assert {n: asdict(PRICES)[n] for n in shared} == {n: asdict(prices())[n] for n in shared}


def test_a_million_points_cost_what_their_parts_cost() -> None:
    found = skafu(LOAD, COUNTED, prices())
    assert found.gateway == pytest.approx(0.0035)
    assert found.units == pytest.approx(0.009 * 0.625 + 0.004 * 0.125)
    assert found.ingest == pytest.approx(1000 * (0.2e-6 + 0.0115 * 2 * 0.0000133334))
    assert found.compaction == pytest.approx(1e6 * (0.013 + 0.015) / 1000 * 2 * 0.0000133334)
    assert found.storage == pytest.approx(6e6 / GB * 0.25)
    assert found.later == pytest.approx(0.5e6 / GB * 14 * 0.25)
    parts = found.gateway + found.ingest + found.units + found.alerts + found.compaction
    assert found.total == pytest.approx(parts + found.storage)


def test_an_evaluator_takes_requests_together_where_they_are_many() -> None:
    assert Load(1000, 1000).gathered == Load(240, 1).gathered == 1
    assert Load(100_000, 100).gathered == 0.24


def test_behind_an_http_api_the_gateway_costs_less() -> None:
    at = prices()
    assert skafu(LOAD, COUNTED, at, at.http_api_million).gateway == pytest.approx(0.001)


def test_cloudwatch_charges_by_metric_and_month_and_for_requests() -> None:
    at = prices()
    assert cloudwatch(LOAD, at) == pytest.approx(300 / 43.2 + 0.01)
    assert cloudwatch(Load(100_000, 1000), at) == pytest.approx((3000 + 9000) / 4320 + 0.01)
    assert cloudwatch(Load(10_000, 10_000), at) == pytest.approx(3000 / 432 + 0.01)


def test_prometheus_charges_for_samples() -> None:
    assert prometheus(prices()) == pytest.approx(0.09)


def test_an_item_for_each_point_costs_a_write_unit_at_least() -> None:
    assert items(LOAD, 180.0, prices()) > 0.625
    assert items(Load(100, 1), 1.6, prices()) > 4.1
