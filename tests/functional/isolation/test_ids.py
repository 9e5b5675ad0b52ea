"""Ids of another tenant in paths: whoever knows one gets what a made-up one gets, and no more."""

from collections.abc import Mapping
from typing import Any

import pytest

from skafu.shared.keys import DAY_MS
from tests.support.clocks import NOON
from tests.support.dashboards import dashboard
from tests.support.neighbours import PLAIN, ROUTES, SECRET, UNKNOWN, Neighbours

PAST = {"start": NOON - DAY_MS, "end": NOON}
HOOK = {"name": "mine", "type": "webhook", "url": "https://93.184.216.34/mine"}
ALERT = {**PLAIN, "name": "mine"}
SILENCE = {
    "matchers": [{"label": "room", "op": "=", "value": "1"}],
    "ends_at": NOON + DAY_MS,
    "comment": "mine",
}
# Without tags all instances that fire are meant: an attacker need not know theirs.
FIRING: Mapping[str, Any] = {}

type Attack = tuple[str, str, str, Any]
"""Method, path, the kind of thing that {id} names, body."""

ATTACKS: tuple[Attack, ...] = (
    ("GET", "/api/alerts/{id}", "alert", None),
    ("PUT", "/api/alerts/{id}", "alert", ALERT),
    ("DELETE", "/api/alerts/{id}", "alert", None),
    ("GET", "/api/alerts/{id}/history", "story", None),
    ("GET", "/api/alerts/{id}/explain", "story", None),
    ("GET", "/api/alerts/{id}/comments", "alert", None),
    ("POST", "/api/alerts/{id}/comments", "alert", {"comment": "mine"}),
    ("POST", "/api/alerts/{id}/acknowledge", "story", FIRING),
    ("POST", "/api/alerts/{id}/unacknowledge", "story", FIRING),
    ("POST", "/api/alerts/{id}/assign", "story", {**FIRING, "assignee": None}),
    ("POST", "/api/alerts/{id}/backtest", "alert", PAST),
    ("POST", "/api/alerts/{id}/backtest", "alert", {**PAST, "alert": ALERT}),
    ("POST", "/api/alerts/{id}/drill", "alert", {"tags": {"room": "1"}}),
    ("POST", "/api/alerts/{id}/restore", "alert", {"version": 1}),
    ("GET", "/api/alerts/{id}/versions", "alert", None),
    ("GET", "/api/drills/{id}", "drill", None),
    ("DELETE", "/api/drills/{id}", "drill", None),
    ("GET", "/api/channels/{id}", "channel", None),
    ("GET", "/api/channels/{id}", "mail", None),
    ("PUT", "/api/channels/{id}", "channel", HOOK),
    ("DELETE", "/api/channels/{id}", "channel", None),
    ("DELETE", "/api/channels/{id}", "mail", None),
    ("POST", "/api/channels/{id}/rotate", "channel", {"overlap": 60}),
    ("POST", "/api/channels/{id}/test", "channel", None),
    ("POST", "/api/channels/{id}/test", "mail", None),
    ("GET", "/api/silences/{id}", "silence", None),
    ("PUT", "/api/silences/{id}", "silence", SILENCE),
    ("DELETE", "/api/silences/{id}", "silence", None),
    ("GET", "/api/dashboards/{id}", "dashboard", None),
    ("PUT", "/api/dashboards/{id}", "dashboard", dashboard()),
    ("DELETE", "/api/dashboards/{id}", "dashboard", None),
    ("GET", "/api/dashboards/{id}/versions", "dashboard", None),
    ("POST", "/api/dashboards/{id}/restore", "dashboard", {"version": 1}),
    ("DELETE", "/api/clients/{id}", "client", None),
    ("POST", "/api/clients/{id}/rotate", "client", {}),
    ("PUT", "/api/members/{id}", "member", {"role": "viewer", "status": "disabled"}),
    ("PUT", "/api/members/{id}", "invited", {"role": "viewer", "status": "disabled"}),
    ("DELETE", "/api/members/{id}", "member", None),
    ("DELETE", "/api/members/{id}", "invited", None),
    ("POST", "/api/members/{id}/invite", "invited", None),
)


def _name(attack: Attack) -> str:
    method, path, kind, body = attack
    return f"{method} {path} ({kind}{', with a draft' if body and 'alert' in body else ''})"


@pytest.mark.parametrize("attack", ATTACKS, ids=_name)
def test_an_id_of_another_tenant_is_answered_as_one_that_nobody_has(
    town: Neighbours, attack: Attack
) -> None:
    method, path, kind, body = attack
    theirs = {**town.ann.ids, "member": town.ann.admin}[kind]
    answers = [
        town.ask(method, path.format(id=each), body, version=1).without(each)
        for each in (UNKNOWN[kind], theirs)
    ]
    assert answers[0] == answers[1]
    assert answers[1][0] == 404
    assert SECRET not in answers[1][1]


# A webhook that is tried out would be called.
QUIET = tuple(x for x in ATTACKS if (x[1], x[2]) != ("/api/channels/{id}/test", "channel"))


@pytest.mark.parametrize("attack", QUIET, ids=_name)
def test_the_same_request_is_answered_to_the_team_whose_id_it_is(
    town: Neighbours, attack: Attack
) -> None:
    """What is refused above is refused for its tenant, and not because it makes no sense."""
    method, path, kind, body = attack
    mine = {**town.bob.ids, "member": town.bob.admin}[kind]
    assert town.ask(method, path.format(id=mine), body, version=1).status not in (400, 404, 422)


def test_every_path_with_an_id_is_attacked() -> None:
    """/api/metrics/... take names, which tenants may share: test_names.py."""
    tried = {(method, path) for method, path, _, _ in ATTACKS}
    taken = {(x.method, x.path) for x in ROUTES if "{" in x.path and "/metrics/" not in x.path}
    assert tried == taken


@pytest.mark.parametrize("version", [1, 2, 3, 999])
def test_a_version_in_if_match_does_not_tell_which_one_another_tenant_s_thing_has(
    town: Neighbours, version: int
) -> None:
    bodies: Mapping[str, tuple[str, Any]] = {
        "alert": ("alerts", ALERT),
        "channel": ("channels", HOOK),
        "dashboard": ("dashboards", dashboard()),
        "silence": ("silences", SILENCE),
    }
    for kind, (where, body) in bodies.items():
        path = f"/api/{where}/{town.ann.ids[kind]}"
        assert town.ask("PUT", path, body, version=version).status == 404
        assert town.ask("DELETE", path, version=version).status == 404


def test_an_old_version_of_another_tenant_s_dashboard_is_not_shown(town: Neighbours) -> None:
    path = f"/api/dashboards/{town.ann.ids['dashboard']}"
    answer = town.ask("GET", path, query={"version": "1"})
    assert answer.status == 404
    assert SECRET not in answer.text


def test_a_moment_of_another_tenant_s_instance_is_not_explained(town: Neighbours) -> None:
    path = f"/api/alerts/{town.ann.ids['story']}/explain"
    answer = town.ask("GET", path, query={"at": str(NOON - 1_800_000), "tags": "room=1"})
    assert answer.status == 404
    assert SECRET not in answer.text


def test_credentials_are_no_id_under_which_a_machine_client_is_found(town: Neighbours) -> None:
    theirs = town.ann.ids["credentials"]
    assert town.ask("DELETE", f"/api/clients/{theirs}").status == 404
    assert town.ask("POST", f"/api/clients/{theirs}/rotate", {}).status == 404
    # A membership it is, and one of another tenant: members are people, and of this one.
    assert town.ask("DELETE", f"/api/members/{theirs}").status == 404
