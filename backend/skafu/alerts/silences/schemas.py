"""What the routes about silences read and answer, as models."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictBool

from skafu.alerts.model import Severity, State
from skafu.alerts.paging.schemas import MAX_MATCHERS, Matcher, Moment, conditions, refuse
from skafu.alerts.schemas import Instant, Integer, Shape
from skafu.alerts.silences.drafting import (
    LEAST_DURATION_S,
    MAX_DURATION_S,
    SilenceDraft,
)
from skafu.alerts.silences.windows import Status

MAX_COMMENT = 1_024
MAX_RULE = 256
MAX_ZONE = 64

EXAMPLE: dict[str, Any] = {
    "matchers": [{"label": "host", "op": "prefix", "value": "batch-"}],
    "rrule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "starts_at": "2026-11-23T22:00:00+01:00",
    "duration": 7200,
    "time_zone": "Europe/Berlin",
    "comment": "Nightly batch",
}


def _said(text: str) -> str:
    if not text.strip():
        raise refuse("must say something: whoever wonders why nothing was told reads it")
    if any(ord(each) < 32 and each not in "\n\t\r" for each in text):
        raise refuse("must not contain control characters")
    return text


def _some(matchers: tuple[Matcher, ...]) -> tuple[Matcher, ...]:
    if not matchers:
        raise refuse(
            "must be one at least; what exists of alertname is everything: "
            '{"label": "alertname", "op": "exists", "value": true}'
        )
    return matchers


class SilenceFields(Shape):
    """When and what: the same in silences and previews of them.

    Once: until `ends_at`. Recurring: `rrule` (RFC 5545) from `starts_at` on, by the clocks of
    `time_zone`, for `duration` seconds each time, until `ends_at` if that is given. Or
    `until_resolved`: what fires at `starts_at`, each instance until it is resolved, but not beyond
    `ends_at` (30 days later if that is not given).
    """

    matchers: Annotated[
        tuple[Matcher, ...],
        Field(max_length=MAX_MATCHERS, json_schema_extra={"minItems": 1}),
        AfterValidator(_some),
    ]
    starts_at: Moment | None = Field(default=None, description="Now if not given.")
    ends_at: Moment | None = None
    rrule: str | None = Field(default=None, min_length=1, max_length=MAX_RULE)
    duration: Integer | None = Field(
        default=None,
        ge=LEAST_DURATION_S,
        le=MAX_DURATION_S,
        description="Seconds, of each window of an rrule.",
    )
    time_zone: str | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_ZONE,
        description="IANA name, for an rrule; UTC if not given.",
    )
    until_resolved: StrictBool = False

    def drafted(self, comment: str) -> SilenceDraft:
        """The same as a value. Rules over several fields are the service's."""
        return SilenceDraft(
            matchers=conditions(self.matchers),
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            rrule=self.rrule,
            duration=self.duration,
            time_zone=self.time_zone,
            until_resolved=self.until_resolved,
            comment=comment,
        )


class SilenceIn(SilenceFields):
    """A silence as it is asked for."""

    comment: Annotated[str, AfterValidator(_said)] = Field(min_length=1, max_length=MAX_COMMENT)

    def draft(self) -> SilenceDraft:
        """The same as a value."""
        return self.drafted(self.comment)


class WindowOut(Shape):
    """Times from `start` up to, and without, `end`; null: until what fires is resolved, or until
    somebody ends it.
    """

    start: Instant
    end: Instant | None


class SilenceOut(Shape):
    """A silence as it is stored, and as it is now. `windows`: the present one, if there is one, and
    the next ones. `ended_at`: somebody has ended it before its time.
    """

    id: str
    version: int
    matchers: tuple[Matcher, ...]
    starts_at: Instant
    ends_at: Instant | None
    rrule: str | None
    duration: int | None
    time_zone: str | None
    until_resolved: bool
    comment: str
    created_by: str
    created_at: Instant
    edited_at: Instant
    ended_at: Instant | None
    ended_by: str | None
    state: Status
    windows: tuple[WindowOut, ...]


class SilenceList(Shape):
    silences: tuple[SilenceOut, ...]
    cursor: str | None


class SilencePreviewIn(SilenceFields):
    """A silence, and a range of the past to try it on: the last seven days if not given."""

    comment: str = Field(default="", max_length=MAX_COMMENT)
    start: Moment | None = None
    end: Moment | None = None
    cursor: str | None = Field(default=None, description="Of the answer before, for more alerts.")


class MutedTransition(Shape):
    """A transition that nobody would have been told of at the time. `told_later`: it still fires
    when the window ends, and is told then.
    """

    alert: str
    tags: dict[str, str]
    at: Instant
    from_: State = Field(alias="from")
    to: State
    severity: Severity
    told_later: bool


class MutedAlert(Shape):
    """What would have been muted of one alert. `truncated`: not all of its past was read."""

    id: str
    name: str
    firings: int
    transitions: int
    truncated: bool


class FiringNow(Shape):
    """An instance in ALARM that the silence is about."""

    alert: str
    tags: dict[str, str]
    since: Instant


class SilencePreview(Shape):
    """What would have been muted in [start, end): a recurring silence counts in its windows of
    then, as if it had begun before; any other at any time. Alerts, matched as they are now, come in
    the order of their ids. `truncated`: this is not all; `cursor`, if it is not null, has more.
    """

    start: Instant
    end: Instant
    windows: tuple[WindowOut, ...]
    transitions: tuple[MutedTransition, ...]
    alerts: tuple[MutedAlert, ...]
    firing_now: tuple[FiringNow, ...]
    truncated: bool
    cursor: str | None
