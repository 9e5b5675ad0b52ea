"""WorkspaceFunction: `handler` is built from the environment when the runtime imports this file; a
missing variable stops the import with a sentence that names it.
"""

import os

from skafu.shared import cold_start  # first, because it makes the rest cheaper
from skafu.shared.aws import client
from skafu.shared.clock import system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.settings import WorkspaceSettings
from skafu.workspace.api import build

settings = WorkspaceSettings.from_env(os.environ)
handler = build(settings, DynamoTable(client("dynamodb"), settings.table_name), system_clock)
cold_start.over()
