"""The data that estimates are made from."""

import io
import json
import logging
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from skafu.metrics.prices import PRICES
from skafu.ops.cost import inputs, pages, prices
from skafu.ops.cost.beside import besides
from skafu.ops.cost.estimating import estimates
from skafu.ops.environments import load
from skafu.ops.generated import ROOT
from skafu.shared.observability import SERVICE, Count, Duration, count, logger, observed, timing
from tests.unit.ops.cost import stacks

CLOUDWATCH_LINE = 26
"""Bytes that CloudWatch adds to each line."""
TRACE = len('"xray_trace_id":"1-5f84c7a1-1d2c3b4a59681d2c3b4a5968",')


def test_every_price_says_where_it_was_read() -> None:
    found = prices.read()
    assert found.region == "us-east-1"
    assert all("20" in each.origin and "." in each.origin for each in found.prices.values())


def test_a_price_without_a_source_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    price = {"dollars": 1, "unit": "x", "what": "x", "source": "hearsay"}
    path.write_text(json.dumps({"region": "r", "sources": {}, "prices": {"one": price}}))
    with pytest.raises(KeyError, match="hearsay"):
        prices.read(path)


def test_a_tenants_bill_and_this_estimate_have_the_same_prices() -> None:
    own = {name: each.dollars for name, each in prices.read().prices.items()}
    shared = asdict(PRICES).keys() & own.keys()
    assert {"log_gb", "backup_gb_month", "write_units_million"} <= shared
    assert {name: own[name] for name in shared} == {n: asdict(PRICES)[n] for n in shared}


def test_batches_that_nobody_measured_are_refused() -> None:
    with pytest.raises(ValidationError, match="1, 20, 100, 1000 points only"):
        stacks.load(batch=50)


@pytest.mark.parametrize("line", ["serie: 5", "series: 300000", "bucket_seconds: 1"])
def test_a_profile_that_cannot_be_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "profiles.yaml"
    told = "\n".join(
        f"  {name}: {value}"
        for name, value in stacks.profile().model_dump().items()
        if not line.startswith(f"{name}:")
    )
    path.write_text(f"mine:\n{told}\n  {line}\n")
    with pytest.raises(ValidationError):
        inputs.loads(path)


def test_profiles_begin_with_nobody() -> None:
    first, *others = inputs.loads()
    assert first.profile.points == 0
    assert all(each.profile.points for each in others)


def test_what_a_request_logs_is_what_is_counted_with(capsys: pytest.CaptureFixture[str]) -> None:
    """Its line, and its metrics; long names as AWS makes them."""
    name = "skafu-prod-MetricsFunction-ABCDEFGHIJKL"
    context = SimpleNamespace(
        function_name=name,
        function_version="41",
        memory_limit_in_mb=2048,
        invoked_function_arn=f"arn:aws:lambda:us-east-1:123456789012:function:{name}:live",
        aws_request_id="6f1d0d0e-2f8a-4f6e-9f3b-1d2c3b4a5968",
    )

    def handler(_: dict[str, Any], __: Any) -> None:
        logger.info("request answered", route="/api/metrics", status=202, milliseconds=12)
        # No failure: each would be told of once more, by its version.
        for each in (Count.CLIENT_ERRORS, Count.SERVER_ERRORS, Count.POINTS_REJECTED):
            count(each, 0)
        count(Count.REQUESTS)
        count(Count.POINTS_ACCEPTED, 100)
        timing(Duration.REQUEST, 12)

    line = io.StringIO()
    stream = logging.StreamHandler(line)
    stream.setFormatter(logger.registered_formatter)
    logger.addHandler(stream)
    try:
        observed(handler, "production")({}, context)  # type: ignore[arg-type] # what is read of it
    finally:
        logging.getLogger(SERVICE).removeHandler(stream)
    published = capsys.readouterr().out.splitlines()
    metrics = next(each for each in published if "CloudWatchMetrics" in each)
    size = sum(len(each) + CLOUDWATCH_LINE for each in (line.getvalue().rstrip(), metrics))
    assert size + TRACE == pytest.approx(inputs.measured().logs.request, rel=0.05)


def test_what_nobody_measured_is_less_than_a_tenth() -> None:
    own, chosen = stacks.resources(), [e for e in load(ROOT / "environments") if e.name != "local"]
    for found in estimates(chosen, lambda _: own, inputs.loads(), prices.read()):
        assumed = sum(each.dollars for each in found.lines if each.assumed)
        assert assumed < found.total / 10, found.profile


def test_every_price_of_the_list_is_used() -> None:
    """By an estimate, or by benchmarks; three dashboards of an account are free."""
    found = prices.read()
    further: dict[str, dict[str, object]] = {
        "AWS::SecretsManager::Secret": {},
        "AWS::CloudWatch::CompositeAlarm": {},
        "AWS::WAFv2::WebACL": {"Rules": [{}]},
    }
    own = stacks.resources(ready=1, regions=2) | {
        kind: {"Type": kind, "Properties": properties} for kind, properties in further.items()
    }
    list(estimates(load(ROOT / "environments"), lambda _: own, inputs.loads(), found))
    pages.break_even(found)
    kinds = {
        "AWS::Route53::HostedZone": {},
        "AWS::Route53::HealthCheck": {},
        "AWS::EC2::VPCEndpoint": {"VpcEndpointType": "Interface", "SubnetIds": ["one"]},
    }
    network = {kind: {"Type": kind, "Properties": each} for kind, each in kinds.items()}
    besides(load(ROOT / "environments")[1:], lambda *_: network, found)
    assert found.prices.keys() - found.used == {"http_api_million", "dashboard_month"}
