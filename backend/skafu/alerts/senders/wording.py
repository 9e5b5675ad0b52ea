"""What people read about a page, in plain text: a title, why it comes, and a line for each instance.

Three things are told of an instance. *Firing*: it is in ALARM. *Resolved*: it is OK again, and
somebody had been told that it was firing. *Unknown*: it left ALARM because its data stopped, which
is not resolved. Every title of a fire drill begins with "[DRILL]".
"""

from collections import Counter
from collections.abc import Sequence

from skafu.alerts.model import Kind, Severity, State
from skafu.alerts.paging.model import Page, PageCause, PageItem, Told
from skafu.alerts.senders.figures import condition, lasting, number, one_line, tags_of, utc

DRILL_MARK = "[DRILL] "
NAMED = 3  # instances or alerts that a title names
LINES = 20  # instances that a text tells in a line each
ORDER = {Told.FIRING: 0, Told.UNKNOWN: 1, Told.RESOLVED: 2}
SEVERITIES = list(Severity)
IS = {Told.FIRING: "in ALARM", Told.RESOLVED: "OK again", Told.UNKNOWN: "without data"}
HEADS = {Told.FIRING: "ALARM", Told.RESOLVED: "OK", Told.UNKNOWN: "NO DATA"}

# --- a page as a whole ----------------------------------------------------------------------------


def ordered(items: Sequence[PageItem]) -> list[PageItem]:
    """What matters most first: what fires, the worst first, then the oldest."""
    return sorted(items, key=lambda x: (ORDER[x.told], _rank(x), x.began, x.notification.tags))


def _rank(item: PageItem) -> int:
    return SEVERITIES.index(item.notification.severity)


def severity(page: Page) -> Severity:
    """How much a page matters: as much as the worst that fires, or else of all."""
    items = [x for x in page.items if x.told is Told.FIRING] or page.items
    return SEVERITIES[min((_rank(item) for item in items), default=len(SEVERITIES) - 1)]


def began(page: Page) -> int:
    """When the first instance that is told of as firing (or else the first at all) began to."""
    items = [x for x in page.items if x.told is Told.FIRING] or page.items
    return min((item.began for item in items), default=page.sent_at)


def link(page: Page) -> str:
    """The alert on the console, or the list of them where the page is about several."""
    alerts = {item.notification.alert.id for item in page.items}
    return f"{page.console}/alerts/{alerts.pop()}" if len(alerts) == 1 else f"{page.console}/alerts"


def headline(item: PageItem) -> str:
    """`disk-full (host=a) is in ALARM`."""
    name = f"{item.notification.alert.name}{_where(item)}"
    if item.told is Told.UNKNOWN:
        return f"{name} was in ALARM and sends no data any more: this is not resolved"
    return f"{name} is {IS[item.told]}"


def title(page: Page) -> str:
    """One line that says it all: `ALARM: disk-full (host=a)`, or of several instances
    `ALARM: 3 instances of disk-full: host=a, host=b, host=c`.
    """
    return mark(page) + one_line(f"{_head(page)}: {subject(page)}")


def mark(page: Page) -> str:
    """What every text of a fire drill begins with; nothing otherwise."""
    return DRILL_MARK if page.drill else ""


def _head(page: Page) -> str:
    head = HEADS[page.told]
    if page.told is not Told.FIRING:
        return head
    if page.cause is PageCause.ESCALATION:
        return f"{head}, escalation {page.step}"
    return f"STILL IN {head}" if page.cause is PageCause.REPEAT else head


def subject(page: Page) -> str:
    """What a page is about: one instance by name, or how many, of which alerts, and which."""
    items = ordered(page.items)
    if len(items) == 1:
        return f"{items[0].notification.alert.name}{_where(items[0])}"
    told = [item for item in items if item.told is page.told]
    rest = Counter(item.told for item in items if item.told is not page.told)
    also = "".join(f", {count} {IS[told]}" for told, count in sorted(rest.items(), key=_by_order))
    names = list(dict.fromkeys(item.notification.alert.name for item in told))
    if len(names) == 1:
        which = _some([tags_of(item.notification.tags) for item in told])
        which = f": {which}" if which else ""
        return f"{_count(len(told))} of {names[0]}{also}{which}"
    return f"{_count(len(told))} of {len(names)} alerts{also}: {_some(names)}"


def _by_order(pair: tuple[Told, int]) -> int:
    return ORDER[pair[0]]


def _count(number_of: int) -> str:
    return "1 instance" if number_of == 1 else f"{number_of} instances"


def _some(names: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    found = [name for name in names if name]
    more = len(found) - NAMED
    return "; ".join(found[:NAMED]) + (f" and {more} more" if more > 0 else "")


def source(page: Page) -> str:
    """Where it is: an instance's tags, or what a group has in common; else the alert's name."""
    items = ordered(page.items)
    tags = tags_of(items[0].notification.tags) if len(items) == 1 else ""
    group = tags_of(tuple(sorted(page.group_labels.items())))
    return one_line(tags or group or items[0].notification.alert.name)


def because(page: Page) -> str:
    """Why the page comes, as a sentence; empty where the title says it all."""
    still = f"since {utc(began(page))} ({lasting(page.sent_at - began(page))})"
    match page.cause:
        case PageCause.TEST:
            return "Somebody asked whether this channel works. Nothing is wrong."
        case PageCause.ESCALATION:
            return f"Escalation step {page.step}: nobody has acknowledged; it is firing {still}."
        case PageCause.REPEAT:
            return f"Still firing {still}."
        case _:
            return _raised(page)


def _raised(page: Page) -> str:
    """What happened to levels, where only these have changed."""
    steps = [_step(item) for item in ordered(page.items)]
    found = list(dict.fromkeys(step for step in steps if step))
    return " ".join(found[:NAMED])


def _step(item: PageItem) -> str:
    notification = item.notification
    if notification.source is not State.ALARM or notification.target is not State.ALARM:
        return ""
    before = notification.alert.severity_at(notification.source_level)
    up = notification.target_level > notification.source_level
    return f"{'Raised' if up else 'Lowered'} from {before} to {notification.severity}."


# --- texts ----------------------------------------------------------------------------------------


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
    more = len(items) - limit
    return shown + ([f"and {_count(more)} more"] if more > 0 else [])


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
    parts = _one(page) if len(page.items) == 1 else _several(page)
    blocks = ("\n".join(each for each in part if each) for part in parts)
    return mark(page) + "\n\n".join(block for block in blocks if block) + "\n"


def _one(page: Page) -> list[list[str]]:
    (item,) = page.items
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
    return [
        [f"{HEADS[page.told]}: {subject(page)}"],
        [because(page), page.note],
        [f"Severity: {severity(page)}"],
        [f"- {each}" for each in lines(page)],
        [f"What to do: {url}" for url in todo[:NAMED]],
        [
            f"Look: {link(page)}",
            f"Page {page.id}" + (f", route {page.route}" if page.route else ""),
        ],
    ]


def _where(item: PageItem) -> str:
    tags = tags_of(item.notification.tags)
    return f" ({tags})" if tags else ""
