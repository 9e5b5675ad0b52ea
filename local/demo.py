"""Two alerts on the demo agent's metrics, so that a newcomer sees one raise and one watch."""

from typing import Any

from local.api import Api

ALERTS: tuple[dict[str, Any], ...] = (
    {
        "name": "Demo: this machine is on",
        "description": "Made to fire, so that there is one alert to look at: uptime is above 0.",
        "metric": "system.uptime",
        "statistic": "max",
        "period": 10,
        "group_by": ["host"],
        "comparison": ">",
        "threshold": 0,
        "evaluation_periods": 3,
        "datapoints_to_alarm": 2,
        "missing_data": "missing",
        "severity": "info",
        "labels": {"demo": "true"},
    },
    {
        "name": "CPU above 90 %",
        "description": "Three of five minutes on average.",
        "metric": "system.cpu.utilization",
        "statistic": "avg",
        "period": 60,
        "group_by": ["host"],
        "comparison": ">",
        "threshold": 90,
        "evaluation_periods": 5,
        "datapoints_to_alarm": 3,
        "missing_data": "missing",
        "severity": "high",
        "labels": {"demo": "true"},
    },
)


def create_alerts(api: Api) -> int:
    """Create the alerts that are missing, known by their names; how many were."""
    known = {alert["name"] for alert in _all(api)}
    missing = [alert for alert in ALERTS if alert["name"] not in known]
    for alert in missing:
        api.ask("POST", "/api/alerts", alert)
    return len(missing)


def _all(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = api.ask("GET", "/api/alerts", **({"cursor": cursor} if cursor else {}))
        found += page["alerts"]
        cursor = page["cursor"]
        if cursor is None:
            return found
