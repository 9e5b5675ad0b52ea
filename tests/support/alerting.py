"""What the engine writes about alerts, for tests of its readers: states, decisions, outbox."""

from dataclasses import dataclass, field, replace
from typing import Any

from skafu.alerts.codec import to_json
from skafu.alerts.model import (
    Alert,
    Cause,
    Datapoint,
    Decision,
    Effect,
    InstanceState,
    Notification,
    State,
    delivery_id,
    instance_id,
)
from skafu.alerts.store import AlertStore
from skafu.metrics.model import Tags
from skafu.shared import keys
from skafu.shared.table import Put, Table
from tests.support.clocks import NOON
from tests.support.definitions import alert as plain_alert

TENANT = "tenant1"
MINUTE = 60_000
DECIDING = 1_000  # from a bucket's end to its decision
OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA


def minute(number: int) -> int:
    """The end of a bucket: so many minutes after noon."""
    return NOON + number * MINUTE


@dataclass
class Storyteller:
    """Makes an alert and lets things happen to its instances, minute by minute."""

    table: Table
    alert: Alert = field(default_factory=plain_alert)
    tenant: str = TENANT
    standing: dict[Tags, tuple[State, int, int]] = field(default_factory=dict)
    levels: dict[Tags, int] = field(default_factory=dict)

    def publish(self, **changes: Any) -> Alert:
        """Store the alert, with changes to its own fields."""
        self.alert = AlertStore(self.table).create(self.tenant, replace(self.alert, **changes))
        return self.alert

    def happens(
        self,
        target: State,
        at: int,
        tags: Tags = (),
        value: float | None = 12.5,
        level: int = 0,
    ) -> str:
        """An ordinary transition at the end of a minute; the id of its notification."""
        source, _, _ = self.standing.get(tags, (INSUFFICIENT, 0, 0))
        before = self.levels.get(tags, 0)
        effect = self._effect(source, target, at, value)
        effect = replace(effect, source_level=before, target_level=level)
        decision = self._decision(tags, (effect,), source, target, base=effect.bucket)
        self.levels[tags] = level
        decision = replace(decision, source_level=before, target_level=level)
        return self._write(replace(decision, start_level=before))

    def corrects(self, base: int, *effects: tuple[State, State, int], tags: Tags = ()) -> str:
        """A correction from the minute `base` on: (from, to, minute) of what happened instead."""
        source, bucket, revision = self.standing[tags]
        happened = tuple(self._effect(*each) for each in effects)
        decision = self._decision(
            tags,
            happened,
            source,
            happened[-1].target if happened else source,
            base=minute(base),
        )
        bucket = max([bucket, *(each.bucket for each in happened)])
        again = replace(decision, bucket=bucket, revision=revision + 1, cause=Cause.CORRECTION)
        return self._write(again)

    def notification(self, decision: Decision) -> Notification:
        """What others are told of a decision."""
        last = decision.effects[-1].datapoints if decision.effects else ()
        return Notification(
            id=delivery_id(decision.alert, decision.instance, decision.bucket, decision.revision),
            alert=self.alert,
            instance=decision.instance,
            tags=decision.tags,
            source=decision.source,
            target=decision.target,
            bucket=decision.bucket,
            revision=decision.revision,
            cause=decision.cause,
            value=last[-1].value if last else None,
            reason=decision.reason,
            created_at=decision.decided_at,
            source_level=decision.source_level,
            target_level=decision.target_level,
        )

    def _effect(self, source: State, target: State, at: int, value: float | None = 12.5) -> Effect:
        breaching = None if value is None else target is ALARM
        point = Datapoint(minute(at), value, breaching)
        return Effect(minute(at), source, target, Cause.DATA, self.alert.version, (point,))

    def _decision(
        self, tags: Tags, effects: tuple[Effect, ...], source: State, target: State, base: int
    ) -> Decision:
        bucket = effects[-1].bucket if effects else base
        return Decision(
            alert=self.alert.id,
            instance=instance_id(tags),
            tags=tags,
            bucket=bucket,
            revision=0,
            source=source,
            target=target,
            cause=Cause.DATA,
            version=self.alert.version,
            base=base,
            start=effects[0].source if effects else source,
            effects=effects,
            reason=f"it became {target}",
            decided_at=bucket + DECIDING,
        )

    def _write(self, decision: Decision) -> str:
        tenant, alert, instance = self.tenant, decision.alert, decision.instance
        bucket, revision = decision.bucket, decision.revision
        notification = self.notification(decision)
        since = decision.effects[-1].bucket if decision.effects else bucket
        state = InstanceState(
            alert=alert,
            instance=instance,
            tags=decision.tags,
            state=decision.target,
            since=since,
            bucket=bucket,
            revision=revision,
            value=notification.value,
            level=decision.target_level,
        )
        items: list[dict[str, Any]] = [
            {
                **keys.instance(tenant, alert, instance)._asdict(),
                **keys.state_index(tenant, state.state, since, alert, instance)._asdict(),
                "k": "instance",
                "state": state.state.value,
                "level": state.level,
                "bucket": bucket,
                "revision": revision,
                "body": to_json(state),
            },
            {
                **keys.decision(tenant, alert, instance, bucket, revision)._asdict(),
                **keys.history_index(tenant, alert, bucket, instance, revision)._asdict(),
                "k": "decision",
                "body": to_json(decision),
            },
        ]
        if decision.told:
            index = keys.pending_index(tenant, decision.decided_at, notification.id)
            items.append(
                {
                    **keys.outbox(tenant, notification.id)._asdict(),
                    **index._asdict(),
                    "k": "outbox",
                    "status": "pending",
                    "created": decision.decided_at,
                    "body": to_json(notification),
                }
            )
        self.table.transact([Put(item) for item in items])
        self.standing[decision.tags] = (decision.target, bucket, revision)
        return notification.id
