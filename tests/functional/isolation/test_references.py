"""Things of one's own that name another tenant's: alerts, routes, silences, comments, imports."""

import json
from typing import Any

import pytest

from skafu.shared.keys import DAY_MS
from tests.support.clocks import NOON
from tests.support.neighbours import OWN, PLAIN, SECRET, UNKNOWN, Answer, Neighbours

ALERT = {**PLAIN, "name": "mine"}


def both(town: Neighbours, kind: str, ask: Any) -> tuple[Answer, Answer]:
    """What naming nobody's and what naming the other tenant's is answered; they are the same."""
    theirs = town.ann.ids[kind]
    unknown, answer = ask(UNKNOWN[kind]), ask(theirs)
    assert unknown.without(UNKNOWN[kind]) == answer.without(theirs)
    assert SECRET not in answer.text
    return unknown, answer


def test_a_composite_alert_does_not_watch_another_tenant_s(town: Neighbours) -> None:
    def ask(alert: str) -> Answer:
        condition = {"not": {"alert": alert}}
        body = {"name": "mine", "type": "composite", "condition": condition}
        return town.ask("POST", "/api/alerts", body)

    for kind in ("alert", "story"):
        _, answer = both(town, kind, ask)
        assert answer.status == 422


@pytest.mark.parametrize("kind", ["channel", "mail"])
def test_an_alert_does_not_page_another_tenant_s_people(town: Neighbours, kind: str) -> None:
    def make(channel: str) -> Answer:
        return town.ask("POST", "/api/alerts", {**ALERT, "channels": [channel]})

    def change(channel: str) -> Answer:
        path = f"/api/alerts/{town.bob.ids['alert']}"
        return town.ask("PUT", path, {**ALERT, "channels": [channel]}, version=2)

    for ask in (make, change):
        _, answer = both(town, kind, ask)
        assert answer.status == 422


@pytest.mark.parametrize("kind", ["channel", "mail"])
def test_a_route_does_not_lead_to_another_tenant_s_people(town: Neighbours, kind: str) -> None:
    def put(channel: str) -> Answer:
        body = {"routes": [{"name": "mine", "channels": [channel]}]}
        return town.ask("PUT", "/api/routing", body, version=1)

    def try_out(channel: str) -> Answer:
        body = {"labels": {}, "routes": [{"name": "mine", "channels": [channel]}]}
        return town.ask("POST", "/api/routing/preview", body)

    _, answer = both(town, kind, put)
    assert answer.status == 422
    _, answer = both(town, kind, try_out)
    assert answer.status in (200, 422)


def test_an_import_names_nothing_of_another_tenant(town: Neighbours) -> None:
    def entry(**more: Any) -> Answer:
        alert = {"id": "mine", "name": "mine", **PLAIN, **more}
        return town.ask("PUT", "/api/alerts/import", json.dumps({"alerts": [alert]}))

    _, answer = both(town, "channel", lambda channel: entry(channels=[channel]))
    assert answer.status == 422


def test_an_import_makes_ones_own_alert_under_an_id_that_another_tenant_has(
    town: Neighbours,
) -> None:
    """Ids are names inside of a tenant: taking one that is taken elsewhere tells nothing."""
    theirs = town.ann.ids["alert"]
    document = json.dumps({"alerts": [{"id": theirs, **PLAIN, "name": "mine"}]})
    answer = town.ask("PUT", "/api/alerts/import", document)
    assert answer.status == 200, answer
    assert SECRET not in answer.text
    mine = town.ask("GET", f"/api/alerts/{theirs}")
    assert (mine.status, mine.body["name"], mine.body["version"]) == (200, "mine", 1)
    for path in ("versions", "history", "comments", "explain"):
        answer = town.ask("GET", f"/api/alerts/{theirs}/{path}")
        assert answer.status == 200
        assert SECRET not in answer.text
    assert town.ask("DELETE", f"/api/alerts/{theirs}").status == 204
    assert town.ask("GET", f"/api/alerts/{theirs}", who=town.ann.admin).status == 200


