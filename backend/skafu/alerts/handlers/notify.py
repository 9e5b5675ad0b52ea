"""AlertNotifierFunction, the consumer of the deliveries queue: `handler` is built from the
environment when the runtime imports this file.
"""

import os

from skafu.shared import cold_start  # first, because it makes the rest cheaper
from skafu.alerts.deliveries_queue import build
from skafu.shared.aws import client
from skafu.shared.clock import system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.fence import fenced
from skafu.shared.settings import NotifierSettings

settings = NotifierSettings.from_env(os.environ)
table = DynamoTable(client("dynamodb"), settings.table_name)
notifier = build(settings, table, client("sns"), client("sqs"), system_clock)
# Reported as done: what is pending in the outbox, the other region's sweeper sends again.
handler = fenced(notifier, settings, table, system_clock, {"batchItemFailures": []})
cold_start.over()
