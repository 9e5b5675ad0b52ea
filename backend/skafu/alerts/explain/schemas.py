"""What the route that explains answers, for the documentation."""

from pydantic import Field

from skafu.alerts.deliveries import Status
from skafu.alerts.explain.verdict import Why
from skafu.alerts.model import Cause, Severity, State
from skafu.alerts.outcome import Result
from skafu.alerts.paging.group import Reason, Verdict
from skafu.alerts.paging.model import PageCause, Told
from skafu.alerts.schemas import Instant, Shape


class ExplainedAlert(Shape):
    """`version` ruled at the moment, `present_version` is the newest."""

    id: str
    name: str
    version: int
    present_version: int


class ExplainedBucket(Shape):
    """The newest period that had ended by the moment. `closed_at` is when it was decided, or could
    be; null while it is open, or where that is not known any more. `due` is when its grace ran out.
    """

    start: Instant
    end: Instant
    closed_at: Instant | None
    due: Instant | None
    cause: Cause | None
    because: str | None


class StandingOut(Shape):
    """A state, and the end of the period that brought it (null: none did)."""

    state: State
    level: int
    since: Instant | None


class StatesOut(Shape):
    """Before and after the period, as it stands today; and what was recorded at the moment."""

    before: StandingOut
    after: StandingOut
    known_then: StandingOut


class AsksOut(Shape):
    """What the alert asks, in words."""

    measures: str
    series: str | None
    transform: str | None
    comparison: str
    needs: str | None
    further: tuple[str, ...]


class SampleOut(Shape):
    """A stored point that counted; `received` is the server's time of receipt."""

    at: Instant
    value: float
    received: Instant


class LateSampleOut(SampleOut):
    """A stored point that came too late, and why it does not count."""

    why: str


class LookOut(Shape):
    """One period that the decision looked at. `value` is what is compared, `raw` the statistic
    itself. `samples` are the first of `count` points, `late` the first of `late_count`.
    """

    start: Instant
    end: Instant
    value: float | None
    raw: float | None
    breaching: bool | None
    count: int
    samples: tuple[SampleOut, ...]
    late_count: int
    late: tuple[LateSampleOut, ...]


class ExplainedDecision(Shape):
    """What was recorded of the period, as it stands today."""

    recorded: bool
    note: str | None
    decided_at: Instant | None
    reason: str | None


class SaidOut(Shape):
    """Something that was recorded of the period, in the order in which it was; a correction without
    `from` and `to` says that nothing happened in it.
    """

    decided_at: Instant
    cause: Cause
    correction: bool
    from_: State | None = Field(alias="from")
    to: State | None
    reason: str
    version: int
    replaced: bool


class LevelNowOut(Shape):
    """A further threshold: what it asks, in how many of the periods that count it was breaching,
    and whether the instance was at it, or above.
    """

    level: int
    severity: Severity
    condition: str
    breaching: int
    holds: bool


class MutingOut(Shape):
    """A silence that muted the instance at the moment; null is until it is resolved."""

    id: str
    comment: str
    until: Instant | None


class ChoiceOut(Shape):
    """A route that it takes, as routes are now."""

    route: str
    channels: tuple[str, ...]
    group_labels: dict[str, str]


class RouteLookOut(Shape):
    """What came of trying one route."""

    route: str
    matched: bool
    why: str


class ExplainedAttempt(Shape):
    """One try to hand a page to a channel."""

    channel: str
    at: Instant
    result: Result
    status: int | None
    error: str | None


class HeardOut(Shape):
    """One page that the instance is part of; `told` is what it says of it."""

    page: str
    at: Instant
    route: str
    cause: PageCause
    step: int
    told: Told
    status: Status
    channels: tuple[str, ...]
    attempts: tuple[ExplainedAttempt, ...]


class WithheldOut(Shape):
    """What was not told, from when on and by what; null is until it is resolved."""

    at: Instant
    route: str
    why: Reason
    by: str
    until: Instant | None


class FateOut(Shape):
    """What became of one transition in one group, when it was taken."""

    bucket: Instant
    route: str
    verdict: Verdict
    at: Instant
    page: str | None
    until: Instant | None


class ExplainedEngagement(Shape):
    """What people do about the firing that began at `began`."""

    began: Instant
    acknowledged_by: str | None
    acknowledged_at: Instant | None
    assignee: str | None


class PeopleOut(Shape):
    """Who would hear of it, and what became of the firing that was on at the moment, or that ended
    with the period.
    """

    labels: dict[str, str]
    severity: Severity
    silences: tuple[MutingOut, ...]
    routes: tuple[ChoiceOut, ...]
    looked_at: tuple[RouteLookOut, ...]
    told: tuple[HeardOut, ...]
    withheld: tuple[WithheldOut, ...]
    fates: tuple[FateOut, ...]
    engagement: ExplainedEngagement | None


class InputInstance(Shape):
    tags: dict[str, str]
    state: State


class InputOut(Shape):
    """An alert that a composite names, with its instances that count; `deciding`: the state rests
    on it.
    """

    alert: str
    name: str | None = Field(description="Null: there is no such alert any more.")
    state: State
    deciding: bool
    instances: tuple[InputInstance, ...]


class ExplainOut(Shape):
    """Everything about one instance at one moment; `summary` says it in a few sentences."""

    summary: str
    why: Why
    would_take: str | None = Field(
        description="What would have made it fire or, in ALARM, resolve."
    )
    alert: ExplainedAlert
    tags: dict[str, str]
    at: Instant
    bucket: ExplainedBucket | None
    state: StatesOut | None
    asks: AsksOut
    window: tuple[LookOut, ...]
    decision: ExplainedDecision | None
    said: tuple[SaidOut, ...]
    levels: tuple[LevelNowOut, ...]
    people: PeopleOut | None
    inputs: tuple[InputOut, ...]
    warnings: tuple[str, ...]
