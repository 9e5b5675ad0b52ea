"""What people read about a page in a line: a title, and why it comes.

Three things are told of an instance. *Firing*: it is in ALARM. *Resolved*: it is OK again, and
somebody had been told that it was firing. *Unknown*: it left ALARM because its data stopped, which
is not resolved. Every title of a fire drill begins with "[DRILL]".
"""

from collections import Counter
from collections.abc import Sequence

from skafu.alerts.model import Severity, State
from skafu.alerts.paging.model import Page, PageCause, PageItem, Told
from skafu.alerts.senders.figures import lasting, one_line, tags_of, utc
from skafu.metrics.model import Tags

DRILL_MARK = "[DRILL] "
NAMED = 3  # instances or alerts that a title names
ORDER = {Told.FIRING: 0, Told.UNKNOWN: 1, Told.RESOLVED: 2}
SEVERITIES = list(Severity)
IS = {Told.FIRING: "in ALARM", Told.RESOLVED: "OK again", Told.UNKNOWN: "without data"}
HEADS = {Told.FIRING: "ALARM", Told.RESOLVED: "OK", Told.UNKNOWN: "NO DATA"}

# --- a page as a whole ----------------------------------------------------------------------------


def ordered(items: Sequence[PageItem]) -> list[PageItem]:
    """What matters most first: what fires, of it what is new, the worst, the oldest."""

    def weight(item: PageItem) -> tuple[int, bool, int, int, Tags]:
        return (
            ORDER[item.told],
            not item.news,
            _rank(item),
            item.began,
            item.notification.tags,
        )

    return sorted(items, key=weight)


def single(page: Page) -> PageItem | None:
    """The instance, where a page is about one alone."""
    return page.items[0] if len(page.items) == 1 and not page.omitted else None


def counts(page: Page) -> Counter[Told]:
    """How many instances are told what, those that the page has no room for included."""
    return Counter(item.told for item in page.items) + Counter(page.omitted)


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
    alerts = {_alert(item) for item in page.items}
    return f"{page.console}/alerts/{alerts.pop()}" if len(alerts) == 1 else f"{page.console}/alerts"


def link_of(page: Page, item: PageItem) -> str:
    """The alert of one instance on the console; of a stand-in in a drill, the one it stands for."""
    return f"{page.console}/alerts/{_alert(item)}"


def _alert(item: PageItem) -> str:
    return item.notification.alert.drill_of or item.notification.alert.id


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
    one = single(page)
    if one is not None:
        return f"{one.notification.alert.name}{_where(one)}"
    number_of = counts(page)
    told = [item for item in ordered(page.items) if item.told is page.told]
    rest = [(kind, count) for kind, count in number_of.items() if kind is not page.told]
    also = "".join(f", {count} {IS[kind]}" for kind, count in sorted(rest, key=_by_order))
    names = list(dict.fromkeys(item.notification.alert.name for item in told))
    how_many = how_many_instances(number_of[page.told])
    if len(names) == 1:
        tags = [tags_of(item.notification.tags) for item in told]
        which = _some(tags, number_of[page.told])
        return f"{how_many} of {names[0]}{also}" + (f": {which}" if which else "")
    return f"{how_many} of {len(names)} alerts{also}: {_some(names, len(names))}"


def _by_order(pair: tuple[Told, int]) -> int:
    return ORDER[pair[0]]


def how_many_instances(number_of: int) -> str:
    """`1 instance`, `3 instances`."""
    return "1 instance" if number_of == 1 else f"{number_of} instances"


def _some(names: Sequence[str], total: int) -> str:
    """The first of them, and how many more there are."""
    shown = [name for name in names if name][:NAMED]
    more = total - len(shown)
    return "; ".join(shown) + (f" and {more} more" if shown and more > 0 else "")


def source(page: Page) -> str:
    """Where it is: an instance's tags, or what a group has in common; else the alert's name."""
    one = single(page)
    tags = "" if one is None else tags_of(one.notification.tags)
    group = tags_of(tuple(sorted(page.group_labels.items())))
    return one_line(tags or group or ordered(page.items)[0].notification.alert.name) or "Skafu"


def because(page: Page) -> str:
    """Why the page comes, in sentences; empty where the title says it all."""
    sentences = ["This is a fire drill: nothing is wrong."] if page.drill else []
    return " ".join(each for each in [*sentences, _cause(page)] if each)


def _cause(page: Page) -> str:
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


def _where(item: PageItem) -> str:
    tags = tags_of(item.notification.tags)
    return f" ({tags})" if tags else ""
