"""AlertSweeperFunction, every minute and at wakeups: `handler` is built from the environment when
the runtime imports this file.
"""

import os

from skafu.shared import cold_start  # first, because it makes the rest cheaper
from skafu.alerts.engine import build_sweeper
from skafu.shared.aws import client
from skafu.shared.clock import system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.fence import fenced
from skafu.shared.settings import SweeperSettings

settings = SweeperSettings.from_env(os.environ)
table = DynamoTable(client("dynamodb"), settings.table_name)
sweeper = build_sweeper(settings, table, client("sqs"), system_clock)
# Wakeups are reported as done: the sweeps of the other region decide without them.
handler = fenced(sweeper, settings, table, system_clock, {"batchItemFailures": []})
cold_start.over()
