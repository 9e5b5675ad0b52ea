"""From a finding to a page: rules of infrastructure/guard.yaml make points of events, the real
functions take them in, infrastructure/security-alerts.yaml decides, and somebody is told.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from skafu.metrics.api import build
from skafu.ops import alerts
from skafu.ops.alerts_client import Answer
from skafu.shared.identity import Kind, Role, random_id
from skafu.shared.membership import Members
from tests.support import guard
from tests.support.alerts_api import AlertsFunction
from tests.support.claims import MACHINE, machine_claims, person_claims
from tests.support.deciding import Deciding
from tests.support.decisions import TENANT
from tests.support.event_bridge import Event
from tests.support.events import answer_headers, answer_json, api_event, lambda_context
from tests.support.findings import (
    ACCOUNT,
    BREAK_GLASS,
    EVENTS,
    REGION,
    SECURITY,
    analyzer,
    config,
    entered,
    guardduty,
    hub,
    root,
)
from tests.support.metrics_api import SETTINGS
from tests.support.paging import Paging
from tests.support.stream import stream_record

FILE = Path(__file__).parents[3] / "infrastructure/security-alerts.yaml"
SCOPE = "skafu/metrics.write"
TAGS = {
    "guardduty critical": ("CRITICAL", "GuardDuty"),
    "guardduty high": ("HIGH", "GuardDuty"),
    "guardduty medium": ("MEDIUM", "GuardDuty"),
    "guardduty low": ("LOW", "GuardDuty"),
    "hub critical": ("CRITICAL", "Security Hub"),
    "hub inspector": ("MEDIUM", "Inspector"),
    "hub another": ("HIGH", "other"),
    "hub nameless": ("LOW", "other"),
    "analyzer public": ("CRITICAL", "IAM Access Analyzer"),
    "analyzer shared": ("HIGH", "IAM Access Analyzer"),
    "analyzer silent": ("HIGH", "IAM Access Analyzer"),
    "config": ("MEDIUM", "Config"),
}
KINDS = {"root": "root", "root signs in": "root", "break glass": "break-glass"}
ALERTS = {
    "guardduty critical": "A critical finding",
    "hub critical": "A critical finding",
    "analyzer public": "A critical finding",
    "guardduty high": "A high finding",
    "hub another": "A high finding",
    "analyzer shared": "A high finding",
    "analyzer silent": "A high finding",
    "root": "The root user was used",
    "root signs in": "The root user was used",
    "break glass": "Somebody broke glass",
}
UNTOLD: dict[str, Event] = {
    "of checks that passed": hub(Compliance={"Status": "PASSED"}),
    "that somebody works on": hub(Workflow={"Status": "NOTIFIED"}),
    "that somebody suppressed": hub(Workflow={"Status": "SUPPRESSED"}),
    "that are no more": hub(RecordState="ARCHIVED"),
    "that only inform": hub("INFORMATIONAL"),
    "that GuardDuty tells itself": hub("CRITICAL", "GuardDuty"),
    "that Config tells itself": hub("CRITICAL", "Config"),
    "that Access Analyzer tells itself": hub("CRITICAL", "IAM Access Analyzer"),
    "that were resolved": analyzer(True, "RESOLVED"),
    "that were archived": analyzer(True, "ARCHIVED"),
    "of rules that are kept again": config("COMPLIANT"),
    "of what AWS does as root": root(invokedBy="AWS Internal"),
    "of others who come in": entered(BREAK_GLASS.replace("BreakGlass", "Operator")),
    "of other services": {**root(), "detail": {"userIdentity": {"type": "AssumedRole"}}},
}


class Skafu:
    """An environment's API, evaluator and notifier over one table, with the file's alerts."""

    def __init__(self) -> None:
        self.world = Deciding()
        table, clock = self.world.table, self.world.clock
        members = Members(table, clock, random_id)
        members.add_member(MACHINE, Kind.MACHINE, TENANT, Role.EDITOR)
        members.add_member("our editor", Kind.PERSON, TENANT, Role.EDITOR)
        self.metrics = build(SETTINGS, table, clock)
        self.alerts = AlertsFunction(table=table, clock=clock)
        self.paging = Paging(table=table, clock=clock)
        self.told = self.posted = 0

    def operate(self, *arguments: str) -> int:
        """The alerts' command, as CI calls it."""
        environment = {"API": "https://api.example/live", "TOKEN": "t0ken"}
        return alerts.main(arguments, environment, self.world.clock, self._fetch)

    def _fetch(self, method: str, url: str, body: bytes | None, headers: Any) -> Answer:
        parts = urlsplit(url)
        event = api_event(
            method,
            unquote(parts.path.removeprefix("/live")),
            claims=person_claims("our editor"),
            body=None if body is None else body.decode(),
            query=parse_qs(parts.query),
            headers=headers,
        )
        answer = self.alerts.handler(event, lambda_context("AlertsFunction"))
        return Answer(answer["statusCode"], answer_headers(answer), str(answer["body"]).encode())

    def post(self, body: str) -> tuple[int, Any]:
        """What EventBridge posts; the stream brings what was stored."""
        before = set(self.world.table.items)
        self.posted += 1
        request = api_event(
            "POST",
            "/api/metrics",
            body=body,
            claims=machine_claims(scope=SCOPE),
            request_id=f"c6af9ac6-7b61-11e6-9a41-{self.posted:012}",
        )
        answer = self.metrics(request, lambda_context("MetricsFunction"))
        items = [self.world.table.items[key] for key in set(self.world.table.items) - before]
        self.world.mapping.feed(
            [stream_record(each) for each in items if each["k"] in ("segment", "late")]
        )
        return answer["statusCode"], answer_json(answer)

    def hears(self, event: Event) -> None:
        """Everything that the rules make of an event is posted, and taken in."""
        for body in guard.sent(event, "skafu"):
            status, answer = self.post(body)
            assert (status, answer["accepted"], answer["rejected"]) == (202, 1, [])
        self.world.stream()

    def pages(self) -> list[str]:
        """The alerts of pages that people get now, not those of before."""
        for delivery in self.world.deliveries[self.told :]:
            self.paging.notifier.deliver(TENANT, delivery)
        self.told = len(self.world.deliveries)
        found = [
            item.notification.alert.name
            for _, page in self.paging.sender.taken
            for item in page.items
        ]
        self.paging.sender.taken.clear()
        return found


