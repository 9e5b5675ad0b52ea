"""The audit is read by people: whatever is secret about a channel never gets there."""

from typing import Any

import pytest

from skafu.shared import keys
from tests.support.alerting import TENANT
from tests.support.alerts_api import AlertsFunction

SLACK = "https://hooks.slack.com/services/T0SECRET/B0SECRET/xSECRETx"
TEAMS = "https://prod-1.westus.logic.azure.com/workflows/1/triggers/m/paths/invoke?sig=SECRETx"
KEY = "SECRETx0123456789abcdef012345678"
OWN = "whsec_U0VDUkVUeFNFQ1JFVHhTRUNSRVR4U0VDUkVUeFNFQ1JFVHg="

CHANNELS: dict[str, dict[str, Any]] = {
    "webhook": {"url": "https://93.184.216.34/hook", "secret": OWN},
    "slack": {"url": SLACK},
    "teams": {"url": TEAMS},
    "pagerduty": {"routing_key": KEY},
}
SECRETS = ("SECRET", OWN, KEY, OWN.removeprefix("whsec_"))


def audited(function: AlertsFunction) -> list[str]:
    found = [item for key, item in function.table.items.items() if key.pk == keys.audit(TENANT)]
    return [str(item) for item in found]


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_channel_s_changes_are_audited_without_its_secrets(kind: str) -> None:
    function = AlertsFunction()
    body = {"name": "one", "type": kind, **CHANNELS[kind]}
    made = function.ask("admin", "POST", "/api/channels", body)
    assert made.status == 201, made.body
    path, shown = made.headers["location"], [made.body["secret"]]
    changed = function.ask("admin", "PUT", path, {**body, "name": "two"}, version=1)
    assert changed.status == 200, changed.body
    version = 2
    if kind == "webhook":
        rotated = function.ask("admin", "POST", f"{path}/rotate", {}, version=2)
        assert rotated.status == 200, rotated.body
        shown.append(rotated.body["secret"])
        version = rotated.body["version"]
    removed = function.ask("admin", "DELETE", path, version=version)
    assert removed.status == 204, removed.body

    entries = audited(function)

    assert len(entries) == (4 if kind == "webhook" else 3)
    for secret in (*SECRETS, *filter(None, shown)):
        assert not [each for each in entries if secret in each]
