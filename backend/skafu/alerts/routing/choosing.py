"""Which routes a notification takes, and why it takes no other: pure.

An alert that names channels is told to these and no route is asked. Otherwise the tenant's routes
are tried in order; the first that matches takes the notification, and later ones are tried too only
if it says `proceed`. What no route takes goes to the environment's topic.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from skafu.alerts.channels import DEFAULT
from skafu.alerts.model import Alert
from skafu.alerts.paging.model import Labels, Policy, Route
from skafu.metrics.model import Operator, TagFilter

OWN = "alert"
FALLBACK = "default"
"""Names of the two routes that no policy lists: an alert's own channels, and the topic for what is
left over."""

RESERVED = frozenset({OWN, FALLBACK})

MAX_SHOWN = 5  # values of `in` that a sentence lists


@dataclass(frozen=True)
class Look:
    """What came of trying one route, in a sentence: "host is web-1, not db*"."""

    route: str
    matched: bool
    why: str


@dataclass(frozen=True)
class Choice:
    """One route that takes a notification.

    `group_labels` are the values of the route's `group_by`, labels that are not there left out;
    empty where every instance is told by itself. `looked_at` tells of every route of the policy, in
    order, and is the same in all choices.
    """

    route: Route
    group_labels: dict[str, str]
    looked_at: tuple[Look, ...]


def choose(policy: Policy, alert: Alert, labels: Labels) -> tuple[Choice, ...]:
    """The routes that a notification with these labels takes, in order; at least one."""
    if alert.channels:
        return own(policy, alert.channels)
    return choose_by_labels(policy, labels)


def own(policy: Policy, channels: tuple[str, ...]) -> tuple[Choice, ...]:
    """The one choice there is for an alert that names its own channels."""
    why = "not looked at: the alert names its own channels"
    looks = tuple(Look(route.name, False, why) for route in policy.routes)
    return (Choice(Route(OWN, channels=channels), {}, looks),)


def choose_by_labels(policy: Policy, labels: Labels) -> tuple[Choice, ...]:
    """The same for labels alone, of an alert that names no channels."""
    looks: list[Look] = []
    taken: list[Route] = []
    taker: str | None = None
    for route in policy.routes:
        if taker is not None:
            why = f"not looked at: {taker} took it and does not proceed"
            looks.append(Look(route.name, False, why))
            continue
        matched, why = explain(route.matchers, labels)
        looks.append(Look(route.name, matched, why))
        if matched:
            taken.append(route)
            taker = None if route.proceed else route.name
    found = taken or [Route(FALLBACK, channels=(DEFAULT,))]
    return tuple(Choice(route, group_labels(route, labels), tuple(looks)) for route in found)


def group_labels(route: Route, labels: Labels) -> dict[str, str]:
    """The labels by which a route tells notifications together, as this one has them."""
    return {name: labels[name] for name in route.group_by or () if name in labels}


def explain(matchers: tuple[TagFilter, ...], labels: Mapping[str, str]) -> tuple[bool, str]:
    """Whether all matchers hold for these labels; those that do not hold, or else all, in words."""
    if not matchers:
        return True, "it takes everything"
    wrong = [_unlike(each, labels) for each in matchers if not each.matches(labels)]
    if wrong:
        return False, "; ".join(wrong)
    return True, "; ".join(dict.fromkeys(_like(each, labels) for each in matchers))


def _like(matcher: TagFilter, labels: Mapping[str, str]) -> str:
    """How a matcher holds."""
    mine = labels.get(matcher.tag)
    if mine is None:
        return f"there is no {matcher.tag}"
    if matcher.op is Operator.NOT_EQUAL:
        return f"{matcher.tag} is {_shown(mine)}, not {_shown(str(matcher.value))}"
    return f"{matcher.tag} is {_shown(mine)}"


def _unlike(matcher: TagFilter, labels: Mapping[str, str]) -> str:
    """How a matcher does not hold."""
    tag, mine = matcher.tag, labels.get(matcher.tag)
    if mine is None:
        wanted = "" if matcher.op is Operator.EXISTS else f" (wanted is {_wanted(matcher)})"
        return f"there is no {tag}{wanted}"
    match matcher.op:
        case Operator.NOT_EQUAL:
            return f"{tag} is {_shown(mine)}, which is left out"
        case Operator.EXISTS:
            return f"there is {tag}, {_shown(mine)}, and there shall be none"
        case _:
            return f"{tag} is {_shown(mine)}, not {_wanted(matcher)}"


def _wanted(matcher: TagFilter) -> str:
    if matcher.op is Operator.PREFIX:
        return f"{matcher.value}*"
    if not isinstance(matcher.value, tuple):
        return _shown(str(matcher.value))
    few = [_shown(each) for each in matcher.value[:MAX_SHOWN]]
    more = len(matcher.value) - len(few)
    return "one of " + ", ".join([*few, f"{more} more"] if more else few)


def _shown(text: str) -> str:
    """An empty value would leave a hole in a sentence."""
    return text or "empty"
