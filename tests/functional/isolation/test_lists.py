"""What is asked for without an id: lists, searches and sums, and the cursors that lead through
them.
"""

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from skafu.shared.cursor import TAG_BYTES, open_cursor, seal
from skafu.shared.keys import DAY_MS
from tests.support.clocks import NOON
from tests.support.neighbours import (
    METRIC,
    OLD_METRIC,
    OWN,
    PLAIN,
    ROUTES,
    SECRET,
    Answer,
    Neighbours,
    Team,
)

RANGE = {"start": str(NOON - 2 * DAY_MS), "end": str(NOON + 60_000)}
DRAFT = {**PLAIN, "name": "mine"}
PAST = {"start": NOON - 2 * DAY_MS, "end": NOON + 60_000}
QUERIES = {
    **PAST,
    "queries": [
        {"id": "a", "metric": METRIC, "statistic": "sum", "period": 3600, "group_by": ["room"]},
        {"id": "b", "metric": METRIC, "statistic": "count", "period": 86400},
    ],
}
ANYTHING = [{"label": "room", "op": "exists", "value": True}]
SILENCE = {"matchers": ANYTHING, "ends_at": NOON + DAY_MS, "comment": "mine"}
CODE = "alerts: []\n"

QUESTIONS: Mapping[str, Mapping[str, Any]] = {
    "GET /api/alerts": {},
    "POST /api/alerts/backtest": {"body": {**PAST, "alert": DRAFT}},
    "GET /api/alerts/export": {"query": {"routes": "true"}},
    "PUT /api/alerts/import": {"body": CODE, "query": {"prune": "true", "label": "team=mine"}},
    "GET /api/alerts/noise": {},
    "GET /api/alerts/summary": {},
    "GET /api/audit": {},
    "GET /api/channels": {},
    "POST /api/channels/preview": {"body": {"type": "slack"}},
    "GET /api/clients": {},
    "GET /api/dashboards": {},
    "GET /api/members": {},
    "GET /api/me": {},
    "GET /api/metrics": {},
    "GET /api/metrics/deletions": {},
    "GET /api/metrics/query": {
        "query": {"metric": METRIC, "statistic": "sum", "period": "60", **RANGE}
    },
    "POST /api/metrics/query": {"body": QUERIES},
    "GET /api/metrics/series": {"query": {"metric": METRIC}},
    "GET /api/metrics/tags": {"query": {"metric": METRIC}},
    "GET /api/metrics/usage": {"query": RANGE},
    "GET /api/routing": {},
    "POST /api/routing/preview": {"body": {"labels": {"room": "1"}}},
    "GET /api/silences": {},
    "POST /api/silences/preview": {"body": SILENCE},
}
"""What may be asked for without an id, and is answered from what a tenant has."""

MAKES = {
    "POST /api/alerts",
    "POST /api/channels",
    "POST /api/clients",
    "POST /api/dashboards",
    "POST /api/members",
    "POST /api/metrics",
    "POST /api/silences",
    "PUT /api/routing",
}
"""What answers with what was sent; that it may not name another tenant's: test_references.py."""

PUBLIC = {"GET /api/health"}


def ask(town: Neighbours, question: str, **more: Any) -> Answer:
    method, path = question.split(" ")
    how: dict[str, Any] = {**QUESTIONS[question], **more}
    return town.ask(method, path, how.pop("body", None), **how)


def test_every_route_without_an_id_is_asked() -> None:
    assert {f"{x.method} {x.path}" for x in ROUTES if "{" not in x.path} == (
        QUESTIONS.keys() | MAKES | PUBLIC
    )


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_made_of_ones_own_things_alone(town: Neighbours, question: str) -> None:
    answer = ask(town, question)
    assert answer.status == 200, answer.text
    assert SECRET not in answer.text
    assert town.ann.tenant not in answer.text
    names = {METRIC, OLD_METRIC}  # tenants may have the same
    assert not [x for x in town.ann.ids.values() if x in answer.text and x not in names]


@pytest.mark.parametrize(
    "question",
    [
        "GET /api/alerts",
        "GET /api/alerts/export",
        "GET /api/alerts/noise",
        "GET /api/audit",
        "GET /api/channels",
        "GET /api/clients",
        "GET /api/dashboards",
        "GET /api/members",
        "GET /api/me",
        "GET /api/metrics",
        "POST /api/metrics/query",
        "GET /api/metrics/series",
        "GET /api/metrics/usage",
        "GET /api/routing",
        "POST /api/routing/preview",
        "GET /api/silences",
        "POST /api/silences/preview",
    ],
)
def test_everybody_finds_their_own_mark_there(town: Neighbours, question: str) -> None:
    """So that an answer without the other one's is not one without anything."""
    assert OWN in ask(town, question).text
    theirs = ask(town, question, who=town.ann.admin).text
    assert SECRET in theirs and OWN not in theirs


def test_sums_are_of_ones_own_points(town: Neighbours) -> None:
    """Both teams have sent 4711.5 yesterday and now, under the same name."""
    sums, counts = ask(town, "POST /api/metrics/query").body["results"]
    [series] = sums["series"]
    assert series["tags"] == {"room": OWN}
    assert [each for each in series["values"] if each is not None] == [4711.5] * 2
    assert [each for each in counts["series"][0]["values"] if each] == [1, 1]


