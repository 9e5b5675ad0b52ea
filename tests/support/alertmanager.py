"""The body of a webhook as Alertmanager's version 4 is documented: whoever reads these with
Alertmanager's own types must be able to.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

TOP = {
    "version": str,
    "groupKey": str,
    "truncatedAlerts": int,
    "status": str,
    "receiver": str,
    "groupLabels": dict,
    "commonLabels": dict,
    "commonAnnotations": dict,
    "externalURL": str,
    "alerts": list,
}
ALERT = {
    "status": str,
    "labels": dict,
    "annotations": dict,
    "startsAt": str,
    "endsAt": str,
    "generatorURL": str,
    "fingerprint": str,
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def check(body: bytes) -> dict[str, Any]:
    """The body, read; AssertionError where it is not as documented."""
    read: dict[str, Any] = json.loads(body)
    _fields(read, TOP)
    assert read["version"] == "4"
    assert read["status"] in ("firing", "resolved")
    assert read["truncatedAlerts"] >= 0
    assert read["alerts"]
    for alert in read["alerts"]:
        _fields(alert, ALERT)
        assert alert["status"] in ("firing", "resolved")
        assert MOMENT.fullmatch(alert["startsAt"]) and MOMENT.fullmatch(alert["endsAt"])
        assert alert["labels"]["alertname"]
        assert re.fullmatch(r"[0-9a-f]{16}", alert["fingerprint"])
        assert read["commonLabels"].items() <= alert["labels"].items()
    for name in ("groupLabels", "commonLabels", "commonAnnotations"):
        assert all(isinstance(value, str) for value in read[name].values())
    fires = any(alert["status"] == "firing" for alert in read["alerts"])
    assert (read["status"] == "firing") == fires
    return read


def _fields(read: dict[str, Any], wanted: Mapping[str, type]) -> None:
    assert set(read) == set(wanted)
    for name, kind in wanted.items():
        assert isinstance(read[name], kind), name
