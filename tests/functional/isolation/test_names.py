"""Names, tags and filters that are shaped like keys, and metrics that two tenants name alike."""

from collections.abc import Iterator
from typing import Any

import pytest

from skafu.shared.keys import DAY_MS
from tests.support.clocks import NOON
from tests.support.dashboards import dashboard
from tests.support.neighbours import METRIC, OLD_METRIC, OWN, SECRET, Answer, Neighbours

RANGE = {"start": str(NOON - 2 * DAY_MS), "end": str(NOON + 60_000)}


def texts(town: Neighbours) -> Iterator[str]:
    """What might be taken for a key, or for a part of one."""
    theirs, alert = town.ann.tenant, town.ann.ids["alert"]
    yield from (
        theirs,
        f"{theirs}#alerts",
        f"{theirs}#alerts#{alert}",
        f"#{theirs}#alerts",
        f"../{theirs}/alerts/{alert}",
        f"{theirs}\0alerts",
        f"{theirs}\uff03alerts",  # fullwidth number sign
        f"{theirs}\u266falerts",  # music sharp sign
        f"{theirs}\ufe5falerts",  # small number sign
        f"{theirs}%23alerts",
        f"{theirs}%2523alerts",
        f"{theirs}\u200b#alerts",
        "~",
        "*",
        "registry",
        f"tenant#{theirs}",
        f"member#{town.ann.admin}",
        '{"S": "' + theirs + '"}',
        f"' OR tenant = '{theirs}",
    )


PATHS = (
    "/api/alerts/{}",
    "/api/alerts/{}/history",
    "/api/alerts/{}/versions",
    "/api/alerts/{}/explain",
    "/api/alerts/{}/comments",
    "/api/channels/{}",
    "/api/dashboards/{}",
    "/api/dashboards/{}/versions",
    "/api/silences/{}",
    "/api/drills/{}",
    "/api/metrics/deletions/{}",
)


@pytest.mark.parametrize("path", PATHS)
def test_an_id_that_is_shaped_like_a_key_names_nothing(town: Neighbours, path: str) -> None:
    for text in texts(town):
        answer = town.ask("GET", path.format(text))
        assert answer.status in (400, 404), (text, answer)
        assert SECRET not in answer.text


QUESTIONS = (
    ("/api/alerts", "name"),
    ("/api/alerts", "label"),
    ("/api/alerts", "state"),
    ("/api/alerts/export", "label"),
    ("/api/audit", "kind"),
    ("/api/audit", "subject"),
    ("/api/dashboards", "prefix"),
    ("/api/dashboards", "metric"),
    ("/api/metrics", "prefix"),
    ("/api/metrics", "filter"),
    ("/api/metrics/series", "metric"),
    ("/api/metrics/series", "filter"),
    ("/api/metrics/tags", "metric"),
    ("/api/metrics/usage", "unused"),
    ("/api/silences", "state"),
    ("/api/channels", "cursor"),
    ("/api/alerts", "cursor"),
)


@pytest.mark.parametrize(("path", "name"), QUESTIONS)
def test_a_filter_that_is_shaped_like_a_key_widens_nothing(
    town: Neighbours, path: str, name: str
) -> None:
    more: dict[str, Any] = {} if name == "metric" else {"metric": METRIC}
    for text in texts(town):
        for value in (text, f"room={text}", f"{text}=room", f"room!={text}"):
            query = {**(more if path.endswith(("series", "tags")) else {}), name: value}
            answer = town.ask("GET", path, query=query)
            assert answer.status < 500, (value, answer)
            assert SECRET not in answer.text


def test_both_names_of_the_audit_s_index_are_shaped_like_a_key(town: Neighbours) -> None:
    for text in texts(town):
        for query in (
            {"kind": text, "subject": town.ann.ids["alert"]},
            {"kind": "alert", "subject": text},
            {"kind": "alert", "subject": town.ann.ids["alert"]},
        ):
            answer = town.ask("GET", "/api/audit", query=query)
            assert answer.status < 500, (query, answer)
            assert SECRET not in answer.text
            assert answer.status != 200 or answer.body["entries"] == []


def test_a_metric_that_is_named_like_a_key_is_refused_or_ones_own(town: Neighbours) -> None:
    before = set(town.table.items)
    for text in texts(town):
        point = {"name": text, "value": 1, "timestamp": NOON, "tags": {"room": "1"}}
        assert town.ask("POST", "/api/metrics", {"metrics": [point]}).status in (202, 422)
    added = {key.pk for key in set(town.table.items) - before}
    assert added and all(pk.startswith(f"{town.bob.tenant}#") for pk in added)


def test_tags_that_are_shaped_like_keys_stay_text(town: Neighbours) -> None:
    before = set(town.table.items)
    tried = list(texts(town))
    for text in tried:
        points = [
            {"name": "mine", "value": 1, "timestamp": NOON, "tags": {"room": text}},
            {"name": "mine", "value": 1, "timestamp": NOON, "tags": {text: "1"}},
        ]
        for point in points:
            town.ask("POST", "/api/metrics", {"metrics": [point]})
    assert all(key.pk.startswith(f"{town.bob.tenant}#") for key in set(town.table.items) - before)
    filters = [{"tag": "room", "op": "in", "value": tried}]
    asked = {"metric": "mine", "statistic": "count", "period": 60, "group_by": ["room"]}
    queries = [{"id": "a", **asked, "filters": filters}]
    body = {**{name: int(text) for name, text in RANGE.items()}, "queries": queries}
    answer = town.ask("POST", "/api/metrics/query", body)
    assert answer.status == 200, answer
    assert SECRET not in answer.text
    assert answer.body["results"][0]["series"]


