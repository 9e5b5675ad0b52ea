"""Channels of every type as admins meet them over HTTP: what they need, what is never shown, what
the audit keeps.
"""

import json
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from skafu.alerts.channels_api.schemas import ChannelCreated, ChannelOut
from skafu.shared.audit import AuditReader, Change, Wanted
from skafu.shared.clock import system_clock
from tests.support.alerting import TENANT
from tests.support.alerts_api import Answer, AlertsFunction
from tests.support.clocks import NOON, FakeClock
from tests.support.pagerduty import KEY
from tests.support.receiver import receiving

HOUR = 3600
SLACK = "https://93.184.216.34/services/T000/B000/s3cr3ts3cr3t"
TEAMS = "https://93.184.216.34:8443/workflows/1?sig=s3cr3ts3cr3t"
BODIES: dict[str, dict[str, Any]] = {
    "webhook": {"name": "Hook", "type": "webhook", "url": "https://93.184.216.34/hook"},
    "slack": {"name": "Chat", "type": "slack", "url": SLACK},
    "teams": {"name": "Room", "type": "teams", "url": TEAMS},
    "pagerduty": {"name": "Pager", "type": "pagerduty", "routing_key": KEY, "region": "eu"},
    "email": {"name": "Mail", "type": "email", "address": "ops@example.com"},
    "sms": {"name": "Phone", "type": "sms", "address": "+4915112345678"},
}
SECRETS = ("s3cr3t", KEY, "whsec_")


@pytest.fixture
def function() -> AlertsFunction:
    return AlertsFunction()


def create(function: AlertsFunction, kind: str, **changes: Any) -> Answer:
    return function.ask("admin", "POST", "/api/channels", {**BODIES[kind], **changes})


def made(function: AlertsFunction, kind: str, **changes: Any) -> str:
    answer = create(function, kind, **changes)
    assert answer.status == 201, answer.body
    return f"/api/channels/{answer.body['id']}"


def changes_of(function: AlertsFunction) -> list[Change]:
    found = AuditReader(function.table).page(TENANT, Wanted(kind="channel"), 100, None).changes
    return list(reversed(found))


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_every_type_is_made_shown_without_secrets_and_removed(
    function: AlertsFunction, kind: str
) -> None:
    answer = create(function, kind)

    assert answer.status == 201
    assert ChannelCreated.model_validate(answer.body)
    assert bool(answer.body.pop("secret")) == (kind == "webhook")
    path = f"/api/channels/{answer.body['id']}"
    shown = [
        function.ask("viewer", "GET", path),
        function.ask("viewer", "GET", "/api/channels"),
        function.ask("admin", "PUT", path, {**BODIES[kind], "name": "Other"}, version=1),
    ]
    for each in [answer, *shown]:
        assert each.status in (200, 201)
        assert not any(secret in json.dumps(each.body) for secret in SECRETS)
    assert ChannelOut.model_validate(shown[0].body)
    assert shown[0].body == answer.body
    assert function.ask("admin", "DELETE", path).status == 204
    assert function.ask("admin", "GET", path).status == 404


def test_of_a_secret_address_the_host_is_shown(function: AlertsFunction) -> None:
    slack, teams = made(function, "slack"), made(function, "teams")

    assert function.ask("viewer", "GET", slack).body["url"] == "https://93.184.216.34/***"
    assert function.ask("viewer", "GET", teams).body["url"] == "https://93.184.216.34:8443/***"


