"""Arithmetic, against what a pencil says."""

from typing import Any

import pytest

from skafu.ops.cost.estimating import estimate
from skafu.ops.cost.lines import Estimate
from skafu.ops.cost.prices import read
from skafu.ops.cost.stack import Unpriced
from tests.unit.ops.cost import stacks

POINTS = 43_200_000
REQUESTS = 432_000


def estimated(resources: dict[str, Any] | None = None, **changes: Any) -> Estimate:
    stack = resources or stacks.resources()
    return estimate("staging", 240, stack, stacks.load(**changes), read())


def dollars(found: Estimate, service: str, driver: str) -> float:
    return sum(x.dollars for x in found.lines if (x.service, x.driver) == (service, driver))


def test_requests_cost_at_the_gateway() -> None:
    found = estimated()
    assert found.points == POINTS
    bringing = dollars(found, "API Gateway", "requests that bring points")
    assert bringing == pytest.approx(0.432 * 3.50)


def test_a_request_takes_its_cpu_on_a_slower_core_and_one_call_of_the_table() -> None:
    milliseconds = 3.1 * 1.3 + 5
    seconds = REQUESTS * milliseconds / 1000 * 2
    own = dollars(estimated(), "Lambda", "taking points in: GB-seconds")
    assert own == pytest.approx(seconds * 0.0000133334)


def test_below_a_whole_core_cpu_takes_longer_and_waiting_gets_cheaper() -> None:
    milliseconds = 3.1 * 1.3 * 1769 / 512 + 5
    seconds = REQUESTS * milliseconds / 1000 * 0.5
    small = estimated(stacks.resources(memory=512))
    own = dollars(small, "Lambda", "taking points in: GB-seconds")
    assert own == pytest.approx(seconds * 0.0000133334)


def test_instances_kept_ready_cost_all_month_and_run_for_less() -> None:
    found = estimated(stacks.resources(ready=3))
    kept = dollars(found, "Lambda", "3 instances of MetricsFunction kept ready")
    assert kept == pytest.approx(3 * 2 * 30 * 86_400 * 0.0000033334)
    run = dollars(found, "Lambda", "taking points in: GB-seconds")
    usual = dollars(estimated(), "Lambda", "taking points in: GB-seconds")
    assert run / usual == pytest.approx(0.0000077778 / 0.0000133334)


def test_of_instances_that_follow_their_use_the_fewest_stand() -> None:
    target = {"ResourceId": "function:${MetricsFunction}:live", "MinCapacity": 2}
    scaled = stacks.resources(ready=10) | {
        "Ready": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": target},
        "Policy": {"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": {}},
    }
    found = estimated(scaled)
    own = dollars(found, "Lambda", "2 instances of MetricsFunction kept ready")
    assert own == pytest.approx(2 * 2 * 720 * 3600 * 0.0000033334)
    watched = dollars(found, "CloudWatch", "metrics that target tracking watches")
    assert watched == pytest.approx(0.2)


def test_the_probe_asks_four_times_a_run_and_what_an_alarm_sets_off_comes_by_no_clock() -> None:
    probed = stacks.resources() | {
        "ProbeFunction": {"Type": "AWS::Lambda::Function", "Properties": {"MemorySize": 256}},
        "Probe": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "ScheduleExpression": "rate(5 minutes)",
                "Targets": [{"Arn": {"Ref": "ProbeFunction"}}],
            },
        },
        "Alarm": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {}, "Targets": []}},
    }
    found = estimated(probed)
    runs = 720 * 12
    assert dollars(found, "API Gateway", "the probe") == pytest.approx(runs * 4 * 3.5 / 1_000_000)
    assert dollars(found, "CloudWatch", "the probe's metrics") == pytest.approx(0.6)
    assert dollars(found, "Cognito", "the probe's tokens") == pytest.approx(360 * 0.00225)
    assert dollars(estimated(), "API Gateway", "the probe") == 0


def test_units_and_bytes_are_those_of_points() -> None:
    found = estimated()
    assert dollars(found, "DynamoDB", "writes") == pytest.approx(43.2 * 0.01534 * 0.625)
    assert dollars(found, "DynamoDB", "reads of compaction") == pytest.approx(43.2 * 0.00495 / 8)
    # 210 of the 420 days for which benchmarks keep rollups beyond the first month.
    size = POINTS * (8.54 + 9.76 / 2) / 1024**3
    assert dollars(found, "DynamoDB", "at rest") == pytest.approx(size * 0.25)
    assert dollars(found, "DynamoDB", "point-in-time recovery") == pytest.approx(size * 0.20)


def test_a_second_region_writes_and_stores_once_more() -> None:
    one, two = estimated(), estimated(stacks.resources(regions=2))
    further = dollars(two, "DynamoDB", "writes in further regions")
    assert further == pytest.approx(dollars(one, "DynamoDB", "writes"))
    for driver in ("at rest", "point-in-time recovery"):
        assert dollars(two, "DynamoDB", driver) == pytest.approx(
            2 * dollars(one, "DynamoDB", driver)
        )


def test_a_pair_costs_each_time_that_a_bucket_closes() -> None:
    found = estimated(alert_pairs=10, bucket_seconds=300)
    closings = 10 * 30 * 288
    expected = closings * 3.04 / 1_000_000 * 0.125
    assert dollars(found, "DynamoDB", "reads of alerts") == pytest.approx(expected)


def test_the_evaluator_gathers_what_comes_within_a_second() -> None:
    few = dollars(estimated(), "Lambda", "evaluator: requests")
    many = dollars(estimated(series=100_000), "Lambda", "evaluator: requests")
    assert few == pytest.approx(0.432 * 0.20)
    assert many == pytest.approx(240 * 43_200 / 1_000_000 * 0.20)


