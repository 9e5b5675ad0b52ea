"""What the routes about routing read and answer, as models."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictBool, ValidationInfo, field_validator

from skafu.alerts.definitions import MAX_CHANNELS, MAX_TAGS
from skafu.alerts.model import Severity
from skafu.alerts.paging.model import Route, Step
from skafu.alerts.paging.schemas import LabelMap, MatcherList, conditions, refuse
from skafu.alerts.routing.choosing import RESERVED
from skafu.alerts.schemas import Instant, Integer, Line, Reference, Shape, TagName

DAY_S = 86_400
MAX_ROUTES = 100
MAX_STEPS = 10
MAX_WAIT_S = 3_600
MAX_INTERVAL_S = DAY_S
LEAST_REPEAT_S = 60
MAX_REPEAT_S = 7 * DAY_S
LEAST_STEP_S = 60

EXAMPLE: dict[str, Any] = {
    "routes": [
        {
            "name": "databases",
            "matchers": [
                {"label": "team", "op": "=", "value": "core"},
                {"label": "host", "op": "prefix", "value": "db"},
            ],
            "channels": ["default"],
            "group_by": ["alertname"],
            "wait": 30,
            "interval": 300,
            "repeat": 14400,
            "steps": [{"after": 900, "channels": ["default"]}],
            "proceed": False,
        }
    ]
}


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise refuse("must not name anything twice")
    return values


def _name(text: str) -> str:
    if text in RESERVED:
        raise refuse(f"{text} is what Skafu calls a route of its own: take another name")
    return text


def _repeat(seconds: int) -> int:
    if 0 < seconds < LEAST_REPEAT_S:
        raise refuse(f"is 0 (never) or at least {LEAST_REPEAT_S} seconds")
    return seconds


Channels = Annotated[
    tuple[Reference, ...],
    Field(
        min_length=1,
        max_length=MAX_CHANNELS,
        description="Ids of channels; `default` is the environment's topic.",
    ),
    AfterValidator(_distinct),
]


class EscalationStep(Shape):
    """Who else is told when nobody has acknowledged so many seconds after the first telling."""

    after: Integer = Field(ge=LEAST_STEP_S, le=DAY_S, description="Seconds.")
    channels: Channels


class NotificationRoute(Shape):
    """Where notifications with certain labels go, all of whose matchers hold.

    Routes are tried in order, and the first that matches takes it; later ones are tried too only
    after one that says `proceed`. What none takes goes to the environment's topic. An alert with
    `channels` of its own is told to these alone.
    """

    name: Annotated[Line, AfterValidator(_name), Field(max_length=64)]
    matchers: MatcherList = Field(default=(), description="Without any, it takes everything.")
    channels: Channels
    group_by: (
        Annotated[tuple[TagName, ...], Field(max_length=MAX_TAGS), AfterValidator(_distinct)] | None
    ) = Field(
        default=None,
        description="Labels: notifications with the same values of all of them are told together. "
        "Empty: all of the route together; null: every instance by itself.",
    )
    wait: Integer = Field(
        default=0,
        ge=0,
        le=MAX_WAIT_S,
        description="Seconds that the first telling of a group waits for more.",
    )
    interval: Integer = Field(
        default=0, ge=0, le=MAX_INTERVAL_S, description="Seconds between tellings of what changed."
    )
    repeat: Annotated[Integer, AfterValidator(_repeat)] = Field(
        default=0,
        ge=0,
        le=MAX_REPEAT_S,
        description="Seconds after which what still fires is told again; 0: never.",
    )
    steps: tuple[EscalationStep, ...] = Field(default=(), max_length=MAX_STEPS)
    proceed: StrictBool = Field(default=False, description="Later routes are tried too.")

    @field_validator("steps")
    @classmethod
    def _ever_later(cls, steps: tuple[EscalationStep, ...]) -> tuple[EscalationStep, ...]:
        times = [each.after for each in steps]
        if any(b <= a for a, b in zip(times, times[1:], strict=False)):
            raise refuse("each step comes after the one before it")
        return steps

    def route(self) -> Route:
        """The same as the domain's value."""
        return Route(
            name=self.name,
            matchers=conditions(self.matchers),
            channels=self.channels,
            group_by=self.group_by,
            wait=self.wait,
            interval=self.interval,
            repeat=self.repeat,
            steps=tuple(Step(each.after, each.channels) for each in self.steps),
            proceed=self.proceed,
        )


def _names(routes: tuple[NotificationRoute, ...]) -> tuple[NotificationRoute, ...]:
    seen: set[str] = set()
    for each in routes:
        if each.name in seen:
            raise refuse(f"two routes have the name {each.name}")
        seen.add(each.name)
    return routes


RouteList = Annotated[
    tuple[NotificationRoute, ...], Field(max_length=MAX_ROUTES), AfterValidator(_names)
]


class PolicyIn(Shape):
    """All routes, in the order in which they are tried."""

    routes: RouteList

    def values(self) -> tuple[Route, ...]:
        """The same as the domain's values."""
        return tuple(each.route() for each in self.routes)


class PolicyOut(Shape):
    """All routes as they are stored; version 0: there never were any."""

    version: int
    edited_at: Instant | None
    routes: tuple[NotificationRoute, ...]


class RoutingPreviewIn(Shape):
    """What is to be routed: the labels of a notification, or an alert with an instance's tags, at
    its own severity or another. `routes`: by these, in place of those that are stored.
    """

    labels: LabelMap | None = None
    alert: Reference | None = Field(default=None, validate_default=True)
    tags: LabelMap = Field(default={})
    severity: Severity | None = None
    routes: RouteList | None = None

    @field_validator("alert")
    @classmethod
    def _one_of_both(cls, alert: str | None, info: ValidationInfo) -> str | None:
        labels = info.data.get("labels", {})
        if alert is None and labels is None:
            raise refuse("is required, unless there are labels")
        if alert is not None and labels:
            raise refuse("has labels of its own: give either an alert or labels")
        return alert

    @field_validator("tags", "severity")
    @classmethod
    def _for_alerts(cls, value: object, info: ValidationInfo) -> object:
        if value and info.data.get("alert", "") is None:
            raise refuse("is for an alert; among labels it is one of them")
        return value


class LookOut(Shape):
    """What came of trying one route."""

    route: str
    matched: bool
    why: str


class TakenRoute(Shape):
    """A route that is taken. Its names `alert` and `default` stand for an alert's own channels and
    for the environment's topic, which no route of the tenant is about.
    """

    name: str
    matchers: MatcherList
    channels: tuple[str, ...]
    group_by: tuple[str, ...] | None
    wait: int
    interval: int
    repeat: int
    steps: tuple[EscalationStep, ...]
    proceed: bool
    group_labels: dict[str, str] = Field(description="What those have in common who are told of.")


class RoutingPreview(Shape):
    """Every route in order with what came of trying it, and those that are taken."""

    summary: str
    labels: dict[str, str]
    looked_at: tuple[LookOut, ...]
    taken: tuple[TakenRoute, ...]
