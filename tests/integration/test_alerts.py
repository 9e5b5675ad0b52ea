"""From a point to a page: stream, machine, outbox, queue, signed webhook."""

import json
from collections.abc import Iterator

import pytest
from standardwebhooks import Webhook

from local.api import Api
from tests.integration.system import Feed, System, Watched, now_ms, point, send, unique, watch
from tests.support.receiver import Received, Receiver, receiving
from tests.support.waiting import wait_until

SECOND = 1000


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def channel(api: Api, receiver: Receiver) -> tuple[str, str]:
    """A webhook channel to the receiver: its id and its secret."""
    wanted = {"name": unique("hook"), "type": "webhook", "url": receiver.url()}
    made = api.ask("POST", "/api/channels", wanted)
    return str(made["id"]), str(made["secret"])


def until(alert: Watched, state: str, feed: Feed, value: float, seconds: float = 90.0) -> None:
    """Feed a value until the alert is in a state."""

    def asked() -> bool:
        feed(value)
        return alert.state == state

    wait_until(asked, f"{state} at {value}", seconds)


def expected(feed: Feed, threshold: float = 5.0) -> list[tuple[int, str, str]]:
    """What "avg of a second > threshold" has to do with what was sent: bucket end, from, to."""
    buckets: dict[int, list[float]] = {}
    for at, value in feed.sent:
        buckets.setdefault(at // SECOND * SECOND, []).append(value)
    state, found = "INSUFFICIENT_DATA", []
    for start, values in sorted(buckets.items()):
        becomes = "ALARM" if sum(values) / len(values) > threshold else "OK"
        if becomes != state:
            found.append((start + SECOND, state, becomes))
            state = becomes
    return found


def pages(receiver: Receiver) -> list[Received]:
    """What was received, each page once: at least once is what is promised, under one id."""
    return list({each.headers["webhook-id"]: each for each in receiver.received}.values())


def test_an_alert_raises_is_told_once_and_ends(
    admin: Api, machine: Api, receiver: Receiver
) -> None:
    hook, secret = channel(admin, receiver)
    feed = Feed(machine, unique("page"))
    alert = watch(admin, feed.metric, channels=[hook], severity="critical")
    until(alert, "ALARM", feed, 9.0)
    wait_until(lambda: len(pages(receiver)) == 1, "the notification")
    until(alert, "OK", feed, 1.0)
    wait_until(lambda: len(pages(receiver)) >= 2, "the end's notification")
    told = alert.transitions
    assert [(at, before, after) for at, before, after, _ in told] == expected(feed)
    assert {cause for *_, cause in told} <= {"data", "early"}
    documents = [Webhook(secret).verify(each.body, each.headers) for each in pages(receiver)]
    assert [document["status"] for document in documents] == ["firing", "resolved"]
    assert documents[0]["version"] == "4"
    assert documents[0]["alerts"][0]["labels"]["severity"] == "critical"


def test_the_list_shows_what_is_in_alarm(admin: Api, machine: Api, viewer: Api) -> None:
    feed = Feed(machine, unique("listed"))
    alert = watch(admin, feed.metric)
    until(alert, "ALARM", feed, 9.0)
    ringing = viewer.ask("GET", "/api/alerts", state="ALARM")["alerts"]
    assert alert.id in {each["id"] for each in ringing}
    calm = viewer.ask("GET", "/api/alerts", state="OK")["alerts"]
    assert alert.id not in {each["id"] for each in calm}


def test_every_tag_set_has_a_state_of_its_own(admin: Api, machine: Api) -> None:
    metric = unique("group")
    alert = watch(admin, metric, group_by=["host"])

    def states() -> dict[str, str]:
        at = now_ms()
        send(machine, point(metric, 9, at, host="a"), point(metric, 1, at, host="b"))
        found = admin.ask("GET", f"/api/alerts/{alert.id}")["instances"]
        return {each["tags"]["host"]: each["state"] for each in found}

    wait_until(lambda: states() == {"a": "ALARM", "b": "OK"}, "both states")


def test_silence_is_noticed_without_any_data(admin: Api, machine: Api) -> None:
    feed = Feed(machine, unique("silence"))
    alert = watch(admin, feed.metric, missing_data="breaching", grace=1)
    until(alert, "OK", feed, 1.0)
    wait_until(lambda: alert.state == "ALARM", "the sweeper", seconds=90)
    *_, (_, before, after, cause) = alert.transitions
    assert (before, after, cause) == ("OK", "ALARM", "clock")


def test_a_changed_alert_needs_the_version_it_was_read_with(admin: Api) -> None:
    made = watch(admin, unique("edit"))
    path = f"/api/alerts/{made.id}"
    stored = admin.ask("GET", path)
    answer = admin.call("PUT", path, {"name": "renamed"})
    assert answer.status == 428
    assert stored["version"] >= 1


def test_another_tenants_alert_is_not_there(admin: Api, outsider: Api) -> None:
    alert = watch(admin, unique("mine"))
    theirs = outsider.call("GET", f"/api/alerts/{alert.id}")
    nobodys = outsider.call("GET", "/api/alerts/no-such-alert")
    assert (theirs.status, nobodys.status) == (404, 404)
    assert theirs.json()["detail"] == nobodys.json()["detail"]
    assert not outsider.ask("GET", "/api/alerts")["alerts"]


def test_a_deleted_alert_is_silent(admin: Api, machine: Api, receiver: Receiver) -> None:
    hook, _ = channel(admin, receiver)
    feed = Feed(machine, unique("deleted"))
    alert = watch(admin, feed.metric, channels=[hook])
    until(alert, "OK", feed, 1.0)
    admin.ask("DELETE", f"/api/alerts/{alert.id}")
    other = watch(admin, feed.metric)
    until(other, "ALARM", feed, 9.0)
    assert not receiver.received


def test_a_notification_can_be_tried_out(admin: Api, receiver: Receiver) -> None:
    hook, secret = channel(admin, receiver)
    result = admin.ask("POST", f"/api/channels/{hook}/test")
    assert (result["delivered"], result["status"]) == (True, 200)
    [request] = receiver.received
    assert json.loads(request.body) == Webhook(secret).verify(request.body, request.headers)


def test_a_webhook_to_a_private_address_is_refused(admin: Api) -> None:
    for url in ("http://169.254.169.254/latest", "http://10.0.0.1/", "https://192.168.0.1/"):
        wanted = {"name": "inside", "type": "webhook", "url": url}
        answer = admin.call("POST", "/api/channels", wanted)
        assert answer.status == 422, url
        assert answer.json()["errors"][0]["field"] == "url"


def test_the_topic_is_told_too(admin: Api, machine: Api, system: System) -> None:
    sqs, topic = system.aws("sqs"), system.stack["topic_arn"]
    queue = sqs.create_queue(QueueName="topic-reader")["QueueUrl"]
    asked = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    arn = asked["Attributes"]["QueueArn"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
            }
        ],
    }
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    system.aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    feed = Feed(machine, unique("topic"))
    alert = watch(admin, feed.metric, name=f"{feed.metric} is high")
    until(alert, "ALARM", feed, 9.0)

    def told() -> bool:
        messages = sqs.receive_message(QueueUrl=queue).get("Messages", [])
        return any(feed.metric in message["Body"] for message in messages)

    assert wait_until(told, "the topic's message")
