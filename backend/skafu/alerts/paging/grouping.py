"""The machine that decides what a group is told, and when: pure.

`apply` notes what happened to an instance; `look` tells what is due at a moment and says when to
look again. Both may be called at any time, any number of times: what was said stands in the group,
so nothing is told as new twice.

* The first telling waits for `wait` after the first news, later ones for `interval` after the one
  before. What is at a higher level than was said waits for neither.
* An instance is told as resolved, or as sending no data any more, only if it was told as firing.
* Silence and cooldown withhold that an instance fires; whoever still fires at their end is told
  then. That it is resolved they do not withhold: it closes what others have open.
* Escalations and repetitions are about instances that were told as firing, still fire, are not
  silenced, and were not acknowledged. After an escalation those who came to it hear all that the
  others hear.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from skafu.alerts.model import State
from skafu.alerts.paging.composing import item_of, next_page
from skafu.alerts.paging.group import (
    Group,
    Looked,
    Member,
    Reason,
    Telling,
    Transition,
    Who,
    Withheld,
)
from skafu.alerts.paging.members import (
    cooled_at,
    fires_anew,
    is_news,
    is_raised,
    said_now,
    told_since,
)
from skafu.alerts.paging.model import Engagement, PageCause, Silence, Told
from skafu.alerts.silences.windows import mutes
from skafu.shared.keys import DAY_MS

FAR_MS = 30 * DAY_MS
"""A group that waits for nothing is looked at again after so long."""

FORGET_MS = 90 * DAY_MS
"""So long after its data stopped an instance is forgotten that was told as firing."""

TELLS = {State.ALARM: Told.FIRING, State.OK: Told.RESOLVED, State.INSUFFICIENT_DATA: Told.UNKNOWN}


@dataclass(frozen=True)
class Around:
    """What is to be known for looking at a group. `engaged` may leave out everybody while nothing
    is due that acknowledging prevents; `gone` are members' alerts that no longer exist.
    """

    tenant: str
    console: str
    now: int
    silences: Sequence[Silence] = ()
    engaged: Mapping[Who, Engagement] = field(default_factory=dict)
    gone: Collection[str] = frozenset()


def apply(group: Group, transition: Transition, now: int) -> Group:
    """The group after a transition; the same group when it knows this one or a later one already.

    Raises nothing: a transition of an instance that nobody holds for firing changes nothing unless
    it fires now.
    """
    notification = transition.notification
    known = group.members.get(transition.who)
    if known is not None and known.position >= transition.position:
        return group
    told = TELLS[notification.target]
    if told is Told.FIRING:
        began = notification.bucket if transition.began is None else transition.began
        if known is not None and known.told is not Told.RESOLVED:
            began = known.began  # a firing that goes on: at another level, or its data are back
        member = Member(notification, told, began, None, now)
        if known is not None:
            member = replace(member, said=known.said, fired_at=known.fired_at)
    elif known is None:
        return group
    else:
        ended = notification.bucket if told is Told.RESOLVED else None
        member = replace(known, notification=notification, told=told, ended=ended, since=now)
    if known is not None and is_news(known):
        member = replace(member, since=known.since)
    return replace(group, members={**group.members, transition.who: member})


def look(group: Group, around: Around) -> Looked:
    """Tell what is due, forget who is done with, and say when to look again."""
    return _Look(group, around).look()


class _Look:
    """One look: `_group` and `_members` change from step to step."""

    def __init__(self, group: Group, around: Around) -> None:
        self._group = group
        self._members = dict(group.members)
        self._around = around
        self._now = around.now
        self._tellings: list[Telling] = []
        self._withheld: list[tuple[Who, Withheld]] = []
        self._dues: list[int] = []

    def look(self) -> Looked:
        for who, member in self._members.items():
            self._members[who] = self._weigh(who, member)
        self._members = {who: x for who, x in self._members.items() if not self._is_gone(x)}
        self._tell_news()
        self._escalate()
        self._repeat()
        self._forget()
        group = replace(self._group, members=self._members, due=self._due())
        if not any(member.open for member in self._members.values()):
            group = replace(group, reached=(), steps=0, escalated_at=None)
        return Looked(group, tuple(self._tellings), tuple(self._withheld))

    # --- what is withheld ---

    def _weigh(self, who: Who, member: Member) -> Member:
        found = self._withholding(member)
        if found is not None and found != member.withheld:
            self._withheld.append((who, found))
        return member if found == member.withheld else replace(member, withheld=found)

    def _is_gone(self, member: Member) -> bool:
        return member.withheld is not None and member.withheld.why is Reason.DELETED

    def _withholding(self, member: Member) -> Withheld | None:
        """Why it is not told that an instance fires; of several reasons the one that lasts."""
        alert = member.notification.alert
        if alert.id in self._around.gone:
            return Withheld(Reason.DELETED, alert.id, self._now)
        if member.told is not Told.FIRING:
            return None
        found = [
            Withheld(Reason.SILENCE, silence.id, until)
            for silence in self._around.silences
            if (until := mutes(silence, member.labels, member.began, self._now)) is not None
        ]
        cooled = cooled_at(member)
        if fires_anew(member) and cooled > self._now:
            found.append(Withheld(Reason.COOLDOWN, alert.id, cooled))
        return max(found, key=lambda each: each.until, default=None)

    # --- news ---

    def _tell_news(self) -> None:
        ready = [x for x in self._members.values() if is_news(x) and x.withheld is None]
        for member in self._members.values():
            if is_news(member) and member.withheld is not None:
                self._dues.append(member.withheld.until)
        if not ready:
            return
        moment = self._moment(ready)
        if moment > self._now:
            self._dues.append(moment)
            return
        begins = not any(member.open for member in self._members.values())
        for member in ready:
            self._members[member.who] = said_now(member, self._now)
        cause = PageCause.FIRST if begins else PageCause.UPDATE
        self._tell(cause, self._audience(), ready, news=True)
        self._group = replace(self._group, told_at=self._now)

    def _moment(self, ready: Sequence[Member]) -> int:
        """When these may be told."""
        route, told_at = self._group.route, self._group.told_at
        if any(is_raised(member) for member in ready):
            return self._now
        after = 0 if told_at is None else told_at + route.interval * 1000
        if any(member.open for member in self._members.values()):
            return after
        return max(after, min(member.since for member in ready) + route.wait * 1000)

    # --- what nobody has acknowledged ---

    def _unanswered(self) -> list[Member]:
        return [
            member
            for member in self._members.values()
            if member.told is Told.FIRING
            and member.open
            and not fires_anew(member)
            and member.withheld is None
            and not self._is_acknowledged(member)
        ]

    def _is_acknowledged(self, member: Member) -> bool:
        found = self._around.engaged.get(member.who)
        if found is None or found.acknowledged_at is None:
            return False
        # What people acknowledge may have begun anew within one firing, after data had stopped.
        return found.began >= member.began

    def _escalate(self) -> None:
        steps = self._group.route.steps
        open_ones = self._unanswered() if steps else []
        if not open_ones:
            return
        base = min(told_since(member) for member in open_ones)
        escalated = self._group.escalated_at
        if escalated is not None and base > escalated:
            # All that were escalated are answered; these were told since then.
            self._group = replace(self._group, steps=0, escalated_at=None)
        for number, step in enumerate(steps, 1):
            if number <= self._group.steps:
                continue
            if base + step.after * 1000 > self._now:
                self._dues.append(base + step.after * 1000)
                return
            self._tell(PageCause.ESCALATION, step.channels, open_ones, step=number)
            self._group = replace(self._group, steps=number, escalated_at=self._now)

    def _repeat(self) -> None:
        repeat, told_at = self._group.route.repeat * 1000, self._group.told_at
        open_ones = self._unanswered() if repeat and told_at is not None else []
        if not open_ones or told_at is None:
            return
        if told_at + repeat <= self._now:
            self._tell(PageCause.REPEAT, self._audience(), open_ones)
            self._group = replace(self._group, told_at=self._now)
            told_at = self._now
        self._dues.append(told_at + repeat)

    # --- telling ---

    def _audience(self) -> tuple[str, ...]:
        """Who hears of the group: its route's channels, as long as it fires, and whoever was told
        that it does, also when the route was changed since.
        """
        fires = any(
            x.said is not None and x.said.told is Told.FIRING for x in self._members.values()
        )
        channels = self._group.route.channels if fires else ()
        return tuple(dict.fromkeys([*channels, *self._group.reached]))

    def _tell(
        self,
        cause: PageCause,
        channels: tuple[str, ...],
        first: Sequence[Member],
        news: bool = False,
        step: int = 0,
    ) -> None:
        group, around = self._group, self._around
        about = tuple(member.who for member in first)
        rest = [x for x in self._members.values() if x.open and x.who not in set(about)]
        items = [item_of(x, news) for x in first] + [item_of(x, False) for x in rest]
        page = next_page(group, around.tenant, around.console, self._now, cause, items, step)
        self._tellings.append(Telling(page, channels, group.last, about))
        reached = tuple(dict.fromkeys([*group.reached, *channels]))
        self._group = replace(group, number=group.number + 1, last=page.id, reached=reached)

    # --- what comes next ---

    def _forget(self) -> None:
        """Let go of whom nothing is left to say of."""
        for who, member in list(self._members.items()):
            if member.told is Told.FIRING or (is_news(member) and not self._is_old(member)):
                continue
            if member.open and not self._is_old(member):
                self._dues.append(member.since + FORGET_MS)
            elif cooled_at(member) > self._now:
                self._dues.append(cooled_at(member))
            else:
                del self._members[who]

    def _is_old(self, member: Member) -> bool:
        return member.told is Told.UNKNOWN and member.since + FORGET_MS <= self._now

    def _due(self) -> int:
        route, now = self._group.route, self._now
        if route.repeat or route.steps:
            self._dues += [x.withheld.until for x in self._members.values() if x.withheld]
        soon = [due for due in self._dues if now < due < now + FAR_MS]
        if soon:
            return min(soon)
        far = self._group.due  # kept while it is far, so that a look alone changes nothing
        return far if now + FAR_MS // 2 < far <= now + FAR_MS else now + FAR_MS
