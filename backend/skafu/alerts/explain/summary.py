"""One explanation in a few plain sentences: what the state is and why, whether late data or an edit
have to do with it, and whether anybody was told.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from skafu.alerts.deliveries import Status
from skafu.alerts.explain import words
from skafu.alerts.explain.model import Explanation, People
from skafu.alerts.explain.recorded import Recorded
from skafu.alerts.explain.verdict import Why
from skafu.alerts.model import Cause, Kind, State
from skafu.alerts.outcome import Result
from skafu.alerts.paging.account import Account, Heard
from skafu.alerts.paging.group import Reason
from skafu.alerts.paging.model import Told
from skafu.alerts.silences.windows import FOREVER
from skafu.shared.keys import MINUTE_MS

SILENT_ENDS = {
    Why.NOT_MADE: "the alert was made later",
    Why.NOT_RULED: "the alert was changed, and no period has ended under this version yet",
    Why.NOT_BEGUN: "no data that belong to it have ever come in time",
    Why.OVER: "no series belongs to it any more",
    Why.UNKNOWN: "nothing was recorded, and the points of that time are not there one by one",
}


def moment(at: int) -> str:
    """A moment as people read it, in UTC."""
    seconds = datetime.fromtimestamp(at // 1000, UTC)
    return f"{seconds:%Y-%m-%d %H:%M:%S} UTC"


def summarised(found: Explanation) -> str:
    """The sentences, put together."""
    return " ".join(f"{sentence}." for sentence in _sentences(found) if sentence)


def _sentences(found: Explanation) -> Iterator[str | None]:
    yield _state(found)
    yield _late(found)
    yield _corrected(found)
    yield _edited(found)
    if found.people is not None and found.recorded is not None:
        yield from _told(found.people, found.recorded)


def name_of(found: Explanation) -> str:
    """The alert, and which of its instances."""
    tags = words.tags_of(found.tags)
    return f"{found.head.name} ({tags})" if tags else found.head.name


def _state(found: Explanation) -> str:
    name, why = name_of(found), found.verdict.why
    if found.recorded is None or found.span is None:
        return f"{name} had no state: {SILENT_ENDS.get(why, found.verdict.sentence)}"
    before, after = found.recorded.before, found.recorded.after
    state = words.state_words(after.state, after.level)
    if (before.state, before.level) != (after.state, after.level):
        decision = found.recorded.decision
        reason = decision.reason if decision is not None else found.verdict.sentence
        was = words.state_words(before.state, before.level)
        verb = "fired" if _fired(before.state, after.state) else "changed"
        at = moment(found.span.end)
        return f"{name} {verb}: it went from {was} to {state} in the period to {at}, as {reason}"
    since = f" since {moment(after.since)}" if after.since else ""
    sentence = SILENT_ENDS.get(why, found.verdict.sentence)
    if why is Why.NOT_CLOSED:
        return f"{name} was {state}{since}; the period to {moment(found.span.end)} is still open"
    if after.state is State.ALARM:
        return f"{name} was firing: {state}{since}; {sentence}"
    return f"{name} did not fire: it was {state}{since}; {sentence}"


def _fired(before: State, after: State) -> bool:
    return after is State.ALARM and before is not State.ALARM


def _late(found: Explanation) -> str | None:
    """What came too late, and whether it would have mattered."""
    window = found.window
    if window is None or not window.late_count:
        return None
    allowed = words.duration(found.version.definition.lateness)
    points = words.counted(window.late_count, "point")
    text = f"{points} came more than {allowed} after the period's end and did not count"
    return f"{text}; in time, they would have changed the state" if found.late_matters else text


def _corrected(found: Explanation) -> str | None:
    """What was said before."""
    recorded = found.recorded
    if recorded is None:
        return None
    corrections = [x for x in recorded.said if x.decision.cause is Cause.CORRECTION]
    if not corrections:
        return _afterwards(found, recorded)
    at = moment(corrections[-1].decision.decided_at)
    then = recorded.then(found.at)
    now = recorded.after
    if (then.state, then.level) != (now.state, now.level):
        was = words.state_words(then.state, then.level)
        return f"At that moment {was} was recorded; late data corrected that at {at}"
    return f"This was corrected by late data at {at}"


def _afterwards(found: Explanation, recorded: Recorded) -> str | None:
    """Whether the transition was found out long after it might have been."""
    decision = recorded.decision
    if decision is None or found.version.definition.kind is Kind.COMPOSITE:
        return None
    due = recorded.end + found.version.definition.grace * 1000
    if decision.decided_at <= due + MINUTE_MS:
        return None
    return (
        f"That was decided at {moment(decision.decided_at)} only: data came late, or deciding did"
    )


def _edited(found: Explanation) -> str | None:
    """Whether another version ruled than the present one."""
    head, version = found.head, found.version
    if head.version == version.version:
        return None
    return (
        f"Version {version.version} ruled then; the present one, {head.version}, rules what ends "
        f"after {moment(head.edited_at)}"
    )


# --- who was told ---------------------------------------------------------------------------------


def _told(people: People, recorded: Recorded) -> Iterator[str]:
    if recorded.firing is None:
        return
    told = list(_heard(people.account)) if people.account else []
    yield from told
    if people.account is not None:
        yield from _withheld(people.account)
    for each in people.silences:
        silence = _silence(each.silence.id, each.silence.comment)
        yield f"The silence {silence} muted it {_until(each.until)}"
    if not told:
        if all(not choice.route.channels for choice in people.choices):
            names = ", ".join(choice.route.name for choice in people.choices)
            yield f"Nobody was told: the route {names} has no channels"
        elif people.account is not None and not people.account.muted and not people.silences:
            yield "Nothing is recorded of anybody having been told"
    engagement = people.account.engagement if people.account else None
    mine = engagement is not None and engagement.began == recorded.firing[0]
    if engagement is not None and mine and engagement.acknowledged_by is not None:
        yield (
            f"{engagement.acknowledged_by} acknowledged it at "
            f"{moment(engagement.acknowledged_at or engagement.began)}"
        )


def _heard(account: Account) -> Iterator[str]:
    first = next((each for each in account.heard if each.told is Told.FIRING), None)
    if first is None:
        return
    count = sum(each.told is Told.FIRING for each in account.heard)
    again = f", and {count - 1} more times" if count > 1 else ""
    channels = ", ".join(first.channels) or "nobody"
    yield f"It was told to {channels} at {moment(first.at)} by the route {first.route}{again}"
    for each in account.heard:
        if (failed := _failed(each)) is not None:
            yield failed


def _failed(heard: Heard) -> str | None:
    """What was not handed over."""
    if heard.status is Status.SENT:
        return None
    delivered = {x.channel for x in heard.attempts if x.outcome.result is Result.DELIVERED}
    missing = [channel for channel in heard.channels if channel not in delivered]
    if not missing:
        return None
    errors = [x.outcome.error for x in heard.attempts if x.channel in missing and x.outcome.error]
    why = f": {errors[-1]}" if errors else ""
    return f"The page of {moment(heard.at)} has not reached {', '.join(missing)}{why}"


def _withheld(account: Account) -> Iterator[str]:
    for each in account.muted:
        what, until = each.withheld, _until(each.withheld.until)
        because = {
            Reason.SILENCE: f"the silence {what.by}, {until}",
            Reason.COOLDOWN: f"the cooldown, {until}",
        }.get(what.why, "the alert's deletion")
        yield f"From {moment(each.at)} it was not told because of {because}"


def _silence(silence_id: str, comment: str) -> str:
    return f"{silence_id} ({comment})" if comment else silence_id


def _until(at: int) -> str:
    return "until it is resolved" if at >= FOREVER else f"until {moment(at)}"
