"""What a backtest answers: the transitions that there would have been, and what they come to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from skafu.alerts.model import Alert, Effect, Severity, State
from skafu.metrics.model import Tags


@dataclass(frozen=True)
class Transition:
    """One change of one instance. `at` is the end of the bucket that brought it, in epoch
    milliseconds; in ALARM, `level` is the one that it comes to (0 elsewhere), and `severity` how
    much it matters: of what ends, what it mattered.
    """

    at: int
    tags: Tags
    source: State
    target: State
    severity: Severity
    level: int = 0


@dataclass(frozen=True)
class InstanceTotal:
    """What came of one instance: `state` is where it is in the end."""

    tags: Tags
    state: State
    transitions: int
    pages: int
    seconds_in_alarm: int


@dataclass(frozen=True)
class Backtested:
    """What an alert would have done in [start, end), had it been made at `start`.

    `histories` are the effects of each instance that there would have been, in order of time; a
    composite is folded over those of the alerts that it names. Everything else follows from them.
    `pages` is how often somebody would have been told that something fires: each beginning of an
    alarm and each rise to a graver level, cooldown counted; silences and routes are not. Instances
    come with the most pages first, transitions in order of time.
    """

    alert: Alert
    start: int
    end: int
    histories: Mapping[Tags, tuple[Effect, ...]]
    transitions: tuple[Transition, ...]
    instances: tuple[InstanceTotal, ...]
    pages: int
    seconds_in_alarm: int
    buckets: int = 0
    points: int = 0
    warnings: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Difference:
    """What a changed alert would have done otherwise; pairs are (before, after). A transition is
    the same where instance, moment, states and severity are.
    """

    pages: tuple[int, int]
    seconds_in_alarm: tuple[int, int]
    only_before: tuple[Transition, ...]
    only_after: tuple[Transition, ...]
