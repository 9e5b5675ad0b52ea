"""A fire drill: a page that goes the whole way, from a point to people, with nothing wrong.

A *stand-in* takes the alert's place: it has the alert's name, labels, severity and channels and the
instance's tags, and watches a metric of its own, to which the drill sends two points. Everything
between is the real thing: storing, the stream, the decision, the outbox, routes, silences, the
channels. What is told is marked as a drill, and carries the label `drill`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import orjson

from skafu.alerts.model import (
    Alert,
    Comparison,
    Definition,
    MissingData,
    Severity,
)
from skafu.metrics.model import Operator, Statistic, TagFilter, Tags

METRIC = "skafu.drill"
TAG = "skafu_drill"
"""The stand-in's metric, and the tag by which its series is told from those of other alerts."""

MOST_TAGS = 29
"""A series has at most 30 tags (DESIGN 4), and a drill needs one of them."""

KNOWN_AFTER_S = 12
"""Evaluators know a new alert after ten seconds at most (rules.CHECK_MS); the point that fires
comes after that, so that the drill measures the way that a real one takes."""

SHORTEST_S, LONGEST_S = 30, 3_600
"""How long a drill may fire."""

WIND_DOWN_S = 120
"""So long after its second point the stand-in stays: what it has to tell is told by then."""

LEFT_BEHIND_S = 900
"""So long after that the sweeper removes a stand-in whose drill was cut short."""


class Stage(StrEnum):
    """How far a drill has come."""

    WAITING = "waiting"  # until every evaluator knows the stand-in
    FIRING = "firing"  # the first point is stored
    ENDING = "ending"  # the second one is
    OVER = "over"  # the stand-in is gone


@dataclass(frozen=True)
class Drill:
    """One drill. Times are epoch milliseconds; `fired_at` and `resolved_at` are when the points
    were stored, None as long as they are not.
    """

    id: str
    alert: str
    stand_in: str
    tags: Tags
    actor: str
    started_at: int
    fire_at: int
    resolve_at: int
    stage: Stage = Stage.WAITING
    fired_at: int | None = None
    resolved_at: int | None = None

    @property
    def due(self) -> int | None:
        """When its next step is due; None when it is over."""
        match self.stage:
            case Stage.WAITING:
                return self.fire_at
            case Stage.FIRING:
                return self.resolve_at
            case Stage.ENDING:
                return self.resolve_at + WIND_DOWN_S * 1000
            case Stage.OVER:
                return None

    def point(self, value: float) -> Mapping[str, Any]:
        """What POST /api/metrics would be sent: the same at every try, so that a retry stores
        nothing new.
        """
        at = self.fire_at if value else self.resolve_at
        tags = {**dict(self.tags), TAG: self.alert}
        return {"metrics": [{"name": METRIC, "value": value, "timestamp": at, "tags": tags}]}


def stand_in(alert: Alert, drill: Drill, severity: Severity) -> Alert:
    """The alert that takes another one's place in a drill.

    It fires early, on the very point (a maximum above), holds through the silence between the two
    points, and resolves a few seconds after the second one.
    """
    definition = Definition(
        metric=METRIC,
        statistic=Statistic.MAX,
        period=10,
        comparison=Comparison.AT_LEAST,
        threshold=1.0,
        filters=(TagFilter(TAG, Operator.EQUAL, drill.alert),),
        group_by=tuple(name for name, _ in drill.tags),
        missing_data=MissingData.IGNORE,
        grace=5,
    )
    left = drill.resolve_at + (WIND_DOWN_S + LEFT_BEHIND_S) * 1000
    return replace(
        alert,
        id=drill.stand_in,
        version=1,
        definition=definition,
        severity=severity,
        cooldown=0,
        created_at=drill.started_at,
        edited_at=drill.started_at,
        drill_of=alert.id,
        expires_at=left,
    )


def drill_from(text: str | bytes) -> Drill:
    raw = orjson.loads(text)
    tags = tuple((key, value) for key, value in raw["tags"])
    return Drill(**{**raw, "tags": tags, "stage": Stage(raw["stage"])})


def drill_text(drill: Drill) -> str:
    """The drill as JSON; `drill_from` reads it back."""
    return orjson.dumps(drill).decode()
