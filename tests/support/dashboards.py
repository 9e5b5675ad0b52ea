"""Dashboards for tests, and the function that keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from skafu.shared.identity import Kind, Role, random_id
from skafu.shared.membership import Members
from skafu.shared.table import Table
from skafu.workspace.api import build
from skafu.workspace.dashboards.schemas import DashboardIn
from tests.support.claims import person_claims
from tests.support.clocks import FakeClock
from tests.support.events import answer_headers, answer_json, api_event, lambda_context
from tests.support.memory_table import InMemoryTable
from tests.support.workspace_api import SETTINGS

type Json = dict[str, Any]

PEOPLE = (
    ("viewer", "acme", Role.VIEWER),
    ("editor", "acme", Role.EDITOR),
    ("admin", "acme", Role.ADMIN),
    ("stranger", "other", Role.ADMIN),
)


def query(name: str = "a", metric: str = "cpu.load", **further: object) -> Json:
    """A query of a panel."""
    return {"id": name, "metric": metric, "statistic": "avg", **further}


def panel(name: str = "cpu", **further: object) -> Json:
    """A panel, with one query if nothing else is said."""
    place = {"x": 0, "y": 0, "w": 6, "h": 4}
    return {
        "id": name,
        "title": "Load",
        "type": "line",
        **place,
        "queries": [query()],
        **further,
    }


def dashboard(name: str = "Hosts", panels: Sequence[Json] | None = None, **further: object) -> Json:
    """A dashboard as it is asked for and kept: nothing in it is as if it had not been given."""
    return {
        "name": name,
        "description": "",
        "variables": [],
        "range": {"last": 3_600},
        "panels": [panel()] if panels is None else list(panels),
        **further,
    }


def document(name: str = "Hosts", **further: Any) -> Json:
    """The same as the domain has it."""
    return DashboardIn.model_validate(dashboard(name, **further)).document()


@dataclass
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def fields(self) -> dict[str, str]:
        """What is wrong, by field."""
        return {each["field"]: each["reason"] for each in self.body["errors"]}


@dataclass
class Function:
    """The workspace function, with a viewer, an editor and an admin of one tenant, and an admin of
    another.
    """

    table: Table = field(default_factory=InMemoryTable)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        members = Members(self.table, self.clock, random_id)
        for name, tenant, role in PEOPLE:
            members.add_member(name, Kind.PERSON, tenant, role)
        self._handler = build(SETTINGS, self.table, self.clock)

    def ask(
        self,
        method: str,
        path: str = "/api/dashboards",
        body: object = None,
        *,
        who: str = "editor",
        match: int | None = None,
        **parameters: str,
    ) -> Answer:
        event = api_event(
            method,
            path,
            claims=person_claims(who),
            body=body,
            query=parameters,
            headers={} if match is None else {"If-Match": f'"{match}"'},
        )
        answer = self._handler(event, lambda_context("WorkspaceFunction"))
        found = answer_json(answer) if answer["body"] else None
        return Answer(answer["statusCode"], found, answer_headers(answer))

    def made(self, name: str = "Hosts", **further: Any) -> str:
        """The address of a new dashboard."""
        answer = self.ask("POST", body=dashboard(name, **further))
        assert answer.status == 201, answer.body
        return str(answer.headers["location"])
