"""Credentials that machines sign in with, as machine clients need them: a port, and the adapter to
Cognito's app clients.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

from skafu.workspace.pool import Pool, code_of

GONE = "ResourceNotFoundException"
PAGE = 60  # ListUserPoolClients' limit


@dataclass(frozen=True)
class Credentials:
    """What a machine fetches tokens with."""

    client_id: str
    secret: str

    def __repr__(self) -> str:
        """Without the secret: values get into logs."""
        return f"Credentials(client_id={self.client_id!r}, secret=...)"


class AppClients(Protocol):
    """Every method raises Unavailable when the credentials' keeper cannot be reached."""

    def create(self, label: str, scopes: Sequence[str]) -> Credentials:
        """New credentials for tokens with these scopes. `label` names them for `labelled`."""

    def delete(self, client_id: str) -> None:
        """End credentials; those that are gone already are fine. Tokens live on until they expire:
        it is the membership that has to go first.
        """

    def labelled(self, label: str) -> list[str]:
        """The client ids of all credentials that were made with this label."""


class CognitoAppClients:
    """The port over a Cognito user pool. Tokens of the clients that it makes live for
    `token_hours`, at most 24; None: as the pool has it, which is one.
    """

    def __init__(self, pool: Pool, token_hours: int | None = None) -> None:
        self._pool = pool
        self._lives: dict[str, Any] = {}
        if token_hours is not None:
            units = {"TokenValidityUnits": {"AccessToken": "hours"}}
            self._lives = {"AccessTokenValidity": token_hours, **units}

    def create(self, label: str, scopes: Sequence[str]) -> Credentials:
        made = self._pool.call(
            "create_user_pool_client",
            ClientName=label,
            GenerateSecret=True,
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["client_credentials"],
            AllowedOAuthScopes=list(scopes),
            # Named, because the default would let people sign in through it.
            ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],
            EnableTokenRevocation=True,
            PreventUserExistenceErrors="ENABLED",
            **self._lives,
        )["UserPoolClient"]
        return Credentials(made["ClientId"], made["ClientSecret"])

    def delete(self, client_id: str) -> None:
        try:
            self._pool.call("delete_user_pool_client", ClientId=client_id)
        except ClientError as error:
            if code_of(error) != GONE:
                raise

    def labelled(self, label: str) -> list[str]:
        found: list[str] = []
        more: dict[str, str] = {}
        while True:
            answer = self._pool.call("list_user_pool_clients", MaxResults=PAGE, **more)
            found += [
                each["ClientId"]
                for each in answer["UserPoolClients"]
                if each["ClientName"] == label
            ]
            if not answer.get("NextToken"):
                return found
            more = {"NextToken": answer["NextToken"]}
