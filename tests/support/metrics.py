"""Builders of series, segments and requests for tests of metrics."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from skafu.metrics.ingest import Delivery, Ingest, Outcome
from skafu.metrics.layout import layout_of
from skafu.metrics.model import Layout, Segment, Series
from skafu.shared.keys import BUCKET_MS
from tests.support.clocks import NOON

TENANT = "acme"


def series(metric: str = "cpu.load", unit: str | None = None, **tags: str) -> Series:
    """`series("cpu.load", host="a")`."""
    return Series(metric, tuple(sorted(tags.items())), unit)


def segment(
    layout: Layout,
    points: Sequence[tuple[int, int, float]],
    *,
    request: str = "request1",
    late: bool = False,
    receipt: int = NOON,
) -> Segment:
    """A segment of (position in the layout, timestamp, value), all in one bucket."""
    columns = [list(column) for column in zip(*sorted(points), strict=True)]
    return Segment(
        layout=layout.hash,
        bucket=points[0][1] // BUCKET_MS * BUCKET_MS,
        request=request,
        receipt=receipt,
        late=late,
        series=columns[0],
        timestamps=columns[1],
        values=columns[2],
    )


def point(name: str = "cpu.load", value: object = 1.0, **fields: Any) -> dict[str, Any]:
    """One point of a request's `metrics`."""
    return {"name": name, "value": value, **fields}


def points_of(found: Segment) -> list[tuple[int, int, float]]:
    """The rows of a segment."""
    return list(zip(found.series, found.timestamps, found.values, strict=True))


def layout(*of: Series) -> Layout:
    """A layout of these series, or of one."""
    return layout_of(of or (series(),))


def send(
    ingest: Ingest,
    *points: Mapping[str, Any],
    receipt: int = NOON,
    tenant: str = TENANT,
    key: str | None = None,
    gateway_id: str = "gateway1",
) -> Outcome:
    """Take points in, as a request that arrives at `receipt`."""
    body = json.dumps({"metrics": points}).encode()
    return ingest.take(Delivery(tenant, body, gateway_id, receipt, key))
