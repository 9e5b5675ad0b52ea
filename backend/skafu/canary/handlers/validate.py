"""ValidateReleaseFunction, before a version gets traffic: `handler` is built from the environment
when the runtime imports this file.
"""

import os
import random
import time

from skafu.shared import cold_start  # first, because it makes the rest cheaper
from skafu.canary.hook import CALL_S, Means, build
from skafu.canary.settings import HookSettings
from skafu.shared.aws import client
from skafu.shared.clock import system_clock
from skafu.shared.dynamo import DynamoTable
from skafu.shared.identity import random_id

settings = HookSettings.from_env(os.environ)
means = Means(
    codedeploy=client("codedeploy"),
    lambdas=client("lambda", read_timeout_s=CALL_S, attempts=1),
    table=DynamoTable(client("dynamodb"), settings.table_name),
    clock=system_clock,
    pause=time.sleep,
    chance=random.random,
    new_id=random_id,
)
handler = build(settings, means)
cold_start.over()
