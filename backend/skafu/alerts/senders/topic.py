"""SNS: the environment's default topic, and the addresses that channels of mail and text messages
subscribed to the channels' topic.
"""

import time
from typing import Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from skafu.alerts.channels import Channel, ChannelType
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.paging.model import Page, Told
from skafu.alerts.senders import texts, wording
from skafu.alerts.senders.figures import clip, clock_time, one_line
from skafu.alerts.senders.sns import Sns
from skafu.alerts.senders.subscriptions import TO, Standing, Subscriptions
from skafu.alerts.senders.words import Words

MAX_SUBJECT = 99  # SNS: "less than 100 characters"
MAX_TEXT = 60_000  # characters; a message may have 256 KB
# A text message holds 140 bytes: so many characters of ASCII, half as many of anything else.
MAX_SMS = 140
MAX_SMS_WIDE = 70
STATES = {Told.FIRING: "ALARM", Told.RESOLVED: "OK", Told.UNKNOWN: "INSUFFICIENT_DATA"}
UNHEARD = {
    Standing.PENDING: "the address has not confirmed yet that it wants these: nobody would read it",
    Standing.NONE: "the address has unsubscribed: nobody would read it; save the channel to ask it",
}
UNSURE = "whether the address is subscribed could not be looked up"


class TopicSender:
    """Publishes to the default topic, for people."""

    def __init__(self, sns: Sns, topic: str) -> None:
        self._sns = sns
        self._topic = topic

    def send(self, _channel: Channel, page: Page, words: Words) -> Outcome:
        """One try; whatever SNS answers becomes an Outcome."""
        return _published(
            self._sns,
            TopicArn=self._topic,
            Subject=subject(page, words),
            Message=mail(page, words),
            MessageAttributes=_attributes(page, {}),
        )


class SubscribedSender:
    """Publishes to the channels' topic for the one address that a channel is about."""

    def __init__(self, sns: Sns, topic: str, subscriptions: Subscriptions) -> None:
        self._sns = sns
        self._topic = topic
        self._subscriptions = subscriptions

    def send(self, channel: Channel, page: Page, words: Words) -> Outcome:
        """One try. What nobody would read is GONE: a page must reach somebody, and SNS takes it
        all the same.
        """
        standing = self._subscriptions.standing(channel)
        if standing in UNHEARD:
            return Outcome(Result.GONE, error=UNHEARD[standing])
        outcome = _published(
            self._sns,
            TopicArn=self._topic,
            Subject=subject(page, words),
            Message=message(channel.type, page, words),
            MessageStructure="json",
            MessageAttributes=_attributes(page, {"channel": channel.id, TO: channel.audience}),
        )
        if standing is Standing.UNKNOWN:
            return Outcome(
                outcome.result, outcome.status, outcome.error, outcome.duration_ms, note=UNSURE
            )
        return outcome


def subject(page: Page, words: Words) -> str:
    """The subject of a mail: ASCII, one line, under 100 characters, as SNS wants it."""
    line = words.title or wording.title(page)
    plain = "".join(c if c.isprintable() else " " for c in line).encode("ascii", "replace").decode()
    return clip(plain, MAX_SUBJECT)


def mail(page: Page, words: Words) -> str:
    """The text of a mail."""
    return clip(words.text or texts.text(page), MAX_TEXT)


def short(page: Page, words: Words) -> str:
    """A text message: one line that fits into one, with how bad it is and since when."""
    line = one_line(words.text or words.title)
    since = ""
    if not line:
        line = wording.title(page)
        since = f" ({wording.severity(page)} since {clock_time(wording.began(page))})"
    limit = MAX_SMS if line.isascii() else MAX_SMS_WIDE
    return clip(line, limit - len(since)) + since


def message(kind: ChannelType, page: Page, words: Words) -> str:
    """What each protocol is sent, as JSON. A template is for the channel's own type; the other
    one reads the standard text.
    """
    by_mail, by_sms = mail(page, words), short(page, words)
    return orjson.dumps(
        {"default": by_sms if kind is ChannelType.SMS else by_mail, "email": by_mail, "sms": by_sms}
    ).decode()


def attributes(page: Page) -> dict[str, str | list[str]]:
    """What subscriptions to the topic can filter by."""
    alerts = sorted({item.notification.alert.id for item in page.items})
    return {
        "severity": wording.severity(page).value,
        "state": STATES[page.told],
        "alert": alerts[0] if len(alerts) == 1 else alerts,
        "tenant": page.tenant,
        "drill": "true" if page.drill else "false",
    }


def _attributes(page: Page, more: dict[str, str]) -> dict[str, Any]:
    return {name: _attribute(value) for name, value in {**attributes(page), **more}.items()}


def _attribute(value: str | list[str]) -> dict[str, str]:
    if isinstance(value, str):
        return {"DataType": "String", "StringValue": value}
    return {"DataType": "String.Array", "StringValue": orjson.dumps(value[:100]).decode()}


def _published(sns: Sns, **arguments: Any) -> Outcome:
    begin = time.monotonic()
    error = None
    try:
        sns.publish(**arguments)
    except (BotoCoreError, ClientError) as failure:
        error = f"the topic did not take it: {failure}"
    result = Result.DELIVERED if error is None else Result.FAILED
    return Outcome(result, None, error, round((time.monotonic() - begin) * 1000))