@pytest.mark.parametrize("url", [None, "https://93.184.216.34/***"])
def test_a_change_without_a_secret_address_keeps_it(url: str | None) -> None:
    with receiving() as receiver:
        local = AlertsFunction(allow_loopback=True)
        path = made(local, "slack", url=receiver.url("/services/s3cr3t"))
        shown = local.ask("admin", "GET", path).body["url"]
        body = {"name": "Other", "type": "slack", "url": url and shown}

        assert local.ask("admin", "PUT", path, body, version=1).status == 200
        assert local.ask("admin", "POST", f"{path}/test").body["delivered"]

        assert receiver.received[0].path == "/services/s3cr3t"


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        ("webhook", {"url": None}, "url"),
        ("slack", {"url": None}, "url"),
        ("teams", {"url": None}, "url"),
        ("slack", {"url": "http://hooks.slack.com/services/x"}, "url"),
        ("teams", {"url": "https://10.0.0.1/"}, "url"),
        ("slack", {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, "secret"),
        ("pagerduty", {"routing_key": None}, "routing_key"),
        ("pagerduty", {"routing_key": "short"}, "routing_key"),
        ("pagerduty", {"region": "moon"}, "region"),
        ("pagerduty", {"url": "https://93.184.216.34/"}, "url"),
        ("webhook", {"routing_key": KEY}, "routing_key"),
        ("webhook", {"address": "ops@example.com"}, "address"),
        ("email", {"address": None}, "address"),
        ("email", {"address": "+4915112345678"}, "address"),
        ("email", {"address": "ops@localhost"}, "address"),
        ("email", {"address": "a b@example.com"}, "address"),
        ("email", {"url": "https://93.184.216.34/"}, "url"),
        ("sms", {"address": "015112345678"}, "address"),
        ("sms", {"address": "ops@example.com"}, "address"),
        ("sms", {"region": "us"}, "region"),
        ("slack", {"template": {"title": "{{ titel }}"}}, "template.title"),
        ("slack", {"template": {"text": "{% for x in y %}"}}, "template.text"),
        ("slack", {"template": {"body": "x"}}, "template.body"),
        ("slack", {"sends_resolved": "no"}, "sends_resolved"),
    ],
)
def test_what_a_type_does_not_take_is_refused_by_field(
    function: AlertsFunction, kind: str, changes: dict[str, Any], field: str
) -> None:
    answer = create(function, kind, **changes)

    assert answer.status == 422
    assert answer.fields == [field]


def test_a_bad_template_is_told_by_line_with_an_example(function: AlertsFunction) -> None:
    answer = create(function, "slack", template={"text": "Hello\n{{ items }}"})

    [error] = answer.body["errors"]
    assert error["field"] == "template.text"
    assert error["reason"] == (
        "line 2: is a list; loop over it: "
        "{% for item in items %}{{ item.name }}: {{ item.value }}{% endfor %}"
    )


def test_a_type_stays_what_it_is(function: AlertsFunction) -> None:
    path = made(function, "webhook")

    answer = function.ask("admin", "PUT", path, BODIES["slack"], version=1)

    assert answer.fields == ["type"]


def test_a_template_is_kept_changed_and_taken_away(function: AlertsFunction) -> None:
    own = {"title": "{{ title }}", "text": ""}
    path = made(function, "slack", template=own)

    assert function.ask("viewer", "GET", path).body["template"] == own
    plain = {**BODIES["slack"], "template": {"title": "", "text": ""}}
    assert function.ask("admin", "PUT", path, plain, version=1).body["template"] is None


@pytest.mark.parametrize("kind", ["slack", "teams", "pagerduty", "webhook"])
def test_every_type_can_be_tried(kind: str) -> None:
    with receiving() as receiver:
        local = AlertsFunction(clock=FakeClock(system_clock()), allow_loopback=True)
        path = made(local, kind, url=receiver.url("/own"))

        answer = local.ask("admin", "POST", f"{path}/test")

        assert (answer.body["delivered"], answer.body["status"]) == (True, 200)
        assert b"Nothing is wrong" in receiver.received[0].body


# --- mail and text messages -----------------------------------------------------------------------