def test_a_prune_removes_ones_own_alerts_alone(town: Neighbours) -> None:
    query = {"prune": "true", "label": f"team={SECRET}"}
    assert town.ask("PUT", "/api/alerts/import", "alerts: []\n", query=query).status == 200
    query = {"prune": "true", "label": f"team={OWN}"}
    town.ask("PUT", "/api/alerts/import", "alerts: []\n", query=query)
    assert town.ask("GET", f"/api/alerts/{town.ann.ids['alert']}", who=town.ann.admin).status == 200


def test_a_silence_mutes_nothing_of_another_tenant(town: Neighbours) -> None:
    matchers: list[list[dict[str, Any]]] = [
        [{"label": "team", "op": "=", "value": SECRET}],
        [{"label": "room", "op": "=", "value": SECRET}],
        [{"label": "alertname", "op": "exists", "value": True}],
        [{"label": "alertname", "op": "=", "value": f"fires {SECRET}"}],
    ]
    for each in matchers:
        body = {"matchers": each, "ends_at": NOON + DAY_MS, "comment": "all of them"}
        shown = town.ask("POST", "/api/silences/preview", body)
        assert shown.status == 200
        assert town.ann.ids["story"] not in shown.text
        town.ask("POST", "/api/silences", body)
    explained = town.ask(
        "GET",
        f"/api/alerts/{town.ann.ids['story']}/explain",
        query={"tags": f"room={SECRET}"},
        who=town.ann.admin,
    )
    assert explained.status == 200
    assert "all of them" not in explained.text


def test_an_alert_is_not_assigned_to_another_tenant_s_member(town: Neighbours) -> None:
    path = f"/api/alerts/{town.bob.ids['story']}/assign"
    answers = [
        town.ask("POST", path, {"assignee": each}).without(each)
        for each in (UNKNOWN["member"], town.ann.admin, town.ann.ids["invited"])
    ]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 422


def test_a_preview_of_a_channel_shows_no_page_of_another_tenant(town: Neighbours) -> None:
    def ask(alert: str) -> Answer:
        return town.ask("POST", "/api/channels/preview", {"type": "slack", "alert": alert})

    both(town, "story", ask)


def test_a_change_of_another_tenant_is_not_in_ones_audit(town: Neighbours) -> None:
    for kind, theirs in town.ann.ids.items():
        query = {"kind": kind, "subject": theirs}
        assert town.ask("GET", "/api/audit", query=query).body["entries"] == [] or (
            theirs in town.bob.ids.values()
        )
    shown = town.ask("GET", "/api/audit").body["entries"]
    assert {each["actor"]["id"] for each in shown} == {town.bob.admin}


def test_an_address_that_another_tenant_mails_to_is_left_to_it(town: Neighbours) -> None:
    """SNS knows one subscription for each address: the one of both has two audiences."""
    address = f"duty@{SECRET}.example.com"
    [theirs] = [dict(x) for x in town.sns.subscriptions.values() if x["Endpoint"] == address]
    body = {"name": "mine", "type": "email", "address": address}
    made = town.ask("POST", "/api/channels", body)
    assert made.status == 201
    # The subscription is shared, so it changes: what the first team is heard by stays in it.
    [now] = [x for x in town.sns.subscriptions.values() if x["Endpoint"] == address]
    audiences = json.loads(theirs["FilterPolicy"])["to"]
    assert set(audiences) < set(json.loads(now["FilterPolicy"])["to"])
    assert town.ask("DELETE", f"/api/channels/{made.body['id']}").status == 204


def test_somebody_of_another_team_is_not_invited_away(town: Neighbours) -> None:
    for address in (f"cleo@{SECRET}.example.com", f"CLEO@{SECRET.upper()}.example.com"):
        body = {"email": address, "name": "mine", "role": "viewer"}
        answer = town.ask("POST", "/api/members", body)
        assert answer.status == 409
        assert town.ann.tenant not in answer.text
        assert town.ann.ids["invited"] not in answer.text
    assert town.ask("GET", "/api/me", who=town.ann.ids["invited"]).body["tenant"] == town.ann.tenant
