from typing import Any

from skafu.alerts.schemas import AlertIn

from local import demo
from local.api import Answer, Api
from local.status import METRICS
from tests.support.http_script import HttpScript, says


class AlertsApi(HttpScript):
    """Keeps alerts, one a page."""

    def __init__(self) -> None:
        super().__init__([says(200)])
        self.alerts: list[dict[str, Any]] = []

    def __call__(self, *request: Any) -> Answer:
        super().__call__(*request)
        asked = self.asked[-1]
        if asked.method == "POST":
            self.alerts.append(asked.json())
            return says(201, asked.json())
        place = int(asked.url.partition("cursor=")[2] or 0)
        more = str(place + 1) if place + 1 < len(self.alerts) else None
        return says(200, {"alerts": self.alerts[place : place + 1], "cursor": more})


def test_alerts_are_made_once() -> None:
    script = AlertsApi()
    api = Api("http://api.example", lambda: "token", script)
    assert demo.create_alerts(api) == 2
    assert demo.create_alerts(api) == 0
    assert [alert["name"] for alert in script.alerts] == [a["name"] for a in demo.ALERTS]


def test_the_alerts_are_ones_that_the_api_takes_and_the_agent_feeds() -> None:
    for alert in demo.ALERTS:
        draft = AlertIn.model_validate(alert).draft()
        assert draft.definition.metric in METRICS
        assert draft.definition.group_by == ("host",)
