"""Explaining one instance of an alert at one moment, whatever it did or did not do then."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from skafu.alerts.baselines import baseline_from
from skafu.alerts.explain.children import ChildrenReader
from skafu.alerts.explain.instances import choose, known_instances
from skafu.alerts.explain.levels import levels_of
from skafu.alerts.explain.model import Child, Explanation, LevelNow, People, Span
from skafu.alerts.explain.people import PeopleReader
from skafu.alerts.explain.recorded import Recorded, read_recorded
from skafu.alerts.explain.summary import summarised
from skafu.alerts.explain.verdict import Verdict, Why, judge
from skafu.alerts.explain.window import TooMany, Window, read_window, without_deleted
from skafu.alerts.model import Alert, Cause, Kind, State, TransformType, instance_id
from skafu.alerts.points import SECOND_MS, PointSource, period_ms, range_start
from skafu.alerts.scope import read_scope
from skafu.alerts.service import SAFE_ID
from skafu.alerts.states import StateReader
from skafu.alerts.store import AlertStore
from skafu.alerts.transforms import Baseline
from skafu.metrics.deletions import Deletions
from skafu.metrics.items import SEGMENT_LIFE_MS
from skafu.metrics.model import Tags
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import FieldError, NotFound, Unprocessable
from skafu.shared.keys import DAY_MS
from skafu.shared.table import Table


@dataclass(frozen=True)
class Question:
    """Which alert, which of its instances, and when (epoch milliseconds; None is now)."""

    alert: str
    tags: Mapping[str, str]
    at: int | None = None


class Explainer:
    """All methods raise Unavailable."""

    def __init__(
        self,
        table: Table,
        source: PointSource,
        people: PeopleReader,
        deletions: Deletions,
        clock: Clock,
    ) -> None:
        self._table = table
        self._source = source
        self._people = people
        self._deletions = deletions
        self._clock = clock
        self._alerts = AlertStore(table)
        self._states = StateReader(table)
        self._children = ChildrenReader(table)

    def explain(self, tenant: str, question: Question) -> Explanation:
        """Raises NotFound, and Unprocessable where the moment lies ahead or it is not clear which
        instance is meant.
        """
        now = self._clock()
        at = now if question.at is None else question.at
        if at > now:
            raise Unprocessable(
                "the future cannot be explained", [FieldError("at", "must not be in the future")]
            )
        head = (
            self._alerts.get(tenant, question.alert) if SAFE_ID.fullmatch(question.alert) else None
        )
        if head is None:
            raise NotFound("there is no such alert")
        known = known_instances(self._states, self._source, tenant, head)
        tags = choose(head, known, question.tags)
        found = _Explaining(self, tenant, head, tags, at, now).explanation()
        if question.at is None and found.verdict.why is Why.NOT_CLOSED:
            # Who asks about now wants to know of the newest period that was decided.
            at = now - found.version.definition.grace * SECOND_MS
            decided = _Explaining(self, tenant, head, tags, at, now).explanation()
            found = decided if decided.span is not None else found
        return replace(found, summary=summarised(found))

    # --- what one explanation asks for ------------------------------------------------------------

    def versions(self, tenant: str, head: Alert) -> tuple[Alert, ...]:
        """The versions since the alert was made, oldest first."""
        return read_scope(self._table, tenant, head).versions

    def recorded(self, tenant: str, head: Alert, tags: Tags, end: int, at: int) -> Recorded:
        """The log of an instance around a bucket."""
        first = self.versions(tenant, head)[0].version
        return read_recorded(self._table, tenant, head.id, instance_id(tags), end, at, first)

    def window(
        self, tenant: str, version: Alert, tags: Tags, end: int, now: int, warnings: list[str]
    ) -> Window | None:
        """The points of a bucket's range; None, with a warning, where they cannot be read."""
        definition = version.definition
        if range_start(definition, end) < now - SEGMENT_LIFE_MS:
            warnings.append("the points of that time are not there one by one any more")
            return None
        usual = self._baselines(tenant, version, tags, end, warnings)
        try:
            window = read_window(self._source, tenant, definition, tags, end, now, usual)
        except TooMany:
            warnings.append("the points are too many to be read for an explanation")
            return None
        deleted = self._deletions.of(tenant).get(definition.metric, 0)
        if deleted <= range_start(definition, end):
            return window
        warnings.append("points of that time were deleted: they are not shown one by one")
        return without_deleted(window, deleted)

    def _baselines(
        self, tenant: str, version: Alert, tags: Tags, end: int, warnings: list[str]
    ) -> dict[int, Baseline]:
        """What was usual on the days that the bucket's range touches, as the sweeper has learnt it;
        nothing where it has not.
        """
        transform = version.definition.transform
        if transform is None or transform.type is not TransformType.DEVIATION:
            return {}
        first = range_start(version.definition, end) // DAY_MS * DAY_MS
        named = {
            day: keys.baseline(tenant, version.id, version.version, instance_id(tags), day)
            for day in range(first, end, DAY_MS)
        }
        items = self._table.get_many(named.values(), consistent=True)
        if len(items) < len(named):
            warnings.append("what is usual at that time was not learnt: it counts as missing data")
        return {
            day: baseline_from(str(items[key]["body"])) if key in items else Baseline({})
            for day, key in named.items()
        }

    def people(self) -> PeopleReader:
        """Who would hear of it."""
        return self._people

    def children(
        self, tenant: str, composite: Alert, tags: Tags, at: int, warnings: list[str]
    ) -> tuple[Child, ...]:
        """The alerts that a composite names."""
        return self._children.of(tenant, composite, tags, at, warnings)


