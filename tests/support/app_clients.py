"""Credentials in memory: the port of workspace/clients/app_clients.py. Kept honest by
tests/contract.
"""

from collections.abc import Sequence
from itertools import count

from skafu.shared.errors import Unavailable
from skafu.workspace.clients.app_clients import Credentials


class InMemoryAppClients:
    """`known`: label and scopes of what exists, by client id."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.down = False
        self._numbers = count(1)

    def create(self, label: str, scopes: Sequence[str]) -> Credentials:
        self._reach()
        number = next(self._numbers)
        self.known[f"app{number}"] = (label, tuple(scopes))
        return Credentials(f"app{number}", f"secret{number}")

    def delete(self, client_id: str) -> None:
        self._reach()
        self.known.pop(client_id, None)

    def labelled(self, label: str) -> list[str]:
        self._reach()
        return [client_id for client_id, (found, _) in self.known.items() if found == label]

    def _reach(self) -> None:
        if self.down:
            raise Unavailable("the user pool is not answering; try again")
