"""Microsoft Teams: a webhook of a Workflow ("post to a channel when a webhook request is
received"), whose address is its secret, and an Adaptive Card in a message. 28 KB at most.
"""

from http import HTTPStatus
from typing import Any

import orjson

from skafu.alerts.channels import Channel
from skafu.alerts.model import Severity
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.paging.model import Page, Told
from skafu.alerts.senders import texts, wording
from skafu.alerts.senders.figures import clip
from skafu.alerts.senders.posting import Poster
from skafu.alerts.senders.words import Words

MAX_BYTES = 27_000  # of 28 KB, less what Teams puts around the card
MAX_TITLE = 500
MAX_TEXT = 6000
MAX_FACT = 1500
CARD = "application/vnd.microsoft.card.adaptive"
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
VERSION = "1.4"
URGENT = (Severity.CRITICAL, Severity.HIGH)
ENDED = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
# 401 and 403: the signature in the address is not (or no longer) one that the workflow accepts.
REVOKED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
FINAL = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE})
ZERO_WIDTH = "\u200b"


class TeamsSender:
    """Sends to webhooks of Workflows."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    def send(self, channel: Channel, page: Page, words: Words) -> Outcome:
        """One try."""
        return self._poster.post(channel.url, orjson.dumps(message(page, words)), {}, judge)


def judge(status: int, _text: str) -> Result:
    """Accepted is 202. A workflow that was deleted or switched off answers 404."""
    if status in ENDED or status in REVOKED:
        return Result.GONE
    return Result.REFUSED if status in FINAL else Result.FAILED


def escaped(text: str) -> str:
    """Text in which nothing is a link that a card would show in place of its address."""
    return text.replace("](", f"]{ZERO_WIDTH}(")


def message(page: Page, words: Words) -> dict[str, Any]:
    """The message, with as many instances as have room."""
    limit = texts.LINES
    while True:
        found = _message(page, words, limit)
        if len(orjson.dumps(found)) <= MAX_BYTES or limit == 0:
            return found
        limit //= 2


def _message(page: Page, words: Words, limit: int) -> dict[str, Any]:
    card = {
        "$schema": SCHEMA,
        "type": "AdaptiveCard",
        "version": VERSION,
        "msteams": {"width": "Full"},
        "body": _body(page, words, limit),
        "actions": _actions(page),
    }
    attachment = {"contentType": CARD, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _body(page: Page, words: Words, limit: int) -> list[dict[str, Any]]:
    title = {
        "type": "TextBlock",
        "text": clip(words.title or escaped(wording.title(page)), MAX_TITLE),
        "size": "Large",
        "weight": "Bolder",
        "color": _colour(page),
        "wrap": True,
    }
    if words.text:
        # One line break is none in a card's text.
        return [title, *_blocks([words.text.replace("\n", "\n\n")])]
    why = _blocks([escaped(wording.because(page)), escaped(page.note)])
    one = wording.single(page)
    if one is not None:
        facts = [
            {"title": name, "value": clip(escaped(value), MAX_FACT)}
            for name, value in texts.facts(one)
        ]
        description = _blocks([escaped(one.notification.alert.description)])
        return [title, *why, {"type": "FactSet", "facts": facts}, *(description if limit else [])]
    return [title, *why, *_blocks([escaped(each) for each in texts.lines(page, limit)])]


def _blocks(texts: list[str]) -> list[dict[str, Any]]:
    return [
        {"type": "TextBlock", "text": clip(text, MAX_TEXT), "wrap": True} for text in texts if text
    ]


def _colour(page: Page) -> str:
    if page.told is Told.RESOLVED:
        return "Good"
    return "Attention" if wording.severity(page) in URGENT else "Warning"


def _actions(page: Page) -> list[dict[str, Any]]:
    found = [("Open", wording.link(page))]
    runbooks = {item.notification.alert.runbook_url for item in page.items}
    if len(runbooks) == 1:
        found += [("Runbook", url) for url in runbooks if url]
    return [{"type": "Action.OpenUrl", "title": name, "url": url} for name, url in found]
