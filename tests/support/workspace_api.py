"""The workspace function, whole: with settings of its own, and on a table and a user pool that moto
keeps.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from skafu.shared import aws
from skafu.shared.dynamo import DynamoTable
from skafu.shared.identity import Kind, Role, random_id
from skafu.shared.membership import Members
from skafu.shared.settings import WorkspaceSettings
from skafu.workspace.api import build
from tests.support.claims import PERSON, POOL
from tests.support.clocks import FakeClock
from tests.support.events import api_event, lambda_context
from tests.support.moto_table import create_table
from tests.support.user_pool import create_pool

SETTINGS = WorkspaceSettings(
    table_name="t",
    environment="local",
    cors_origin="https://skafu.example",
    user_pool_id=POOL,
    token_url="https://skafu.example/oauth2/token",
)


@cache
def client(service: str) -> Any:
    """A client that all tests share: making one takes longer than a test."""
    return aws.client(
        service,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


class WorkspaceFunction:
    """Made inside of `mock_aws`. `tenant` is that of PERSON, who is its admin."""

    def __init__(self) -> None:
        create_table(client("dynamodb"), SETTINGS.table_name)
        self.cognito = client("cognito-idp")
        self.pool = create_pool(self.cognito)
        self.settings = WorkspaceSettings(**{**vars(SETTINGS), "user_pool_id": self.pool})
        self.table = DynamoTable(client("dynamodb"), SETTINGS.table_name)
        self.clock = FakeClock()
        self.members = Members(self.table, self.clock, random_id)
        self.handler = build(self.settings, self.table, self.clock, client)
        self.tenant = self.members.create_tenant(PERSON, Kind.PERSON).tenant

    def join(self, subject: str, role: Role) -> None:
        """Another person of the tenant."""
        self.members.add_member(subject, Kind.PERSON, self.tenant, role)

    def call(self, event: dict[str, Any]) -> dict[str, Any]:
        """The answer to an event."""
        answer: dict[str, Any] = self.handler(event, lambda_context("WorkspaceFunction"))
        return answer

    def ask(
        self,
        method: str,
        path: str,
        claims: Mapping[str, str],
        body: object = None,
        **more: Any,
    ) -> dict[str, Any]:
        """The answer to a request with these claims."""
        return self.call(api_event(method, path, claims=claims, body=body, **more))
