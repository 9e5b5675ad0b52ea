"""All feature flags there are: what operators may change while everything runs.

One place, from which all else is made: what the functions believe (flags.py), what an operator's
file may say (ops/flags), what AppConfig accepts (a JSON schema in template.yaml) and the table in
docs/feature-flags.md. A flag changes how much is done or whether, never what is true: nothing that
is stored depends on one, so that it can be turned at any time.
"""

import hashlib
from dataclasses import dataclass

SHARES = 100
"""Tenants are spread evenly over so many shares, for each flag anew."""
TENANT, SHARE = "tenant", "share"
"""What rules in AppConfig may look at: a tenant's id, and its share."""


@dataclass(frozen=True, kw_only=True)
class Number:
    """A whole number within bounds, a multiple of `step`; the same for all tenants."""

    name: str
    default: int
    least: int
    most: int
    step: int = 1
    description: str

    def accepts(self, value: object) -> bool:
        """Whether it may have this value. (True is no number, though Python thinks so.)"""
        return (
            type(value) is int  # pylint: disable=unidiomatic-typecheck # a bool is an int as well
            and self.least <= value <= self.most
            and value % self.step == 0
        )

    @property
    def wanted(self) -> str:
        """What it may be, for people."""
        steps = f", in steps of {self.step}" if self.step > 1 else ""
        return f"a whole number from {self.least} to {self.most}{steps}"


@dataclass(frozen=True, kw_only=True)
class Switch:
    """On or off: for all, for a percentage of tenants, for some by name.

    `what` begins the sentence that refused callers read; `still` ends it.
    """

    name: str
    default: bool
    what: str
    still: str
    description: str

    def accepts(self, value: object) -> bool:
        """Whether it may have this value."""
        return isinstance(value, bool)


type Flag = Number | Switch

COMPACTION_INTERVAL = Number(
    name="compaction_interval_minutes",
    default=5,
    least=5,
    most=60,
    step=5,
    description="Minutes between two compactions. Longer costs fewer reads of idle tenants and "
    "leaves the table to others; points are there all the same.",
)
ALERT_BACKTESTS = Switch(
    name="alert_backtests",
    default=True,
    what="backtests are",
    still="alerts are watched as ever",
    description="Trying alerts on the past. Each reads up to months of points: what to switch off "
    "first when reading costs too much.",
)
ALERT_DRILLS = Switch(
    name="alert_drills",
    default=True,
    what="new fire drills are",
    still="alerts are watched as ever, and drills that have begun can be ended",
    description="Beginning fire drills: pages that go the whole way to people. Off while a real "
    "incident needs their attention.",
)
CHANNEL_TESTS = Switch(
    name="channel_tests",
    default=True,
    what="test messages to channels are",
    still="alerts are told as ever",
    description="Test messages to channels. Off when a receiver is flooded, or charges for each.",
)

KNOWN: tuple[Flag, ...] = (COMPACTION_INTERVAL, ALERT_BACKTESTS, ALERT_DRILLS, CHANNEL_TESTS)
"""In the order in which documents list them."""


def share_of(flag: Switch, tenant: str) -> int:
    """Which of the SHARES a tenant is in, the same for ever. Flags differ, so that it is not always
    the same tenants who try what is new; a greater percentage has all tenants of a smaller one.
    """
    digest = hashlib.sha256(f"{flag.name} {tenant}".encode()).digest()
    return int.from_bytes(digest[:8]) % SHARES
