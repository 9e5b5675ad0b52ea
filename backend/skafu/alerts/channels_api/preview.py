"""What a template makes of a page, and the message that would be sent."""

from typing import Any

import orjson

from skafu.alerts.channels import Channel, ChannelType, Template
from skafu.alerts.channels_api.past import Past
from skafu.alerts.channels_api.views import MASK
from skafu.alerts.paging.model import Page
from skafu.alerts.senders import pagerduty, slack, teams, texts, topic, webhook, wording
from skafu.alerts.senders.words import Words
from skafu.alerts.templates.rendering import said
from skafu.alerts.templates.saving import template_problems
from skafu.shared.errors import Unprocessable


def preview(kind: ChannelType, template: Template, past: Past) -> dict[str, Any]:
    """As schemas.PreviewOut has it. Raises Unprocessable for a template that could not be kept."""
    wrong = template_problems(kind, template)
    if wrong:
        raise Unprocessable("the template does not make sense", wrong)
    page = past.page
    words, failed = said(kind, template, page)
    (item,) = page.items
    real = past.why_sample is None
    return {
        "title": words.title or wording.title(page),
        "text": words.text or texts.text(page),
        "message": message(kind, page, words),
        "real": real,
        "alert": item.notification.alert.id if real else None,
        "tags": dict(item.notification.tags),
        "at": item.notification.bucket if real else None,
        "notes": [note for note in (past.why_sample, failed) if note],
    }


def message(kind: ChannelType, page: Page, words: Words) -> dict[str, Any]:
    """The body that the service would be sent, without secrets; of a mail, its parts."""
    match kind:
        case ChannelType.SLACK:
            return slack.message(page, words)
        case ChannelType.TEAMS:
            return teams.message(page, words)
        case ChannelType.PAGERDUTY:
            return pagerduty.message(MASK, page, words)
        case ChannelType.WEBHOOK:
            channel = Channel("preview", 1, "preview", kind, "", "", 0, 0)
            found: dict[str, Any] = orjson.loads(webhook.body(channel, page, words))
            return found
        case ChannelType.SMS:
            return {"text": topic.short(page, words)}
        case _:
            return {"subject": topic.subject(page, words), "text": topic.mail(page, words)}
