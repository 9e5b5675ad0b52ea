"""AlertEvaluatorFunction, the consumer of the table's stream: `handler` is built from the
environment when the runtime imports this file.
"""

import os

from skafu.shared import cold_start  # first, because it makes the rest cheaper
from skafu.alerts.engine import build_evaluator
from skafu.shared.aws import client
from skafu.shared.clock import system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.fence import fenced
from skafu.shared.settings import EvaluatorSettings

settings = EvaluatorSettings.from_env(os.environ)
table = DynamoTable(client("dynamodb"), settings.table_name)
evaluator = build_evaluator(settings, table, client("sqs"), system_clock)
# Reported as done: the records are in the other region's stream too.
handler = fenced(evaluator, settings, table, system_clock, {"batchItemFailures": []})
cold_start.over()
