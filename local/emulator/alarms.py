"""CloudWatch: alarms on expressions.

AWS evaluates an alarm's metric math. MiniStack refuses the stack. Here such an alarm is there, with
its threshold and its actions, and watches a metric that nobody sends: it never rings. What such
alarms say of recorded data is proved without an emulator (tests/template).
"""

# MiniStack has no extension points: what it lacks is added at its private functions.
# pylint: disable=protected-access

from collections.abc import Mapping
from typing import Any

from ministack.services.cloudformation import provisioners

_UNSENT = {"Namespace": "MetricMath", "MetricName": "NotEvaluated"}

_alarm_record = provisioners._cw_metric_alarm_record


def _record(name: str, props: Mapping[str, Any]) -> Any:
    """An alarm's record; of one on an expression, as if it were on a metric."""
    plain = {key: value for key, value in props.items() if key != "Metrics"}
    return _alarm_record(name, {**plain, **_UNSENT} if props.get("Metrics") else props)


def apply() -> None:
    """Accept alarms on expressions."""
    provisioners._cw_metric_alarm_record = _record
