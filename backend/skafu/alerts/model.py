"""Alerts, their instances, decisions and notifications: frozen values, and how they are written as
JSON.

A bucket is named by its end, in epoch milliseconds, never by an index: an edit of the period must
not rename it.
"""

import hashlib
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson

from skafu.metrics.model import Operator, Statistic, TagFilter, Tags


class State(StrEnum):
    """As CloudWatch names them."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Comparison(StrEnum):
    """When a bucket's value is breaching; the bounds of outside and inside count as inside."""

    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="
    OUTSIDE = "outside"
    INSIDE = "inside"


class MissingData(StrEnum):
    """How a bucket without data counts (CloudWatch's TreatMissingData)."""

    MISSING = "missing"
    NOT_BREACHING = "notBreaching"
    BREACHING = "breaching"
    IGNORE = "ignore"


class Severity(StrEnum):
    """How much it matters, greatest first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class Cause(StrEnum):
    """Why: data were complete, no later point could matter, grace ran out, or data came late.

    `correction` decided again with data that came within the lateness; `late` decided nothing: it
    marks in the history that data came after it.
    """

    DATA = "data"
    EARLY = "early"
    CLOCK = "clock"
    CORRECTION = "correction"
    LATE = "late"


@dataclass(frozen=True)
class Definition:
    """What an alert watches and when it fires. `period`, `lateness` and `grace` are in seconds.

    `threshold` serves the four one-sided comparisons, `lower` and `upper` the two ranges.
    `recovery` is a second threshold that an instance in ALARM must come back past (hysteresis).
    `hold`: silence never resolves.
    """

    metric: str
    statistic: Statistic
    period: int
    comparison: Comparison
    threshold: float | None = None
    lower: float | None = None
    upper: float | None = None
    recovery: float | None = None
    filters: tuple[TagFilter, ...] = ()
    group_by: tuple[str, ...] = ()
    evaluation_periods: int = 1
    datapoints_to_alarm: int = 1
    missing_data: MissingData = MissingData.MISSING
    hold: bool = True
    lateness: int = 300
    grace: int = 30


@dataclass(frozen=True)
class Alert:
    """One version of an alert. `edited_at`: it rules the buckets that end after that moment."""

    id: str
    version: int
    name: str
    definition: Definition
    created_at: int
    edited_at: int
    severity: Severity = Severity.MEDIUM
    channels: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    runbook_url: str | None = None


@dataclass(frozen=True)
class Draft:
    """What people say about an alert: all of it but identity, version and times."""

    name: str
    definition: Definition
    severity: Severity = Severity.MEDIUM
    channels: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    runbook_url: str | None = None


@dataclass(frozen=True)
class Datapoint:
    """One bucket of the evaluation range, named by its end; without data, value and breaching are
    None.
    """

    timestamp: int
    value: float | None
    breaching: bool | None


@dataclass(frozen=True)
class Effect:
    """One transition as the machine saw it: in which bucket, under which version, from which
    datapoints.
    """

    bucket: int
    source: State
    target: State
    cause: Cause
    version: int
    datapoints: tuple[Datapoint, ...] = ()

    @property
    def over(self) -> bool:
        """Whether the instance ended here: no series belongs to it any more, so nothing was
        measured.
        """
        return not self.datapoints


@dataclass(frozen=True)
class Decision:
    """One entry of an instance's log. Replaying the log gives state and history exactly.

    The history before `base` stands; from there on it is replaced by `effects`, which start from
    `start`. An ordinary transition has one effect, at its own bucket. (bucket, revision) grows from
    entry to entry; `source` is the `target` of the entry before. Where source equals target nobody
    is told: only the history was corrected.
    """

    alert: str
    instance: str
    tags: Tags
    bucket: int
    revision: int
    source: State
    target: State
    cause: Cause
    version: int
    base: int
    start: State
    effects: tuple[Effect, ...]
    reason: str
    decided_at: int


@dataclass(frozen=True)
class InstanceState:
    """Where an instance is. `since` is the end of the bucket that brought it there."""

    alert: str
    instance: str
    tags: Tags
    state: State
    since: int
    bucket: int
    revision: int
    value: float | None


@dataclass(frozen=True)
class Notification:
    """What an outbox item holds: what channels need, as it was when the decision was taken."""

    id: str
    alert: Alert
    instance: str
    tags: Tags
    source: State
    target: State
    bucket: int
    revision: int
    cause: Cause
    value: float | None
    reason: str
    created_at: int


def instance_id(tags: Tags) -> str:
    """A short stable name for a tag set: 16 hexadecimal digits."""
    text = orjson.dumps(tags)
    return hashlib.blake2b(text, digest_size=8).hexdigest()


def delivery_id(alert: str, instance: str, bucket: int, revision: int) -> str:
    """The stable id of the notification for one decision: the same however often it is planned or
    sent.
    """
    return f"{alert}-{instance}-{bucket}-{revision}"


PACKED = "deflated:"
PACKED_ABOVE = 100_000  # bytes


# --- JSON -----------------------------------------------------------------------------------------


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
            "filters": tuple(
                TagFilter(each["tag"], Operator(each["op"]), each["value"])
                for each in raw["filters"]
            ),
            "group_by": tuple(raw["group_by"]),
        }
    )


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
    return Notification(
        **{
            **raw,
            "alert": _alert(raw["alert"]),
            "tags": _tags(raw["tags"]),
            "source": State(raw["source"]),
            "target": State(raw["target"]),
            "cause": Cause(raw["cause"]),
        }
    )
