"""The morning after: history, explanations and figures, printed as the API tells them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.night.play import PREFIX, Night


def report(night: Night, silence: str) -> None:
    """Print what is recorded of the night."""
    _histories(night)
    _explained(night)
    _routed(night)
    _muted(night, silence)
    _noise(night)
    night.tell("\nWhat should have come about:")
    for what, met in night.checks:
        night.tell(f"  {'yes' if met else 'NO ':3}  {what}")


def _histories(night: Night) -> None:
    for name, alert in night.alerts.items():
        night.tell(f"\nHistory of {name}:")
        events = night.api.ask("GET", f"/api/alerts/{alert}/history")["events"]
        for event in reversed(events):
            where = " ".join(event["tags"].values())
            night.tell(
                f"  {_time(event['at'])} {where:8} {event['from']} -> {event['to']} "
                f"({event['cause']}): {event['reason']}"
            )


def _explained(night: Night) -> None:
    asked = (
        ("site has no load", "web-1", "why did it fire?"),
        ("cpu is high", "batch-1", "why was nobody told for a minute?"),
        ("cpu is high", "db-2", "why did it not fire at 76 percent?"),
    )
    for name, host, question in asked:
        night.tell(f"\nExplain {name}, {host}: {question}")
        alert = night.alerts[name]
        document = night.api.ask(
            "GET",
            f"/api/alerts/{alert}/explain",
            tags=f"host={host}",
            at=_moment(night, name, host),
        )
        night.tell(f"  {document['summary']}")
        night.tell(_indented(document))


def _moment(night: Night, name: str, host: str) -> int:
    """When the instance went to ALARM; where it never did, after the 25th value."""
    alert = night.alerts[name]
    events = night.api.ask("GET", f"/api/alerts/{alert}/history")["events"]
    fired = [x["at"] for x in events if x["tags"].get("host") == host and x["to"] == "ALARM"]
    return min(fired, default=night.played_at + 25_000)


def _routed(night: Night) -> None:
    night.tell("\nWhy this route, for a critical alert of the night:")
    labels = {"team": "night", "severity": "critical", "alertname": f"{PREFIX}site is down"}
    night.tell(_indented(night.api.ask("POST", "/api/routing/preview", {"labels": labels})))


def _muted(night: Night, silence: str) -> None:
    night.tell("\nThe silence:")
    night.tell(_indented(night.api.ask("GET", f"/api/silences/{silence}")))


def _noise(night: Night) -> None:
    night.tell("\nNoise report of the last hour:")
    end = night.clock()
    found = night.api.ask("GET", "/api/alerts/noise", start=end - 3_600_000, end=end)
    mine = [each for each in found["alerts"] if each["id"] in night.alerts.values()]
    night.tell(_indented({"alerts": mine}))


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%H:%M:%S")


def _indented(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, indent=2)
    return "\n".join(f"  {line}" for line in text.splitlines())