class _Explaining:
    """One explanation in the making."""

    def __init__(
        self, reader: Explainer, tenant: str, head: Alert, tags: Tags, at: int, now: int
    ) -> None:
        self._reader = reader
        self._tenant = tenant
        self._head = head
        self._tags = tags
        self._at = at
        self._now = now
        self._warnings: list[str] = []

    def explanation(self) -> Explanation:
        """Everything but its summary."""
        versions = self._reader.versions(self._tenant, self._head)
        version, span = ruling(versions, self._at)
        if span is None:
            made = self._at >= versions[0].edited_at
            why = Why.NOT_RULED if made else Why.NOT_MADE
            return self._nothing(version, Verdict(why, "", None, State.INSUFFICIENT_DATA, 0))
        recorded = self._reader.recorded(self._tenant, self._head, self._tags, span.end, self._at)
        if not recorded.complete:
            self._warnings.append("the instance's history is too long to be read as a whole")
        if version.definition.kind is Kind.COMPOSITE:
            return self._composite(version, span, recorded)
        return self._plain(version, span, recorded)

    def _nothing(self, version: Alert, verdict: Verdict) -> Explanation:
        return Explanation(
            head=self._head,
            version=version,
            tags=self._tags,
            instance=instance_id(self._tags),
            at=self._at,
            summary="",
            span=None,
            verdict=verdict,
            recorded=None,
            cause=None,
            window=None,
            levels=(),
            people=None,
            children=(),
            warnings=tuple(self._warnings),
        )

    def _plain(self, version: Alert, span: Span, recorded: Recorded) -> Explanation:
        window = self._reader.window(
            self._tenant, version, self._tags, span.end, self._now, self._warnings
        )
        before, after = recorded.before, recorded.after
        verdict = self._verdict(version, recorded, window)
        levels: tuple[LevelNow, ...] = ()
        late_matters = False
        if window is not None:
            level = before.level, after.level
            levels = tuple(levels_of(version, window.buckets, before.state, *level))
            late_matters = _late_matters(version, recorded, window)
        return replace(
            self._nothing(version, verdict),
            span=span,
            recorded=recorded,
            cause=_cause(recorded, window),
            window=window,
            levels=levels,
            people=self._people(version, recorded),
            late_matters=late_matters,
            warnings=tuple(self._warnings),
        )

    def _verdict(self, version: Alert, recorded: Recorded, window: Window | None) -> Verdict:
        before, after = recorded.before, recorded.after
        if window is None:
            decision = recorded.decision
            why = Why.UNKNOWN if decision is None else Why.TRANSITION
            sentence = "" if decision is None else decision.reason
            return Verdict(why, sentence, None, after.state, after.level)
        verdict = judge(version.definition, window.buckets, before.state, before.level)
        if recorded.decision is not None:
            return verdict
        if before.since is None and not any(each.count for each in window.looks):
            return replace(verdict, why=Why.NOT_BEGUN)
        if window.close.at is None:
            return replace(verdict, why=Why.NOT_CLOSED)
        if not window.series and before.state is State.INSUFFICIENT_DATA:
            return replace(verdict, why=Why.OVER)
        if (verdict.target, verdict.level) != (after.state, after.level):
            self._warnings.append(
                f"by the points that are stored now it would be {verdict.target}: either that is "
                "about to be recorded, or points were deleted"
            )
        return verdict

    def _composite(self, version: Alert, span: Span, recorded: Recorded) -> Explanation:
        children = self._reader.children(
            self._tenant, version, self._tags, self._at, self._warnings
        )
        told = "; ".join(
            f"{each.name or each.alert} was {each.state}" for each in children if each.deciding
        )
        after = recorded.after
        why = Why.INPUTS if recorded.decision is None else Why.TRANSITION
        if after.since is None and not any(each.counts for each in children):
            why = Why.NOT_BEGUN
        verdict = Verdict(why, told or "nothing is known of its alerts", None, after.state, 0)
        return replace(
            self._nothing(version, verdict),
            span=span,
            recorded=recorded,
            cause=_cause(recorded, None),
            people=self._people(version, recorded),
            children=children,
            warnings=tuple(self._warnings),
        )

    def _people(self, version: Alert, recorded: Recorded) -> People:
        reader = self._reader.people()
        return reader.of(self._tenant, version, self._tags, recorded, self._at, self._now)


def ruling(versions: tuple[Alert, ...], at: int) -> tuple[Alert, Span | None]:
    """The version that ruled at a moment, and the newest bucket that had ended under it by then:
    None where none had yet. A composite is decided at moments: the very one is its bucket.
    """
    for version in reversed(versions):
        definition = version.definition
        if definition.kind is Kind.COMPOSITE:
            if at > version.edited_at:
                return version, Span(at, at)
            continue
        period = period_ms(definition)
        end = at // period * period
        if end > version.edited_at:
            return version, Span(end - period, end)
    since = [version for version in versions if version.edited_at <= at]
    return (since or versions[:1])[-1], None


def _late_matters(version: Alert, recorded: Recorded, window: Window) -> bool:
    if window.with_late is None:
        return False
    before = recorded.before
    alike = (
        judge(version.definition, buckets, before.state, before.level)
        for buckets in (window.buckets, window.with_late)
    )
    one, other = ((x.target, x.level) for x in alike)
    return one != other


def _cause(recorded: Recorded, window: Window | None) -> Cause | None:
    """Why the bucket could be decided: as recorded, or as the points tell."""
    if recorded.decision is not None:
        return recorded.decision.cause
    return None if window is None else window.close.cause
