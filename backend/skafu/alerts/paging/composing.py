"""The pages of a group: which instances are listed, and which are counted only."""

from collections.abc import Iterable, Sequence

from skafu.alerts.codec import to_json
from skafu.alerts.paging.group import Group, Member
from skafu.alerts.paging.model import Page, PageCause, PageItem, Told
from skafu.shared import keys

LISTED = 100
LISTED_BYTES = 150_000
"""So many instances are listed in a page, or as many as fit; the others are counted."""


def next_page(
    group: Group,
    tenant: str,
    console: str,
    now: int,
    cause: PageCause,
    items: Sequence[PageItem],
    step: int,
) -> Page:
    """The next page of a group; its name is that of no other page, ever."""
    listed = _fitting(items)
    return Page(
        id=f"{group.id}-{keys.instant(now)}-{group.number + 1:06d}",
        group=group.id,
        tenant=tenant,
        cause=cause,
        route=group.route.name,
        group_labels=dict(group.labels),
        items=tuple(items[:listed]),
        sent_at=now,
        console=console,
        step=step,
        omitted=_counted(items[listed:]),
    )


def item_of(member: Member, news: bool) -> PageItem:
    """What a page says of an instance."""
    return PageItem(member.notification, member.told, member.began, member.ended, news)


def _fitting(items: Sequence[PageItem]) -> int:
    """How many of the items a page lists: one at least."""
    room = LISTED_BYTES
    for number, item in enumerate(items[:LISTED]):
        room -= len(to_json(item.notification))
        if room < 0:
            return max(1, number)
    return min(LISTED, len(items))


def _counted(items: Iterable[PageItem]) -> dict[Told, int]:
    counts: dict[Told, int] = {}
    for item in items:
        counts[item.told] = counts.get(item.told, 0) + 1
    return counts
