"""Where the query routes read: points and hours from the reader, series from layouts and groups."""

from collections.abc import Iterator, Sequence

from skafu.metrics.demands import Demand, HourRun, Run
from skafu.metrics.model import Series, columns_of
from skafu.metrics.reader import Reader
from skafu.metrics.store import MetricsStore
from skafu.shared.keys import DAY_MS

_ALL = 1 << 30  # groups: what is left out here would be in no page


class Stored:
    """The service's Source."""

    def __init__(
        self, store: MetricsStore, reader: Reader, retention_ms: int | None = None
    ) -> None:
        self._store = store
        self._reader = reader
        self._retention = retention_ms

    def retention(self, tenant: str) -> int | None:
        """The environment's, or the tenant's own where that is shorter. Raises Unavailable."""
        own = self._store.tenancies.of(tenant).quotas.retention_days
        known = [self._retention, None if own is None else own * DAY_MS]
        return min((each for each in known if each is not None), default=None)

    def read(
        self, tenant: str, demands: Sequence[Demand], warnings: list[str]
    ) -> Iterator[tuple[int, Run | HourRun]]:
        """What the reader delivers. Raises Unavailable."""
        return self._reader.read(tenant, demands, warnings)

    def series(self, tenant: str, metric: str, start: int, end: int) -> Iterator[Series]:
        """The series of a metric that may have points in [start, end), some of them more than once:
        those of living layouts, and of groups that manifests of the range name. Raises Unavailable.
        """
        for layout in self._store.layouts_of(tenant, metric):
            for position in columns_of(layout, metric):
                yield layout.series[position]
        yield from self._reader.series(tenant, metric, start, end, _ALL).series