def test_two_teams_with_the_same_points_do_not_take_each_other_for_a_retry(
    town: Neighbours,
) -> None:
    """An idempotency key, a layout and a request's hash are those of their tenant: even the very
    bytes that another one has sent are a first try, and take nothing of theirs.
    """
    point = {"name": METRIC, "value": 8, "timestamp": NOON, "tags": {"room": "shared"}}
    body = {"metrics": [point]}
    headers = {"Idempotency-Key": "the same"}
    for who in (town.ann.admin, town.bob.admin):
        before = set(town.table.items)
        assert town.ask("POST", "/api/metrics", body, who=who, headers=headers).status == 202
        tenants = {key.pk.partition("#")[0] for key in set(town.table.items) - before}
        assert tenants == {town.ann.tenant if who == town.ann.admin else town.bob.tenant}


# --- cursors --------------------------------------------------------------------------------------

LISTS: Mapping[str, tuple[str, str]] = {
    "GET /api/alerts": ("alerts", "/api/alerts"),
    "GET /api/alerts?state": ("alerts", "/api/alerts?state=ALARM"),
    "GET /api/alerts?name": ("alerts", "/api/alerts?name=r"),
    "GET /api/alerts/noise": ("noise", "/api/alerts/noise"),
    "GET /api/audit": ("audit", "/api/audit"),
    "GET /api/channels": ("channels", "/api/channels"),
    "GET /api/clients": ("clients", "/api/clients"),
    "GET /api/members": ("members", "/api/members"),
    "GET /api/metrics": ("metrics", "/api/metrics"),
    "GET /api/metrics/usage": ("usage", "/api/metrics/usage"),
    "GET /api/silences": ("silences", "/api/silences"),
    "comments": ("comments", "/api/alerts/{alert}/comments"),
    "versions": ("versions", "/api/alerts/{alert}/versions"),
    "history": ("history", "/api/alerts/{story}/history"),
    "dashboard-versions": ("dashboard-versions", "/api/dashboards/{dashboard}/versions"),
}
"""The name that cursors of a list are bound to, and where it is read. What has two of a kind gives
a cursor when it is asked for one.
"""


def page(town: Neighbours, list_name: str, team: Team, **query: str) -> Answer:
    """A page of a list of a team's own, as the team's admin asks for it."""
    path, _, more = LISTS[list_name][1].format(**team.ids).partition("?")
    query |= dict([more.split("=")]) if more else {}
    return town.ask("GET", path, who=team.admin, query={"limit": "1", **query})


def position_in(cursor: str) -> dict[str, str]:
    """What anybody can read in a cursor: it is no secret, and not encrypted."""
    found: dict[str, str] = orjson.loads(urlsafe_b64decode(cursor + "==")[TAG_BYTES:])
    return found


def scope(town: Neighbours, list_name: str, team: Team) -> str:
    """What a team's cursors of a list are bound to; it can be read in the sources."""
    name, path = LISTS[list_name]
    path, _, more = path.partition("?")
    parts = [f"id={team.ids[each]}" for each in team.ids if f"{{{each}}}" in path]
    found = "\n".join([name, *parts, *([more] if more else [])])
    own = page(town, list_name, team).body["cursor"]
    assert open_cursor(team.tenant, found, own) == position_in(own)
    return found


@pytest.mark.parametrize("list_name", LISTS)
def test_a_cursor_of_another_tenant_is_refused_like_rubbish(
    town: Neighbours, list_name: str
) -> None:
    theirs = page(town, list_name, town.ann).body["cursor"]
    assert theirs
    answers = [page(town, list_name, town.bob, cursor=each) for each in ("rubbish", theirs)]
    assert answers[0].without("rubbish") == answers[1].without(theirs)
    assert answers[1].status == 400
    assert SECRET not in answers[1].text


@pytest.mark.parametrize("list_name", LISTS)
def test_a_cursor_that_was_altered_is_refused(town: Neighbours, list_name: str) -> None:
    own = page(town, list_name, town.bob).body["cursor"]
    for altered in (own[:-4] + "AAAA", own[::-1], own[:22], own + own, f"A{own}"):
        assert page(town, list_name, town.bob, cursor=altered).status == 400


@pytest.mark.parametrize("list_name", LISTS)
def test_a_cursor_that_was_forged_leads_nowhere_but_ones_own_list(
    town: Neighbours, list_name: str
) -> None:
    """The tag is keyed by what is no secret: whoever reads the sources can make cursors. What is in
    them is a place inside of a partition that the verified tenant names.
    """
    theirs = position_in(page(town, list_name, town.ann).body["cursor"])
    mine = scope(town, list_name, town.bob)
    for position in (theirs, _with_tenant(theirs, town.ann.tenant)):
        forged = seal(town.bob.tenant, mine, position)
        answer = page(town, list_name, town.bob, cursor=forged)
        assert answer.status in (200, 400), answer.text
        assert SECRET not in answer.text
        assert town.ann.tenant not in answer.text.replace(forged, "")


def _with_tenant(position: Mapping[str, str], tenant: str) -> dict[str, str]:
    """As if names were keys: another tenant's, in front of everything."""
    return {name: f"{tenant}#{value}" for name, value in position.items()} | {
        name: value for name, value in position.items() if value.lstrip("-").isdigit()
    }
