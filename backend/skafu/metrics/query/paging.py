"""Paging through the series of one question."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from skafu.metrics.model import Series, Tags, group_of, matches
from skafu.metrics.query.question import Inquiry, Question, refused


@dataclass(frozen=True)
class Page:
    """The groups of a page, and behind which one the next page begins (None: there is none).

    They are chosen before points are read, among series that may have points in the range: a page
    may be short and yet not the last.
    """

    groups: frozenset[Tags]
    after: Tags | None


def paged(inquiry: Inquiry) -> Question:
    """The question whose series are paged through. Raises Unprocessable where there is no one."""
    first = inquiry.queries[0]
    if len(inquiry.queries) > 1 or not isinstance(first, Question) or first.hidden:
        raise refused("limit", "pages are for a request with one query, which is no expression")
    return first


def page_of(question: Question, series: Iterable[Series], limit: int, after: Tags | None) -> Page:
    """The first `limit` groups behind `after`, in order of tags."""
    groups = {
        group_of(question.group_by, each.tags)
        for each in series
        if matches(question.filters, each.tags)
    }
    found = sorted(group for group in groups if after is None or group > after)
    return Page(frozenset(found[:limit]), found[limit - 1] if len(found) > limit else None)


def wants_of(question: Question, page: Page | None = None) -> Callable[[Series], bool]:
    """Which series are asked for: those that pass the filters and are of the page's groups."""

    def wants(series: Series) -> bool:
        if not matches(question.filters, series.tags):
            return False
        return page is None or group_of(question.group_by, series.tags) in page.groups

    return wants
