"""What admins do with machine clients.

A membership is what lets credentials act. So a record is stored before credentials are made, the
membership after them, and on the way out the membership goes first: whatever breaks off, nothing
can act that is not listed. Credentials that were made and have no membership can fetch tokens that
are good for nothing; they are found by their label and removed with their client.
"""

from collections.abc import Sequence
from dataclasses import replace

from skafu.shared import audit
from skafu.shared.clock import Clock
from skafu.shared.errors import Conflict, NotFound, PreconditionFailed, SkafuError, Unavailable
from skafu.shared.identity import NewId
from skafu.shared.observability import logger
from skafu.shared.table import ConditionFailed, Put
from skafu.workspace.clients.app_clients import AppClients, Credentials
from skafu.workspace.clients.model import MAX_EARLIER, Client, ClientDraft, Earlier
from skafu.workspace.clients.store import ClientStore, Position
from skafu.workspace.clients.views import client_view
from skafu.workspace.members.model import Caller

KIND = "client"


class ClientService:
    """Machine clients of a tenant. Every method raises NotFound for ids of other tenants."""

    def __init__(
        self, store: ClientStore, app_clients: AppClients, clock: Clock, new_id: NewId
    ) -> None:
        self._store = store
        self._app_clients = app_clients
        self._clock = clock
        self._new_id = new_id

    def page(self, tenant: str, limit: int, after: Position) -> tuple[list[Client], Position]:
        """Up to `limit` clients in the order of their ids. What ended a while ago, or was broken
        off, is cleared away on the way.
        """
        found, position = self._store.page(tenant, limit, after)
        return [each for each in (self._tidied(tenant, x) for x in found) if each], position

    def limit(self, tenant: str) -> int:
        """How many clients a tenant may have."""
        return self._store.limit(tenant)

    def create(self, caller: Caller, draft: ClientDraft) -> tuple[Client, Credentials]:
        """A new client and what it signs in with, which is told here and never again.

        Raises QuotaExceeded when there are as many as there may be.
        """
        scopes = tuple(scope.value for scope in draft.scopes)
        client = Client(self._new_id(), draft.name, draft.role, scopes, self._clock())
        self._store.create(caller.tenant, client)
        try:
            made = self._app_clients.create(_label(caller.tenant, client), scopes)
        except Exception:
            self._store.drop(caller.tenant, client)
            raise
        after = replace(client, client_id=made.client_id, version=client.version + 1)
        self._begin(caller, "create", client, after)
        return after, made

    def rotate(
        self, caller: Caller, client_id: str, overlap_ms: int, version: int | None
    ) -> tuple[Client, Credentials]:
        """New credentials for a client, told here and never again; those before stay valid for so
        many milliseconds more.

        Raises PreconditionFailed at another version than one that is given, and Conflict where
        there are MAX_EARLIER valid ones already. Without overlap all earlier ones end now.
        """
        before = self._at(caller.tenant, client_id, version)
        now = self._clock()
        earlier = tuple(each for each in before.earlier if overlap_ms and now < each.until)
        if len(earlier) >= MAX_EARLIER:
            raise Conflict(
                f"{len(earlier)} earlier credentials are still valid; wait until one ends, or "
                "rotate with an overlap of 0, which ends all of them now"
            )
        if overlap_ms and before.client_id is not None:
            earlier = (*earlier, Earlier(before.client_id, now + overlap_ms))
        made = self._app_clients.create(_label(caller.tenant, before), before.scopes)
        after = replace(
            before,
            client_id=made.client_id,
            rotated_at=now,
            earlier=earlier,
            version=before.version + 1,
        )
        self._begin(caller, "rotate", before, after)
        self._end([each for each in before.credentials if each not in after.credentials])
        return after, made

    def delete(self, caller: Caller, client_id: str, version: int | None) -> None:
        """Remove a client; its tokens are refused within a minute. Asking again completes a removal
        that was broken off.
        """
        found = self._store.get(caller.tenant, client_id)
        if found is not None and found.deleted:
            self._clear(caller.tenant, found)
            return
        before = self._at(caller.tenant, client_id, version)
        after = replace(before, deleted=True, version=before.version + 1)
        self._replace(caller, "delete", before, after)
        self._clear(caller.tenant, after)

    # --- parts ---

    def _at(self, tenant: str, client_id: str, version: int | None) -> Client:
        client = self._store.get(tenant, client_id)
        if client is None or client.deleted:
            raise NotFound("there is no such machine client")
        if version is not None and client.version != version:
            raise _outdated(client)
        return client

    def _begin(self, caller: Caller, action: str, before: Client, after: Client) -> None:
        """Store a client with credentials that were just made, or end these again."""
        try:
            self._replace(caller, action, before, after)
        except Unavailable:
            # Nobody knows what has become of it: if it is stored, all is well.
            stored = self._store.get(caller.tenant, after.id)
            if stored is None or after.client_id not in stored.credentials:
                self._end([str(after.client_id)])
                raise
        except SkafuError:
            self._end([str(after.client_id)])
            raise

    def _replace(self, caller: Caller, action: str, before: Client, after: Client) -> None:
        entry = self._entry(caller, action, before, after)
        try:
            self._store.replace(caller.tenant, before, after, [entry])
        except ConditionFailed as error:
            raise _outdated(self._at(caller.tenant, before.id, None)) from error

    def _entry(self, caller: Caller, action: str, before: Client, after: Client) -> Put:
        views = (
            None if action == "create" else client_view(before),
            None if after.deleted else client_view(after),
        )
        now = self._clock()
        change = audit.Change(caller.actor, now, action, KIND, after.id, *views)
        return audit.entry(caller.tenant, change)

    def _end(self, credentials: Sequence[str]) -> None:
        """Remove credentials that cannot act any more. What cannot be removed now costs a little
        money, no more, and goes with its client.
        """
        for each in credentials:
            try:
                self._app_clients.delete(each)
            except Unavailable:
                logger.warning("credentials not removed", exc_info=True, client_id=each)

    def _clear(self, tenant: str, client: Client) -> None:
        """Remove what a deleted client leaves: its credentials, those too that no record names,
        then its record.
        """
        labelled = self._app_clients.labelled(_label(tenant, client))
        for each in dict.fromkeys([*client.credentials, *labelled]):
            self._app_clients.delete(each)
        try:
            self._store.drop(tenant, client)
        except ConditionFailed:
            logger.info("client cleared away elsewhere", client=client.id)

    def _tidied(self, tenant: str, client: Client) -> Client | None:
        """A client as it is shown, None for one that is deleted."""
        now = self._clock()
        over = [each.client_id for each in client.earlier if each.until <= now]
        shown = replace(client, earlier=tuple(x for x in client.earlier if now < x.until))
        try:
            if client.deleted:
                self._clear(tenant, client)
            elif over:
                for each in over:
                    self._app_clients.delete(each)
                self._store.retire(tenant, client, shown)
        except (Unavailable, ConditionFailed):
            logger.warning("client not tidied up", exc_info=True, client=client.id)
        return None if client.deleted else shown


def _label(tenant: str, client: Client) -> str:
    """What credentials are called in the pool: names of people's choice do not fit there."""
    return f"{tenant}-{client.id}"


def _outdated(client: Client) -> PreconditionFailed:
    return PreconditionFailed(
        f"the client is at version {client.version}: read it again before you change it"
    )
