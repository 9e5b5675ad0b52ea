"""Events of PagerDuty's Events API v2, as its published schema and its documented limits say, and
what it answers.
"""

import json
import re
from typing import Any

KEY = "R0UT1NGK3YR0UT1NGK3YR0UT1NGK3Y00"
MAX_BYTES = 512_000
EVENT = {"routing_key", "event_action", "dedup_key", "payload", "client", "client_url", "links"}
PAYLOAD = {
    "summary",
    "source",
    "severity",
    "timestamp",
    "component",
    "group",
    "class",
    "custom_details",
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def check(body: bytes) -> dict[str, Any]:
    """The event, read; AssertionError where it would be answered with 400."""
    assert len(body) <= MAX_BYTES
    read: dict[str, Any] = json.loads(body)
    assert set(read) <= EVENT
    assert len(read["routing_key"]) == 32
    assert read["event_action"] in ("trigger", "acknowledge", "resolve")
    assert 1 <= len(read["dedup_key"]) <= 255
    if read["event_action"] == "trigger":
        _payload(read["payload"])
    else:
        assert set(read) == {"routing_key", "event_action", "dedup_key"}
    for link in read.get("links", ()):
        assert set(link) == {"href", "text"}
        assert link["href"].startswith(("https://", "http://"))
    return read


def _payload(payload: dict[str, Any]) -> None:
    assert set(payload) <= PAYLOAD
    for name in ("summary", "source", "component", "group", "class"):
        assert isinstance(payload[name], str) and payload[name], name
    assert len(payload["summary"]) <= 1024
    assert payload["severity"] in ("critical", "error", "warning", "info")
    assert MOMENT.fullmatch(payload["timestamp"])
    assert isinstance(payload["custom_details"], dict)


ACCEPTED = (202, {"status": "success", "message": "Event processed", "dedup_key": "group-1"})
INVALID = (
    400,
    {
        "status": "invalid event",
        "message": "Event object is invalid",
        "errors": [f"'routing_key' {KEY} is invalid"],
    },
)
