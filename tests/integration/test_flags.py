"""Feature flags on the deployed stack: an operator sets them, deployed functions obey within a
minute.
"""

import json
from pathlib import Path
from typing import Any

from local.api import Api
from local.home import STACK
from tests.integration.system import System, now_ms
from tests.integration.test_operating import ops
from tests.support.waiting import wait_until

MINUTE = 60_000
TICK_AFTER_THE_HOUR = "2026-01-01T00:00:30Z"
TICK_WITHIN_THE_HOUR = "2026-01-01T00:10:30Z"


def backtest(api: Api) -> tuple[int, str]:
    now = now_ms()
    draft = {
        "name": "CPU is busy",
        "metric": "flags.cpu",
        "statistic": "avg",
        "period": 60,
        "comparison": ">",
        "threshold": 10,
    }
    asked = {"alert": draft, "start": now - 10 * MINUTE, "end": now}
    answer = api.call("POST", "/api/alerts/backtest", asked)
    return answer.status, "" if answer.status == 200 else answer.json()["type"]


def compacts(system: System, tick: str) -> bool:
    """Whether the deployed compactor does something at a tick of the schedule."""
    answer = system.aws("lambda").invoke(
        FunctionName=f"{STACK}-metrics-compactor:live", Payload=json.dumps({"time": tick})
    )
    report: dict[str, Any] = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, report
    return bool(report)


def test_what_an_operator_sets_deployed_functions_obey_within_a_minute(
    system: System, admin: Api, outsider: Api, tmp_path: Path
) -> None:
    flags = ("flags", "--environment", "local")
    ops(system, *flags, "apply", "--yes")
    # Functions are not asked before the change: who has not read flags yet need not be waited for.
    tenant = outsider.ask("GET", "/api/me")["tenant"]
    file = tmp_path / "local.json"
    wanted = {
        "compaction_interval_minutes": 60,
        "alert_backtests": {"percent_of_tenants": 100, "never": [tenant]},
    }
    file.write_text(json.dumps(wanted), "utf-8")
    try:
        told = ops(system, *flags, "apply", str(file), "--yes", "--because", "a test")
        assert f"on  ->  on for 100 % of tenants, never for {tenant}" in told
        assert "complete  a test (arn:aws:" in told

        wait_until(
            lambda: backtest(outsider) == (403, "/problems/switched-off")
            and not compacts(system, TICK_WITHIN_THE_HOUR),
            "functions obey their flags",
            seconds=75,
        )
        assert backtest(admin) == (200, "")
        assert compacts(system, TICK_AFTER_THE_HOUR)
        assert "nothing changes" in ops(system, *flags, "apply", str(file), "--yes")
    finally:
        # Others need what they are used to, which functions go back to within a minute.
        told = ops(system, *flags, "rollback", "--yes")
    assert "reverted  a test" in told
    assert "alert_backtests               on\n" in ops(system, *flags, "show")
