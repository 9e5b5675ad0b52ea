"""GET /api/audit, through the whole function."""

from typing import Any

import pytest

from skafu.shared import audit
from skafu.shared.audit import Change
from skafu.shared.identity import Kind, Role, random_id
from skafu.shared.membership import Members
from skafu.workspace.api import build
from skafu.workspace.schemas import AuditList
from tests.support.claims import person_claims
from tests.support.clocks import NOON, FakeClock
from tests.support.events import answer_json, api_event, lambda_context
from tests.support.memory_table import InMemoryTable
from tests.support.workspace_api import SETTINGS


class Function:
    def __init__(self) -> None:
        self.table, clock = InMemoryTable(), FakeClock()
        members = Members(self.table, clock, random_id)
        for name, tenant, role in (
            ("admin", "acme", Role.ADMIN),
            ("editor", "acme", Role.EDITOR),
            ("stranger", "other", Role.ADMIN),
        ):
            members.add_member(name, Kind.PERSON, tenant, role)
        self.handler = build(SETTINGS, self.table, clock)

    def changed(self, at: int, actor: str = "editor", tenant: str = "acme") -> None:
        change = Change(actor, at, "change", "alert", "a1", {"threshold": 1}, {"threshold": 2})
        self.table.transact([audit.entry(tenant, change)])

    def ask(self, person: str, **query: str) -> tuple[int, Any]:
        event = api_event("GET", "/api/audit", claims=person_claims(person), query=query)
        answer = self.handler(event, lambda_context("WorkspaceFunction"))
        return answer["statusCode"], answer_json(answer)


@pytest.fixture
def function() -> Function:
    return Function()


def test_an_admin_reads_who_changed_what(function: Function) -> None:
    function.changed(NOON)

    status, body = function.ask("admin")

    assert status == 200
    assert AuditList.model_validate(body)
    assert body == {
        "entries": [
            {
                "at": NOON,
                "actor": {"id": "editor", "kind": "person", "role": "editor"},
                "action": "change",
                "kind": "alert",
                "subject": "a1",
                "before": {"threshold": 1},
                "after": {"threshold": 2},
                "changes": [{"field": "threshold", "before": 1, "after": 2}],
            }
        ],
        "cursor": None,
    }


def test_editors_do_not(function: Function) -> None:
    assert function.ask("editor")[0] == 403


def test_an_actor_who_left_is_known_by_id_alone(function: Function) -> None:
    function.changed(NOON, actor="stranger")
    function.changed(NOON + 1, actor="gone")

    _, body = function.ask("admin")

    assert [each["actor"] for each in body["entries"]] == [
        {"id": "gone", "kind": None, "role": None},
        {"id": "stranger", "kind": None, "role": None},
    ]


def test_other_tenants_are_not_told(function: Function) -> None:
    function.changed(NOON)

    assert function.ask("stranger")[1]["entries"] == []


def test_pages_follow_each_other(function: Function) -> None:
    for i in range(5):
        function.changed(NOON + i)

    _, first = function.ask("admin", limit="3", start="2023-11-15T12:00:00.001Z")
    _, second = function.ask(
        "admin", limit="3", start="2023-11-15T12:00:00.001Z", cursor=first["cursor"]
    )

    times = [each["at"] - NOON for each in first["entries"] + second["entries"]]
    assert times == [4, 3, 2, 1]
    assert second["cursor"] is None


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("kind", "a#b"), ("subject", ""), ("start", "yesterday"), ("end", "99999999999999")],
)
def test_what_cannot_be_read_is_named(function: Function, parameter: str, value: str) -> None:
    status, body = function.ask("admin", **{parameter: value})

    assert status == 400
    assert [each["field"] for each in body["errors"]] == [parameter]
