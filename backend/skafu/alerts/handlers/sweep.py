"""AlertSweeperFunction, every minute and at wakeups: `handler` is built from the environment when
the runtime imports this file.
"""

import os

from skafu.shared import cold_start  # first, because it makes the rest cheaper
from skafu.alerts.engine import build_sweeper
from skafu.shared.aws import client
from skafu.shared.clock import system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.settings import SweeperSettings

settings = SweeperSettings.from_env(os.environ)
table = DynamoTable(client("dynamodb"), settings.table_name)
handler = build_sweeper(settings, table, client("sqs"), system_clock)
cold_start.over()
