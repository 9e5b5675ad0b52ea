"""Channels as admins meet them over HTTP, with a receiver on loopback."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError
from standardwebhooks.webhooks import Webhook

from skafu.alerts.api import ROUTES
from skafu.alerts.channels_api.schemas import ChannelCreated, ChannelList, ChannelOut, TestResult
from skafu.shared import keys
from skafu.shared.clock import system_clock
from skafu.shared.table import Check, Put, Write
from tests.support.alerting import TENANT
from tests.support.alerts_api import CONSOLE, TOPIC_ARN, AlertsFunction
from tests.support.clocks import NOON, FakeClock
from tests.support.memory_table import InMemoryTable
from tests.support.receiver import Receiver, receiving

# A public address as a number, so that no name is looked up; nothing is ever sent there.
HOOK = "https://93.184.216.34/hook"
BODY = {"name": "On call", "type": "webhook", "url": HOOK}
ALERT: dict[str, Any] = {
    "name": "CPU is busy",
    "metric": "cpu.load",
    "statistic": "avg",
    "period": 60,
    "comparison": ">",
    "threshold": 0.9,
}


@pytest.fixture
def function() -> AlertsFunction:
    return AlertsFunction()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def local() -> AlertsFunction:
    """The function as the local environment has it; signatures need the real time."""
    return AlertsFunction(clock=FakeClock(system_clock()), allow_loopback=True)


def create(function: AlertsFunction, **changes: Any) -> dict[str, Any]:
    answer = function.ask("admin", "POST", "/api/channels", {**BODY, **changes})
    assert answer.status == 201, answer.body
    found: dict[str, Any] = answer.body
    return found


def test_a_secret_is_shown_once(function: AlertsFunction) -> None:
    answer = function.ask("admin", "POST", "/api/channels", BODY)

    made = answer.body
    assert answer.status == 201
    assert answer.headers["location"] == f"/api/channels/{made['id']}"
    assert answer.headers["etag"] == '"1"'
    secret = made.pop("secret")
    assert secret.startswith("whsec_") and len(secret) == 38
    assert made == {
        **BODY,
        "id": made["id"],
        "version": 1,
        "region": None,
        "address": None,
        "subscription": None,
        "template": None,
        "sends_resolved": True,
        "previous_secret_until": None,
        "created_at": NOON,
        "edited_at": NOON,
    }
    assert ChannelCreated.model_validate({**made, "secret": secret})
    path = f"/api/channels/{made['id']}"
    changed = function.ask("admin", "PUT", path, {**BODY, "name": "Other"}, version=1)
    shown = [
        function.ask("admin", "GET", path),
        function.ask("admin", "GET", "/api/channels"),
        changed,
    ]
    assert all(each.status == 200 for each in shown)
    assert all(secret not in json.dumps(each.body) for each in shown)
    assert ChannelOut.model_validate(shown[0].body)
    assert ChannelList.model_validate(shown[1].body)


def test_a_change_keeps_the_secret_unless_another_is_given(function: AlertsFunction) -> None:
    made = create(function)
    path = f"/api/channels/{made['id']}"
    other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    def stored() -> Any:
        item = function.table.items[keys.channel(TENANT, made["id"])]
        return json.loads(str(item["body"]))

    changed = function.ask("admin", "PUT", path, {**BODY, "name": "Other"}, version=1)
    assert (changed.status, changed.headers["etag"]) == (200, '"2"')
    assert (stored()["name"], stored()["secret"]) == ("Other", made["secret"])
    again = function.ask("admin", "PUT", path, {**BODY, "secret": other}, version=2)
    assert again.status == 200 and again.body["version"] == 3
    assert stored()["secret"] == other


def test_a_change_must_say_which_version_it_means(function: AlertsFunction) -> None:
    path = f"/api/channels/{create(function)['id']}"

    assert function.ask("admin", "PUT", path, BODY).status == 428
    assert function.ask("admin", "PUT", path, BODY, version=2).status == 412
    assert function.ask("admin", "DELETE", path, version=2).status == 412
    assert function.ask("admin", "GET", path).body["version"] == 1


def test_only_admins_make_channels_and_everybody_sees_them(function: AlertsFunction) -> None:
    path = f"/api/channels/{create(function)['id']}"

    assert function.ask("viewer", "GET", path).status == 200
    assert function.ask("viewer", "GET", "/api/channels").status == 200
    for answer in (
        function.ask("editor", "POST", "/api/channels", BODY),
        function.ask("editor", "PUT", path, BODY, version=1),
        function.ask("editor", "DELETE", path),
        function.ask("editor", "POST", f"{path}/test"),
    ):
        assert answer.status == 403


def test_another_tenants_channel_is_not_there(function: AlertsFunction) -> None:
    path = f"/api/channels/{create(function)['id']}"

    answers = [
        function.ask("stranger", "GET", path),
        function.ask("stranger", "PUT", path, BODY, version=1),
        function.ask("stranger", "DELETE", path),
        function.ask("stranger", "POST", f"{path}/test"),
        function.ask("admin", "GET", "/api/channels/0123456789abcdef0123"),
        function.ask("admin", "GET", "/api/channels/" + "x" * 2_000),
    ]

    assert [each.status for each in answers] == [404] * 6
    assert {each.body["detail"] for each in answers} == {"there is no such channel"}
    used = {**ALERT, "channels": [path.rpartition("/")[2]]}
    assert function.ask("stranger", "POST", "/api/alerts", used).fields == ["channels.0"]


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "http://127.0.0.1:8080/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://10.1.2.3/",
        "https://2130706433/",
        "https://user:password@93.184.216.34/",
        "https://93.184.216.34:22/",
        "not an address",
    ],
)
def test_webhooks_go_to_public_https_addresses_only(function: AlertsFunction, url: str) -> None:
    made = create(function)

    for answer in (
        function.ask("admin", "POST", "/api/channels", {**BODY, "url": url}),
        function.ask(
            "admin", "PUT", f"/api/channels/{made['id']}", {**BODY, "url": url}, version=1
        ),
    ):
        assert answer.status == 422
        assert answer.fields == ["url"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"secret": "hunter2"}, "secret"),
        ({"secret": "whsec_c2hvcnQ="}, "secret"),
        ({"type": "pager"}, "type"),
        ({"name": ""}, "name"),
        ({"colour": "red"}, "colour"),
        ({"url": ""}, "url"),
    ],
)
def test_a_wrong_channel_is_answered_with_the_field_at_fault(
    function: AlertsFunction, changes: dict[str, Any], field: str
) -> None:
    assert function.ask("admin", "POST", "/api/channels", {**BODY, **changes}).fields == [field]


def test_a_channel_is_removed_when_no_alert_names_it(function: AlertsFunction) -> None:
    path = f"/api/channels/{create(function)['id']}"

    assert function.ask("admin", "DELETE", path, version=1).status == 204
    assert function.ask("admin", "GET", path).status == 404
    assert function.ask("admin", "DELETE", path).status == 404


def test_a_channel_that_alerts_name_stays_and_they_are_told(function: AlertsFunction) -> None:
    made = create(function)
    path = f"/api/channels/{made['id']}"
    used = function.ask("editor", "POST", "/api/alerts", {**ALERT, "channels": [made["id"]]}).body

    refused = function.ask("admin", "DELETE", path)

    assert refused.status == 409
    assert refused.body["alerts"] == [{"id": used["id"], "name": "CPU is busy"}]
    function.ask("editor", "DELETE", f"/api/alerts/{used['id']}")
    assert function.ask("admin", "DELETE", path).status == 204


class RacingTable(InMemoryTable):
    """Somebody does something else right before the next change or deletion of a channel."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: list[Any] = []

    def transact(self, writes: Sequence[Write | Check]) -> None:
        first = writes[0]
        replaced = isinstance(first, Put) and first.item["k"] == "channel"
        if self.meanwhile and (replaced or any(isinstance(x, Check) for x in writes[1:])):
            self.meanwhile.pop(0)()
        super().transact(writes)


