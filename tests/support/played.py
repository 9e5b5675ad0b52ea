"""The metrics API in this process, over any table and by any clock: so that points can have been
sent, live, whenever a test wants.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from skafu.metrics.api import build
from skafu.shared.clock import Clock
from skafu.shared.identity import Kind, random_id
from skafu.shared.membership import Members
from skafu.shared.settings import ApiSettings
from skafu.shared.table import Table
from tests.support.events import answer_json, api_event, lambda_context

SETTINGS = ApiSettings(
    table_name="skafu-test", environment="local", cors_origin="http://localhost:3000"
)


class PlayedApi:
    """The API as the admin of a tenant, a person or a machine as the claims say; the tenant is made
    at the clock's time if there is none.
    """

    def __init__(self, table: Table, clock: Clock, claims: Mapping[str, str]) -> None:
        self._claims = claims
        self._handler = build(SETTINGS, table, clock)
        members = Members(table, clock, random_id)
        subject = claims["sub"]
        kind = Kind.MACHINE if subject == claims["client_id"] else Kind.PERSON
        found = members.member(subject) or members.create_tenant(subject, kind)
        self.tenant = found.tenant

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
    ) -> tuple[int, Any]:
        """Status and document of an answer."""
        headers = {} if key is None else {"Idempotency-Key": key}
        event = api_event(
            method, path, claims=self._claims, body=body, headers=headers, query=query
        )
        answer = self._handler(event, lambda_context("MetricsFunction"))
        return answer["statusCode"], answer_json(answer)

    def send(self, points: Sequence[Mapping[str, Any]], key: str) -> None:
        """Send points that all have to be accepted."""
        status, said = self.call("POST", "/api/metrics", {"metrics": points}, key=key)
        assert (status, said["accepted"]) == (202, len(points)), json.dumps(said)

    def ask(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a query, which has to be whole."""
        status, said = self.call("POST", "/api/metrics/query", body)
        assert (status, said.get("warnings")) == (200, []), json.dumps(said)
        return dict(said)
