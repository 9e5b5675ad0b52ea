"""Alarms of the template over recorded figures: in which minute one would ring.

The alarm is read as `aws cloudwatch describe-alarms` would tell it, by the very converter that
brings people's alarms to Skafu, and decided by Skafu's machine, which keeps CloudWatch's tables.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from skafu.alerts.code.entries import asked
from skafu.alerts.code.names import names
from skafu.alerts.machine import Bucket, Closing, decide, window_length
from skafu.alerts.model import Cause, Definition, State
from skafu.ops.alerts_cloudwatch import convert
from tests.support.metric_math import Value, evaluate, names_in

type Json = Any
MINUTE = 60_000
RESULT = {"Namespace": "skafu", "MetricName": "unhealthy", "Statistic": "Maximum", "Period": 60}
"""What an expression comes to, as if somebody had sent it as a metric."""


def dimensions(**values: Json) -> list[Json]:
    """Dimensions as a template writes them."""
    return [{"Name": name, "Value": value} for name, value in values.items()]


def _key(metric: Mapping[str, Json], stat: str) -> str:
    told = sorted((each["Name"], json.dumps(each["Value"])) for each in metric["Dimensions"])
    return json.dumps([metric["Namespace"], metric["MetricName"], stat, told])


@dataclass
class Recorded:
    """What CloudWatch was sent, by minutes from the beginning of a deployment."""

    figures: dict[str, dict[int, float]] = field(default_factory=dict)

    def put(
        self,
        namespace: str,
        name: str,
        where: Iterable[Json],
        values: Mapping[int, float],
        stat: str = "Sum",
    ) -> None:
        """Record a figure by minutes; what was not sent is not in it."""
        metric = {"Namespace": namespace, "MetricName": name, "Dimensions": list(where)}
        self.figures[_key(metric, stat)] = dict(values)

    def at(self, looked_at: Mapping[str, Json], minute: int) -> Value:
        """What there is of a `MetricStat` in a minute."""
        return self.figures.get(_key(looked_at["Metric"], looked_at["Stat"]), {}).get(minute)


def definition_of(alarm: Mapping[str, Json]) -> Definition:
    """An alarm of an expression as Skafu decides it."""
    alone = {name: each for name, each in alarm.items() if name != "Metrics"}
    return _converted(json.dumps({"MetricAlarms": [{**alone, **RESULT, "AlarmName": "it"}]}))


@cache
def _converted(text: str) -> Definition:
    told = convert(text)
    assert not told.refused
    _, draft = asked(told.alerts[0], names("alert", ()), names("channel", ()))
    return draft.definition


def result_of(alarm: Mapping[str, Json], figures: Mapping[str, Value]) -> Value:
    """What an alarm's expressions make of its figures."""
    expressions = {
        each["Id"]: each["Expression"] for each in alarm["Metrics"] if "Expression" in each
    }
    (returned,) = [each["Id"] for each in alarm["Metrics"] if each.get("ReturnData", True)]
    known, left = dict(figures), dict(expressions)
    while left:
        ready = {name: text for name, text in left.items() if not names_in(text) & left.keys()}
        known |= {name: evaluate(text, known) for name, text in ready.items()}
        left = {name: text for name, text in left.items() if name not in ready}
    return known[returned]


def rings(
    alarm: Mapping[str, Json], recorded: Recorded, minutes: range, late: int = 2
) -> int | None:
    """After how many minutes the alarm rings, looked at at the end of each of these, figures coming
    in `late` minutes behind; None: not within them.
    """
    definition, state = definition_of(alarm), State.OK
    length = window_length(definition)
    stats = {each["Id"]: each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each}
    unknown = result_of(alarm, dict.fromkeys(stats))
    values = {
        at: result_of(alarm, {name: recorded.at(stat, at) for name, stat in stats.items()})
        for at in range(minutes[0] - length, minutes[-1] + 1)
    }
    for now in (each + 1 for each in minutes):
        buckets = [
            Bucket((at + 1) * MINUTE, values[at] if at < now - late else unknown)
            for at in range(now - length, now)
        ]
        state, _ = decide(definition, state, buckets, Closing(now * MINUTE, Cause.CLOCK, 1))
        if state is State.ALARM:
            return now
    return None
