"""How alerts, instances and events are shown: the shapes of schemas.py as plain values.

Written by hand so that reading needs no pydantic; a test holds every one of them to its model.
"""

from collections.abc import Mapping
from typing import Any

from skafu.alerts.history import Event
from skafu.alerts.model import (
    Alert,
    Cause,
    Definition,
    Expression,
    InstanceState,
    Kind,
    Level,
    Logic,
    Severity,
    State,
    Transform,
)
from skafu.alerts.paging.model import Engagement
from skafu.alerts.states import Instances

type View = dict[str, Any]


def alert_view(
    alert: Alert, instances: Instances, engaged: Mapping[tuple[str, str], Engagement] | None = None
) -> View:
    """An alert as it is stored, with its instances and, by alert and instance, what people do about
    them. What does not belong to its type is null.
    """
    known = engaged or {}
    return {
        "id": alert.id,
        "version": alert.version,
        "name": alert.name,
        **definition_view(alert.definition),
        "severity": alert.severity,
        "cooldown": alert.cooldown,
        "channels": alert.channels,
        "labels": dict(alert.labels),
        "description": alert.description,
        "runbook_url": alert.runbook_url,
        "created_at": alert.created_at,
        "edited_at": alert.edited_at,
        "instances": [
            _instance(alert, each, known.get((each.alert, each.instance)))
            for each in instances.shown
        ],
        "more_instances": instances.more,
    }


def definition_view(definition: Definition) -> View:
    """What an alert watches."""
    kind, measures = definition.kind, definition.kind is Kind.METRIC
    watches = kind is not Kind.COMPOSITE
    silence = definition.period * definition.evaluation_periods
    expression = definition.expression
    return {
        "type": kind,
        "metric": definition.metric if watches else None,
        "statistic": definition.statistic if measures else None,
        "period": definition.period if watches else None,
        "filters": [{"tag": x.tag, "op": x.op, "value": x.value} for x in definition.filters],
        "group_by": definition.group_by,
        "comparison": definition.comparison if measures else None,
        "threshold": definition.threshold,
        "lower": definition.lower,
        "upper": definition.upper,
        "recovery": definition.recovery,
        "levels": [_level(each) for each in definition.levels],
        "transform": _transform(definition.transform),
        "condition": expression and condition_view(expression),
        "no_data_for": silence if kind is Kind.HEARTBEAT else None,
        "evaluation_periods": definition.evaluation_periods,
        "datapoints_to_alarm": definition.datapoints_to_alarm if measures else None,
        "missing_data": definition.missing_data,
        "hold": definition.hold,
        "keep_firing": definition.keep_firing,
        "lateness": definition.lateness,
        "grace": definition.grace,
    }


def _level(level: Level) -> View:
    return {
        "severity": level.severity,
        "threshold": level.threshold,
        "lower": level.lower,
        "upper": level.upper,
        "recovery": level.recovery,
    }


def _transform(transform: Transform | None) -> View | None:
    if transform is None:
        return None
    return {
        "type": transform.type,
        "offset": transform.offset or None,
        "horizon": transform.horizon or None,
        "lookback": transform.lookback or None,
        "season": transform.season,
        "seasons": transform.seasons or None,
    }


def condition_view(part: Expression) -> View:
    """An expression as it is written in JSON."""
    if part.logic is Logic.ALERT:
        return {"alert": part.alert}
    if part.logic is Logic.NOT:
        return {"not": condition_view(part.of[0])}
    return {part.logic.value: [condition_view(each) for each in part.of]}


def _instance(alert: Alert, instance: InstanceState, engagement: Engagement | None) -> View:
    fires = instance.state is State.ALARM
    return {
        "tags": dict(instance.tags),
        "state": instance.state,
        "since": instance.since,
        "value": instance.value,
        "severity": severity_of(alert, instance.level) if fires else None,
        "acknowledged_by": engagement.acknowledged_by if engagement else None,
        "acknowledged_at": engagement.acknowledged_at if engagement else None,
        "assignee": engagement.assignee if engagement else None,
    }


def severity_of(alert: Alert, level: int) -> Severity:
    """The severity of a level; of a level that an edit has taken away that of the highest left."""
    return alert.severity_at(min(level, len(alert.definition.levels)))


def event_view(event: Event) -> View:
    """One event of an alert's history."""
    decision = event.decision
    correction = decision.cause is Cause.CORRECTION
    return {
        "at": event.at,
        "decided_at": decision.decided_at,
        "tags": dict(decision.tags),
        "from": event.source,
        "to": event.target,
        "from_severity": event.source_severity,
        "to_severity": event.target_severity,
        "severity": event.target_severity or event.source_severity,
        "cause": decision.cause,
        "reason": decision.reason,
        "version": event.version,
        "replaced": event.replaced,
        "replaces_from": decision.base if correction else None,
        "datapoints": [
            {"timestamp": each.timestamp, "value": each.value, "breaching": each.breaching}
            for each in event.datapoints
        ],
        "inputs": dict(event.inputs),
    }