@pytest.mark.parametrize("operator", ["=", "!=", "exists", "prefix", "regex", "in"])
def test_whatever_the_operator_filters_choose_among_ones_own_series(
    town: Neighbours, operator: str
) -> None:
    values: dict[str, Any] = {"exists": True, "in": [SECRET, OWN, "%"], "prefix": ""}
    filters = [{"tag": "room", "op": operator, "value": values.get(operator, ".*")}]
    query = {"id": "a", "metric": METRIC, "statistic": "sum", "period": 3600}
    asked = {**query, "group_by": ["room"], "filters": filters}
    body = {**{name: int(text) for name, text in RANGE.items()}, "queries": [asked]}
    answer = town.ask("POST", "/api/metrics/query", body)
    assert answer.status in (200, 422)
    if answer.status == 200:
        rooms = [each["tags"]["room"] for each in answer.body["results"][0]["series"]]
        assert set(rooms) <= {OWN}


def test_a_metric_that_only_another_tenant_has_is_unknown(town: Neighbours) -> None:
    theirs = f"secret.{SECRET}"
    for name in (theirs, "vault.nothing"):
        assert town.ask("DELETE", f"/api/metrics/{name}").status == 404
        assert town.ask("GET", f"/api/metrics/deletions/{name}").status == 404
        query = {"metric": name, "statistic": "sum", "period": "3600", **RANGE}
        answer = town.ask("GET", "/api/metrics/query", query=query)
        assert (answer.status, answer.body["results"][0]["series"]) == (200, [])
        found = town.ask("GET", "/api/metrics/series", query={"metric": name})
        assert found.without(name) == town.ask(
            "GET", "/api/metrics/series", query={"metric": "vault.none"}
        ).without("vault.none")


def test_deleting_a_metric_deletes_nothing_of_another_tenant_s_of_that_name(
    town: Neighbours,
) -> None:
    query = {"metric": METRIC, "statistic": "sum", "period": "3600", **RANGE}
    before = town.ask("GET", "/api/metrics/query", query=query, who=town.ann.admin)
    assert town.ask("DELETE", f"/api/metrics/{METRIC}").status == 202
    town.as_new()
    after = town.ask("GET", "/api/metrics/query", query=query, who=town.ann.admin)
    assert after == before and after.body["results"][0]["series"]
    deletions = town.ask("GET", "/api/metrics/deletions", who=town.ann.admin).body["deletions"]
    assert [each["metric"] for each in deletions] == [OLD_METRIC]


def test_a_dashboard_shows_its_reader_s_points_whoever_it_was_copied_from(
    town: Neighbours,
) -> None:
    """Dashboards and their links name metrics and ids; what those are is looked up as the reader.

    A document that was exported elsewhere is imported with everything it names, and shows nothing
    of where it came from.
    """
    theirs = town.ask("GET", f"/api/dashboards/{town.ann.ids['dashboard']}", who=town.ann.admin)
    queries = [{"id": "a", "metric": METRIC, "statistic": "avg"}]
    board = dashboard()
    board["panels"][0]["queries"] = queries
    made = town.ask("POST", "/api/dashboards", {**board, "name": theirs.body["id"]})
    assert made.status == 201
    assert made.body["id"] != theirs.body["id"]
    found = town.ask("GET", "/api/dashboards", query={"metric": f"secret.{SECRET}"})
    assert found.body["dashboards"] == []
    same = {**board, "id": theirs.body["id"]}
    assert town.ask("POST", "/api/dashboards", same).status == 422


def test_a_layout_that_only_another_tenant_has_is_unknown(town: Neighbours) -> None:
    """Layouts are named by their content: a hash can be known, or be worked out. The same process
    has just served the tenant whose it is, and remembers it.
    """
    point = {"name": METRIC, "value": 8, "timestamp": NOON, "tags": {"room": SECRET}}
    body = {"metrics": [point]}
    theirs = town.ask("POST", "/api/metrics", body, who=town.ann.admin).body["layout"]
    unknown = "a" * len(theirs)

    def ask(layout: str, who: str) -> Answer:
        column = {"layout": layout, "timestamp": NOON, "values": [1.5]}
        return town.ask("POST", "/api/metrics", {"columns": [column]}, who=who)

    refused = ask(theirs, town.bob.admin)
    assert refused.without(theirs) == ask(unknown, town.bob.admin).without(unknown)
    assert refused.status == 409
    assert SECRET not in refused.text
    assert ask(theirs, town.ann.admin).status == 202


def test_sending_what_another_tenant_has_sent_does_not_tell_that_they_have(
    town: Neighbours,
) -> None:
    """Nor does it give the sender their layout: each has one of their own, under the same name."""
    point = {"name": METRIC, "value": 8, "timestamp": NOON, "tags": {"room": "shared"}}
    body = {"metrics": [point]}
    first = town.ask("POST", "/api/metrics", body, who=town.ann.admin)
    assert town.ask("POST", "/api/metrics", body) == first
    layouts = [key.pk for key in town.table.items if key.sk == first.body["layout"]]
    assert sorted(layouts) == sorted(f"{x.tenant}#layouts" for x in (town.ann, town.bob))
