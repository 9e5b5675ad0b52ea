"""From an alert to its instances, each with the points it needs and no more.

How much is read: an instance is walked from where it was last known to be final (memory.py), or
else from the alert's mark, and its evaluation range reaches back from there. Open buckets are only
read where they may matter before they end.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from skafu.alerts.journal import Subject
from skafu.alerts.machine import can_settle
from skafu.alerts.memory import Memory, Remembered
from skafu.alerts.model import Alert, instance_id
from skafu.alerts.points import (
    AHEAD_MS,
    SECOND_MS,
    Memberships,
    advance,
    end_after,
    period_ms,
    read_start,
    range_start,
)
from skafu.alerts.samples import Past, Samples
from skafu.alerts.scope import Scope
from skafu.alerts.snapshot import Snapshot
from skafu.alerts.transforms import Baseline, far_ms
from skafu.alerts.walk import Ruling, Walked
from skafu.metrics.model import Segment, Tags
from skafu.shared.errors import SkafuError
from skafu.shared.keys import BUCKET_MS, HOUR_MS, MINUTE_MS


class Feed(NamedTuple):
    """What of a layout feeds an instance: positions of series, which may have points up to `until`
    at most.
    """

    positions: tuple[int, ...]
    until: int


MOST_QUARTERS = 20_000
"""Of an hour, times layouts: each is about 100 KB where an agent reports every ten seconds."""

type Feeds = dict[str, Feed]
"""The series that feed an instance, by layout."""


@dataclass
class Case:
    """One instance with all that its walk needs. `feeds`, `samples` and `baselines` (of days, by
    their starts) are by version number.
    """

    subject: Subject
    versions: tuple[Alert, ...]
    after: int
    remembered: Remembered | None
    feeds: Mapping[int, Feeds]
    samples: dict[int, Samples] = field(default_factory=dict)
    baselines: dict[int, dict[int, Baseline]] = field(default_factory=dict)

    @property
    def past(self) -> Mapping[int, Past]:
        return self.remembered.past if self.remembered else {}

    @property
    def rulings(self) -> list[Ruling]:
        """The versions that rule what is to be walked; without samples where nothing feeds it."""
        return [Ruling(each, self.samples.get(each.version)) for each in self.versions]

    @property
    def layouts(self) -> set[str]:
        """The layouts that feed it under any version."""
        return {layout for feeds in self.feeds.values() for layout in feeds}

    @property
    def empty(self) -> bool:
        """Whether nothing that was read belongs to the instance."""
        return not any(each.present for each in self.samples.values())

    def start(self, version: Alert) -> int:
        """From where on this version needs points."""
        if self.past:
            return self.after
        definition = version.definition
        first = end_after(max(self.after, version.edited_at), period_ms(definition))
        return read_start(definition, first)

    def spans(self, version: Alert, until: int) -> list[tuple[int, int]]:
        """What of [start, until) this version needs, and the same of long ago where it compares
        with that; these do not meet.
        """
        start, far = self.start(version), far_ms(version.definition)
        return [(start - far, min(until - far, start)), (start, until)] if far else [(start, until)]

    def idle(self, now: int) -> bool:
        """Whether nothing can be decided now, whatever may have arrived."""
        if self.remembered is None or can_settle(self.versions[-1].definition):
            return False
        return self.after == self.remembered.open_start and now < self.remembered.open_end


def open_cases(
    scope: Scope,
    snapshot: Snapshot,
    memory: Memory,
    memberships: Memberships,
    known: Collection[Tags],
    only: Collection[Tags] | None,
) -> list[Case]:
    """The instances to evaluate: those of `only` that a series belongs to now, or, without it,
    `known` ones and all that series belong to.
    """
    versions = scope.ruling(scope.after)
    feeds: dict[Tags, dict[int, Feeds]] = {tags: {} for tags in known}
    for version in versions:
        for known_layout in snapshot.layouts_of(version.definition.metric):
            for tags, positions in memberships.of(version, known_layout.layout).items():
                if only is None or tags in only:
                    mine = feeds.setdefault(tags, {}).setdefault(version.version, {})
                    mine[known_layout.layout.hash] = Feed(positions, known_layout.until)
    head = scope.head
    if only is not None:
        feeds = {tags: mine for tags, mine in feeds.items() if head.version in mine}
    cases = (_case(scope, snapshot.tenant, memory, tags, mine) for tags, mine in feeds.items())
    return [case for case in cases if not case.idle(snapshot.taken_at)]


def start_of(subject: Subject, scope: Scope, memory: Memory) -> tuple[int, Remembered | None]:
    """After which moment an instance's buckets are walked, and what is remembered of it there."""
    alert = subject.alert
    remembered = memory.get(subject.tenant, alert.id, subject.instance, alert.version)
    if remembered is not None and remembered.through >= scope.after:
        return remembered.through, remembered
    return scope.after, None


def _case(
    scope: Scope, tenant: str, memory: Memory, tags: Tags, feeds: Mapping[int, Feeds]
) -> Case:
    subject = Subject(tenant, scope.head, instance_id(tags), tags)
    after, remembered = start_of(subject, scope, memory)
    return Case(subject, scope.ruling(after), after, remembered, feeds)


