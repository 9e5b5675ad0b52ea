"""Definitions and alerts for tests: what a test does not name is plain."""

from dataclasses import replace
from typing import Any

from skafu.alerts.model import Alert, Comparison, Definition
from skafu.metrics.model import Statistic
from tests.support.clocks import NOON

PLAIN = Definition(
    metric="cpu.load",
    statistic=Statistic.AVG,
    period=60,
    comparison=Comparison.ABOVE,
    threshold=10.0,
)


def definition(**changes: Any) -> Definition:
    """avg of cpu.load above 10 in one period of a minute, with changes."""
    return replace(PLAIN, **changes)


def alert(alert_id: str = "alert-1", edited_at: int = NOON, **changes: Any) -> Alert:
    """Version 1 of an alert over `definition(**changes)`."""
    return Alert(
        id=alert_id,
        version=1,
        name="CPU is busy",
        definition=definition(**changes),
        created_at=edited_at,
        edited_at=edited_at,
    )
