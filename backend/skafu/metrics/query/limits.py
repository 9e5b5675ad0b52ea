"""How large an answer may be, and what is said of one that is larger."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from skafu.metrics.query.question import beyond
from skafu.shared.errors import Unprocessable

MAX_SERIES = 500
MAX_POINTS = 100_800

MAX_HIDDEN_SERIES = 10_000
MAX_HIDDEN_POINTS = 1_000_000
"""What hidden queries may have together: nobody is sent it, but it is computed."""

MAX_WARNINGS = 20


class Size(NamedTuple):
    """Of an answer, or a part of one."""

    series: int
    points: int


def total(sizes: Iterable[Size]) -> Size:
    """Of several parts together."""
    parts = list(sizes)
    return Size(sum(part.series for part in parts), sum(part.points for part in parts))


def fits(size: Size, *, hidden: bool = False) -> bool:
    """Whether it keeps to the limits."""
    series, points = _limits(hidden)
    return size.series <= series and size.points <= points


def check(size: Size, *, hidden: bool = False) -> None:
    """Raises Unprocessable for what does not fit: the limit, what it would be, and what helps."""
    series, points = _limits(hidden)
    what = "hidden queries have" if hidden else "an answer has"
    if size.series > series:
        reason = (
            f"{what} at most {series:,} series; this would have {size.series:,}: filter, group by "
            "fewer tags, "
        )
        more = "ask for fewer" if hidden else "keep the largest (topk), or page with `limit`"
        raise beyond("queries", reason + more)
    if size.points > points:
        raise too_many_points(size.points, hidden=hidden)


def too_many_points(points: int, *, hidden: bool = False) -> Unprocessable:
    """The refusal of an answer of so many points, or more."""
    what = "hidden queries have" if hidden else "an answer has"
    return beyond(
        "queries",
        f"{what} at most {_limits(hidden)[1]:,} points; this would have {points:,} or more: ask "
        "for a longer period (or max_points), a shorter range or fewer series",
    )


def shortened(warnings: Sequence[str]) -> list[str]:
    """The first of them, and how many more there are."""
    if len(warnings) <= MAX_WARNINGS:
        return list(warnings)
    return [*warnings[:MAX_WARNINGS], f"and {len(warnings) - MAX_WARNINGS} more"]


def _limits(hidden: bool) -> Size:
    if hidden:
        return Size(MAX_HIDDEN_SERIES, MAX_HIDDEN_POINTS)
    return Size(MAX_SERIES, MAX_POINTS)
