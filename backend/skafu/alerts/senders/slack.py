"""Slack: an incoming webhook, whose address is its secret, and a message of blocks.

Limits are those of Block Kit's reference: 150 characters in a header, 3,000 in a section, 50 blocks
in a message; all blocks together may hold about 13,000 characters (`msg_blocks_too_long`).
"""

from http import HTTPStatus
from typing import Any

import orjson

from skafu.alerts.channels import Channel
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.paging.model import Page
from skafu.alerts.senders import texts, wording
from skafu.alerts.senders.figures import clip
from skafu.alerts.senders.posting import Poster
from skafu.alerts.senders.words import Words

MAX_HEADER = 150
MAX_SECTION = 3000
MAX_TEXT = 8000
MAX_CONTEXT = 2000
MAX_URL = 3000
ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
FINAL = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}
)
REVOKED = ("invalid_token", "team_disabled", "no_active_hooks")


class SlackSender:
    """Sends to incoming webhooks."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    def send(self, channel: Channel, page: Page, words: Words) -> Outcome:
        """One try."""
        return self._poster.post(channel.url, orjson.dumps(message(page, words)), {}, judge)


def judge(status: int, text: str) -> Result:
    """As Slack documents its answers: `no_service` and `channel_not_found` come with 404,
    `channel_is_archived` with 410; 400 and 403 will be the same when asked again.
    """
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE) or text.startswith(REVOKED):
        return Result.GONE
    return Result.REFUSED if status in FINAL else Result.FAILED


def escaped(text: str) -> str:
    """Text that Slack shows as it is: without this, `<!channel>` in a tag would call everybody."""
    return text.translate(ENTITIES)


def message(page: Page, words: Words) -> dict[str, Any]:
    """The message. A template's text is Slack's mrkdwn already; what it was filled with is
    escaped.
    """
    title = words.title or wording.title(page)
    text = words.text or escaped(_standard(page))
    sections = [_section(part) for part in _pieces(text, min(MAX_TEXT, MAX_SECTION * 3))]
    about = f"Severity {wording.severity(page)} | page {page.id}"
    about += f" | route {page.route}" if page.route else ""
    return {
        "text": clip(escaped(title), MAX_SECTION),
        "blocks": [
            {
                "type": "header",
                "text": {"type": "plain_text", "text": clip(title, MAX_HEADER), "emoji": False},
            },
            *sections,
            {
                "type": "context",
                "elements": [{"type": "mrkdwn", "text": clip(escaped(about), MAX_CONTEXT)}],
            },
            *_buttons(page),
        ],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _standard(page: Page) -> str:
    parts = [wording.because(page), page.note]
    one = wording.single(page)
    if one is not None:
        parts += [f"{name}: {value}" for name, value in texts.facts(one)]
        parts.append(one.notification.alert.description)
    else:
        parts += texts.lines(page)
    return "\n".join(part for part in parts if part)


def _pieces(text: str, limit: int) -> list[str]:
    """A text in sections, cut at ends of lines where there are any; entities stay whole."""
    rest, found = _cut(text, limit), []
    while rest:
        piece = _cut(rest, MAX_SECTION, marked=False)
        found.append(piece)
        rest = rest[len(piece) :].lstrip("\n")
    return found


def _cut(text: str, limit: int, marked: bool = True) -> str:
    if len(text) <= limit:
        return text
    short = text[: limit - 3]
    end = short.rfind("\n")
    if end > limit // 2:
        short = short[:end]
    elif "&" in short[-5:]:
        short = short[: short.rindex("&")]
    return f"{short}..." if marked else short


def _buttons(page: Page) -> list[dict[str, Any]]:
    """A button to the console, and one to the runbook where all instances have the same."""
    found = [("Open", wording.link(page))]
    runbooks = {item.notification.alert.runbook_url for item in page.items}
    if len(runbooks) == 1:
        found += [("Runbook", url) for url in runbooks if url]
    elements = [
        {"type": "button", "text": {"type": "plain_text", "text": name}, "url": url}
        for name, url in found
        if url.startswith(("https://", "http://")) and len(url) <= MAX_URL
    ]
    return [{"type": "actions", "elements": elements}] if elements else []
