"""What a template is given of a page: plain texts and numbers in the shape of shapes.PAGE."""

from collections.abc import Iterator, Mapping
from typing import Any

from skafu.alerts.paging.model import Page, PageItem, Told
from skafu.alerts.senders import texts, wording
from skafu.alerts.senders.figures import condition, lasting, utc

MAX_ITEMS = 50

type Context = Mapping[str, Any]


def context(page: Page) -> Context:
    """Instances are in the order of their importance, at most 50; `total` counts all."""
    items = wording.ordered(page.items)
    counts = wording.counts(page)
    shown = [_item(page, item) for item in items[:MAX_ITEMS]]
    began = wording.began(page)
    return {
        "title": wording.title(page).removeprefix(wording.DRILL_MARK),
        "text": texts.text(page).removeprefix(wording.DRILL_MARK),
        "status": page.told.value,
        "severity": wording.severity(page).value,
        "cause": page.cause.value,
        "why": wording.because(page),
        "step": page.step,
        "route": page.route,
        "note": page.note,
        "link": wording.link(page),
        "drill": page.drill,
        "began": utc(began),
        "lasting": lasting(page.sent_at - began),
        "sent": utc(page.sent_at),
        "firing": counts[Told.FIRING],
        "resolved": counts[Told.RESOLVED],
        "unknown": counts[Told.UNKNOWN],
        "total": counts.total(),
        "group": dict(page.group_labels),
        "labels": _common(items),
        "first": shown[0],
        "items": shown,
    }


def _item(page: Page, item: PageItem) -> Context:
    notification = item.notification
    alert = notification.alert
    return {
        "name": alert.name,
        "status": item.told.value,
        "severity": notification.severity.value,
        "value": notification.value,
        "reason": notification.reason,
        "condition": condition(alert.definition, notification.target_level),
        "description": alert.description,
        "runbook_url": alert.runbook_url or "",
        "link": wording.link_of(page, item),
        "began": utc(item.began),
        "ended": "" if item.ended is None else utc(item.ended),
        "alert": alert.id,
        "instance": notification.instance,
        "tags": dict(notification.tags),
        "labels": item.labels,
        "tag_list": _pairs(dict(notification.tags)),
        "label_list": _pairs(item.labels),
    }


def _pairs(named: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in sorted(named.items())]


def _common(items: list[PageItem]) -> dict[str, str]:
    first, *others = [item.labels for item in items]
    return {
        name: value
        for name, value in first.items()
        if all(other.get(name) == value for other in others)
    }


class Anything(Mapping[str, str]):
    """Labels that have every name: which ones there are differs from alert to alert, so a template
    is not refused for one.
    """

    def __getitem__(self, name: str) -> str:
        return f"<{name}>"

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def with_any_label(given: Context) -> Context:
    """The same with every label that a template may ask for."""
    any_label = Anything()
    items = [{**item, "tags": any_label, "labels": any_label} for item in given["items"]]
    return {**given, "group": any_label, "labels": any_label, "first": items[0], "items": items}
