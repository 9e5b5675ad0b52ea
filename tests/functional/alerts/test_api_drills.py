"""Fire drills as people ask for them, and the steps that the notifier takes."""

import json
from dataclasses import dataclass, field
from typing import Any

from skafu.alerts.deliveries_queue import build
from skafu.alerts.drills.model import KNOWN_AFTER_S, METRIC, TAG, WIND_DOWN_S
from skafu.alerts.drills.steps import DrillSteps
from skafu.alerts.drills.store import DrillStore
from skafu.alerts.store import AlertStore
from skafu.metrics.ingest import Ingest
from skafu.metrics.store import MetricsStore
from skafu.shared import keys
from skafu.shared.audit import change_from
from skafu.shared.settings import NotifierSettings
from skafu.shared.table import Query
from tests.support.alerting import TENANT
from tests.support.alerts_api import CHANNELS_ARN, CONSOLE, TOPIC_ARN, AlertsFunction, Answer
from tests.support.clocks import FakeClock
from tests.support.deciding import QUEUES, FakeSqs
from tests.support.events import answer_json, lambda_context, sample_event
from tests.support.memory_table import InMemoryTable
from tests.support.queues import MemoryQueue
from tests.support.sns import FakeSns

ALERT = {
    "name": "cpu is high",
    "metric": "cpu.load",
    "statistic": "avg",
    "period": 60,
    "group_by": ["host"],
    "comparison": ">",
    "threshold": 80,
    "severity": "high",
    "labels": {"team": "web"},
}


class Patient(FakeSqs):
    """Also hides messages for a while, which nothing here asks for."""

    def change_message_visibility(self, **arguments: Any) -> None:
        raise AssertionError(arguments)


@dataclass
class Drilling:
    """The API, and a notifier's side of drills over the same table and clock."""

    api: AlertsFunction = field(default_factory=AlertsFunction)
    queue: MemoryQueue = field(default_factory=MemoryQueue)

    def __post_init__(self) -> None:
        table, clock = self.api.table, self.api.clock
        self.points = MetricsStore(table, clock)
        self.alerts = AlertStore(table)
        self.steps = DrillSteps(
            DrillStore(table), self.alerts, Ingest(self.points), self.queue, clock
        )
        made = self.api.ask("editor", "POST", "/api/alerts", ALERT)
        self.alert = made.body["id"]

    def begin(self, body: Any = None, person: str = "editor") -> Answer:
        return self.api.ask(person, "POST", f"/api/alerts/{self.alert}/drill", body or {})

    def step(self, drill: str, seconds: int) -> None:
        """The message that asks for a step, so many seconds later."""
        self.api.clock.advance(seconds * 1000)
        self.steps.step(TENANT, drill)

    def stored(self) -> list[float]:
        """The values of the drill's points."""
        now = self.api.clock.now
        entries = self.points.entries(TENANT, METRIC)
        found = self.points.segments(
            TENANT, [each.layout for each in entries], now - 3_600_000, now + 3_600_000
        )
        points = [(at, v) for each in found for at, v in zip(each.timestamps, each.values)]
        return [value for _, value in sorted(points)]


def test_a_drill_stands_in_with_everything_by_which_a_page_finds_its_way() -> None:
    drilling = Drilling()

    answer = drilling.begin({"tags": {"host": "web-1"}})

    assert answer.status == 202
    assert answer.headers["location"] == f"/api/drills/{answer.body['id']}"
    stand_in = drilling.alerts.get(TENANT, f"drill-{drilling.alert}")
    assert stand_in is not None
    assert stand_in.drill_of == drilling.alert
    assert (stand_in.name, stand_in.severity, dict(stand_in.labels)) == (
        "cpu is high",
        "high",
        {"team": "web"},
    )
    assert stand_in.definition.metric == METRIC
    asked = {"tenant": TENANT, "drill": answer.body["id"]}
    assert drilling.api.deliveries.sent == [(asked, KNOWN_AFTER_S)]


def test_a_drill_sends_a_point_that_fires_and_one_that_resolves_and_goes() -> None:
    drilling = Drilling()
    drill = drilling.begin({"tags": {"host": "web-1"}, "seconds": 60}).body["id"]

    drilling.step(drill, KNOWN_AFTER_S)
    assert drilling.stored() == [1.0]
    drilling.step(drill, 60)
    assert drilling.stored() == [1.0, 0.0]
    drilling.step(drill, WIND_DOWN_S)

    assert drilling.alerts.get(TENANT, f"drill-{drilling.alert}") is None
    shown = drilling.api.ask("viewer", "GET", f"/api/drills/{drill}").body
    assert shown["stage"] == "over"
    assert shown["fired_at"] == shown["fires_at"]
    assert [delay for _, delay in drilling.queue.sent] == [60, WIND_DOWN_S]


