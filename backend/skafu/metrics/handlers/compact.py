"""MetricsCompactorFunction, every five minutes: `handler` is built from the environment when the
runtime imports this file.
"""

import os

from skafu.shared import cold_start  # first, because it makes the rest cheaper
from skafu.metrics.compaction.engine import build_compactor
from skafu.shared.aws import client
from skafu.shared.clock import system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.fence import fenced
from skafu.shared.flags import open_flags
from skafu.shared.settings import CompactorSettings

settings = CompactorSettings.from_env(os.environ)
table = DynamoTable(client("dynamodb"), settings.table_name)
flags = open_flags(settings.flags, system_clock)
handler = fenced(
    build_compactor(settings, table, system_clock, flags), settings, table, system_clock, {}
)
cold_start.over()
