"""The alerts function put together as its handler file does, over a table in memory, with people of
every role.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from skafu.alerts.api import build
from skafu.shared.identity import Kind, Role, random_id
from skafu.shared.membership import Members
from skafu.shared.settings import AlertsApiSettings
from tests.support.alerting import TENANT
from tests.support.claims import person_claims
from tests.support.clocks import FakeClock
from tests.support.events import answer_headers, answer_json, api_event, lambda_context
from tests.support.flags import SetFlags
from tests.support.memory_table import InMemoryTable
from tests.support.queues import MemoryQueue
from tests.support.sns import FakeSns

TOPIC_ARN = "arn:aws:sns:us-east-1:123456789012:skafu-local-alerts"
CHANNELS_ARN = "arn:aws:sns:us-east-1:123456789012:skafu-local-channels"
CONSOLE = "https://skafu.example"

PEOPLE = {
    "viewer": (TENANT, Role.VIEWER),
    "editor": (TENANT, Role.EDITOR),
    "admin": (TENANT, Role.ADMIN),
    "stranger": ("tenant2", Role.ADMIN),
}


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def fields(self) -> list[str]:
        """The fields that a problem document names."""
        return [each["field"] for each in self.body["errors"]]


@dataclass
class AlertsFunction:
    """Ask it as somebody: `function.ask("viewer", "GET", "/api/alerts")`."""

    table: InMemoryTable = field(default_factory=InMemoryTable)
    clock: FakeClock = field(default_factory=FakeClock)
    sns: FakeSns = field(default_factory=FakeSns)
    deliveries: MemoryQueue = field(default_factory=MemoryQueue)
    allow_loopback: bool = False
    flags: SetFlags = field(default_factory=SetFlags)

    def __post_init__(self) -> None:
        settings = AlertsApiSettings(
            table_name="skafu-test",
            environment="local",
            cors_origin=CONSOLE,
            alerts_topic_arn=TOPIC_ARN,
            channels_topic_arn=CHANNELS_ARN,
            deliveries_queue_url="https://sqs.example/deliveries",
            allow_loopback_webhooks=self.allow_loopback,
        )
        members = Members(self.table, self.clock, random_id)
        for name, (tenant, role) in PEOPLE.items():
            members.add_member(name, Kind.PERSON, tenant, role)
        self.handler = build(
            settings, self.table, self.sns, self.deliveries, self.clock, flags=self.flags
        )

    def ask(
        self,
        person: str,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        version: int | str | None = None,
    ) -> Answer:
        """One request; `version` goes into If-Match."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        event = api_event(
            method, path, claims=person_claims(person), body=body, query=query, headers=headers
        )
        answer = self.handler(event, lambda_context("AlertsFunction"))
        read = answer_json(answer) if answer["body"] else None
        return Answer(answer["statusCode"], read, answer_headers(answer))
