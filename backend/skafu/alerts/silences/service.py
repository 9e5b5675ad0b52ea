"""What people do with silences: make, read, change, end, list and try them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from skafu.alerts.paging.looking import Looking
from skafu.alerts.paging.model import Matchers, Silence
from skafu.alerts.service import SAFE_ID
from skafu.alerts.silences import recurrence
from skafu.alerts.silences.store import SilenceStore
from skafu.alerts.silences.views import stored_view
from skafu.alerts.silences.windows import FOREVER, Status, last_moment, status, windows
from skafu.shared import audit
from skafu.shared.clock import Clock
from skafu.shared.errors import (
    Conflict,
    FieldError,
    NotFound,
    PreconditionFailed,
    QuotaExceeded,
    Unavailable,
    Unprocessable,
)
from skafu.shared.identity import NewId
from skafu.shared.keys import DAY_MS, HOUR_MS
from skafu.shared.observability import logger
from skafu.shared.table import ConditionFailed

type Position = Mapping[str, str] | None

KIND = "silence"
MAX_PRESENT = 500
"""Whoever tells somebody anything reads them all before."""

PAST_MS = HOUR_MS
AHEAD_MS = 366 * DAY_MS
LONGEST_MS = 366 * DAY_MS
UNRESOLVED_MS = 30 * DAY_MS
"""So long what is muted until it is resolved is muted at most, unless somebody says otherwise:
nothing that fires is forgotten for good."""
LEAST_DURATION_S = 60
MAX_DURATION_S = 7 * 86_400
TRIES = 5
ROUNDS = 20  # a filter that lets little pass ends a page early rather than reading on and on


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


class SilenceService:
    """Use cases over the store. Raises NotFound alike for ids that nobody has and ids of other
    tenants.
    """

    def __init__(
        self, silences: SilenceStore, looking: Looking, clock: Clock, new_id: NewId
    ) -> None:
        self._silences = silences
        self._looking = looking
        self._clock = clock
        self._new_id = new_id

    def create(self, tenant: str, actor: str, draft: SilenceDraft) -> Silence:
        """Make a silence. Raises Unprocessable naming the fields that are wrong, QuotaExceeded."""
        now = self._clock()
        made = replace(
            silence_of(draft, now, None),
            id=self._new_id(),
            version=1,
            created_by=actor,
            created_at=now,
            edited_at=now,
        )
        _refuse(made, now, None)
        self._refuse_one_more(tenant, now)
        change = _change(actor, now, "create", None, made)
        self._silences.create(tenant, made, [audit.entry(tenant, change)])
        try:
            self._looking.look(tenant)
        except Unavailable:
            # It is stored, and mutes from the next telling on. To fail would have it made twice.
            logger.warning("nobody looks at the new silence now", exc_info=True)
        return made

    def read(self, tenant: str, silence_id: str) -> Silence:
        """A silence, also one that was over not long ago."""
        found = self._silences.get(tenant, silence_id) if SAFE_ID.fullmatch(silence_id) else None
        if found is None:
            raise NotFound("there is no such silence")
        return found

    def change(
        self, tenant: str, actor: str, silence_id: str, version: int, draft: SilenceDraft
    ) -> Silence:
        """Give a silence that is at `version` its next one; saying what is so already makes none.

        Raises PreconditionFailed when it is at another version, Conflict when it is over, and
        Unprocessable.
        """
        present = self.read(tenant, silence_id)
        if present.version != version:
            raise _outdated(present)
        now = max(self._clock(), present.edited_at)
        if status(present, now) is Status.ENDED:
            raise Conflict("the silence is over: make a new one")
        changed = silence_of(draft, now, present)
        if changed != present:
            _refuse(changed, now, present)
            changed = replace(changed, version=version + 1, edited_at=now)
            change = _change(actor, now, "change", present, changed)
            try:
                self._silences.replace(tenant, changed, [audit.entry(tenant, change)])
            except ConditionFailed as failure:
                raise _outdated(self.read(tenant, silence_id)) from failure
        self._looking.look(tenant)
        return changed

    def end(self, tenant: str, actor: str, silence_id: str, version: int | None) -> None:
        """End a silence now; one that is over stays as it is. If `version` is given, raises
        PreconditionFailed at any other one.
        """
        for _ in range(TRIES):
            present = self.read(tenant, silence_id)
            if version is not None and present.version != version:
                raise _outdated(present)
            now = max(self._clock(), present.edited_at)
            if status(present, now) is not Status.ENDED:
                ended = replace(
                    present,
                    version=present.version + 1,
                    edited_at=now,
                    ended_at=now,
                    ended_by=actor,
                )
                change = _change(actor, now, "end", present, ended)
                try:
                    self._silences.replace(tenant, ended, [audit.entry(tenant, change)])
                except ConditionFailed:
                    continue  # it has changed meanwhile: the audit has to say what is ended
            # Also after a try whose message was lost.
            self._looking.look(tenant)
            return
        raise Unavailable("this silence is being changed at this very moment; try again")

    def page(
        self, tenant: str, wanted: Status | None, limit: int, after: Position
    ) -> tuple[list[Silence], Position]:
        """Silences in the order of their ids, and where the list goes on. A page may be short, or
        even empty, and still not be the last.
        """
        now = self._clock()
        found: list[Silence] = []
        for _ in range(ROUNDS):
            some, after = self._silences.page(tenant, limit - len(found), after)
            found += [x for x in some if wanted is None or status(x, now) is wanted]
            if after is None or len(found) == limit:
                break
        return found, after

    def _refuse_one_more(self, tenant: str, now: int) -> None:
        present = [x for x in self._silences.all(tenant) if status(x, now) is not Status.ENDED]
        if len(present) >= MAX_PRESENT:
            raise QuotaExceeded(
                f"there are {MAX_PRESENT} silences that are not over, and no more can be: "
                "end some of them"
            )


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


def _refuse(silence: Silence, now: int, present: Silence | None) -> None:
    wrong = problems(silence, now, present)
    if wrong:
        raise Unprocessable("the silence does not make sense", wrong)


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


def _change(
    actor: str, at: int, action: str, before: Silence | None, after: Silence
) -> audit.Change:
    shown = None if before is None else stored_view(before)
    return audit.Change(actor, at, action, KIND, after.id, shown, stored_view(after))


def _outdated(silence: Silence) -> PreconditionFailed:
    return PreconditionFailed(
        f"the silence is at version {silence.version}: read it again before you change it"
    )
