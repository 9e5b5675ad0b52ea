"""The newest firing of an alert, from its decision log, as a page to try a template on."""

from collections.abc import Mapping
from dataclasses import dataclass

from skafu.alerts.codec import decision_from
from skafu.alerts.model import Alert, Cause, Decision, Notification, State, delivery_id, instance_id
from skafu.alerts.paging.model import Page, PageItem, Told
from skafu.alerts.store import AlertStore
from skafu.alerts.templates.samples import page_of_one, sample
from skafu.metrics.model import Tags
from skafu.shared import keys
from skafu.shared.errors import NotFound
from skafu.shared.table import Query, Table

DEPTH = 200  # decisions that are looked through

NEVER_FIRED = "this has not fired lately: the page is a sample"
NO_ALERT = "no alert was named: the page is a sample"


@dataclass(frozen=True)
class Past:
    """A page; `why_sample` says why it is not a real one, None where it is."""

    page: Page
    why_sample: str | None = None


class PastPages:
    """Finds pages to try templates on."""

    def __init__(self, table: Table, console: str) -> None:
        self._table = table
        self._alerts = AlertStore(table)
        self._console = console

    def newest(
        self, tenant: str, alert_id: str | None, tags: Mapping[str, str] | None, now: int
    ) -> Past:
        """Of an alert, or of one instance of it. Raises NotFound when there is no such alert."""
        if alert_id is None:
            return Past(sample(tenant, self._console, now=now), NO_ALERT)
        alert = self._alerts.get(tenant, alert_id)
        if alert is None:
            raise NotFound("there is no such alert")
        wanted: Tags | None = None if tags is None else tuple(sorted(tags.items()))
        for decision in self._log(tenant, alert_id, wanted):
            if decision.cause is not Cause.LATE and decision.target is State.ALARM:
                item = PageItem(_notification(alert, decision), Told.FIRING, _began(decision))
                at = decision.decided_at
                return Past(page_of_one(tenant, self._console, item, at))
        return Past(sample(tenant, self._console, alert, wanted, now), NEVER_FIRED)

    def _log(self, tenant: str, alert_id: str, tags: Tags | None) -> list[Decision]:
        if tags is None:
            history = keys.history(tenant, alert_id)
            query = Query(history, index="GSI1", ascending=False, limit=DEPTH)
        else:
            log = keys.decisions(tenant, alert_id, instance_id(tags))
            between = (keys.DECISIONS_BEGIN, keys.DECISIONS_END)
            query = Query(log, between=between, ascending=False, limit=DEPTH)
        return [decision_from(str(x["body"])) for x in self._table.query(query).items]


def _began(decision: Decision) -> int:
    found = [x.bucket for x in decision.effects if x.target is State.ALARM]
    return found[0] if found else decision.bucket


def _notification(alert: Alert, decision: Decision) -> Notification:
    """What others were told of a decision, of the alert as it is now."""
    points = decision.effects[-1].datapoints if decision.effects else ()
    return Notification(
        id=delivery_id(decision.alert, decision.instance, decision.bucket, decision.revision),
        alert=alert,
        instance=decision.instance,
        tags=decision.tags,
        source=decision.source,
        target=decision.target,
        bucket=decision.bucket,
        revision=decision.revision,
        cause=decision.cause,
        value=points[-1].value if points else None,
        reason=decision.reason,
        created_at=decision.decided_at,
        source_level=_within(alert, decision.source_level),
        target_level=_within(alert, decision.target_level),
    )


def _within(alert: Alert, level: int) -> int:
    """A level that the alert still has."""
    return min(level, len(alert.definition.levels))
