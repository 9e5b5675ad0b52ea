"""Which routes a notification takes, and the sentences that say why."""

import pytest

from skafu.alerts.paging.model import Policy, Route, Step
from skafu.alerts.routing.choosing import choose, choose_by_labels, explain
from skafu.metrics.model import Operator, TagFilter
from tests.support.definitions import alert

HOST = {"host": "web-1", "team": "core"}


def matcher(tag: str, op: str, value: str | tuple[str, ...] | bool) -> TagFilter:
    return TagFilter(tag, Operator(op), value)


def policy(*routes: Route) -> Policy:
    return Policy(version=1, routes=routes)


DATABASES = Route("databases", (matcher("host", "prefix", "db"),), ("pager",))
CORE = Route("core", (matcher("team", "=", "core"),), ("chat",), group_by=("team", "zone"))
REST = Route("rest", channels=("mail",))


def test_the_first_route_that_matches_takes_it_and_later_ones_are_not_looked_at() -> None:
    [choice] = choose_by_labels(policy(DATABASES, CORE, REST), HOST)

    assert choice.route is CORE
    assert [(each.route, each.matched, each.why) for each in choice.looked_at] == [
        ("databases", False, "host is web-1, not db*"),
        ("core", True, "team is core"),
        ("rest", False, "not looked at: core took it and does not proceed"),
    ]


def test_a_route_that_proceeds_lets_later_ones_take_it_too() -> None:
    proceeding = Route("everything", channels=("log",), proceed=True)

    choices = choose_by_labels(policy(proceeding, DATABASES, CORE, REST), HOST)

    assert [each.route.name for each in choices] == ["everything", "core"]
    assert choices[0].looked_at == choices[1].looked_at
    assert [each.matched for each in choices[0].looked_at] == [True, False, True, False]


@pytest.mark.parametrize("routes", [(), (DATABASES,)])
def test_what_no_route_takes_goes_to_the_environments_topic(routes: tuple[Route, ...]) -> None:
    [choice] = choose_by_labels(policy(*routes), HOST)

    assert (choice.route.name, choice.route.channels) == ("default", ("default",))
    assert (choice.route.group_by, choice.route.wait) == (None, 0)
    assert len(choice.looked_at) == len(routes)


def test_an_alert_that_names_channels_asks_no_route() -> None:
    mine = alert()
    named = type(mine)(**{**vars(mine), "channels": ("pager", "mail")})

    [choice] = choose(policy(REST), named, HOST)

    assert (choice.route.name, choice.route.channels) == ("alert", ("pager", "mail"))
    assert (choice.route.group_by, choice.group_labels) == (None, {})
    assert [each.matched for each in choice.looked_at] == [False]
    assert choice.looked_at[0].why == "not looked at: the alert names its own channels"
    assert choose(policy(REST), mine, HOST)[0].route is REST


def test_group_labels_are_those_that_are_there() -> None:
    [choice] = choose_by_labels(policy(CORE), HOST)

    assert choice.group_labels == {"team": "core"}


@pytest.mark.parametrize(
    ("matchers", "matched", "why"),
    [
        ([], True, "it takes everything"),
        ([("host", "=", "web-1")], True, "host is web-1"),
        ([("host", "=", "db-1")], False, "host is web-1, not db-1"),
        ([("zone", "=", "b")], False, "there is no zone (wanted is b)"),
        ([("zone", "=", "")], False, "there is no zone (wanted is empty)"),
        ([("host", "!=", "db-1")], True, "host is web-1, not db-1"),
        ([("host", "!=", "web-1")], False, "host is web-1, which is left out"),
        ([("zone", "!=", "b")], True, "there is no zone"),
        ([("host", "in", ("a", "web-1"))], True, "host is web-1"),
        ([("host", "in", ("a", "b"))], False, "host is web-1, not one of a, b"),
        (
            [("host", "in", tuple("abcdefg"))],
            False,
            "host is web-1, not one of a, b, c, d, e, 2 more",
        ),
        ([("host", "exists", True)], True, "host is web-1"),
        ([("host", "exists", False)], False, "there is host, web-1, and there shall be none"),
        ([("zone", "exists", True)], False, "there is no zone"),
        ([("zone", "exists", False)], True, "there is no zone"),
        ([("host", "prefix", "web")], True, "host is web-1"),
        (
            [("host", "prefix", "db"), ("team", "=", "core"), ("zone", "in", ("a",))],
            False,
            "host is web-1, not db*; there is no zone (wanted is one of a)",
        ),
        ([("host", "=", "web-1"), ("team", "=", "core")], True, "host is web-1; team is core"),
    ],
)
def test_why_tells_what_does_not_hold_or_else_what_does(
    matchers: list[tuple[str, str, str]], matched: bool, why: str
) -> None:
    assert explain(tuple(matcher(*each) for each in matchers), HOST) == (matched, why)


def test_steps_and_all_else_of_a_route_come_with_it() -> None:
    route = Route("r", channels=("a",), steps=(Step(60, ("b",)),), repeat=600)

    assert choose_by_labels(policy(route), {})[0].route == route