def test_the_point_carries_the_instance_s_tags() -> None:
    drilling = Drilling()
    drill = drilling.begin({"tags": {"host": "web-1"}}).body["id"]
    drilling.step(drill, KNOWN_AFTER_S)

    (entry,) = drilling.points.entries(TENANT, METRIC)
    (layout,) = drilling.points.layouts(TENANT, [entry.layout]).values()

    assert [dict(each.tags) for each in layout.series] == [{"host": "web-1", TAG: drilling.alert}]


def test_a_step_that_is_not_due_is_asked_for_again() -> None:
    drilling = Drilling()
    drill = drilling.begin().body["id"]

    drilling.step(drill, KNOWN_AFTER_S - 2)

    assert not drilling.stored()
    assert drilling.queue.sent == [({"tenant": TENANT, "drill": drill}, 2)]


def test_a_message_that_comes_twice_stores_nothing_new() -> None:
    drilling = Drilling()
    drill = drilling.begin().body["id"]

    drilling.step(drill, KNOWN_AFTER_S)
    drilling.step(drill, 0)

    assert drilling.stored() == [1.0]


def test_a_long_drill_is_asked_for_again_and_again() -> None:
    drilling = Drilling()
    drill = drilling.begin({"seconds": 3600}).body["id"]

    drilling.step(drill, KNOWN_AFTER_S)

    assert drilling.queue.sent[-1][1] == 900


def test_one_drill_of_an_alert_at_a_time() -> None:
    drilling = Drilling()
    drilling.begin()

    second = drilling.begin()

    assert second.status == 409
    assert "running" in second.body["detail"]


def test_after_a_drill_there_may_be_another() -> None:
    drilling = Drilling()
    drill = drilling.begin().body["id"]
    for seconds in (KNOWN_AFTER_S, 60, WIND_DOWN_S):
        drilling.step(drill, seconds)

    assert drilling.begin().status == 202


def test_a_drill_can_be_ended_early() -> None:
    drilling = Drilling()
    drill = drilling.begin({"seconds": 3600}).body["id"]
    drilling.step(drill, KNOWN_AFTER_S)

    ended = drilling.api.ask("editor", "DELETE", f"/api/drills/{drill}")
    drilling.step(drill, 1)

    assert ended.status == 202
    assert drilling.stored() == [1.0, 0.0]


def test_tags_that_the_alert_does_not_group_by_are_refused_by_name() -> None:
    answer = Drilling().begin({"tags": {"host": "a", "zone": "b"}, "severity": "info"})

    assert answer.status == 422
    assert answer.fields == ["tags.zone", "severity"]


def test_viewers_cannot_wake_people() -> None:
    assert Drilling().begin(person="viewer").status == 403


def test_others_drills_are_not_there() -> None:
    drilling = Drilling()
    drill = drilling.begin().body["id"]

    assert drilling.api.ask("stranger", "GET", f"/api/drills/{drill}").status == 404
    assert drilling.api.ask("viewer", "GET", "/api/drills/nosuch").status == 404


def test_a_stand_in_cannot_be_drilled() -> None:
    drilling = Drilling()
    drilling.begin()

    again = drilling.api.ask("editor", "POST", f"/api/alerts/drill-{drilling.alert}/drill", {})

    assert again.status == 404


def test_a_drill_is_in_the_audit() -> None:
    drilling = Drilling()
    drilling.begin()

    written = drilling.api.table.query_all(Query(keys.audit(TENANT)))

    changes = [change_from(str(item["body"])) for item in written]
    assert [(x.actor, x.subject) for x in changes if x.action == "drill"] == [
        ("editor", drilling.alert)
    ]


def test_the_gateway_s_event_reaches_the_drill() -> None:
    function = AlertsFunction()

    answer = function.handler(sample_event("alerts.begin-drill"), lambda_context())

    assert (answer["statusCode"], answer_json(answer)["detail"]) == (404, "there is no such alert")


def test_the_queue_s_messages_reach_the_drill_and_the_dead_man_switch() -> None:
    settings = NotifierSettings(
        table_name="skafu-test",
        environment="local",
        deliveries_queue_url=f"{QUEUES}deliveries",
        alerts_topic_arn=TOPIC_ARN,
        channels_topic_arn=CHANNELS_ARN,
        cors_origin=CONSOLE,
        dead_man_topic_arn=TOPIC_ARN,
    )
    clock = FakeClock(1_700_049_790_000)
    sns = FakeSns()
    notify = build(settings, InMemoryTable(), sns, Patient(clock), clock)

    answer = notify(sample_event("alert-notifier.drill-and-beat"), lambda_context())

    assert answer == {"batchItemFailures": []}
    said = [json.loads(each["Message"]) for each in sns.published]
    assert said == [{"environment": "local", "swept_at": 1_700_049_780_000}]
