"""How channels are shown: the shapes of schemas.py as plain values, without anything secret.

Written by hand so that reading needs no pydantic; a test holds every one of them to its model.
"""

import hashlib
from typing import Any
from urllib.parse import urlsplit

from skafu.alerts.channels import Channel, ChannelType
from skafu.alerts.outcome import Outcome, Result
from skafu.alerts.senders.subscriptions import Standing

type View = dict[str, Any]

MASK = "***"


def masked(channel: Channel) -> str | None:
    """The address of a channel; of one that is a secret, the host alone."""
    if channel.type.secret_url:
        parts = urlsplit(channel.url)
        return f"{parts.scheme}://{parts.netloc}/{MASK}"
    return channel.url or None


def channel_view(channel: Channel, standing: Standing | None = None) -> View:
    """A channel without its secrets; the environment's topic has no address and no times.

    `standing` of the subscription is told where somebody has looked.
    """
    made = channel.type is not ChannelType.TOPIC
    template = channel.template
    return {
        "id": channel.id,
        "version": channel.version,
        "name": channel.name,
        "type": channel.type,
        "url": masked(channel),
        "region": channel.region if channel.type is ChannelType.PAGERDUTY else None,
        "address": channel.address or None,
        "subscription": standing,
        "template": template and {"title": template.title, "text": template.text},
        "sends_resolved": channel.sends_resolved,
        "previous_secret_until": channel.previous_until or None,
        "created_at": channel.created_at if made else None,
        "edited_at": channel.edited_at if made else None,
    }


def own_secret(channel: Channel) -> str:
    """What a receiver needs to verify signatures; empty for types that sign nothing."""
    return channel.secret if channel.type is ChannelType.WEBHOOK else ""


def audit_view(channel: Channel | None) -> View | None:
    """A channel as the audit keeps it: of its secrets a fingerprint, to see that they changed."""
    if channel is None:
        return None
    shown = channel_view(channel)
    del shown["subscription"]
    secret = channel.secret or (channel.url if channel.type.secret_url else "")
    digest = hashlib.blake2b(secret.encode(), digest_size=4).hexdigest()
    return {**shown, "secret_fingerprint": digest if secret else None}


def outcome_view(outcome: Outcome) -> View:
    """What came of a test notification."""
    return {
        "delivered": outcome.result is Result.DELIVERED,
        "status": outcome.status,
        "error": outcome.error,
        "note": outcome.note,
        "duration_ms": outcome.duration_ms,
    }
