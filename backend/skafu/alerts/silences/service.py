"""What people do with silences: make, read, change, end, list and try them."""

from collections.abc import Mapping
from dataclasses import replace

from skafu.alerts.paging.looking import Looking
from skafu.alerts.paging.model import Silence
from skafu.alerts.service import SAFE_ID
from skafu.alerts.silences.drafting import SilenceDraft, problems, silence_of
from skafu.alerts.silences.firing import FiringNow
from skafu.alerts.silences.store import SilenceStore
from skafu.alerts.silences.views import stored_view
from skafu.alerts.silences.windows import Status, status
from skafu.shared import audit
from skafu.shared.clock import Clock
from skafu.shared.errors import (
    Conflict,
    NotFound,
    PreconditionFailed,
    QuotaExceeded,
    Unavailable,
    Unprocessable,
)
from skafu.shared.identity import NewId
from skafu.shared.observability import logger
from skafu.shared.table import ConditionFailed

type Position = Mapping[str, str] | None

KIND = "silence"
MAX_PRESENT = 500
"""Whoever tells somebody anything reads them all before."""

TRIES = 5
ROUNDS = 20  # a filter that lets little pass ends a page early rather than reading on and on


class SilenceService:
    """Use cases over the store. Raises NotFound alike for ids that nobody has and ids of other
    tenants.
    """

    def __init__(
        self,
        silences: SilenceStore,
        firing: FiringNow,
        looking: Looking,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._silences = silences
        self._firing = firing
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
        made = self._with_early(tenant, made)
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
            if changed.starts_at != present.starts_at or not present.until_resolved:
                changed = self._with_early(tenant, changed)
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

    def _with_early(self, tenant: str, silence: Silence) -> Silence:
        """With what fires now although its bucket is not over: it was decided early."""
        if not silence.until_resolved:
            return replace(silence, early=())
        firing, _ = self._firing.matching(tenant, silence)
        early = {each.since for each in firing if each.since > silence.starts_at}
        return replace(silence, early=tuple(sorted(early)))

    def _refuse_one_more(self, tenant: str, now: int) -> None:
        present = [x for x in self._silences.all(tenant) if status(x, now) is not Status.ENDED]
        if len(present) >= MAX_PRESENT:
            raise QuotaExceeded(
                f"there are {MAX_PRESENT} silences that are not over, and no more can be: "
                "end some of them"
            )


def _refuse(silence: Silence, now: int, present: Silence | None) -> None:
    wrong = problems(silence, now, present)
    if wrong:
        raise Unprocessable("the silence does not make sense", wrong)


def _change(
    actor: str, at: int, action: str, before: Silence | None, after: Silence
) -> audit.Change:
    shown = None if before is None else stored_view(before)
    return audit.Change(actor, at, action, KIND, after.id, shown, stored_view(after))


def _outdated(silence: Silence) -> PreconditionFailed:
    return PreconditionFailed(
        f"the silence is at version {silence.version}: read it again before you change it"
    )
