"""ProbeFunction, every few minutes: `handler` is built from the environment when the runtime
imports this file.
"""

import os
import random
import time

from skafu.shared import cold_start  # first, because it makes the rest cheaper
from skafu.probe.credentials import stored_in
from skafu.probe.probing import Means, build
from skafu.probe.reaching import fetch
from skafu.probe.settings import ProbeSettings
from skafu.shared.aws import client
from skafu.shared.clock import system_clock

settings = ProbeSettings.from_env(os.environ)
means = Means(
    credentials=stored_in(client("secretsmanager"), settings.secret),
    fetch=fetch,
    clock=system_clock,
    chance=random.random,
    pause=time.sleep,
)
handler = build(settings, means)
cold_start.over()
