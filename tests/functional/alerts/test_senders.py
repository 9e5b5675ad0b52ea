"""Every sender over a real socket, to a receiver on loopback that reads bodies as the service would
and answers as it does.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from skafu.alerts import signature
from skafu.alerts.channels import Channel, ChannelType, Region, Template
from skafu.alerts.dispatch import Dispatcher, dispatcher
from skafu.alerts.outcome import Result
from skafu.alerts.paging.model import Told
from skafu.alerts.senders.pagerduty import PagerDutySender
from skafu.alerts.senders.posting import Poster
from skafu.alerts.senders.words import STANDARD
from skafu.shared.clock import system_clock
from skafu.shared.settings import NotifierSettings
from tests.support import alertmanager, pagerduty, slack, teams
from tests.support.pages import drill, hosts, item, page
from tests.support.receiver import Receiver, receiving
from tests.support.sns import FakeSns

SECRET = signature.new_secret()
CHECKS: dict[ChannelType, Callable[[bytes], dict[str, Any]]] = {
    ChannelType.WEBHOOK: alertmanager.check,
    ChannelType.SLACK: slack.check,
    ChannelType.TEAMS: teams.check,
    ChannelType.PAGERDUTY: pagerduty.check,
}
OVER_HTTP = sorted(CHECKS)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def sending(allow_loopback: bool = True) -> Dispatcher:
    settings = NotifierSettings(
        table_name="skafu-test",
        environment="local",
        deliveries_queue_url="",
        alerts_topic_arn="arn:topic",
        channels_topic_arn="arn:channels",
        cors_origin="https://skafu.example",
        allow_loopback_webhooks=allow_loopback,
    )
    return dispatcher(settings, FakeSns(), system_clock)


def channel(kind: ChannelType, url: str, **changes: Any) -> Channel:
    secret = {ChannelType.WEBHOOK: SECRET, ChannelType.PAGERDUTY: pagerduty.KEY}.get(kind, "")
    return replace(Channel("one", 1, "On call", kind, url, secret, 0, 0), **changes)


@pytest.mark.parametrize("kind", OVER_HTTP)
@pytest.mark.parametrize("count", [1, 3, 300])
def test_every_service_is_sent_what_it_takes(
    receiver: Receiver, kind: ChannelType, count: int
) -> None:
    receiver.answers = [(202, {})]
    sent = page(hosts(count), omitted={Told.FIRING: 7} if count == 300 else {})

    outcome = sending().send(channel(kind, receiver.url()), sent)

    assert (outcome.result, outcome.status) == (Result.DELIVERED, 202)
    [received] = receiver.received
    assert received.headers["content-type"] == "application/json"
    assert CHECKS[kind](received.body)
    assert b"web-1" in received.body


@pytest.mark.parametrize("kind", OVER_HTTP)
def test_every_service_reads_that_a_drill_is_one(receiver: Receiver, kind: ChannelType) -> None:
    by_template = channel(kind, receiver.url(), template=Template("Own title", "Own text"))

    for each in (channel(kind, receiver.url()), by_template):
        sending().send(each, drill())

    for received in receiver.received:
        CHECKS[kind](received.body)
        assert b"[DRILL]" in received.body


@pytest.mark.parametrize("kind", OVER_HTTP)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed_into_the_account(
    receiver: Receiver, kind: ChannelType, status: int
) -> None:
    with receiving() as inside:
        receiver.answers = [(status, {"Location": inside.url("/latest/meta-data/")})]

        outcome = sending().send(channel(kind, receiver.url()), page())

        assert not inside.received
    assert outcome.result is Result.FAILED
    assert outcome.error == f"answered {status}; redirects are not followed"


@pytest.mark.parametrize("kind", [x for x in OVER_HTTP if x is not ChannelType.PAGERDUTY])
@pytest.mark.parametrize(
    "url", ["https://169.254.169.254/latest/", "https://10.0.0.1/", "https://[fe80::1]/"]
)
def test_nothing_is_sent_to_addresses_that_are_not_public(kind: ChannelType, url: str) -> None:
    outcome = sending(allow_loopback=False).send(channel(kind, url), page())

    assert outcome.result is Result.FAILED
    assert outcome.error is not None and outcome.error.startswith("not sent: the address")


@pytest.mark.parametrize("kind", OVER_HTTP)
@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_tried_again_when_the_receiver_says(
    receiver: Receiver, kind: ChannelType, status: int
) -> None:
    receiver.answers = [(status, {"Retry-After": "30"})]

    outcome = sending().send(channel(kind, receiver.url()), page())

    assert (outcome.result, outcome.retry_after) == (Result.FAILED, 30)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("0", 0), ("99999999", 3600), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-3", None)],
)
def test_a_receivers_wish_to_be_left_alone_is_bounded(
    receiver: Receiver, said: str, seconds: int | None
) -> None:
    receiver.answers = [(429, {"Retry-After": said})]

    outcome = sending().send(channel(ChannelType.SLACK, receiver.url()), page())

    assert outcome.retry_after == seconds


@pytest.mark.parametrize(
    ("status", "said", "result"),
    [
        (400, b"invalid_payload", Result.REFUSED),
        (400, b"invalid_blocks", Result.REFUSED),
        (403, b"action_prohibited", Result.REFUSED),
        (403, b"invalid_token", Result.GONE),
        (404, b"no_service", Result.GONE),
        (404, b"channel_not_found", Result.GONE),
        (410, b"channel_is_archived", Result.GONE),
        (500, b"rollup_error", Result.FAILED),
    ],
)
def test_slacks_answers_mean_what_slack_says(
    receiver: Receiver, status: int, said: bytes, result: Result
) -> None:
    receiver.answers, receiver.said = [(status, {})], said

    outcome = sending().send(channel(ChannelType.SLACK, receiver.url()), page())

    assert (outcome.result, outcome.status) == (result, status)
    assert outcome.error is not None and said.decode() in outcome.error


@pytest.mark.parametrize(
    ("status", "result"),
    [(202, Result.DELIVERED), (400, Result.REFUSED), (401, Result.GONE), (404, Result.GONE)],
)
def test_teams_answers_mean_what_a_workflow_means(
    receiver: Receiver, status: int, result: Result
) -> None:
    receiver.answers = [(status, {})]

    assert sending().send(channel(ChannelType.TEAMS, receiver.url()), page()).result is result


def test_an_event_that_pagerduty_calls_wrong_is_final_seen_and_without_its_key(
    receiver: Receiver,
) -> None:
    status, said = pagerduty.INVALID
    receiver.answers, receiver.said = [(status, {})], json.dumps(said).encode()

    outcome = sending().send(channel(ChannelType.PAGERDUTY, receiver.url()), page())

    assert (outcome.result, outcome.status) == (Result.REFUSED, 400)
    assert outcome.result.final and outcome.result.lost
    assert outcome.error is not None
    assert "Event object is invalid" in outcome.error
    assert pagerduty.KEY not in outcome.error


@pytest.mark.parametrize("region", list(Region))
def test_pagerduty_is_asked_where_the_account_lives(region: Region) -> None:
    with receiving() as us, receiving() as eu:
        endpoints = {Region.US: us.url("/v2/enqueue"), Region.EU: eu.url("/v2/enqueue")}
        sender = PagerDutySender(Poster(allow_loopback=True), endpoints)
        asked = channel(ChannelType.PAGERDUTY, "", region=region)

        assert sender.send(asked, page(), STANDARD).result is Result.DELIVERED

        assert (len(us.received), len(eu.received)) == ((1, 0) if region is Region.US else (0, 1))


def test_pagerdutys_address_is_its_own_where_loopback_is_not_allowed() -> None:
    endpoints = {Region.US: "https://169.254.1.1/v2/enqueue"}
    sender = PagerDutySender(Poster(allow_loopback=False), endpoints)

    asked = channel(ChannelType.PAGERDUTY, "https://10.0.0.1/elsewhere")
    outcome = sender.send(asked, page(), STANDARD)

    assert outcome.error is not None and "169.254.1.1" in outcome.error


def test_both_secrets_verify_while_one_follows_the_other(receiver: Receiver) -> None:
    before = signature.new_secret()
    until = system_clock() + 60_000
    rotating = channel(
        ChannelType.WEBHOOK, receiver.url(), previous_secret=before, previous_until=until
    )
    over = replace(rotating, previous_until=system_clock() - 1)

    sending().send(rotating, page())
    sending().send(over, page())

    [first, second] = receiver.received
    assert Webhook(SECRET).verify(first.body, first.headers)
    assert Webhook(before).verify(first.body, first.headers)
    assert Webhook(SECRET).verify(second.body, second.headers)
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(before).verify(second.body, second.headers)


@pytest.mark.parametrize("kind", [ChannelType.WEBHOOK, ChannelType.PAGERDUTY])
def test_what_knows_two_words_is_told_nothing_of_a_third(
    receiver: Receiver, kind: ChannelType
) -> None:
    outcome = sending().send(channel(kind, receiver.url()), page(item(Told.UNKNOWN)))

    assert outcome.result is Result.SKIPPED
    assert not receiver.received


def test_people_are_told_that_data_stopped(receiver: Receiver) -> None:
    for kind in (ChannelType.SLACK, ChannelType.TEAMS):
        assert sending().send(channel(kind, receiver.url()), page(item(Told.UNKNOWN))).status == 200

    for received in receiver.received:
        assert b"NO DATA: CPU is busy" in received.body


def test_a_channel_that_wants_no_ends_hears_none(receiver: Receiver) -> None:
    quiet = channel(ChannelType.SLACK, receiver.url(), sends_resolved=False)

    ended = sending().send(quiet, page(item(Told.RESOLVED)))
    begun = sending().send(quiet, page())

    assert (ended.result, begun.result) == (Result.SKIPPED, Result.DELIVERED)
    assert len(receiver.received) == 1


@pytest.mark.parametrize("kind", OVER_HTTP)
def test_a_template_says_it_in_a_channels_own_words(receiver: Receiver, kind: ChannelType) -> None:
    own = Template("Dear {{ labels.team }}: {{ first.name }}", "{{ first.value }} is too much")

    outcome = sending().send(channel(kind, receiver.url(), template=own), page())

    CHECKS[kind](receiver.received[0].body)
    assert b"Dear core: CPU is busy" in receiver.received[0].body
    assert b"12.5 is too much" in receiver.received[0].body
    assert outcome.note is None


@pytest.mark.parametrize("kind", OVER_HTTP)
def test_no_page_is_lost_to_a_template(receiver: Receiver, kind: ChannelType) -> None:
    broken = Template("{{ labels.nobody }}", "line 1\n{{ labels.missing | upper }}")

    outcome = sending().send(channel(kind, receiver.url(), template=broken), page())

    CHECKS[kind](receiver.received[0].body)
    assert outcome.result is Result.DELIVERED
    assert b"CPU is busy" in receiver.received[0].body
    assert outcome.note is not None
    assert "there is no nobody here; there are alertname, host, severity, team" in outcome.note
    assert "line 2: there is no missing here" in outcome.note
