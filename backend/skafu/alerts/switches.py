"""Which endpoints of the alerts API operators can switch off (docs/feature-flags.md): what asks
much of the table or of people, and nothing that watching alerts or telling them needs.
"""

from collections.abc import Mapping
from typing import Any

from skafu.shared.flag_catalogue import ALERT_BACKTESTS, ALERT_DRILLS, CHANNEL_TESTS, Switch
from skafu.shared.flags import Flags, require
from skafu.shared.routes import Endpoint, Reply, Request

SWITCHES: Mapping[str, Switch] = {
    "backtest_draft": ALERT_BACKTESTS,
    "backtest_alert": ALERT_BACKTESTS,
    # Drills that have begun can be looked at and ended.
    "begin_drill": ALERT_DRILLS,
    "test_channel": CHANNEL_TESTS,
}
"""By the names of endpoints."""


class Switched:
    """Has an attribute for every endpoint, as `build_app` wants; some ask their switch first."""

    def __init__(self, endpoints: object, flags: Flags) -> None:
        self._endpoints = endpoints
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        endpoint: Endpoint = getattr(self._endpoints, name)
        switch = SWITCHES.get(name)
        return endpoint if switch is None else self._asking(endpoint, switch)

    def _asking(self, endpoint: Endpoint, switch: Switch) -> Endpoint:
        def asked(request: Request) -> Reply:
            require(self._flags, switch, request.identity.tenant)
            return endpoint(request)

        return asked
