"""Alerts, their instances, decisions and notifications as JSON: how they are kept in items.

What was written before a field was thought of reads as if the field had its default.
"""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

import orjson

from skafu.alerts.model import (
    Alert,
    Cause,
    Comparison,
    Datapoint,
    Decision,
    Definition,
    Effect,
    Expression,
    InstanceState,
    Kind,
    Level,
    Logic,
    MissingData,
    Notification,
    Season,
    Severity,
    State,
    Transform,
    TransformType,
)
from skafu.metrics.model import Operator, Statistic, TagFilter, Tags

PACKED = "deflated:"
PACKED_ABOVE = 100_000  # bytes


def to_json(value: Alert | Decision | InstanceState | Notification) -> str:
    """Write a value as JSON; `alert_from`, `decision_from`, ... read it back.

    A correction that replaces very much is deflated, or it would outgrow an item: 400 KB.
    """
    text = orjson.dumps(value)
    if isinstance(value, Decision) and len(text) > PACKED_ABOVE:
        return PACKED + b64encode(zlib.compress(text)).decode()
    return text.decode()


def _definition(raw: Mapping[str, Any]) -> Definition:
    return Definition(
        **{
            **raw,
            "statistic": Statistic(raw["statistic"]),
            "comparison": Comparison(raw["comparison"]),
            "missing_data": MissingData(raw["missing_data"]),
            "filters": tuple(_filter(each) for each in raw["filters"]),
            "group_by": tuple(raw["group_by"]),
            "kind": Kind(raw.get("kind", Kind.METRIC)),
            "levels": tuple(
                Level(**{**each, "severity": Severity(each["severity"])})
                for each in raw.get("levels", ())
            ),
            "transform": _transform(raw.get("transform")),
            "expression": _expression(raw.get("expression")),
        }
    )


def _filter(raw: Mapping[str, Any]) -> TagFilter:
    """JSON has no tuples, and a filter by `in` compares with nothing else."""
    value = raw["value"]
    found = tuple(value) if isinstance(value, list) else value
    return TagFilter(raw["tag"], Operator(raw["op"]), found)


def _transform(raw: Mapping[str, Any] | None) -> Transform | None:
    if raw is None:
        return None
    season = None if raw["season"] is None else Season(raw["season"])
    return Transform(**{**raw, "type": TransformType(raw["type"]), "season": season})


def _expression(raw: Mapping[str, Any] | None) -> Expression | None:
    return None if raw is None else _part(raw)


def _part(raw: Mapping[str, Any]) -> Expression:
    return Expression(Logic(raw["logic"]), raw["alert"], tuple(_part(each) for each in raw["of"]))


def _tags(raw: list[list[str]]) -> Tags:
    return tuple((key, value) for key, value in raw)


def _alert(raw: Mapping[str, Any]) -> Alert:
    return Alert(
        **{
            **raw,
            "definition": _definition(raw["definition"]),
            "severity": Severity(raw["severity"]),
            "channels": tuple(raw["channels"]),
        }
    )


def _effect(raw: Mapping[str, Any]) -> Effect:
    return Effect(
        bucket=raw["bucket"],
        source=State(raw["source"]),
        target=State(raw["target"]),
        cause=Cause(raw["cause"]),
        version=raw["version"],
        datapoints=tuple(Datapoint(**each) for each in raw["datapoints"]),
        source_level=raw.get("source_level", 0),
        target_level=raw.get("target_level", 0),
        inputs={name: State(state) for name, state in raw.get("inputs", {}).items()},
    )


def alert_from(text: str | bytes) -> Alert:
    return _alert(orjson.loads(text))


def decision_from(text: str) -> Decision:
    if text.startswith(PACKED):
        raw = orjson.loads(zlib.decompress(b64decode(text.removeprefix(PACKED))))
    else:
        raw = orjson.loads(text)
    return Decision(
        **{
            **raw,
            "tags": _tags(raw["tags"]),
            "source": State(raw["source"]),
            "target": State(raw["target"]),
            "cause": Cause(raw["cause"]),
            "start": State(raw["start"]),
            "effects": tuple(_effect(each) for each in raw["effects"]),
        }
    )


def instance_state_from(text: str | bytes) -> InstanceState:
    raw = orjson.loads(text)
    return InstanceState(**{**raw, "tags": _tags(raw["tags"]), "state": State(raw["state"])})


def notification_from(text: str | bytes) -> Notification:
    raw = orjson.loads(text)
    return notification_of(raw, _alert(raw["alert"]))


def notification_of(raw: Mapping[str, Any], alert: Alert) -> Notification:
    """A notification from what its JSON says, with the alert put in its place."""
    return Notification(
        **{
            **raw,
            "alert": alert,
            "tags": _tags(raw["tags"]),
            "source": State(raw["source"]),
            "target": State(raw["target"]),
            "cause": Cause(raw["cause"]),
        }
    )