def test_a_mail_channel_waits_for_its_reader(function: AlertsFunction) -> None:
    answer = create(function, "email")
    path = f"/api/channels/{answer.body['id']}"

    assert answer.body["subscription"] == "pending_confirmation"
    tried = function.ask("admin", "POST", f"{path}/test")
    assert not tried.body["delivered"] and "has not confirmed" in tried.body["error"]
    function.sns.confirm()
    assert function.ask("viewer", "GET", path).body["subscription"] == "confirmed"
    assert function.ask("admin", "POST", f"{path}/test").body["delivered"]
    [heard] = function.sns.heard_by("ops@example.com")
    assert heard["Subject"] == "ALARM: Test of Mail"
    assert (
        function.ask("viewer", "GET", "/api/channels").body["channels"][1]["subscription"] is None
    )


def test_a_new_address_takes_the_place_of_the_one_before(function: AlertsFunction) -> None:
    path = made(function, "email")
    other = {**BODIES["email"], "address": "night@example.com"}

    changed = function.ask("admin", "PUT", path, other, version=1)

    assert changed.body["address"] == "night@example.com"
    assert changed.body["subscription"] == "pending_confirmation"
    assert [x["Endpoint"] for x in function.sns.subscriptions.values()] == ["night@example.com"]


def test_an_address_is_left_when_its_last_channel_goes(function: AlertsFunction) -> None:
    first, second = made(function, "sms"), made(function, "sms", name="Another")
    assert len(function.sns.subscriptions) == 1

    function.ask("admin", "DELETE", first)
    assert function.ask("viewer", "GET", second).body["subscription"] == "confirmed"
    function.ask("admin", "DELETE", second)
    assert not function.sns.subscriptions


def test_who_unsubscribed_is_asked_again_when_the_channel_is_saved(
    function: AlertsFunction,
) -> None:
    path = made(function, "email")
    for arn in list(function.sns.subscriptions):
        function.sns.unsubscribe(SubscriptionArn=arn)

    assert function.ask("viewer", "GET", path).body["subscription"] == "none"
    again = function.ask("admin", "PUT", path, BODIES["email"], version=1)
    assert again.body["subscription"] == "pending_confirmation"


# --- secrets that follow each other ---------------------------------------------------------------


def test_a_rotated_secret_is_shown_once_and_the_one_before_stays_for_a_while() -> None:
    with receiving() as receiver:
        local = AlertsFunction(clock=FakeClock(system_clock()), allow_loopback=True)
        before = create(local, "webhook", url=receiver.url()).body
        path = f"/api/channels/{before['id']}"

        rotated = local.ask("admin", "POST", f"{path}/rotate", {"overlap": HOUR}, version=1)
        local.ask("admin", "POST", f"{path}/test")

        assert rotated.status == 200
        assert rotated.headers["etag"] == '"2"'
        assert ChannelCreated.model_validate(rotated.body)
        now = local.clock()
        assert rotated.body["previous_secret_until"] == now + HOUR * 1000
        secret = rotated.body["secret"]
        assert secret.startswith("whsec_") and secret != before["secret"]
        assert "whsec_" not in json.dumps(local.ask("admin", "GET", path).body)
        [received] = receiver.received
        for each in (secret, before["secret"]):
            assert Webhook(each).verify(received.body, received.headers)


def test_a_rotation_takes_a_day_where_nothing_is_said(function: AlertsFunction) -> None:
    path = made(function, "webhook")

    rotated = function.ask("admin", "POST", f"{path}/rotate")

    assert rotated.body["previous_secret_until"] == NOON + 24 * HOUR * 1000


def test_a_second_rotation_does_not_end_a_secret_before_the_moment_told(
    function: AlertsFunction,
) -> None:
    path = made(function, "webhook")
    function.ask("admin", "POST", f"{path}/rotate", {"overlap": HOUR})

    refused = function.ask("admin", "POST", f"{path}/rotate", {"overlap": HOUR})
    assert refused.status == 409
    assert refused.body["previous_secret_until"] == NOON + HOUR * 1000
    at_once = function.ask("admin", "POST", f"{path}/rotate", {"overlap": 0})
    assert at_once.status == 200 and at_once.body["previous_secret_until"] is None


