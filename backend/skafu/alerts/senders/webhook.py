"""Webhooks: the body of Alertmanager's version 4, signed as Standard Webhooks say.

The body knows firing and resolved only. An instance whose data stopped is neither, and sending
"resolved" for it would close the page of a machine that burned down: it stays firing there, as it
does with Alertmanager when a target goes away with its alert kept firing.
"""

import hashlib
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson

from skafu.alerts import signature
from skafu.alerts.channels import Channel
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.paging.model import Page, PageItem, Told
from skafu.alerts.senders import wording
from skafu.alerts.senders.figures import moment, number
from skafu.alerts.senders.posting import Poster
from skafu.alerts.senders.words import Words
from skafu.shared.clock import Clock

NOT_ENDED = "0001-01-01T00:00:00Z"  # what Alertmanager writes for an alert that is still firing
MAX_ALERTS = 500
MAX_BYTES = 256_000
WORDS = {Told.FIRING: "firing", Told.UNKNOWN: "firing", Told.RESOLVED: "resolved"}


class WebhookSender:
    """Sends to webhooks."""

    def __init__(self, poster: Poster, clock: Clock) -> None:
        self._poster = poster
        self._clock = clock

    def send(self, channel: Channel, page: Page, words: Words) -> Outcome:
        """One try, signed with every secret of the channel that is live."""
        now = self._clock()
        content = body(channel, page, words)
        headers = signature.headers(channel.live_secrets(now), page.id, now // 1000, content)
        return self._poster.post(channel.url, content, headers, judge)


def judge(status: int, _text: str) -> Result:
    """410 is how a receiver of Standard Webhooks says that it wants no more; all else may pass."""
    return Result.GONE if status == HTTPStatus.GONE else Result.FAILED


def body(channel: Channel, page: Page, words: Words) -> bytes:
    """As JSON, with as many instances as have room, what matters most first; the rest is counted
    in `truncatedAlerts`.
    """
    items = wording.ordered(page.items)
    kept = min(len(items), MAX_ALERTS)
    while True:
        text = orjson.dumps(message(channel, page, words, items[:kept]))
        if len(text) <= MAX_BYTES or kept <= 1:
            return text
        kept = min(kept - 1, kept * MAX_BYTES // len(text))


def message(
    channel: Channel, page: Page, words: Words, items: Sequence[PageItem]
) -> dict[str, Any]:
    """The body with these instances. Group key and fingerprints are made of ids: whoever renames
    an alert that is firing must still see it resolved.
    """
    alerts = [_alert(page, item) for item in items]
    said = {"title": words.title, "text": words.text, "cause": wording.because(page)}
    extra = {name: text for name, text in {**said, "note": page.note}.items() if text}
    return {
        "version": "4",
        "groupKey": page.group,
        "truncatedAlerts": wording.counts(page).total() - len(items),
        "status": WORDS[page.told],
        "receiver": channel.name,
        "groupLabels": dict(page.group_labels),
        "commonLabels": _common([each["labels"] for each in alerts]),
        "commonAnnotations": {
            **_common([each["annotations"] for each in alerts]),
            **page.annotations,
            **extra,
        },
        "externalURL": page.console,
        "alerts": alerts,
    }


def _alert(page: Page, item: PageItem) -> dict[str, Any]:
    notification = item.notification
    alert = notification.alert
    notes = {
        "summary": wording.mark(page) + wording.headline(item),
        "description": alert.description,
        "runbook_url": alert.runbook_url or "",
        "reason": notification.reason,
        "value": "" if notification.value is None else number(notification.value),
    }
    ended = NOT_ENDED
    if item.told is Told.RESOLVED:
        ended = moment(notification.bucket if item.ended is None else item.ended)
    return {
        "status": WORDS[item.told],
        "labels": item.labels,
        "annotations": {name: text for name, text in notes.items() if text},
        "startsAt": moment(item.began),
        "endsAt": ended,
        "generatorURL": wording.link_of(page, item),
        "fingerprint": _fingerprint(item),
    }


def _fingerprint(item: PageItem) -> str:
    name = f"{item.notification.alert.id}#{item.notification.instance}".encode()
    return hashlib.blake2b(name, digest_size=8).hexdigest()


def _common(each: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """What all of them have in common."""
    first, *others = each
    return {
        name: value
        for name, value in first.items()
        if all(other.get(name) == value for other in others)
    }
