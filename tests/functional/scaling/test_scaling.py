"""The scaling function, called by alarms and by the clock: what it changes, and what it tells."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import pytest

from skafu.scaling.adapting import Means, build
from skafu.scaling.settings import ScalingSettings
from skafu.shared.keys import HOUR_MS, MINUTE_MS
from tests.support.capacity import InMemoryCapacity
from tests.support.clocks import FakeClock
from tests.support.events import lambda_context, sample_event
from tests.support.log_lines import log_lines
from tests.support.sns import FakeSns

TOPIC = "arn:aws:sns:us-east-1:123456789014:skafu-prod-alerts"
METRICS, ALERTS = "skafu-prod-metrics", "skafu-prod-alerts"
THROTTLES = sample_event("scaling.throttles")
SLOW = sample_event("scaling.slow")
TICK = sample_event("scaling.schedule")


class Scaled:
    """The functions of an environment, and who scales them."""

    def __init__(self, environment: str = "production", reserved: int = 100) -> None:
        self.clock, self.sns = FakeClock(), FakeSns()
        self.capacity = InMemoryCapacity({METRICS: reserved or None, ALERTS: None})
        self.capacity.memories = {"skafu-staging-alerts": 1_024}
        settings = ScalingSettings(
            table_name="t",
            environment=environment,
            stack="skafu-prod",
            alerts_topic_arn=TOPIC,
            metrics_function=METRICS,
            functions=f"{METRICS} {ALERTS} skafu-staging-alerts",
            reserved=reserved,
            reserved_maximum=300 if reserved else 0,
        )
        self.handler = build(settings, Means(self.capacity, self.sns, self.clock))

    def told(self, event: Mapping[str, Any]) -> Any:
        return self.handler(deepcopy(dict(event)), lambda_context("skafu-prod-scaling"))["changed"]

    def later(self, minutes: int = 15) -> Any:
        self.clock.advance(minutes * MINUTE_MS)
        return self.told(TICK)

    def refuse(self, many: int = 5) -> None:
        self.capacity.refused.append((METRICS, self.clock(), many))

    @property
    def messages(self) -> Sequence[Mapping[str, Any]]:
        return self.sns.published


def alarm(event: Mapping[str, Any] = THROTTLES, function: str = METRICS, **more: Any) -> Any:
    """An alarm that is otherwise than the sample."""
    found: Any = deepcopy(dict(event))
    [metric] = found["detail"]["configuration"]["metrics"]
    metric["metricStat"]["metric"]["dimensions"] = {"FunctionName": function}
    metric["metricStat"]["metric"].update(more)
    return found


def test_refused_calls_raise_what_is_reserved_and_people_are_told() -> None:
    scaled = Scaled()
    with log_lines() as lines:
        assert scaled.told(THROTTLES) == [100, 150]
    assert scaled.capacity.reserved[METRICS] == 150
    [message] = scaled.messages
    assert message["TopicArn"] == TOPIC
    assert message["Subject"] == f"{METRICS}: reserved concurrency 100 -> 150"
    # Who, when, why, and how it ends.
    for part in (
        "At 2023-11-15 12:00:00",
        "the scaling function of skafu-prod",
        "37 calls were refused",
        "skafu-prod-MetricsThrottlesAlarm",
        "at most 300",
        "two hours later",
    ):
        assert part in message["Message"], part
    [line] = [each for each in lines if each["message"] == "concurrency is changed"]
    assert (line["before"], line["after"]) == (100, 150)


def test_it_goes_on_by_the_clock_while_calls_are_refused_and_comes_down_after_two_quiet_hours() -> (
    None
):
    scaled = Scaled()
    scaled.refuse()
    assert scaled.told(THROTTLES) == [100, 150]
    scaled.clock.advance(5 * MINUTE_MS)
    scaled.refuse()
    assert scaled.later(10) == [150, 200]
    quiet = [scaled.later() for _ in range(8)]
    assert quiet == [None] * 7 + [[200, 100]]
    assert [each["Subject"][-10:] for each in scaled.messages] == [
        "100 -> 150",
        "150 -> 200",
        "200 -> 100",
    ]
    assert scaled.later() is None


def test_nothing_happens_by_the_clock_where_nothing_is_refused() -> None:
    scaled = Scaled()
    assert [scaled.later() for _ in range(4)] == [None] * 4
    assert not scaled.messages


def test_where_no_more_is_allowed_a_person_is_told_what_to_do() -> None:
    scaled = Scaled()
    scaled.capacity.reserved[METRICS] = 300
    assert scaled.told(THROTTLES) is None
    [message] = scaled.messages
    assert "more cannot be reserved" in message["Subject"]
    assert "lambda.reserved_maximum" in message["Message"]


@pytest.mark.parametrize("reserved", [0, 100])
def test_functions_without_concurrency_of_their_own_share_the_account_s(reserved: int) -> None:
    scaled = Scaled(reserved=reserved)
    assert scaled.told(alarm(function=ALERTS)) is None
    assert scaled.capacity.reserved[ALERTS] is None
    assert "higher quota" in scaled.messages[0]["Message"]


def test_a_release_that_is_shifted_to_is_left_to_its_own_alarms() -> None:
    scaled = Scaled()
    scaled.capacity.shifting.add(METRICS)
    assert scaled.told(THROTTLES) is None
    assert scaled.capacity.reserved[METRICS] == 100
    # By the clock too; and afterwards it is looked at again.
    scaled.refuse()
    assert scaled.told(TICK) is None
    scaled.capacity.shifting.clear()
    assert scaled.told(TICK) == [100, 150]


def test_a_tap_that_somebody_has_closed_stays_closed() -> None:
    scaled = Scaled()
    scaled.capacity.reserved[METRICS] = 0
    assert scaled.told(THROTTLES) is None
    assert scaled.capacity.reserved[METRICS] == 0
    assert "somebody has lowered it" in scaled.messages[0]["Message"]


def test_what_is_slow_is_answered_with_a_proposal_and_nothing_is_changed() -> None:
    scaled = Scaled("staging")
    assert scaled.told(SLOW) is None
    [message] = scaled.messages
    assert message["Subject"] == "skafu-staging-alerts is slow"
    assert "-  memory_size: 1024\n+  memory_size: 1769\n" in message["Message"]
    assert "took 7,410 ms, where 5,000 ms" in message["Message"]


def _ok() -> Any:
    event = alarm()
    event["detail"]["state"]["value"] = "OK"
    return event


def _expression(place: int) -> Any:
    event = alarm()
    metrics = event["detail"]["configuration"]["metrics"]
    metrics.insert(place, {"id": "unhealthy", "expression": "IF(a > 0, 1, 0)", "returnData": True})
    return event


@pytest.mark.parametrize(
    "event",
    [
        _ok(),
        _expression(0),  # as a version's alarm, which stops a release
        _expression(1),
        alarm(name="Errors"),
        alarm(namespace="AWS/ApiGateway"),
        alarm(function="somebody-elses"),
        {"source": "aws.cloudwatch", "detail": {}},
    ],
)
def test_other_alarms_are_nothing_to_it(event: Any) -> None:
    scaled = Scaled()
    assert scaled.told(event) is None
    assert not scaled.messages


def test_a_subject_fits_into_what_sns_takes() -> None:
    scaled = Scaled()
    scaled.capacity.reserved[METRICS] = 300
    scaled.told(THROTTLES)
    assert all(len(each["Subject"]) <= 100 for each in scaled.messages)


def test_an_hour_of_refusals_stays_within_the_bounds() -> None:
    scaled = Scaled()
    for _ in range(20):
        scaled.refuse()
        scaled.told(THROTTLES)
        scaled.clock.advance(HOUR_MS // 20)
    assert scaled.capacity.reserved[METRICS] == 300