def lagging(cases: Sequence[Case], snapshot: Snapshot) -> list[Case]:
    """The cases that the stream may not have seen to: some layout that feeds them lags behind, or
    that cannot be told. One small read for each layout.
    """
    newest = snapshot.newest(layout for case in cases for layout in case.layouts)
    return [case for case in cases if not _keeps_up(case, newest, snapshot.taken_at)]


def _keeps_up(case: Case, newest: Mapping[str, Segment], now: int) -> bool:
    head = case.versions[-1]
    feeds, period = case.feeds.get(head.version), period_ms(head.definition)
    if feeds is None or len(case.versions) > 1 or period > HOUR_MS:
        return False
    ended = end_after(now, period) - period
    # What was sent before this is in no range that silence could still empty (Samples.stirs): the
    # oldest bucket that waits for its grace, or for a wakeup that was a little late, has one.
    waiting = ended - head.definition.grace * SECOND_MS - MINUTE_MS
    first = range_start(head.definition, waiting) - period
    for layout in feeds:
        if (segment := newest.get(layout)) is None:
            continue
        came = advance(segment)
        if came == 0 or first <= came < ended:
            return False  # it lags; or it is all in the future, and says nothing
    return True


class TooMuchToRead(SkafuError):
    """An alert needs more points than one evaluation may read."""


def fill(cases: Collection[Case], snapshot: Snapshot, most: int) -> None:
    """Read what the cases need, every layout once, and deal it out.

    Raises TooMuchToRead when that is more than so many quarters of an hour of layouts.
    """
    if not cases:
        return
    now = snapshot.taken_at
    until = max(_until(version, now) for case in cases for version in case.versions)
    wanted = _wanted(cases, until)
    quarters = sum(map(len, wanted.values()))
    if quarters > most:
        raise TooMuchToRead(f"{quarters} quarters of an hour of layouts, at most {most}")
    _read_together(snapshot, wanted)
    for case in cases:
        for version in case.versions:
            if version.version in case.feeds:
                case.samples[version.version] = _samples(case, version, snapshot, until)


def _read_together(snapshot: Snapshot, wanted: Mapping[str, set[int]]) -> None:
    """Read layouts of which the same stretch is needed at once."""
    together: dict[tuple[int, int], list[str]] = defaultdict(list)
    for layout, those in wanted.items():
        for run in _runs(those):
            together[run].append(layout)
    for (start, end), layouts in together.items():
        snapshot.read(layouts, start, end)


def _wanted(cases: Iterable[Case], until: int) -> Mapping[str, set[int]]:
    """The quarters of an hour that are needed of each layout."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for case in cases:
        for version in case.versions:
            spans = case.spans(version, until)
            for layout, feed in case.feeds.get(version.version, {}).items():
                for start, end in spans:
                    if start < feed.until:
                        first = start // BUCKET_MS * BUCKET_MS
                        wanted[layout].update(range(first, end, BUCKET_MS))
    return wanted


def _runs(quarters: Collection[int]) -> Iterator[tuple[int, int]]:
    """Quarters of an hour as [start, end), those that follow one another together."""
    ordered = sorted(quarters)
    start = before = ordered[0]
    for each in ordered[1:]:
        if each != before + BUCKET_MS:
            yield start, before + BUCKET_MS
            start = each
        before = each
    yield start, before + BUCKET_MS


def _samples(case: Case, version: Alert, snapshot: Snapshot, until: int) -> Samples:
    start = case.start(version)
    usual = case.baselines.get(version.version)
    samples = Samples(version.definition, start, until, case.past, baselines=usual)
    for layout, feed in case.feeds[version.version].items():
        if case.spans(version, until)[0][0] < feed.until:
            samples.add(snapshot, layout, feed.positions, feed.until)
    return samples


def _until(version: Alert, now: int) -> int:
    """Up to where points are needed. Of an open bucket only where it may be decided early, and
    beyond the end of the last bucket while it waits for its layouts.
    """
    definition = version.definition
    ended = end_after(now, period_ms(definition)) - period_ms(definition)
    if can_settle(definition) or now < ended + definition.grace * SECOND_MS:
        return now + AHEAD_MS + 1
    return ended


def remember(case: Case, scope: Scope, walked: Walked, clean: bool, now: int) -> Remembered:
    """What to remember of an instance after its walk; `clean`: nothing was left to write."""
    head = scope.head
    period = period_ms(head.definition)
    through, past = case.after, case.past
    final = min(scope.final(now), walked.open_start) // period * period
    if clean and final > through and final >= head.edited_at:
        through, past = final, _past(case, final)
    return Remembered(
        version=head.version,
        through=through,
        past=past,
        state=walked.state,
        open_start=walked.open_start,
        open_end=walked.open_end,
        due=walked.due,
        level=walked.level,
    )


def _past(case: Case, through: int) -> dict[int, Past]:
    """The buckets before `through` that the next evaluation range reaches back to, and one more:
    what is beyond the range may have been in the range before (Samples.stirs). Of long ago those
    that these are compared with.
    """
    head = case.subject.alert
    samples = case.samples.get(head.version)
    if samples is None:
        return {}
    period, far = period_ms(head.definition), far_ms(head.definition)
    first = read_start(head.definition, through + period)
    ends = [*range(first, through + 1, period)]
    if far:
        ends += range(first - far, through - far + 1, period)
    return {end: samples.past(end) for end in ends if samples.covers(end)}
