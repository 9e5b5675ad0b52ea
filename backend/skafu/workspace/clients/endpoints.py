"""The endpoints of routes.ROUTES. Imported when the first of them is called."""

# pylint: disable=import-outside-toplevel # pydantic costs a cold start; reading needs none

import re
from http import HTTPStatus

from skafu.shared import paging
from skafu.shared.errors import NotFound
from skafu.shared.etag import etag, if_match
from skafu.shared.routes import Reply, Request
from skafu.workspace.clients.app_clients import AppClients, CognitoAppClients, Credentials
from skafu.workspace.clients.model import Client
from skafu.workspace.clients.service import ClientService
from skafu.workspace.clients.store import ClientStore
from skafu.workspace.clients.views import client_view
from skafu.workspace.conflicts import Transactions
from skafu.workspace.members.model import Caller
from skafu.workspace.parts import Parts
from skafu.workspace.pool import Pool

SECOND_MS = 1_000
SAFE_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


class ClientEndpoints:
    """Machine clients as admins see them."""

    def __init__(self, clients: ClientService, token_url: str) -> None:
        self._clients = clients
        self._token_url = token_url

    def list_clients(self, request: Request) -> Reply:
        """A page of clients."""
        route, tenant = "clients", request.identity.tenant
        limit = paging.limit_of(request)
        position = paging.position_of(route, request)
        found, after = self._clients.page(tenant, limit, position)
        return Reply(
            {
                "clients": [client_view(each) for each in found],
                "cursor": paging.cursor_for(route, request, after),
                "limit": self._clients.limit(tenant),
            }
        )

    def create_client(self, request: Request) -> Reply:
        """201, with the secret, which is never shown again."""
        from skafu.shared.validation import parse
        from skafu.workspace.clients.schemas import ClientIn

        draft = parse(ClientIn, request.body).draft()
        client, made = self._clients.create(_caller(request), draft)
        headers = {"Location": f"/api/clients/{client.id}"}
        return self._told(client, made, HTTPStatus.CREATED, headers)

    def rotate_client(self, request: Request) -> Reply:
        """The client with its new secret, which is never shown again."""
        from skafu.shared.validation import parse
        from skafu.workspace.clients.schemas import ClientRotateIn

        overlap = parse(ClientRotateIn, request.body or b"{}").overlap * SECOND_MS
        client, made = self._clients.rotate(
            _caller(request), _id(request), overlap, _version(request)
        )
        return self._told(client, made, HTTPStatus.OK, {})

    def delete_client(self, request: Request) -> Reply:
        """Nothing can act for it any more."""
        self._clients.delete(_caller(request), _id(request), _version(request))
        return Reply(status=HTTPStatus.NO_CONTENT)

    def _told(
        self, client: Client, made: Credentials, status: HTTPStatus, headers: dict[str, str]
    ) -> Reply:
        told = {**client_view(client), "secret": made.secret, "token_url": self._token_url}
        return Reply(told, status, {"ETag": etag(client.version), **headers})


def _caller(request: Request) -> Caller:
    return Caller(request.identity.tenant, request.identity.subject)


def _id(request: Request) -> str:
    found = request.path["id"]
    if not SAFE_ID.fullmatch(found):
        raise NotFound("there is no such machine client")
    return found


def _version(request: Request) -> int | None:
    """The version in If-Match, where a request may do without."""
    return if_match(request) if request.headers.get("if-match") else None


def over(parts: Parts, app_clients: AppClients) -> ClientEndpoints:
    """The endpoints over any keeper of credentials."""
    store = ClientStore(parts.table, Transactions(parts.table))
    service = ClientService(store, app_clients, parts.clock, parts.new_id)
    settings = parts.settings
    # The embedded AWS has one address for all of its services, and no domain for the pool.
    endpoint = settings.aws_endpoint_url.rstrip("/")
    return ClientEndpoints(service, f"{endpoint}/oauth2/token" if endpoint else settings.token_url)


def build(parts: Parts) -> ClientEndpoints:
    """The endpoints over the environment's user pool."""
    pool = Pool(parts.make_client("cognito-idp"), parts.settings.user_pool_id)
    return over(parts, CognitoAppClients(pool))
