"""What groups of the workspace API's endpoints are built from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from skafu.shared.clock import Clock
from skafu.shared.identity import NewId
from skafu.shared.membership import Members
from skafu.shared.settings import WorkspaceSettings
from skafu.shared.table import Table

type MakeClient = Callable[[str], Any]
"""Makes a client of an AWS service by its name: `aws.client`."""


@dataclass(frozen=True)
class Parts:
    """`make_client` is called when the first request needs the service: most need none."""

    settings: WorkspaceSettings
    table: Table
    members: Members
    make_client: MakeClient
    clock: Clock
    new_id: NewId