def test_of_two_changes_at_the_same_moment_one_is_told_to_look_again() -> None:
    table = RacingTable()
    function = AlertsFunction(table)
    path = f"/api/channels/{create(function)['id']}"
    answers = []

    def change(name: str) -> None:
        body = {**BODY, "name": name}
        answers.append(function.ask("admin", "PUT", path, body, version=1))

    table.meanwhile = [lambda: change("quicker")]
    change("slower")

    assert [each.status for each in answers] == [200, 412]
    assert function.ask("admin", "GET", path).body["name"] == "quicker"


def test_an_alert_that_comes_while_its_channel_is_removed_keeps_it() -> None:
    table = RacingTable()
    function = AlertsFunction(table)
    made = create(function)
    used = {**ALERT, "channels": [made["id"]]}
    answers = []
    table.meanwhile = [lambda: answers.append(function.ask("editor", "POST", "/api/alerts", used))]

    refused = function.ask("admin", "DELETE", f"/api/channels/{made['id']}")

    assert [each.status for each in answers] == [201]
    assert refused.status == 409


def test_a_removal_that_is_raced_for_ever_is_told_to_come_again() -> None:
    table = RacingTable()
    function = AlertsFunction(table)
    path = f"/api/channels/{create(function)['id']}"
    table.meanwhile = [lambda: function.ask("editor", "POST", "/api/alerts", ALERT)] * 100

    assert function.ask("admin", "DELETE", path).status == 503
    assert function.ask("admin", "GET", path).status == 200