def test_when_the_overlap_is_over_it_can_be_rotated_again(function: AlertsFunction) -> None:
    path = made(function, "webhook")
    function.ask("admin", "POST", f"{path}/rotate", {"overlap": HOUR})
    function.clock.now += HOUR * 1000

    assert function.ask("admin", "POST", f"{path}/rotate", {"overlap": HOUR}).status == 200


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("slack", {}, 409),
        ("pagerduty", {}, 409),
        ("webhook", {"overlap": -1}, 422),
        ("webhook", {"overlap": 8 * 86_400}, 422),
        ("webhook", {"until": 3}, 422),
    ],
)
def test_what_cannot_be_rotated_says_so(
    function: AlertsFunction, kind: str, body: dict[str, Any], status: int
) -> None:
    path = made(function, kind)

    assert function.ask("admin", "POST", f"{path}/rotate", body).status == status


def test_only_admins_rotate_and_only_at_the_version_they_mean(function: AlertsFunction) -> None:
    path = f"{made(function, 'webhook')}/rotate"

    assert function.ask("editor", "POST", path).status == 403
    assert function.ask("stranger", "POST", path).status == 404
    assert function.ask("admin", "POST", path, {}, version=7).status == 412
    assert function.ask("admin", "POST", "/api/channels/default/rotate").status == 409


# --- the audit ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_every_change_is_in_the_audit_without_secrets(function: AlertsFunction, kind: str) -> None:
    path = made(function, kind)
    function.clock.now += 1
    function.ask("admin", "PUT", path, {**BODIES[kind], "name": "Other"}, version=1)
    function.clock.now += 1
    function.ask("admin", "DELETE", path)

    created, changed, deleted = changes_of(function)

    assert [x.action for x in (created, changed, deleted)] == ["create", "change", "delete"]
    assert {x.actor for x in (created, changed, deleted)} == {"admin"}
    assert {x.subject for x in (created, changed, deleted)} == {path.rpartition("/")[2]}
    assert created.before is None and deleted.after is None
    assert changed.before is not None and changed.after is not None
    assert (changed.before["name"], changed.after["name"]) == (BODIES[kind]["name"], "Other")
    written = json.dumps([vars(x) for x in (created, changed, deleted)])
    assert not any(secret in written for secret in SECRETS)


def test_the_audit_tells_that_a_secret_changed(function: AlertsFunction) -> None:
    path = made(function, "webhook")
    function.clock.now += 1
    function.ask("admin", "POST", f"{path}/rotate")

    _, rotated = changes_of(function)

    assert rotated.action == "rotate"
    assert rotated.before is not None and rotated.after is not None
    assert rotated.before["secret_fingerprint"] != rotated.after["secret_fingerprint"]


def test_a_change_that_is_refused_is_not_in_the_audit(function: AlertsFunction) -> None:
    path = made(function, "webhook")

    function.ask("admin", "PUT", path, BODIES["webhook"], version=9)
    function.ask("admin", "PUT", path, {**BODIES["webhook"], "url": "http://x"}, version=1)

    assert [x.action for x in changes_of(function)] == ["create"]


# --- who names a channel --------------------------------------------------------------------------


def test_a_channel_that_routes_name_stays_and_they_are_told(function: AlertsFunction) -> None:
    path = made(function, "slack")
    channel = path.rpartition("/")[2]
    route = {"name": "night", "matchers": [], "channels": ["default"]}
    escalating = {**route, "steps": [{"after": 600, "channels": [channel]}]}
    put = function.ask("admin", "PUT", "/api/routing", {"routes": [escalating]}, version=0)
    assert put.status == 200, put.body

    refused = function.ask("admin", "DELETE", path)

    assert refused.status == 409
    assert refused.body["routes"] == ["night"]
    version = put.headers["etag"].strip('"')
    function.ask("admin", "PUT", "/api/routing", {"routes": [route]}, version=version)
    assert function.ask("admin", "DELETE", path).status == 204
