"""What admins do with channels: make, read, change, remove, list and try them, and give them new
secrets.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from skafu.alerts import signature
from skafu.alerts.channels import (
    DEFAULT,
    TOPIC,
    Channel,
    ChannelStore,
    ChannelType,
    Region,
    Template,
    audience_of,
)
from skafu.alerts.channels_api import drafts
from skafu.alerts.channels_api.drafts import ChannelDraft
from skafu.alerts.channels_api.trial import trial
from skafu.alerts.channels_api.users import Users
from skafu.alerts.channels_api.views import audit_view, masked
from skafu.alerts.dispatch import Dispatcher
from skafu.alerts.outcome import Outcome
from skafu.alerts.senders.posting import Poster
from skafu.alerts.senders.subscriptions import AddressRefused, Standing, Subscriptions
from skafu.alerts.service import SAFE_ID
from skafu.shared import audit
from skafu.shared.clock import Clock
from skafu.shared.conflicts import Conflicts
from skafu.shared.errors import (
    Conflict,
    FieldError,
    NotFound,
    PreconditionFailed,
    Unavailable,
    Unprocessable,
)
from skafu.shared.identity import NewId
from skafu.shared.table import Check, ConditionFailed, Put, Write

type Position = Mapping[str, str] | None

TRIES = 5
FIRST: Mapping[str, str] = {"after": DEFAULT}
NOTHING = ""
WRONG = "the channel does not make sense"


@dataclass(frozen=True)
class Caller:
    """Who changes something: a tenant and the identity's subject."""

    tenant: str
    actor: str


@dataclass(frozen=True)
class Means:
    """What the service works with."""

    channels: ChannelStore
    users: Users
    subscriptions: Subscriptions
    poster: Poster
    dispatcher: Dispatcher
    clock: Clock
    new_id: NewId
    conflicts: Conflicts


