"""Pages to be told, as the notifier makes them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from skafu.alerts.model import Alert, Cause, Notification, Severity, State
from skafu.alerts.paging.model import Page, PageCause, PageItem, Told
from skafu.metrics.model import Tags
from tests.support.alerting import TENANT, minute
from tests.support.definitions import alert

CONSOLE = "https://skafu.example"
WEB_1: Tags = (("host", "web-1"),)
BUSY = replace(
    alert(evaluation_periods=3, datapoints_to_alarm=2, group_by=("host",)),
    severity=Severity.CRITICAL,
    labels={"team": "core"},
    description="Too busy for too long.",
    runbook_url="https://wiki.example/cpu",
)
STATES = {
    Told.FIRING: (State.OK, State.ALARM),
    Told.RESOLVED: (State.ALARM, State.OK),
    Told.UNKNOWN: (State.ALARM, State.INSUFFICIENT_DATA),
}


def item(
    told: Told = Told.FIRING, of: Alert = BUSY, tags: Tags = WEB_1, **changes: Any
) -> PageItem:
    """An instance that began to fire at minute 2, and of which this is told at minute 5."""
    source, target = STATES[told]
    name = "-".join(value for _, value in tags) or "none"
    notification = Notification(
        id=f"delivery-{name}",
        alert=of,
        instance=f"instance-{name}",
        tags=tags,
        source=source,
        target=target,
        bucket=minute(5),
        revision=0,
        cause=Cause.DATA,
        value=12.5,
        reason="avg of cpu.load was 12.5, above 10, in 2 of the last 3 periods",
        created_at=minute(5),
    )
    ended = None if told is Told.FIRING else minute(5)
    return PageItem(replace(notification, **changes), told, minute(2), ended)


def hosts(count: int, told: Told = Told.FIRING, of: Alert = BUSY) -> list[PageItem]:
    """So many instances of one alert: web-1, web-2, ..."""
    return [item(told, of, (("host", f"web-{i + 1}"),)) for i in range(count)]


def page(*items: PageItem | Sequence[PageItem], **changes: Any) -> Page:
    """A page of these instances, or of one that fires; sent at minute 6."""
    flat = [x for each in items for x in ([each] if isinstance(each, PageItem) else each)]
    made = Page(
        id="page-1",
        group="group-1",
        tenant=TENANT,
        cause=PageCause.FIRST,
        route="core",
        group_labels={"alertname": "CPU is busy"},
        items=tuple(flat or [item()]),
        sent_at=minute(6),
        console=CONSOLE,
    )
    return replace(made, **changes)


def drill(*items: PageItem, **changes: Any) -> Page:
    """The same in a fire drill."""
    stand_in = replace(BUSY, id="stand-in", drill_of=BUSY.id)
    return page(*(items or (item(of=stand_in),)), **changes)
