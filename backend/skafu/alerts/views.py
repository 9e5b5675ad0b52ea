"""How alerts, instances, events and channels are shown: the shapes of schemas.py as plain values.

Written by hand so that reading needs no pydantic; a test holds every one of them to its model.
"""

from typing import Any

from skafu.alerts.channels import Channel, ChannelType
from skafu.alerts.history import Event
from skafu.alerts.model import Alert, Cause, InstanceState
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.states import Instances

type View = dict[str, Any]


def alert_view(alert: Alert, instances: Instances) -> View:
    """An alert as it is stored, with its instances."""
    definition = alert.definition
    return {
        "id": alert.id,
        "version": alert.version,
        "name": alert.name,
        "metric": definition.metric,
        "statistic": definition.statistic,
        "period": definition.period,
        "filters": [{"tag": x.tag, "op": x.op, "value": x.value} for x in definition.filters],
        "group_by": definition.group_by,
        "comparison": definition.comparison,
        "threshold": definition.threshold,
        "lower": definition.lower,
        "upper": definition.upper,
        "recovery": definition.recovery,
        "evaluation_periods": definition.evaluation_periods,
        "datapoints_to_alarm": definition.datapoints_to_alarm,
        "missing_data": definition.missing_data,
        "hold": definition.hold,
        "lateness": definition.lateness,
        "grace": definition.grace,
        "severity": alert.severity,
        "channels": alert.channels,
        "labels": dict(alert.labels),
        "description": alert.description,
        "runbook_url": alert.runbook_url,
        "created_at": alert.created_at,
        "edited_at": alert.edited_at,
        "instances": [_instance(each) for each in instances.shown],
        "more_instances": instances.more,
    }


def _instance(instance: InstanceState) -> View:
    return {
        "tags": dict(instance.tags),
        "state": instance.state,
        "since": instance.since,
        "value": instance.value,
    }


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
        "cause": decision.cause,
        "reason": decision.reason,
        "version": event.version,
        "replaced": event.replaced,
        "replaces_from": decision.base if correction else None,
        "datapoints": [
            {"timestamp": each.timestamp, "value": each.value, "breaching": each.breaching}
            for each in event.datapoints
        ],
    }


def channel_view(channel: Channel) -> View:
    """A channel without its secret; the environment's topic has no address and no times."""
    made = channel.type is ChannelType.WEBHOOK
    return {
        "id": channel.id,
        "version": channel.version,
        "name": channel.name,
        "type": channel.type,
        "url": channel.url if made else None,
        "created_at": channel.created_at if made else None,
        "edited_at": channel.edited_at if made else None,
    }


def outcome_view(outcome: Outcome) -> View:
    """What came of a test notification."""
    return {
        "delivered": outcome.result is Result.DELIVERED,
        "status": outcome.status,
        "error": outcome.error,
        "duration_ms": outcome.duration_ms,
    }