@pytest.mark.parametrize("limit", ["1", "2", "3", "100"])
def test_the_list_begins_with_the_environments_topic(function: AlertsFunction, limit: str) -> None:
    made = sorted(create(function, name=f"channel {i}")["id"] for i in range(3))
    create_other = function.ask("stranger", "POST", "/api/channels", BODY)
    assert create_other.status == 201

    found: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": limit} | ({} if cursor is None else {"cursor": cursor})
        answer = function.ask("viewer", "GET", "/api/channels", query=query)
        assert len(answer.body["channels"]) <= int(limit)
        found += [each["id"] for each in answer.body["channels"]]
        cursor = answer.body["cursor"]
        if cursor is None:
            break

    assert found == ["default", *made]


def test_the_environments_topic_is_seen_and_not_touched(function: AlertsFunction) -> None:
    seen = function.ask("viewer", "GET", "/api/channels/default")

    assert (seen.body["type"], seen.body["url"]) == ("topic", None)
    assert ChannelOut.model_validate(seen.body)
    assert function.ask("admin", "PUT", "/api/channels/default", BODY, version=1).status == 409
    assert function.ask("admin", "DELETE", "/api/channels/default").status == 409


# --- tests of channels ----------------------------------------------------------------------------


def test_a_test_is_a_real_signed_notification(local: AlertsFunction, receiver: Receiver) -> None:
    made = create(local, url=receiver.url("/hook?team=core"))

    answer = local.ask("admin", "POST", f"/api/channels/{made['id']}/test")

    assert answer.status == 200
    assert (answer.body["delivered"], answer.body["status"], answer.body["error"]) == (
        True,
        200,
        None,
    )
    assert TestResult.model_validate(answer.body)
    [received] = receiver.received
    assert received.path == "/hook?team=core"
    told = Webhook(made["secret"]).verify(received.body, received.headers)
    assert told["status"] == "firing"
    assert told["receiver"] == "On call"
    assert told["externalURL"] == CONSOLE
    assert told["commonLabels"] == {
        "alertname": "Test of On call",
        "severity": "info",
        "test": "true",
    }


def test_every_test_is_a_notification_of_its_own(local: AlertsFunction, receiver: Receiver) -> None:
    path = f"/api/channels/{create(local, url=receiver.url())['id']}/test"

    local.ask("admin", "POST", path)
    local.ask("admin", "POST", path)

    assert len({each.headers["webhook-id"] for each in receiver.received}) == 2


def test_a_test_that_fails_says_how(local: AlertsFunction, receiver: Receiver) -> None:
    receiver.answers = [(500, {})]
    receiver.said = b"database is down"
    made = create(local, url=receiver.url())

    answer = local.ask("admin", "POST", f"/api/channels/{made['id']}/test")

    assert answer.status == 200
    assert not answer.body["delivered"]
    assert answer.body["status"] == 500
    assert answer.body["error"] == "answered 500: database is down"


def test_a_test_that_reaches_nobody_says_so(local: AlertsFunction) -> None:
    with receiving() as gone:
        url = gone.url()
    made = create(local, url=url)

    answer = local.ask("admin", "POST", f"/api/channels/{made['id']}/test")

    assert (answer.body["delivered"], answer.body["status"]) == (False, None)
    assert "cannot connect" in answer.body["error"]


def test_the_topic_can_be_tested_too(function: AlertsFunction) -> None:
    answer = function.ask("admin", "POST", "/api/channels/default/test")

    assert answer.body["delivered"]
    [published] = function.sns.published
    assert published["TopicArn"] == TOPIC_ARN
    assert published["Subject"] == "ALARM: Test of Default topic"
    assert "Nothing is wrong" in published["Message"]


def test_a_topic_that_refuses_says_so(function: AlertsFunction) -> None:
    error = {"Error": {"Code": "AuthorizationError", "Message": "not allowed"}}
    function.sns.refusal = ClientError(error, "Publish")  # type: ignore[arg-type] # a short one

    answer = function.ask("admin", "POST", "/api/channels/default/test")

    assert not answer.body["delivered"]
    assert "AuthorizationError" in answer.body["error"]


def test_where_loopback_is_allowed_the_rest_of_the_network_is_not(local: AlertsFunction) -> None:
    for url in ("http://10.0.0.1/", "http://169.254.169.254/", "http://93.184.216.34/"):
        answer = local.ask("admin", "POST", "/api/channels", {**BODY, "url": url})
        assert answer.fields == ["url"]


def test_every_route_has_an_endpoint_of_its_own() -> None:
    assert len({route.endpoint for route in ROUTES}) == len(ROUTES)
