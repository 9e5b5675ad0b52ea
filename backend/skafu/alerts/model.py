"""Alerts, their instances, decisions and notifications: frozen values (codec.py writes them).

A bucket is named by its end, in epoch milliseconds, never by an index: an edit of the period must
not rename it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import orjson

from skafu.metrics.model import Statistic, TagFilter, Tags


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


class Kind(StrEnum):
    """What an alert looks at: values of a metric, whether data come at all, or other alerts."""

    METRIC = "metric"
    HEARTBEAT = "heartbeat"
    COMPOSITE = "composite"


class TransformType(StrEnum):
    """What is compared in place of a bucket's own value.

    `change`, `change_percent` (of the earlier value's size) and `change_rate` (per second) look at
    the bucket `offset` seconds before. `forecast` is where a straight line through the values of
    the last `lookback` seconds will be in `horizon` seconds. `deviation` is how many robust
    standard deviations the value is away from what is usual at this time of the season.
    """

    CHANGE = "change"
    CHANGE_PERCENT = "change_percent"
    CHANGE_RATE = "change_rate"
    FORECAST = "forecast"
    DEVIATION = "deviation"


class Season(StrEnum):
    """After which time what is usual repeats itself, in UTC."""

    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True)
class Transform:
    """A transform with what its type needs, times in seconds; the other fields are 0 or None.

    `seasons` is how many of them a deviation learns from.
    """

    type: TransformType
    offset: int = 0
    horizon: int = 0
    lookback: int = 0
    season: Season | None = None
    seasons: int = 0


@dataclass(frozen=True)
class Level:
    """A further threshold of the same alert, stricter than the one before, with a severity of its
    own, greater than the one before.
    """

    severity: Severity
    threshold: float | None = None
    lower: float | None = None
    upper: float | None = None
    recovery: float | None = None


class Logic(StrEnum):
    """How the parts of an expression are put together; `alert` is a part that has none."""

    ALERT = "alert"
    ALL = "all"
    ANY = "any"
    NOT = "not"


@dataclass(frozen=True)
class Expression:
    """What a composite alert asks of others: `alert` names one (logic ALERT), `of` are the parts of
    the other three; NOT has one.
    """

    logic: Logic
    alert: str = ""
    of: tuple["Expression", ...] = ()


@dataclass(frozen=True)
class Definition:
    """What an alert watches and when it fires. `period`, `lateness`, `grace` and `keep_firing` are
    in seconds.

    `threshold` serves the four one-sided comparisons, `lower` and `upper` the two ranges.
    `recovery` is a second threshold that an instance in ALARM must come back past (hysteresis).
    `levels` are further thresholds, ever stricter. `keep_firing`: so long nothing may be breaching
    before an instance leaves ALARM for OK. `hold`: silence never resolves.

    A heartbeat has a metric and no statistic of interest: it fires when its last
    `evaluation_periods` buckets are without data. A composite has an `expression` instead of a
    metric; with `group_by` it has an instance for each tag set that its alerts' instances have.
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
    kind: Kind = Kind.METRIC
    levels: tuple[Level, ...] = ()
    keep_firing: int = 0
    transform: Transform | None = None
    expression: Expression | None = None


@dataclass(frozen=True)
class Alert:
    """One version of an alert. `edited_at`: it rules the buckets that end after that moment.

    `cooldown`: so many seconds after somebody was told that an instance fires, nobody is told of
    the same instance's next firing; who still fires then is told then. `drill_of` names the alert
    that this one stands in for in a fire drill, until `expires_at`.
    """

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
    cooldown: int = 0
    drill_of: str | None = None
    expires_at: int | None = None

    def severity_at(self, level: int) -> Severity:
        """How much an ALARM at this level matters: 0 is the alert's own, 1 and on its levels'."""
        return self.definition.levels[level - 1].severity if level else self.severity


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
    cooldown: int = 0


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

    In ALARM an instance is at a level of its definition (0 without further thresholds): from one
    level to another is a transition too, from ALARM to ALARM. Elsewhere levels are 0. A composite's
    transition has `inputs` instead of datapoints: its alerts' states then.
    """

    bucket: int
    source: State
    target: State
    cause: Cause
    version: int
    datapoints: tuple[Datapoint, ...] = ()
    source_level: int = 0
    target_level: int = 0
    inputs: Mapping[str, State] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Whether the instance ended here: no series belongs to it any more, so nothing was
        measured.
        """
        return not self.datapoints and not self.inputs


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
    source_level: int = 0
    target_level: int = 0
    start_level: int = 0

    @property
    def told(self) -> bool:
        """Whether others hear of it: the state changed, or an alarm's level did."""
        return (self.source, self.source_level) != (self.target, self.target_level)


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
    level: int = 0


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
    source_level: int = 0
    target_level: int = 0

    @property
    def severity(self) -> Severity:
        """How much it matters, by the level of the alarm that begins, goes on or ends here."""
        fired = self.target is State.ALARM
        return self.alert.severity_at(self.target_level if fired else self.source_level)


def instance_id(tags: Tags) -> str:
    """A short stable name for a tag set: 16 hexadecimal digits."""
    text = orjson.dumps(tags)
    return hashlib.blake2b(text, digest_size=8).hexdigest()


def delivery_id(alert: str, instance: str, bucket: int, revision: int) -> str:
    """The stable id of the notification for one decision: the same however often it is planned or
    sent.
    """
    return f"{alert}-{instance}-{bucket}-{revision}"