@pytest.fixture
def skafu(capsys: pytest.CaptureFixture[str]) -> Skafu:
    made = Skafu()
    assert made.operate("apply", str(FILE)) == 0
    capsys.readouterr()
    return made


def points(event: Event) -> list[dict[str, Any]]:
    """The points that become of an event."""
    return [point for body in guard.sent(event, "skafu") for point in json.loads(body)["metrics"]]


def test_the_file_is_applied_as_it_is_written(skafu: Skafu) -> None:
    assert skafu.operate("plan", str(FILE), "--prune", "--no-backtest") == 0


@pytest.mark.parametrize("name", EVENTS)
def test_what_is_found_becomes_one_point(name: str) -> None:
    [point] = points(EVENTS[name])
    where = {"account": ACCOUNT, "region": REGION}
    if name in KINDS:
        assert (point["name"], point["tags"]) == ("security.access", {"kind": KINDS[name], **where})
    else:
        severity, product = TAGS[name]
        tags = {"severity": severity, "product": product, **where}
        assert (point["name"], point["tags"]) == ("security.findings", tags)
    assert (point["value"], "timestamp" in point) == (1, False)


@pytest.mark.parametrize("name", UNTOLD)
def test_nothing_is_told_of_findings(name: str) -> None:
    for target in ("skafu", "mail", "security"):
        assert not list(guard.sent(UNTOLD[name], target))


@pytest.mark.parametrize("severity", [1, 1.0, 3.9, 4, 6.9, 7.0, 8.9, 9, 10])
def test_every_severity_of_guardduty_is_told_once(severity: float) -> None:
    assert len(points(guardduty(severity))) == 1


def test_a_members_finding_is_the_members_in_the_security_account_too() -> None:
    [point] = points(guardduty(8, account=SECURITY))
    assert point["tags"]["account"] == ACCOUNT


