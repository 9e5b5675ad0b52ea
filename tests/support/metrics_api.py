"""The metrics function as it is composed, on a table in memory: events in, answers out."""

from typing import Any

from skafu.metrics.api import build
from skafu.shared.identity import Kind, Role, random_id
from skafu.shared.membership import Members
from skafu.shared.settings import ApiSettings
from tests.support.claims import MACHINE, PERSON, machine_claims, person_claims
from tests.support.clocks import NOON, FakeClock
from tests.support.events import answer_json, api_event, lambda_context
from tests.support.memory_table import InMemoryTable
from tests.support.metrics import TENANT

VIEWER = "9f1c2d3e-0000-4000-8000-000000000003"
SETTINGS = ApiSettings(
    table_name="skafu-test", environment="local", cors_origin="http://localhost:3000"
)


class Function:
    """MetricsFunction with a tenant of a machine, a person and a viewer."""

    def __init__(self) -> None:
        self.table = InMemoryTable(page_size=5)
        self.clock = FakeClock(NOON + 5_000)
        members = Members(self.table, self.clock, random_id)
        members.add_member(MACHINE, Kind.MACHINE, TENANT, Role.EDITOR)
        members.add_member(PERSON, Kind.PERSON, TENANT, Role.ADMIN)
        members.add_member(VIEWER, Kind.PERSON, TENANT, Role.VIEWER)
        self._handler = build(SETTINGS, self.table, self.clock)

    def raw(self, event: dict[str, Any]) -> dict[str, Any]:
        """The answer as the gateway gets it."""
        answer: dict[str, Any] = self._handler(event, lambda_context("MetricsFunction"))
        return answer

    def call(self, event: dict[str, Any]) -> tuple[int, Any]:
        answer = self.raw(event)
        return answer["statusCode"], answer_json(answer)

    def post(self, body: object, **how: Any) -> tuple[int, Any]:
        defaults: dict[str, Any] = {"claims": machine_claims()}
        return self.call(api_event("POST", "/api/metrics", body=body, **defaults | how))

    def get(self, path: str, who: str = PERSON, **query: Any) -> tuple[int, Any]:
        return self.call(api_event("GET", path, claims=person_claims(who), query=query))

    def ask(self, body: object, who: str = VIEWER) -> tuple[int, Any]:
        claims = person_claims(who)
        return self.call(api_event("POST", "/api/metrics/query", claims=claims, body=body))

    def stored(self) -> list[str]:
        """The sort keys of all segments and late items."""
        return sorted(key.sk for key, item in self.table.items.items() if "r" in item)


def problem(answer: tuple[int, Any]) -> tuple[int, list[str]]:
    """Status and the fields at fault, of something that is a problem document."""
    status, document = answer
    assert document["status"] == status
    assert {"type", "title", "detail", "instance"} <= set(document)
    return status, [error["field"] for error in document.get("errors", ())]