class ChannelService:
    """Use cases over the stores. Raises NotFound alike for ids that nobody has and ids of other
    tenants. Every change is in the audit, without secrets.
    """

    def __init__(self, means: Means) -> None:
        self._means = means
        self._channels = means.channels

    def create(self, caller: Caller, draft: ChannelDraft) -> Channel:
        """Make a channel. Raises Unprocessable naming the fields that are wrong."""
        self._vet(draft, None)
        now = self._means.clock()
        blank = Channel(self._means.new_id(), 1, "", draft.type, "", "", now, now)
        channel = self._subscribed(_drawn(caller.tenant, draft, blank))
        entry = self._entry(caller, "create", None, channel)
        self._outlive(lambda: self._channels.create(caller.tenant, channel, [entry]))
        return channel

    def read(self, tenant: str, channel_id: str) -> Channel:
        """A channel; `default` is the environment's topic."""
        if channel_id == DEFAULT:
            return TOPIC
        channel = self._channels.get(tenant, channel_id) if SAFE_ID.fullmatch(channel_id) else None
        if channel is None:
            raise NotFound("there is no such channel")
        return channel

    def standing(self, channel: Channel) -> Standing | None:
        """Whether a channel's address hears what is sent to it; None for types without one."""
        return self._means.subscriptions.standing(channel) if channel.type.subscribed else None

    def change(self, caller: Caller, channel_id: str, version: int, draft: ChannelDraft) -> Channel:
        """Give a channel that is at `version` its next one.

        Raises PreconditionFailed when it is at another version, Conflict for the topic, and
        Unprocessable. An address that has unsubscribed is asked again.
        """
        present = self._at(caller.tenant, channel_id, version)
        self._vet(draft, present)
        changed = self._subscribed(_drawn(caller.tenant, draft, self._next(present)))
        self._replace(caller, "change", present, changed)
        if present.audience != changed.audience:
            self._abandon(caller.tenant, present)
        return changed

    def rotate(
        self, caller: Caller, channel_id: str, overlap_ms: int, version: int | None
    ) -> Channel:
        """Give a webhook a new secret; the present one signs too for so many milliseconds more.

        Raises Conflict for other types, and while an earlier secret is still valid: a third one
        would end it before the moment that was told. Without overlap all earlier ones end now.
        """
        present = self._at(caller.tenant, channel_id, version)
        if present.type is not ChannelType.WEBHOOK:
            raise Conflict("only webhooks are signed; replace what is secret with PUT")
        now = self._means.clock()
        if overlap_ms and now < present.previous_until:
            raise Conflict(
                "the secret before this one is still valid; wait until then, or rotate with an "
                "overlap of 0, which ends all earlier secrets now",
                extra={"previous_secret_until": present.previous_until},
            )
        changed = replace(
            self._next(present),
            secret=signature.new_secret(),
            previous_secret=present.secret if overlap_ms else NOTHING,
            previous_until=now + overlap_ms if overlap_ms else 0,
        )
        self._replace(caller, "rotate", present, changed)
        return changed

    def delete(self, caller: Caller, channel_id: str, version: int | None) -> None:
        """Remove a channel that no alert and no route names.

        Raises Conflict naming those that do: nobody must lose their way to people silently. If
        `version` is given, raises PreconditionFailed at any other one.
        """
        tenant = caller.tenant
        for _ in range(TRIES):
            channel = self._at(tenant, channel_id, version)
            # What was looked at is checked in the same transaction: nobody has been given this
            # channel since. Who comes later finds no channel.
            checks = self._means.users.refuse_used(tenant, channel_id)
            also: list[Write | Check] = [*checks, self._entry(caller, "delete", channel, None)]
            try:
                self._delete(tenant, channel, also)
            except ConditionFailed:
                continue  # channel, alerts or routes have changed meanwhile: look again
            self._abandon(tenant, channel)
            return
        raise Unavailable("alerts are being changed at this very moment; try again")

    def page(self, tenant: str, limit: int, after: Position) -> tuple[list[Channel], Position]:
        """The environment's topic, then the tenant's own channels in the order of their ids."""
        first = [TOPIC] if after is None else []
        if len(first) == limit:
            return first, FIRST
        position = None if after == FIRST else after
        found, position = self._channels.page(tenant, limit - len(first), position)
        return first + found, position

    def test(self, tenant: str, channel_id: str, console: str) -> Outcome:
        """Send a real notification that says that it is a test, now, and tell what came of it."""
        channel = self.read(tenant, channel_id)
        page = trial(channel, tenant, console, self._means.new_id(), self._means.clock())
        return self._means.dispatcher.send(channel, page)

    # --- parts ---

    def _at(self, tenant: str, channel_id: str, version: int | None) -> Channel:
        if channel_id == DEFAULT:
            raise Conflict("the default channel is the environment's topic and cannot be changed")
        channel = self.read(tenant, channel_id)
        if version is not None and channel.version != version:
            raise _outdated(channel)
        return channel

    def _next(self, present: Channel) -> Channel:
        edited = max(self._means.clock(), present.edited_at)
        return replace(present, version=present.version + 1, edited_at=edited)

    def _vet(self, draft: ChannelDraft, present: Channel | None) -> None:
        wrong = drafts.problems(draft, present, self._means.poster)
        if wrong:
            raise Unprocessable(WRONG, wrong)

    def _subscribed(self, channel: Channel) -> Channel:
        if not channel.type.subscribed:
            return channel
        try:
            return replace(channel, subscription=self._means.subscriptions.join(channel))
        except AddressRefused as refusal:
            raise Unprocessable(WRONG, [FieldError("address", str(refusal))]) from refusal

    def _abandon(self, tenant: str, channel: Channel) -> None:
        """End the subscription of an address that no channel of the tenant has any more."""
        if not channel.type.subscribed:
            return
        if all(each.audience != channel.audience for each in self._channels.all(tenant)):
            self._means.subscriptions.leave(channel)

    def _replace(self, caller: Caller, action: str, present: Channel, changed: Channel) -> None:
        tenant, entry = caller.tenant, self._entry(caller, action, present, changed)
        try:
            self._outlive(lambda: self._channels.replace(tenant, changed, present.version, [entry]))
        except ConditionFailed as failure:
            raise _outdated(self.read(tenant, present.id)) from failure

    def _delete(self, tenant: str, channel: Channel, also: Sequence[Write | Check]) -> None:
        self._outlive(lambda: self._channels.delete(tenant, channel, also))

    def _outlive(self, transaction: Callable[[], None]) -> None:
        self._means.conflicts.outlive(transaction)

    def _entry(
        self, caller: Caller, action: str, before: Channel | None, after: Channel | None
    ) -> Put:
        subject = (after or before or TOPIC).id
        views = audit_view(before), audit_view(after)
        now = self._means.clock()
        change = audit.Change(caller.actor, now, action, "channel", subject, *views)
        return audit.entry(caller.tenant, change)


def _drawn(tenant: str, draft: ChannelDraft, present: Channel) -> Channel:
    """A channel as a draft wants it; what the draft does not say of secrets stays."""
    url = draft.url or ""
    if draft.type.secret_url and draft.url in (None, masked(present)):
        url = present.url
    changed = replace(
        present,
        name=draft.name,
        url=url,
        address=draft.address or "",
        audience=audience_of(tenant, draft.type, draft.address) if draft.address else "",
        region=draft.region or Region.US,
        template=_template(draft.template),
        sends_resolved=draft.sends_resolved,
    )
    secret = draft.secret or draft.routing_key
    if secret is not None:
        # Whoever names a secret means this one and no other.
        return replace(changed, secret=secret, previous_secret=NOTHING, previous_until=0)
    if draft.type is ChannelType.WEBHOOK and not present.secret:
        return replace(changed, secret=signature.new_secret())
    return changed


def _template(template: Template | None) -> Template | None:
    return None if template == Template() else template


def _outdated(channel: Channel) -> PreconditionFailed:
    return PreconditionFailed(
        f"the channel is at version {channel.version}: read it again before you change it"
    )
