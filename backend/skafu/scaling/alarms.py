"""What EventBridge says of an alarm that rings (source aws.cloudwatch, "CloudWatch Alarm State
Change"), as far as scaling wants to know it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

THROTTLES, DURATION = "Throttles", "Duration"
ACTED_ON = frozenset({THROTTLES, DURATION})


@dataclass(frozen=True)
class Ringing:
    """An alarm about one metric of one function. `value` is the worst of what it looked at,
    `threshold` what that should not exceed.
    """

    alarm: str
    metric: str
    function: str
    value: float
    threshold: float


def ringing(event: Mapping[str, Any]) -> Ringing | None:
    """None for whatever else it is: other metrics, other states, and expressions over several
    metrics - those watch a release, and act by themselves.
    """
    detail = event.get("detail", {})
    if event.get("source") != "aws.cloudwatch" or detail.get("state", {}).get("value") != "ALARM":
        return None
    metrics = detail.get("configuration", {}).get("metrics", [])
    if len(metrics) != 1 or "metricStat" not in metrics[0]:
        return None
    metric = metrics[0]["metricStat"]["metric"]
    function = metric.get("dimensions", {}).get("FunctionName")
    if metric["namespace"] != "AWS/Lambda" or metric["name"] not in ACTED_ON or not function:
        return None
    data = json.loads(detail["state"].get("reasonData", "{}"))
    points = [float(each) for each in data.get("recentDatapoints", ()) if each is not None]
    return Ringing(
        alarm=str(detail["alarmName"]),
        metric=str(metric["name"]),
        function=str(function),
        value=max(points, default=0.0),
        threshold=float(data.get("threshold", 0.0)),
    )
