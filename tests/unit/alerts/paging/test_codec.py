from dataclasses import replace

import orjson
import pytest

from skafu.alerts.paging import codec
from skafu.alerts.paging.group import (
    Fate,
    Group,
    Member,
    Reason,
    Said,
    Telling,
    Verdict,
    Who,
    Withheld,
)
from skafu.alerts.paging.model import Route, Step, Told
from skafu.metrics.model import Operator, TagFilter
from tests.support.pages import BUSY, hosts, item, page

MATCHERS = (
    TagFilter("host", Operator.IN, ("a", "b")),
    TagFilter("team", Operator.EXISTS, True),
    TagFilter("zone", Operator.PREFIX, "eu-"),
)
ROUTE = Route("ops", MATCHERS, ("one",), ("host",), 30, 300, 3600, (Step(60, ("boss",)),), True)
MUTED = Withheld(Reason.SILENCE, "quiet", 17)


def members(count: int) -> dict[Who, Member]:
    made = [
        Member(
            each.notification,
            Told.FIRING,
            began=1,
            ended=2,
            since=3,
            said=Said(Told.UNKNOWN, 1, 2, 4),
            fired_at=5,
            withheld=MUTED,
        )
        for each in hosts(count)
    ]
    return {each.who: each for each in made}


def group(count: int) -> Group:
    return Group(
        id="group",
        identity="route:ops",
        route=ROUTE,
        labels={"host": "a"},
        opened=1,
        members=members(count),
        number=7,
        last="page-7",
        told_at=2,
        steps=1,
        escalated_at=3,
        reached=("one", "boss"),
        due=9,
    )


@pytest.mark.parametrize("count", [0, 1, 3, 200])
def test_a_group_comes_back_as_it_was(count: int) -> None:
    body = codec.group_body(group(count))

    assert codec.group_from(body, 4) == replace(group(count), version=4, size=len(body))


def test_a_member_of_whom_nothing_was_said_comes_back() -> None:
    [(who, member)] = members(1).items()
    plain = replace(group(0), members={who: replace(member, said=None, withheld=None)})

    assert codec.group_from(codec.group_body(plain), 0).members == plain.members


def test_what_is_short_stays_readable_and_what_is_long_is_deflated() -> None:
    assert orjson.loads(codec.group_body(group(1)))["number"] == 7
    assert isinstance(codec.group_body(group(200)), bytes)
    assert len(codec.group_body(group(1_000))) < 50_000


def test_an_alert_stands_once_for_all_that_name_it() -> None:
    other = replace(BUSY, version=2, name="Renamed")
    many = page(hosts(3), item(of=other), omitted={Told.FIRING: 9})
    telling = Telling(many, ("one", "two"), "page-0", (Who("a", "b"),))
    body = codec.telling_body(telling)

    assert codec.telling_from(body) == telling
    text = body if isinstance(body, str) else ""
    assert len(orjson.loads(text)["alerts"]) == 2 if text else True


def test_fates_and_what_was_withheld_come_back() -> None:
    fates = (
        Fate("g", "ops", Verdict.TOLD, 1, page="page-1"),
        Fate("g", "ops", Verdict.WITHHELD, 2, withheld=MUTED),
        Fate("g", "ops", Verdict.WAITS, 3, until=5),
    )
    kept = {Who("a", "b"): MUTED, Who("a", "c"): replace(MUTED, why=Reason.COOLDOWN)}

    assert codec.fates_from(codec.fates_body(fates)) == fates
    assert codec.withheld_from(codec.withheld_body(kept.items())) == kept
