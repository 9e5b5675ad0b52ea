"""The page that tests a channel."""

from skafu.alerts.channels import Channel
from skafu.alerts.model import (
    Alert,
    Cause,
    Comparison,
    Definition,
    Notification,
    Severity,
    State,
)
from skafu.alerts.paging.model import Page, PageCause, PageItem, Told
from skafu.metrics.model import Statistic


def trial(channel: Channel, tenant: str, console: str, test_id: str, now: int) -> Page:
    """A page that tests a channel: like any other, of an alert that says so itself."""
    definition = Definition(
        metric="skafu.test",
        statistic=Statistic.LAST,
        period=60,
        comparison=Comparison.AT_LEAST,
        threshold=1.0,
    )
    alert = Alert(
        id="test",
        version=1,
        name=f"Test of {channel.name}",
        definition=definition,
        created_at=now,
        edited_at=now,
        severity=Severity.INFO,
        channels=(channel.id,),
        labels={"test": "true"},
        description="Somebody asked whether this channel works. Nothing is wrong.",
    )
    notification = Notification(
        id=f"test-{test_id}",
        alert=alert,
        instance="test",
        tags=(),
        source=State.OK,
        target=State.ALARM,
        bucket=now,
        revision=1,
        cause=Cause.DATA,
        value=1.0,
        reason="a test of this channel",
        created_at=now,
    )
    return Page(
        id=notification.id,
        group=notification.id,
        tenant=tenant,
        cause=PageCause.TEST,
        route="",
        group_labels={"alertname": alert.name},
        items=(PageItem(notification, Told.FIRING, now),),
        sent_at=now,
        console=console,
    )
