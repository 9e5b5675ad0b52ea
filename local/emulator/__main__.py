"""Start MiniStack in the foreground; ports and folders come as its own environment variables
(local/cloud.py).
"""

import sys

from ministack.app import main

from local.emulator import (
    accounts,
    alarms,
    codedeploy,
    deployments,
    distributions,
    flags,
    functions,
    gateway,
    regions,
    streams,
    tables,
    topics,
)

for module in (
    accounts,
    alarms,
    deployments,
    codedeploy,  # after deployments, whose conditions it remembers
    distributions,
    flags,
    functions,
    gateway,
    regions,
    streams,
    tables,
    topics,
):
    module.apply()
sys.argv = ["ministack"]
main()
