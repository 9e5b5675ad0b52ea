"""ScalingFunction, when an alarm rings and every quarter of an hour: `handler` is built from the
environment when the runtime imports this file.
"""

import os

from skafu.shared import cold_start  # first, because it makes the rest cheaper
from skafu.scaling.adapting import Means, build
from skafu.scaling.capacity import LambdaCapacity
from skafu.scaling.settings import ScalingSettings
from skafu.shared.aws import client
from skafu.shared.clock import system_clock

settings = ScalingSettings.from_env(os.environ)
means = Means(
    capacity=LambdaCapacity(client("lambda"), client("cloudwatch")),
    sns=client("sns"),
    clock=system_clock,
)
handler = build(settings, means)
cold_start.over()
