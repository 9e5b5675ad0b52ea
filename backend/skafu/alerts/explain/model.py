"""One explanation, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass

from skafu.alerts.explain.recorded import Recorded
from skafu.alerts.explain.verdict import Verdict
from skafu.alerts.explain.window import Window
from skafu.alerts.model import Alert, Cause, Severity, State
from skafu.alerts.paging.account import Account
from skafu.alerts.paging.model import Silence
from skafu.alerts.routing.choosing import Choice
from skafu.metrics.model import Tags


@dataclass(frozen=True)
class Span:
    """The bucket that is explained."""

    start: int
    end: int


@dataclass(frozen=True)
class Muting:
    """A silence that mutes the instance at the moment, and until when as far as is known."""

    silence: Silence
    until: int


@dataclass(frozen=True)
class People:
    """Who would hear of the instance at the moment, and what became of what there was to tell.

    `labels` are what silences and routes look at. `account` is of the firing that was on or ended,
    None where there was none.
    """

    labels: Mapping[str, str]
    severity: Severity
    silences: tuple[Muting, ...]
    choices: tuple[Choice, ...]
    account: Account | None


@dataclass(frozen=True)
class Child:
    """An alert that a composite names, as it was at the moment; `counts` are its instances that
    count, with their states. `name` is None where there is no such alert any more.
    """

    alert: str
    name: str | None
    state: State
    counts: tuple[tuple[Tags, State], ...]
    deciding: bool


@dataclass(frozen=True)
class LevelNow:
    """A further threshold: what it asks, and in how many of the periods that count it held."""

    level: int
    severity: Severity
    condition: str
    breaching: int
    holds: bool


@dataclass(frozen=True)
class Explanation:
    """Everything about one instance at one moment. `version` is the one that ruled, `head` the
    present one. What could not be known is None, and `warnings` say why. `late_matters`: with the
    points that came too late the bucket would have been decided otherwise.
    """

    head: Alert
    version: Alert
    tags: Tags
    instance: str
    at: int
    summary: str
    span: Span | None
    verdict: Verdict
    recorded: Recorded | None
    cause: Cause | None
    window: Window | None
    levels: tuple[LevelNow, ...]
    people: People | None
    children: tuple[Child, ...]
    warnings: tuple[str, ...]
    late_matters: bool = False
