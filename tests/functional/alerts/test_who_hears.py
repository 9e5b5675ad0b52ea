"""What people say over HTTP about routes, silences and firings, and who is told then: the API and
the notifier over one table, with the queue between them.
"""

from typing import Any

import pytest

from skafu.alerts.paging.model import Told
from tests.support.alerts_api import AlertsFunction
from tests.support.paging import Paging

FIRING, RESOLVED = Told.FIRING, Told.RESOLVED
WEB = [{"label": "host", "op": "prefix", "value": "web"}]


class Night:
    """People with the API at hand, and what pages them."""

    def __init__(self) -> None:
        self.paging = Paging()
        self.paging.webhook("pager", "lead", "chat")
        self.function = AlertsFunction(
            table=self.paging.table,
            clock=self.paging.clock,
            deliveries=self.paging.queue,  # type: ignore[arg-type] # it is sent to alike
        )
        self.paging.publish()

    def ask(self, method: str, path: str, body: object = None, version: int | None = None) -> Any:
        """By an admin; what is left in the queue by it is delivered."""
        answer = self.function.ask("admin", method, path, body, version=version)
        assert answer.status < 300, answer.body
        self.paging.drain()
        return answer.body

    def routes(self, *routes: dict[str, Any]) -> None:
        present = self.ask("GET", "/api/routing")["version"]
        self.ask("PUT", "/api/routing", {"routes": routes}, present)

    def told(self, channel: str) -> list[Told]:
        return [told for _, told in self.paging.told(channel)]


@pytest.fixture
def night() -> Night:
    return Night()


def test_notifications_go_where_the_preview_says(night: Night) -> None:
    night.routes(
        {"name": "web", "matchers": WEB, "channels": ["pager"]},
        {"name": "rest", "channels": ["chat"]},
    )

    for host, route, channel in (("web-1", "web", "pager"), ("db-1", "rest", "chat")):
        asked = {"alert": "alert-1", "tags": {"host": host}}
        answer = night.ask("POST", "/api/routing/preview", asked)
        night.paging.fires(host)
        assert [each["name"] for each in answer["taken"]] == [route]
        assert night.told(channel) == [FIRING]


def test_what_a_silence_muted_is_told_when_somebody_ends_it(night: Night) -> None:
    night.routes({"name": "all", "channels": ["pager"]})
    end = night.paging.clock() + 3_600_000
    body = {"matchers": WEB, "ends_at": end, "comment": "Moving house"}
    silence = night.ask("POST", "/api/silences", body)

    night.paging.fires("web-1")
    night.paging.passes(120)
    assert night.told("pager") == []
    night.ask("DELETE", f"/api/silences/{silence['id']}")

    assert night.told("pager") == [FIRING]


def test_what_a_silence_muted_is_told_when_it_is_about_something_else_by_then(
    night: Night,
) -> None:
    night.routes({"name": "all", "channels": ["pager"]})
    end = night.paging.clock() + 3_600_000
    body = {"matchers": WEB, "ends_at": end, "comment": "Moving house"}
    silence = night.ask("POST", "/api/silences", body)
    night.paging.fires("web-1")

    other = [{"label": "host", "op": "=", "value": "web-2"}]
    night.ask("PUT", f"/api/silences/{silence['id']}", {**body, "matchers": other}, 1)

    assert night.told("pager") == [FIRING]


def test_until_resolved_mutes_what_fires_and_not_what_fires_next(night: Night) -> None:
    night.routes({"name": "all", "channels": ["pager"], "repeat": 600})
    night.paging.fires("web-1")
    body = {"matchers": WEB, "until_resolved": True, "comment": "It is known"}
    night.ask("POST", "/api/silences", body)

    night.paging.passes(3600)
    assert night.told("pager") == [FIRING]
    night.paging.resolves("web-1", 69)
    night.paging.fires("web-1", 71)

    assert night.told("pager")[-1] is FIRING
    assert night.told("pager").count(FIRING) == 2


def test_until_resolved_mutes_what_fires_before_its_bucket_is_over(night: Night) -> None:
    night.routes({"name": "all", "channels": ["pager"], "repeat": 600})
    night.paging.fires("web-1", 12)  # it is minute 10
    body = {"matchers": WEB, "until_resolved": True, "comment": "It is known"}
    night.ask("POST", "/api/silences", body)

    night.paging.passes(3600)
    assert night.told("pager") == [FIRING]
    night.paging.fires("web-2", 71)
    assert night.told("pager") == [FIRING, FIRING]


def test_a_window_that_recurs_is_minded_each_time(night: Night) -> None:
    night.routes({"name": "all", "channels": ["pager"]})
    body = {"matchers": WEB, "rrule": "FREQ=HOURLY", "duration": 1200, "comment": "Batch"}
    night.ask("POST", "/api/silences", body)

    night.paging.passes(3600)  # the second window has just begun
    night.paging.fires("web-1", 70)
    assert night.told("pager") == []
    night.paging.passes(1260)
    assert night.told("pager") == [FIRING]


def test_nobody_else_is_called_for_what_somebody_looks_after(night: Night) -> None:
    steps = [{"after": 900, "channels": ["lead"]}]
    night.routes({"name": "all", "channels": ["pager"], "repeat": 1200, "steps": steps})
    night.paging.fires("web-1")
    night.paging.fires("db-1")

    night.ask("POST", "/api/alerts/alert-1/acknowledge", {"tags": {"host": "web-1"}})
    night.paging.passes(1000)

    def called() -> list[str]:
        return [
            page.items[0].labels["host"]
            for name, page in night.paging.sender.taken
            if name == "lead"
        ]

    assert called() == ["db-1"]
    night.ask("POST", "/api/alerts/alert-1/unacknowledge", {"tags": {"host": "web-1"}})
    night.paging.passes(1000)
    assert sorted(set(called())) == ["db-1", "web-1"]


def test_an_acknowledgement_is_over_with_its_firing(night: Night) -> None:
    steps = [{"after": 900, "channels": ["lead"]}]
    night.routes({"name": "all", "channels": ["pager"], "steps": steps})
    night.paging.fires("web-1")
    night.ask("POST", "/api/alerts/alert-1/acknowledge", {})
    night.paging.passes(1200)
    night.paging.resolves("web-1", 29)
    assert FIRING not in night.told("lead")

    night.paging.fires("web-1", 31)
    night.paging.passes(1200)

    assert FIRING in night.told("lead")