@pytest.mark.parametrize("name", EVENTS)
def test_every_point_is_taken_in(name: str, skafu: Skafu) -> None:
    skafu.hears(EVENTS[name])
    assert any(item["k"] == "segment" for item in skafu.world.table.items.values())


@pytest.mark.parametrize("name", EVENTS)
def test_who_has_to_know_is_paged_at_once_and_nobody_else(name: str, skafu: Skafu) -> None:
    skafu.hears(EVENTS[name])
    assert skafu.pages() == ([ALERTS[name]] if name in ALERTS else [])


def test_a_second_finding_of_another_product_pages_again(skafu: Skafu) -> None:
    skafu.hears(guardduty(9.2))
    assert skafu.pages() == ["A critical finding"]
    skafu.hears(analyzer(True))
    assert skafu.pages() == ["A critical finding"]


def test_the_same_finding_that_is_told_again_pages_once(skafu: Skafu) -> None:
    """GuardDuty tells of it every fifteen minutes while it goes on."""
    for _ in range(3):
        skafu.hears(guardduty(9.2))
    assert skafu.pages() == ["A critical finding"]


def test_an_alert_is_over_when_nothing_more_is_found(skafu: Skafu) -> None:
    skafu.hears(guardduty(9.2))
    skafu.world.live(1800)
    assert {state.state.value for state in skafu.world.states.values()} == {"OK"}


def test_one_medium_finding_wakes_nobody_and_many_of_them_are_told(skafu: Skafu) -> None:
    for _ in range(11):
        assert skafu.pages() == []
        skafu.hears(guardduty(5))
        skafu.world.pass_time(60)
    assert skafu.pages() == ["Many medium findings"]


# --- what EventBridge does not escape -------------------------------------------------------------

# What AWS writes itself, or the rule's pattern has listed.
SAFE = {
    "$.account",
    "$.region",
    "$.time",
    "$.id",
    "$.detail.accountId",
    "$.detail.region",
    "$.detail.id",
    "$.detail.type",
    "$.detail.resourceType",
    "$.detail.eventName",
    "$.detail.findings[0].AwsAccountId",
}
LISTED = {
    "$.detail.findings[0].Severity.Label": ("Severity", "Label"),
    "$.detail.findings[0].ProductName": ("ProductName",),
}


def test_no_text_of_anybody_is_put_into_a_template() -> None:
    for rule in guard.rules(guard.at_home()).values():
        for target in guard.targets(rule).values():
            for path in set(target.get("InputTransformer", {}).get("InputPathsMap", {}).values()):
                if path in SAFE:
                    continue
                wanted = rule["EventPattern"]["detail"]["findings"]
                for step in LISTED[path]:
                    wanted = wanted[step]
                assert wanted and all(isinstance(each, str) for each in wanted), path


@pytest.mark.parametrize("name", EVENTS)
def test_what_is_sent_is_json_wherever_it_goes(name: str) -> None:
    for target in ("skafu", "mail"):
        for body in guard.sent(EVENTS[name], target):
            assert json.loads(body)
            assert "<" not in body


def test_a_name_with_quotes_would_have_broken_the_body() -> None:
    """Why other products are one: this is what their names would do."""
    rule = guard.rules(guard.at_home())["HubOfAws"]
    wanted = dict(rule["EventPattern"]["detail"]["findings"])
    del wanted["ProductName"]
    careless = {**rule, "EventPattern": {"detail": {"findings": wanted}}}
    [body] = guard.sent(EVENTS["hub another"], "skafu", {"Careless": as_resource(careless)})
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


def test_a_body_that_was_broken_is_refused_and_breaks_nothing(skafu: Skafu) -> None:
    status, _ = skafu.post(
        '{"metrics": [{"name": "security.findings", "value": 1, "tags": {"a": ""b"'
    )
    assert status == 400


def as_resource(properties: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "AWS::Events::Rule", "Properties": properties}


@pytest.mark.parametrize("name", ALERTS)
def test_what_pages_is_in_a_mail_too(name: str) -> None:
    [text] = guard.sent(EVENTS[name], "mail")
    assert "docs/security-monitoring.md" in text and ACCOUNT in text
