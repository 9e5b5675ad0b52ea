"""What one request reads: alerts that look at the same series share it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from skafu.alerts.backtest.limits import Budget
from skafu.alerts.backtest.pure import buckets_of, needed
from skafu.alerts.backtest.reading import Source, Wanted, read
from skafu.alerts.backtest.stock import Stock
from skafu.alerts.backtest.usual import Span, lessons
from skafu.alerts.model import Definition
from skafu.metrics.model import Tags


@dataclass(frozen=True)
class Asked:
    """The range, in epoch milliseconds, and tags that the instances must have. The request arrived
    at `now`.
    """

    start: int
    end: int
    now: int
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def until(self) -> int:
        """The end of what can be known."""
        return min(self.end, self.now)


class Look(NamedTuple):
    """A definition, and the tags that its instances must have."""

    definition: Definition
    tags: Mapping[str, str]


type _Shared = tuple[object, ...]


class Shelf:
    """Raises Unprocessable where it would be too much, and Unavailable."""

    def __init__(self, source: Source, tenant: str, asked: Asked, budget: Budget) -> None:
        self.warnings: list[str] = []
        if asked.end > asked.now:
            self.warnings.append("the range goes on in the future: it was tested up to now")
        self._source = source
        self._tenant = tenant
        self._asked = asked
        self._budget = budget
        self._found: dict[_Shared, dict[Tags, Stock]] = {}

    def fetch(self, looks: Iterable[Look]) -> None:
        """Read what these need."""
        asked = self._asked
        sharing: dict[_Shared, list[Look]] = {}
        for look in looks:
            sharing.setdefault(_shared(look), []).append(look)
        for key, some in sharing.items():
            definitions = [look.definition for look in some]
            spans = joined(
                span for each in definitions for span in needed(each, asked.start, asked.until)
            )
            taught = (
                span for each in definitions for span in lessons(each, asked.start, asked.until)
            )
            buckets = sum(buckets_of(each, asked.start, asked.until) for each in definitions)
            self._found[key] = read(
                self._source,
                self._tenant,
                Wanted(
                    definitions[0],
                    asked.start,
                    spans,
                    some[0].tags,
                    without(joined(taught), spans),
                ),
                asked.now,
                self._budget,
                buckets,
                self.warnings,
            )

    def stocks(self, look: Look) -> Mapping[Tags, Stock]:
        """What was read for one of them."""
        return self._found[_shared(look)]


def _shared(look: Look) -> _Shared:
    """What makes two looks read the same; hours are read by statistic and period."""
    one = look.definition
    tags = tuple(sorted(look.tags.items()))
    return one.metric, one.filters, one.group_by, one.statistic, one.period, tags


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same stretches of time, in order; those that meet or touch are one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def without(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """What of some stretches is in none of the others: a point is read once."""
    left = list(spans)
    for start, end in others:
        left = [
            each
            for low, high in left
            for each in ((low, min(high, start)), (max(low, end), high))
            if each[0] < each[1]
        ]
    return left
