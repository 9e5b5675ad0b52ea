"""Messages that a Teams Workflow ("when a webhook request is received") posts: one Adaptive Card,
with what version 1.4 of the cards knows of these elements.
"""

import json
from typing import Any

MAX_BYTES = 28 * 1024
COLOURS = {"Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention"}
TEXT_BLOCK = {"type", "text", "size", "weight", "color", "wrap", "isSubtle", "spacing"}


def check(body: bytes) -> dict[str, Any]:
    """The card, read; AssertionError where the workflow would refuse it."""
    assert len(body) <= MAX_BYTES
    read = json.loads(body)
    assert set(read) == {"type", "attachments"}
    assert read["type"] == "message"
    (attachment,) = read["attachments"]
    assert set(attachment) == {"contentType", "contentUrl", "content"}
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card: dict[str, Any] = attachment["content"]
    assert set(card) == {"$schema", "type", "version", "msteams", "body", "actions"}
    assert card["$schema"] == "http://adaptivecards.io/schemas/adaptive-card.json"
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert card["msteams"] == {"width": "Full"}
    assert card["body"]
    for element in card["body"]:
        _ELEMENTS[element["type"]](element)
    assert len(card["actions"]) <= 6
    for action in card["actions"]:
        assert set(action) == {"type", "title", "url"}
        assert action["type"] == "Action.OpenUrl"
        assert action["url"].startswith(("https://", "http://"))
    return card


def _text_block(element: dict[str, Any]) -> None:
    assert set(element) <= TEXT_BLOCK
    assert isinstance(element["text"], str) and element["text"]
    assert element.get("color", "Default") in COLOURS
    assert element.get("size", "Default") in {"Default", "Small", "Medium", "Large", "ExtraLarge"}
    assert element.get("weight", "Default") in {"Default", "Lighter", "Bolder"}
    assert "](" not in element["text"], "whoever names a host must not make a link"


def _fact_set(element: dict[str, Any]) -> None:
    assert set(element) == {"type", "facts"}
    assert element["facts"]
    for fact in element["facts"]:
        assert set(fact) == {"title", "value"}
        assert isinstance(fact["title"], str) and isinstance(fact["value"], str)


_ELEMENTS = {"TextBlock": _text_block, "FactSet": _fact_set}


def words_of(card: dict[str, Any]) -> str:
    """Everything that is shown."""
    parts = []
    for element in card["body"]:
        parts += [element["text"]] if "text" in element else []
        parts += [f"{fact['title']}: {fact['value']}" for fact in element.get("facts", ())]
    return "\n".join(parts)
