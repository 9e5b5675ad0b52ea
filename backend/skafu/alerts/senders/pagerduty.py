"""PagerDuty: Events API v2. A group that fires is one alert there, known by its `dedup_key`: told
again it is updated, resolved it is closed.

Limits are those of the API's reference: 512 KB an event, 1,024 characters of summary, 255 of
dedup_key. 400 says that the event is wrong and will be so again; 429 and 5xx are to be retried.
"""

import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import orjson

from skafu.alerts.channels import Channel, Region
from skafu.alerts.model import Severity
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.paging.model import Page, Told
from skafu.alerts.senders import texts, wording
from skafu.alerts.senders.figures import clip, moment
from skafu.alerts.senders.posting import Poster
from skafu.alerts.senders.words import Words

ENDPOINTS: Mapping[Region, str] = MappingProxyType(
    {
        Region.US: "https://events.pagerduty.com/v2/enqueue",
        Region.EU: "https://events.eu.pagerduty.com/v2/enqueue",
    }
)
MAX_SUMMARY = 1024
MAX_DEDUP_KEY = 255
MAX_SOURCE = 255
MAX_TEXT = 8000
MAX_LINES = 100
MAX_LINKS = 10
RETRIED = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
SEVERITIES = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "info",
    Severity.INFO: "info",
}


class PagerDutySender:
    """Sends events. A channel has an address of its own in the local environment alone."""

    def __init__(self, poster: Poster, endpoints: Mapping[Region, str] = ENDPOINTS) -> None:
        self._poster = poster
        self._endpoints = endpoints

    def send(self, channel: Channel, page: Page, words: Words) -> Outcome:
        """One try."""
        url = channel.url if channel.url and self._poster.allow_loopback else ""
        content = orjson.dumps(message(channel.secret, page, words))
        return self._poster.post(url or self._endpoints[channel.region], content, {}, judge)


def judge(status: int, _text: str) -> Result:
    """What is wrong with an event stays wrong; what is wrong at their end may pass."""
    if status in RETRIED or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Result.FAILED
    return Result.REFUSED


def message(routing_key: str, page: Page, words: Words) -> dict[str, Any]:
    """The event: trigger while anything fires, resolve when nothing does."""
    event = {"routing_key": routing_key, "dedup_key": dedup_key(page.group)}
    if page.told is Told.RESOLVED:
        return {**event, "event_action": "resolve"}
    first = wording.ordered(page.items)[0]
    return {
        **event,
        "event_action": "trigger",
        "client": "Skafu",
        "client_url": page.console,
        "links": _links(page),
        "payload": {
            "summary": clip(words.title or wording.title(page), MAX_SUMMARY),
            "source": clip(wording.source(page), MAX_SOURCE),
            "severity": SEVERITIES[wording.severity(page)],
            "timestamp": moment(wording.began(page)),
            "component": first.notification.alert.definition.metric or "composite",
            "group": page.route or "alert",
            "class": first.notification.alert.name,
            "custom_details": _details(page, words),
        },
    }


def dedup_key(group: str) -> str:
    """The group's name, or where that is too long a hash of it."""
    if len(group) <= MAX_DEDUP_KEY:
        return group
    return hashlib.blake2b(group.encode(), digest_size=32).hexdigest()


def _details(page: Page, words: Words) -> dict[str, Any]:
    found: dict[str, Any] = {
        "text": clip(words.text, MAX_TEXT),
        "cause": wording.because(page),
        "note": page.note,
        "labels": dict(page.group_labels),
        "page": page.id,
    }
    one = wording.single(page)
    if one is not None:
        found |= {name.lower(): clip(value, MAX_TEXT) for name, value in texts.facts(one)}
        found["description"] = clip(one.notification.alert.description, MAX_TEXT)
        found["labels"] = one.labels
    else:
        found["instances"] = texts.lines(page, MAX_LINES)
    return {name: value for name, value in found.items() if value}


def _links(page: Page) -> list[dict[str, str]]:
    found = [{"href": wording.link(page), "text": "Alert in Skafu"}]
    runbooks = {item.notification.alert.runbook_url for item in page.items}
    found += [{"href": url, "text": "Runbook"} for url in sorted(x for x in runbooks if x)]
    return found[:MAX_LINKS]
