"""Silences as people ask for them: what they leave out, and what is wrong."""

from dataclasses import dataclass, replace

from skafu.alerts.paging.model import Matchers, Silence
from skafu.alerts.silences import recurrence
from skafu.alerts.silences.windows import FOREVER, last_moment, windows
from skafu.shared.errors import FieldError, Unprocessable
from skafu.shared.keys import DAY_MS, HOUR_MS

PAST_MS = HOUR_MS
AHEAD_MS = 366 * DAY_MS
LONGEST_MS = 366 * DAY_MS
UNRESOLVED_MS = 30 * DAY_MS
"""So long what is muted until it is resolved is muted at most, unless somebody says otherwise:
nothing that fires is forgotten for good."""
LEAST_DURATION_S = 60
MAX_DURATION_S = 7 * 86_400


@dataclass(frozen=True)
class SilenceDraft:
    """What people say about a silence; None where they say nothing."""

    matchers: Matchers
    starts_at: int | None = None
    ends_at: int | None = None
    rrule: str | None = None
    duration: int | None = None
    time_zone: str | None = None
    until_resolved: bool = False
    comment: str = ""


def silence_of(draft: SilenceDraft, now: int, present: Silence | None) -> Silence:
    """A draft as a silence; what it does not say is as it is, or plain."""
    begin = draft.starts_at
    if begin is None:
        begin = now if present is None else present.starts_at
    # Rules know whole seconds.
    begin = begin // 1000 * 1000
    end = draft.ends_at
    if end is None and draft.until_resolved and draft.rrule is None:
        end = begin + UNRESOLVED_MS
    base = present or Silence(id="", version=0, matchers=(), starts_at=0)
    return replace(
        base,
        matchers=draft.matchers,
        starts_at=begin,
        ends_at=end,
        rrule=draft.rrule,
        duration=draft.duration or 0,
        time_zone=draft.time_zone or "UTC",
        until_resolved=draft.until_resolved,
        comment=draft.comment,
    )


def problems(silence: Silence, now: int, present: Silence | None) -> list[FieldError]:
    """What is wrong with a silence that is made now or becomes of the present one: nothing if the
    list is empty.
    """
    wrong = list(_of_kind(silence))
    kept = present is not None and present.starts_at == silence.starts_at
    # The whole second that a silence begins with may be over by now.
    if silence.starts_at < now - PAST_MS and not kept:
        wrong.append(FieldError("starts_at", "may be at most an hour ago"))
    if silence.starts_at > now + AHEAD_MS:
        wrong.append(FieldError("starts_at", "may be at most 366 days ahead"))
    if silence.ends_at is not None:
        wrong += _of_end(silence, now)
    return wrong or _of_windows(silence)


def refuse_rule(silence: Silence) -> None:
    """As far as kind and rule go, for looking back: times may be any. Raises Unprocessable."""
    # Whatever it is, it needs no end here.
    wrong = _of_kind(replace(silence, ends_at=silence.ends_at or FOREVER))
    if wrong:
        raise Unprocessable("the silence does not make sense", wrong)


def _of_kind(silence: Silence) -> list[FieldError]:
    wrong = []
    if silence.rrule is None:
        if silence.duration:
            wrong.append(FieldError("duration", "is for an rrule; say with ends_at when it ends"))
        if silence.time_zone != "UTC":
            wrong.append(FieldError("time_zone", "is for an rrule; times have their offset"))
        if silence.ends_at is None and not silence.until_resolved:
            wrong.append(
                FieldError("ends_at", "is required, unless there is an rrule or until_resolved")
            )
        return wrong
    if silence.until_resolved:
        wrong.append(FieldError("until_resolved", "cannot recur: leave out one of it and rrule"))
    if not silence.duration:
        wrong.append(FieldError("duration", "is required with an rrule: seconds, like 7200"))
    try:
        zone = recurrence.zone_of(silence.time_zone)
    except ValueError as error:
        return [*wrong, FieldError("time_zone", str(error))]
    problem = recurrence.problem(silence.rrule, silence.starts_at, zone)
    return wrong if problem is None else [*wrong, FieldError("rrule", problem)]


def _of_end(silence: Silence, now: int) -> list[FieldError]:
    ends_at = silence.ends_at or 0
    if ends_at <= max(silence.starts_at, now):
        return [FieldError("ends_at", "must be after starts_at, and not over yet")]
    if silence.rrule is None and ends_at - silence.starts_at > LONGEST_MS:
        return [FieldError("ends_at", "may be at most 366 days after starts_at")]
    return []


def _of_windows(silence: Silence) -> list[FieldError]:
    """A rule that is sound may still have nothing to say before the silence's end."""
    if not windows(silence, silence.starts_at, last_moment(silence) or FOREVER, 1):
        return [FieldError("ends_at", "comes before the first window: the rrule has none by then")]
    return []
