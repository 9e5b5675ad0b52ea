"""AlertsFunction: `handler` is built from the environment when the runtime imports this file; a
missing variable stops the import with a sentence that names it.
"""

import os

from skafu.shared import cold_start  # first, because it makes the rest cheaper
from skafu.alerts.api import build
from skafu.shared.aws import client
from skafu.shared.clock import system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.flags import open_flags
from skafu.shared.queues import SqsQueue
from skafu.shared.settings import AlertsApiSettings

settings = AlertsApiSettings.from_env(os.environ)
table = DynamoTable(client("dynamodb"), settings.table_name)
deliveries = SqsQueue(client("sqs"), settings.deliveries_queue_url)
flags = open_flags(settings.flags, system_clock)
handler = build(settings, table, client("sns"), deliveries, system_clock, flags=flags)
cold_start.over()
