"""What people read about a page at length: facts, a line for each instance, a mail."""

from skafu.alerts.model import Kind, State
from skafu.alerts.paging.model import Page, PageItem, Told
from skafu.alerts.senders.figures import condition, number, one_line, tags_of, utc
from skafu.alerts.senders.wording import (
    HEADS,
    IS,
    NAMED,
    because,
    counts,
    headline,
    how_many_instances,
    link,
    mark,
    ordered,
    severity,
    single,
    subject,
)

LINES = 20  # instances that a text tells in a line each


def line(item: PageItem, with_name: bool) -> str:
    """One instance in a list of several."""
    notification = item.notification
    name = notification.alert.name if with_name else ""
    tags = tags_of(notification.tags)
    who = " ".join(part for part in (name, f"({tags})" if name and tags else tags) if part)
    value = "" if notification.value is None else f", value {number(notification.value)}"
    when = f"since {utc(item.began)}"
    if item.told is not Told.FIRING:
        ended = item.notification.bucket if item.ended is None else item.ended
        when = f"{when} until {utc(ended)}"
    what = f"{IS[item.told]} ({notification.severity}){value}, {when}"
    return f"{who}: {what}" if who else what


def lines(page: Page, limit: int = LINES) -> list[str]:
    """A line for each instance, the last one counting those that are left out."""
    several = len({item.notification.alert.id for item in page.items}) > 1
    items = ordered(page.items)
    shown = [one_line(line(item, several)) for item in items[:limit]]
    more = counts(page).total() - len(shown)
    return shown + ([f"and {how_many_instances(more)} more"] if more > 0 else [])


def facts(item: PageItem) -> list[tuple[str, str]]:
    """What is known of one instance: names and values, in the order of their importance."""
    notification = item.notification
    alert, definition = notification.alert, notification.alert.definition
    level = max(notification.source_level, notification.target_level)
    if notification.target is State.ALARM:
        level = notification.target_level
    needed = ""
    if definition.kind is Kind.METRIC:
        needed = f" in {definition.datapoints_to_alarm} of {definition.evaluation_periods} periods"
    found = [
        ("Condition", f"{condition(definition, level)}{needed}"),
        ("Value", number(notification.value) if definition.kind is Kind.METRIC else ""),
        ("Since", utc(notification.bucket)),
        ("Firing since", utc(item.began) if item.began != notification.bucket else ""),
        ("Severity", notification.severity.value),
        ("Why", notification.reason),
        ("What to do", alert.runbook_url or ""),
    ]
    return [(name, value) for name, value in found if value]


def text(page: Page) -> str:
    """The text of a mail, for somebody who was asleep: what, since when, how bad, what to do."""
    one = single(page)
    parts = _several(page) if one is None else _one(page, one)
    blocks = ("\n".join(each for each in part if each) for part in parts)
    return mark(page) + "\n\n".join(block for block in blocks if block) + "\n"


def _one(page: Page, item: PageItem) -> list[list[str]]:
    alert = item.notification.alert
    told = [f"{name}: {value}" for name, value in facts(item) if name != "What to do"]
    return [
        [headline(item)],
        [because(page), page.note],
        told,
        [f"What to do: {alert.runbook_url}" if alert.runbook_url else ""],
        [alert.description],
        [
            f"Look: {link(page)}",
            f"Alert {alert.id} version {alert.version}, instance {item.notification.instance}, "
            f"notification {item.notification.id}",
        ],
    ]


def _several(page: Page) -> list[list[str]]:
    runbooks = [item.notification.alert.runbook_url for item in ordered(page.items)]
    todo = list(dict.fromkeys(url for url in runbooks if url))
    about = {item.notification.alert.description for item in page.items}
    return [
        [f"{HEADS[page.told]}: {subject(page)}"],
        [because(page), page.note],
        [f"Severity: {severity(page)}"],
        [f"- {each}" for each in lines(page)],
        [f"What to do: {url}" for url in todo[:NAMED]],
        list(about) if len(about) == 1 else [],
        [
            f"Look: {link(page)}",
            f"Page {page.id}" + (f", route {page.route}" if page.route else ""),
        ],
    ]
