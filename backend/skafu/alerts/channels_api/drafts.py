"""What admins say about a channel, and whether it makes sense for its type."""

import re
from dataclasses import dataclass, fields

from skafu.alerts import signature
from skafu.alerts.channels import Channel, ChannelType, Region, Template
from skafu.alerts.channels_api.views import masked
from skafu.alerts.senders.posting import Poster
from skafu.alerts.targets import TargetRefused
from skafu.shared.errors import FieldError

# As SNS takes them: a domain with a dot, no quoted or commented forms.
EMAIL = re.compile(
    r"(?=.{3,320}$)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}"
)
PHONE = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164
ROUTING_KEY = re.compile(r"[A-Za-z0-9]{32}")

ALLOWED = {
    ChannelType.WEBHOOK: {"url", "secret"},
    ChannelType.SLACK: {"url"},
    ChannelType.TEAMS: {"url"},
    ChannelType.PAGERDUTY: {"routing_key", "region"},
    ChannelType.EMAIL: {"address"},
    ChannelType.SMS: {"address"},
}
"""What a type takes beside what all do. What a secret is made of may be left out in a change."""

EXAMPLES = {
    "url": "https://hooks.example.com/skafu",
    "routing_key": "the 32 characters of an Events API v2 integration's key",
    "address": "ops@example.com, or +4915112345678 for text messages",
}


@dataclass(frozen=True)
class ChannelDraft:
    """What admins say. None: not said, which leaves what is there or takes what is usual."""

    name: str
    type: ChannelType
    url: str | None = None
    secret: str | None = None
    routing_key: str | None = None
    region: Region | None = None
    address: str | None = None
    template: Template | None = None
    sends_resolved: bool = True


def problems(draft: ChannelDraft, present: Channel | None, poster: Poster) -> list[FieldError]:
    """What is wrong, by field; `present` is the channel that is to be changed, if it is one."""
    if present is not None and present.type is not draft.type:
        return [FieldError("type", f"is {present.type} and stays so; make another channel")]
    wrong = [*_misplaced(draft, poster), *_missing(draft, present)]
    if not wrong:
        wrong = [*_url(draft, present, poster), *_secrets(draft), *_address(draft)]
    return wrong + _template(draft)


def _misplaced(draft: ChannelDraft, poster: Poster) -> list[FieldError]:
    allowed = set(ALLOWED[draft.type])
    if draft.type is ChannelType.PAGERDUTY and poster.allow_loopback:
        allowed.add("url")  # where no PagerDuty can be reached, a receiver stands in for it
    known = {name for names in ALLOWED.values() for name in names}
    return [
        FieldError(each.name, f"is not for {draft.type} channels")
        for each in fields(draft)
        if each.name in known - allowed and getattr(draft, each.name) is not None
    ]


def _missing(draft: ChannelDraft, present: Channel | None) -> list[FieldError]:
    needed = {
        ChannelType.WEBHOOK: "url",
        ChannelType.PAGERDUTY: "routing_key",
        ChannelType.EMAIL: "address",
        ChannelType.SMS: "address",
    }.get(draft.type, "url")
    kept = present is not None and (draft.type.secret_url or needed == "routing_key")
    if getattr(draft, needed) is not None or kept:
        return []
    return [FieldError(needed, f"is needed, like {EXAMPLES[needed]}")]


def _url(draft: ChannelDraft, present: Channel | None, poster: Poster) -> list[FieldError]:
    kept = present is not None and draft.type.secret_url and draft.url == masked(present)
    if draft.url is None or kept:
        return []
    try:
        poster.vet(draft.url)
    except TargetRefused as refusal:
        return [FieldError("url", str(refusal))]
    return []


def _secrets(draft: ChannelDraft) -> list[FieldError]:
    if draft.secret is not None:
        try:
            signature.key_of(draft.secret)
        except ValueError as error:
            return [FieldError("secret", str(error))]
    if draft.routing_key is not None and not ROUTING_KEY.fullmatch(draft.routing_key):
        return [FieldError("routing_key", f"must be {EXAMPLES['routing_key']}")]
    return []


def _address(draft: ChannelDraft) -> list[FieldError]:
    if draft.address is None:
        return []
    if draft.type is ChannelType.SMS and not PHONE.fullmatch(draft.address):
        return [FieldError("address", "must be a phone number like +4915112345678")]
    if draft.type is ChannelType.EMAIL and not EMAIL.fullmatch(draft.address):
        return [FieldError("address", "must be an address like ops@example.com")]
    return []


def _template(draft: ChannelDraft) -> list[FieldError]:
    if draft.template is None:
        return []
    # pylint: disable-next=import-outside-toplevel # jinja2 costs more than most requests
    from skafu.alerts.templates.saving import template_problems

    return template_problems(draft.type, draft.template)
