"""Everything comes back: what was stored, who may enter, and the consumer of the stream."""

import pytest

from local.api import Api
from tests.integration.conftest import run
from tests.integration.system import Feed, System, point, send, unique, watch
from tests.integration.test_alerts import until
from tests.integration.test_metrics import MINUTE, minute_before_last, query


@pytest.mark.usefixtures("after_the_night")
def test_a_restart_loses_nothing_and_deafens_nobody(
    system: System, admin: Api, machine: Api
) -> None:
    metric, start = unique("kept"), minute_before_last()
    send(machine, point(metric, 42, start))
    feed = Feed(machine, unique("restart"))
    alert = watch(admin, feed.metric)
    until(alert, "OK", feed, 1.0)
    assert run("down", system.home).returncode == 0
    again = run("up", system.home, "--no-agent")
    assert again.returncode == 0, again.stderr
    assert query(machine, metric, "sum", start, start + MINUTE)[0]["values"] == [42.0]
    assert system.person("viewer").ask("GET", "/api/me")["role"] == "viewer"
    until(alert, "ALARM", feed, 9.0)
    first, *_, last = alert.transitions
    assert first[1:3] == ("INSUFFICIENT_DATA", "OK")
    assert last[2] == "ALARM"
