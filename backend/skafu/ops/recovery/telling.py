"""A comparison of two tables in words: items by kind, points by tenant and day, manifests."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from skafu.ops.recovery.accounting import MANIFESTS, POINTS, Comparison, Row


def lines(comparison: Comparison) -> Iterator[str]:
    """What was compared, and what is wrong."""
    yield f"{'kind':<12} {'source':>10} {'restored':>10} {'missing':>8} {'restored alone':>15}"
    by_kind: dict[str, list[Row]] = defaultdict(list)
    for row in comparison.rows:
        by_kind[row.place.kind].append(row)
    for kind, rows in sorted(by_kind.items()):
        yield (
            f"{kind:<12} {_sum(rows, 'source'):>10,} {_sum(rows, 'restored'):>10,} "
            f"{_sum(rows, 'missing'):>8,} {_sum(rows, 'only_restored'):>15,}"
        )
    yield "Points and what seals and generations count, by tenant and day:"
    for row in comparison.rows:
        if row.place.kind in POINTS | MANIFESTS:
            totals = (
                f", sum {row.source_total:,.6g} and {row.restored_total:,.6g}"
                if row.place.kind in POINTS
                else ""
            )
            yield (
                f"  {row.place.tenant} {row.place.day} {row.place.kind}: {row.source_points:,} "
                f"points in the source, {row.restored_points:,} restored{totals}"
            )
    for problem in comparison.problems:
        yield f"PROBLEM: {problem}"
    yield (
        "The restored table has everything that was received before the backup."
        if comparison.holds
        else "The restored table is no copy of its source."
    )


def _sum(rows: Sequence[Row], name: str) -> int:
    return sum(int(getattr(row, name)) for row in rows)
