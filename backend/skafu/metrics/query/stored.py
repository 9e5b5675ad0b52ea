"""Where the query routes read: points and hours from the reader, series from the layouts."""

from collections.abc import Iterator

from skafu.metrics.model import Series, columns_of
from skafu.metrics.reader import Reader


class Stored(Reader):
    """The service's Source."""

    def series(self, tenant: str, metric: str, start: int, end: int) -> Iterator[Series]:
        """The series of living layouts that hold the metric: whether they have points in a range
        shows when these are read.
        """
        del start, end
        for layout in self._store.layouts_of(tenant, metric):
            for position in columns_of(layout, metric):
                yield layout.series[position]
