"""A page of an alert that there is not, for templates to be tried on."""

from skafu.alerts.model import (
    Alert,
    Cause,
    Comparison,
    Definition,
    Notification,
    Severity,
    State,
    instance_id,
)
from skafu.alerts.paging.model import ALERT_NAME, Page, PageCause, PageItem, Told
from skafu.metrics.model import Statistic, Tags

SAMPLE_AT = 1_700_049_600_000  # 2023-11-15 12:00 UTC
SECOND_MS = 1000


def sample_alert() -> Alert:
    """An alert as many have it."""
    definition = Definition(
        metric="disk.used.percent",
        statistic=Statistic.MAX,
        period=60,
        comparison=Comparison.ABOVE,
        threshold=90.0,
        group_by=("host",),
    )
    return Alert(
        id="sample",
        version=1,
        name="disk-full",
        definition=definition,
        created_at=SAMPLE_AT,
        edited_at=SAMPLE_AT,
        severity=Severity.CRITICAL,
        labels={"team": "core"},
        description="The disk will be full soon.",
        runbook_url="https://wiki.example.com/disk-full",
    )


def sample(
    tenant: str = "sample",
    console: str = "https://skafu.example.com",
    alert: Alert | None = None,
    tags: Tags | None = None,
    now: int = SAMPLE_AT,
) -> Page:
    """A page of an alert's instance that has just begun to fire."""
    of = sample_alert() if alert is None else alert
    made_up = tuple((name, f"example-{name}") for name in sorted(of.definition.group_by))
    instance_tags = made_up if tags is None else tags
    period = of.definition.period * SECOND_MS
    bucket = now - now % period
    notification = Notification(
        id="sample",
        alert=of,
        instance=instance_id(instance_tags),
        tags=instance_tags,
        source=State.OK,
        target=State.ALARM,
        bucket=bucket,
        revision=0,
        cause=Cause.DATA,
        value=of.definition.threshold,
        reason="a sample: nothing was measured",
        created_at=now,
    )
    return page_of_one(tenant, console, PageItem(notification, Told.FIRING, bucket), now)


def page_of_one(tenant: str, console: str, item: PageItem, now: int) -> Page:
    """An instance's first page, by itself."""
    alert = item.notification.alert
    return Page(
        id=item.notification.id,
        group=f"{alert.id}-{item.notification.instance}",
        tenant=tenant,
        cause=PageCause.FIRST,
        route="alert",
        group_labels={**dict(item.notification.tags), ALERT_NAME: alert.name},
        items=(item,),
        sent_at=now,
        console=console,
    )