def test_people_and_machines_sign_in() -> None:
    found = estimated(members=8, token_holders=10)
    assert dollars(found, "Cognito", "members") == pytest.approx(0.12)
    tokens = dollars(found, "Cognito", "machines' tokens, one an hour")
    assert tokens == pytest.approx(10 * 720 * 0.00225)


def test_traces_are_one_a_second_and_a_twentieth_of_the_rest() -> None:
    # A thousand requests a minute, and the evaluator four times a second.
    found = estimated(series=100_000)
    seconds = 30 * 86_400
    requests = seconds + (43_200_000 - seconds) * 0.05
    evaluator = seconds + 3 * seconds * 0.05
    traces = dollars(found, "X-Ray", "traces")
    assert traces == pytest.approx((requests + evaluator) / 1_000_000 * 5)


def test_a_sampling_rule_says_what_is_traced_of_requests_and_of_nothing_else() -> None:
    rule = {"URLPath": "*", "FixedRate": 0.01}
    health = {"URLPath": "*/api/health", "FixedRate": 1}
    rules = {
        name: {"Type": "AWS::XRay::SamplingRule", "Properties": {"SamplingRule": each}}
        for name, each in {"Health": health, "Requests": rule}.items()
    }
    found = estimated({**stacks.resources(), **rules}, series=100_000)
    seconds = 30 * 86_400
    requests = seconds + (43_200_000 - seconds) * 0.01
    evaluator = seconds + 3 * seconds * 0.05
    traces = dollars(found, "X-Ray", "traces")
    assert traces == pytest.approx((requests + evaluator) / 1_000_000 * 5)


def test_what_stands_is_paid_when_nobody_comes() -> None:
    found = estimated(series=0)
    assert found.a_million_points is None
    assert found.total == pytest.approx(found.standing)
    assert dollars(found, "CloudWatch", "metrics that alarms watch") == pytest.approx(0.30)
    assert dollars(found, "KMS", "keys") == 1
    polling = dollars(found, "SQS", "Lambda looking into 1 queues")
    assert polling == pytest.approx(15 * 43_200 / 1_000_000 * 0.40)
    assert dollars(
        found, "Lambda", "MetricsCompactorFunction by the clock: requests"
    ) == pytest.approx(8640 / 1_000_000 * 0.20)


def test_dashboards_and_composite_alarms_stand_too() -> None:
    boards = {f"Board{n}": {"Type": "AWS::CloudWatch::Dashboard"} for n in range(4)}
    further = {**boards, "Down": {"Type": "AWS::CloudWatch::CompositeAlarm"}}
    found = estimated({**stacks.resources(), **further}, series=0)
    assert dollars(found, "CloudWatch", "dashboards beyond three") == 3
    assert dollars(found, "CloudWatch", "composite alarms") == 0.5
    del further["Board3"]
    three = estimated({**stacks.resources(), **further}, series=0)
    assert found.total - three.total == pytest.approx(3)


def test_a_total_is_the_sum_of_its_services() -> None:
    found = estimated(members=3, queries_a_day=100)
    assert sum(found.services().values()) == pytest.approx(found.total)
    assert found.a_million_points == pytest.approx(found.total / 43.2)


def test_elsewhere_metrics_and_samples_have_two_tiers() -> None:
    others = estimated(series=20_000, alert_pairs=5).others()
    put = 20_000 * 43_200 / 100 / 1000 * 0.01
    assert others["CloudWatch"] == pytest.approx(3000 + 1000 + put + 0.50)
    points = 100_000 * 43_200
    samples = 200 * 0.90 + (points - 2_000_000_000) / 10_000_000 * 0.35
    kept = points / 30 * 150 * 2 / 1024**3 * 0.03
    many = estimated(series=100_000).others()["Managed Prometheus"]
    assert many == pytest.approx(samples + kept)


def test_what_nobody_has_priced_stops_the_estimate() -> None:
    paid = {"Cluster": {"Type": "AWS::Redshift::Cluster", "Properties": {}}}
    with pytest.raises(Unpriced, match="Cluster is an AWS::Redshift::Cluster"):
        estimated({**stacks.resources(), **paid})


def test_provisioned_units_are_paid_by_the_hour_and_what_is_used_is_most_of_them() -> None:
    """43.2 million points take 0.01534 write units each, and 70 % of what is there is in use."""
    scaled = {"MinCapacity": 5, "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70}}
    stack = stacks.resources(regions=2)
    stack["Table"]["Properties"] |= {
        "BillingMode": "PROVISIONED",
        "WriteProvisionedThroughputSettings": {"WriteCapacityAutoScalingSettings": scaled},
    }
    idle = 2 * 5 * 720  # table and index
    always = dollars(estimated(stack), "DynamoDB", "write capacity that is always there")
    assert always == pytest.approx(2 * idle * 0.00065)
    found = estimated(stack, series=100_000)
    needed = 100_000 * 43_200 * 0.01534 / 3600 / 0.7
    beyond = dollars(found, "DynamoDB", "write capacity beyond it")
    assert beyond == pytest.approx(2 * (needed - idle) * 0.00065, rel=0.01)
    assert dollars(found, "DynamoDB", "read capacity beyond it") > 0
    assert not dollars(found, "DynamoDB", "writes")


def test_what_is_not_understood_stops_it_too() -> None:
    stack = stacks.resources()
    stack["Clock"]["Properties"] = {"ScheduleExpression": "cron(0 8 * * ? *)", "Targets": []}
    with pytest.raises(Unpriced):
        estimated(stack)
