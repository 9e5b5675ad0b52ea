"""The points that a backtest needs, from wherever they are stored: open buckets, chunks, day
chunks, and hours where nothing else is left.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from skafu.alerts.backtest.limits import Budget, refused
from skafu.alerts.backtest.stock import Stock
from skafu.alerts.backtest.usual import Span
from skafu.alerts.model import Definition
from skafu.alerts.points import period_ms
from skafu.metrics.demands import Demand, HourRun, Run
from skafu.metrics.model import Series, Statistic, Tags, group_of, matches
from skafu.metrics.times import RAW_RETENTION_MS
from skafu.shared.keys import DAY_MS, HOUR_MS

NOT_OF_HOURS = frozenset({Statistic.STDDEV, Statistic.RATE, Statistic.INCREASE})
"""Statistics that hours do not tell the way points do."""

MOST_WARNINGS = 20


class Source(Protocol):
    """Where points come from (`metrics.reader.Reader`). Raises Unavailable."""

    def read(
        self, tenant: str, demands: Sequence[Demand], warnings: list[str]
    ) -> Iterator[tuple[int, Run | HourRun]]:
        """Points and hours of each demand, by its number."""


class Wanted(NamedTuple):
    """The points of a definition's series in some stretches of time that do not meet, of instances
    that have these tags, to decide buckets from `start` on. `lessons` are those from which is
    learnt what is usual: what is no longer there of them teaches nothing.
    """

    definition: Definition
    start: int
    spans: Sequence[Span]
    tags: Mapping[str, str]
    lessons: Sequence[Span] = ()


def points_from(now: int) -> int:
    """From when on there are single points; of what is older only hours are left. Those of a day
    live as long as its last ones, and a day longer, so that a question may take its time.
    """
    return (now - RAW_RETENTION_MS) // DAY_MS * DAY_MS - DAY_MS


def read(
    source: Source,
    tenant: str,
    wanted: Wanted,
    now: int,
    budget: Budget,
    buckets: int,
    warnings: list[str],
) -> dict[Tags, Stock]:
    """What was stored, by instance. `buckets` is how many of each instance are to be decided.

    Raises Unprocessable where only hours are left that the alert cannot do with, or where it is too
    much, and Unavailable.
    """
    demands = list(_demands(wanted, now, warnings))
    found: dict[Tags, Stock] = {}
    told: list[str] = []
    for _, run in source.read(tenant, demands, told):
        tags = group_of(wanted.definition.group_by, run.series.tags)
        stock = found.get(tags)
        if stock is None:
            budget.buckets(buckets)
            stock = found[tags] = Stock()
        budget.points(stock.add(wanted.definition, run))
        budget.check()
    warnings += told[:MOST_WARNINGS]
    return found


def _demands(wanted: Wanted, now: int, warnings: list[str]) -> Iterator[Demand]:
    wants, raw = _wants(wanted), points_from(now)
    for span in wanted.spans:
        if span[0] < raw <= wanted.start and period_ms(wanted.definition) % HOUR_MS:
            warnings.append(
                f"what the first periods look back to is older than {_moment(raw)}: it counts as "
                "missing data"
            )
            span = max(span[0], raw), span[1]
        if span[0] < span[1]:
            yield from _stretches(wanted.definition, span, wants, now, warnings)
    if any(start < raw for start, _ in wanted.lessons):
        warnings.append(
            f"what was usual was learnt from points since {_moment(raw)} alone: points are kept "
            f"for {RAW_RETENTION_MS // DAY_MS} days"
        )
    for start, end in wanted.lessons:
        if end > raw:
            yield Demand(wanted.definition.metric, max(start, raw), end, wants=wants)


def _stretches(
    definition: Definition,
    span: Span,
    wants: Callable[[Series], bool],
    now: int,
    warnings: list[str],
) -> Iterator[Demand]:
    start, end = span
    raw = points_from(now)
    if start >= raw:
        yield Demand(definition.metric, start, end, wants=wants)
        return
    _check_hours(definition, raw)
    edge = min(end // HOUR_MS * HOUR_MS, raw)
    first = start // HOUR_MS * HOUR_MS
    if first < edge:
        percentile = definition.statistic.percentile is not None
        yield Demand(definition.metric, first, edge, True, percentile, wants)
        precise = "; percentiles of these are within 1 %" if percentile else ""
        warnings.append(
            f"what is older than {_moment(raw)} was computed from hours: single points are kept "
            f"for {RAW_RETENTION_MS // DAY_MS} days{precise}"
        )
    if edge < end:
        yield Demand(definition.metric, edge, end, wants=wants)


def _check_hours(definition: Definition, raw: int) -> None:
    sentence = f"before {_moment(raw)} points are kept by the hour only: ask from {raw} on"
    if period_ms(definition) % HOUR_MS:
        raise refused("start", f"{sentence}, or give the alert a period of whole hours")
    if definition.statistic in NOT_OF_HOURS:
        raise refused("start", f"{sentence}: hours do not tell {definition.statistic} exactly")


def _moment(at: int) -> str:
    return f"{datetime.fromtimestamp(at // 1000, UTC):%Y-%m-%dT%H:%MZ}"


def _wants(wanted: Wanted) -> Callable[[Series], bool]:
    definition, tags = wanted.definition, wanted.tags.items()

    def wants(series: Series) -> bool:
        if not matches(definition.filters, series.tags):
            return False
        return tags <= dict(group_of(definition.group_by, series.tags)).items()

    return wants
