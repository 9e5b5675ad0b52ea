"""Messages of Slack's incoming webhooks as Block Kit's reference has them, with its limits."""

import json
import re
from typing import Any

MAX_BLOCKS = 50
MAX_ALL = 13_000  # characters; beyond it Slack answers msg_blocks_too_long
MENTION = re.compile(r"<[!@#]")
BLOCKS = {
    "header": {"type", "text"},
    "section": {"type", "text"},
    "context": {"type", "elements"},
    "actions": {"type", "elements"},
}


def check(body: bytes) -> dict[str, Any]:
    """The message, read; AssertionError where Slack would refuse it, or would call people."""
    read: dict[str, Any] = json.loads(body)
    assert set(read) <= {"text", "blocks", "unfurl_links", "unfurl_media"}
    assert read["text"] and len(read["text"]) <= 40_000
    assert not MENTION.search(read["text"])
    assert 1 <= len(read["blocks"]) <= MAX_BLOCKS
    assert len(json.dumps(read["blocks"], ensure_ascii=False)) <= MAX_ALL
    for block in read["blocks"]:
        assert set(block) == BLOCKS[block["type"]], block["type"]
        _CHECKS[block["type"]](block)
    return read


def _header(block: dict[str, Any]) -> None:
    _text(block["text"], "plain_text", 150)


def _section(block: dict[str, Any]) -> None:
    _text(block["text"], "mrkdwn", 3000)


def _context(block: dict[str, Any]) -> None:
    assert 1 <= len(block["elements"]) <= 10
    for each in block["elements"]:
        _text(each, "mrkdwn", 3000)


def _actions(block: dict[str, Any]) -> None:
    assert 1 <= len(block["elements"]) <= 25
    for each in block["elements"]:
        assert set(each) == {"type", "text", "url"}
        assert each["type"] == "button"
        _text(each["text"], "plain_text", 75)
        assert re.match(r"https?://", each["url"]) and len(each["url"]) <= 3000


_CHECKS = {"header": _header, "section": _section, "context": _context, "actions": _actions}


def _text(text: dict[str, Any], kind: str, limit: int) -> None:
    assert text["type"] == kind
    assert 1 <= len(text["text"]) <= limit
    if kind == "mrkdwn":
        assert set(text) == {"type", "text"}
        assert not MENTION.search(text["text"])
        # An ampersand begins one of the three entities that Slack knows, whole.
        assert not re.search(r"&(?!amp;|lt;|gt;)", text["text"])
    else:
        assert set(text) <= {"type", "text", "emoji"}


def words_of(read: dict[str, Any]) -> str:
    """Everything that is shown, as it is shown."""
    parts = []
    for block in read["blocks"]:
        for text in [block.get("text"), *block.get("elements", ())]:
            found = text and text["text"]
            parts.append(found["text"] if isinstance(found, dict) else found)
    joined = "\n".join(part for part in parts if part)
    return joined.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
