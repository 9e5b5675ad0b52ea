"""What admins do with channels: make, read, change, remove, list and try them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from skafu.alerts import dispatch, signature
from skafu.alerts.channels import DEFAULT, TOPIC, Channel, ChannelStore, ChannelType
from skafu.alerts.dispatch import Dispatcher
from skafu.alerts.outcome import Outcome
from skafu.alerts.senders.posting import Poster
from skafu.alerts.service import SAFE_ID
from skafu.alerts.store import AlertStore, Conflicts
from skafu.alerts.targets import TargetRefused
from skafu.shared.clock import Clock
from skafu.shared.errors import (
    Conflict,
    FieldError,
    NotFound,
    PreconditionFailed,
    Unavailable,
    Unprocessable,
)
from skafu.shared.identity import NewId
from skafu.shared.table import ConditionFailed

type Position = Mapping[str, str] | None

TRIES = 5
MAX_NAMED = 20  # alerts that an answer names
FIRST: Mapping[str, str] = {"after": DEFAULT}


@dataclass(frozen=True)
class ChannelDraft:
    """What admins say about a webhook. Without a secret one is made, or the present one stays."""

    name: str
    url: str
    secret: str | None


class ChannelService:
    """Use cases over the stores. Raises NotFound alike for ids that nobody has and ids of other
    tenants.
    """

    def __init__(
        self,
        channels: ChannelStore,
        alerts: AlertStore,
        poster: Poster,
        dispatcher: Dispatcher,
        clock: Clock,
        new_id: NewId,
        conflicts: Conflicts | None = None,
    ) -> None:
        self._channels = channels
        self._alerts = alerts
        self._poster = poster
        self._dispatcher = dispatcher
        self._clock = clock
        self._new_id = new_id
        self._conflicts = conflicts or Conflicts()

    def create(self, tenant: str, draft: ChannelDraft) -> Channel:
        """Make a webhook. Raises Unprocessable naming the fields that are wrong."""
        self._vet(draft)
        now = self._clock()
        channel = Channel(
            id=self._new_id(),
            version=1,
            name=draft.name,
            type=ChannelType.WEBHOOK,
            url=draft.url,
            secret=draft.secret or signature.new_secret(),
            created_at=now,
            edited_at=now,
        )
        self._channels.create(tenant, channel)
        return channel

    def read(self, tenant: str, channel_id: str) -> Channel:
        """A channel; `default` is the environment's topic."""
        if channel_id == DEFAULT:
            return TOPIC
        channel = self._channels.get(tenant, channel_id) if SAFE_ID.fullmatch(channel_id) else None
        if channel is None:
            raise NotFound("there is no such channel")
        return channel

    def change(self, tenant: str, channel_id: str, version: int, draft: ChannelDraft) -> Channel:
        """Give a channel that is at `version` its next one.

        Raises PreconditionFailed when it is at another version, Conflict for the topic, and
        Unprocessable.
        """
        present = self._own(tenant, channel_id)
        if present.version != version:
            raise _outdated(present)
        self._vet(draft)
        changed = replace(
            present,
            version=version + 1,
            name=draft.name,
            url=draft.url,
            secret=draft.secret or present.secret,
            edited_at=max(self._clock(), present.edited_at),
        )
        try:
            self._channels.replace(tenant, changed, version)
        except ConditionFailed as failure:
            raise _outdated(self._own(tenant, channel_id)) from failure
        return changed

    def delete(self, tenant: str, channel_id: str, version: int | None) -> None:
        """Remove a channel that no alert names.

        Raises Conflict naming the alerts that do: an alert must not lose its way to people
        silently. If `version` is given, raises PreconditionFailed at any other one.
        """
        for _ in range(TRIES):
            channel = self._own(tenant, channel_id)
            if version is not None and channel.version != version:
                raise _outdated(channel)
            rules = self._alerts.rules_version(tenant)
            self._refuse_used(tenant, channel_id)
            try:
                # The rules' version is checked in the same transaction: no alert has been given
                # this channel since they were read. One that comes later finds no channel.
                self._delete(tenant, channel, rules)
                return
            except ConditionFailed:
                continue  # channel or alerts have changed meanwhile: look again
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
        page = dispatch.trial(channel, tenant, console, self._new_id(), self._clock())
        return self._dispatcher.send(channel, page)

    def _own(self, tenant: str, channel_id: str) -> Channel:
        if channel_id == DEFAULT:
            raise Conflict("the default channel is the environment's topic and cannot be changed")
        return self.read(tenant, channel_id)

    def _delete(self, tenant: str, channel: Channel, rules: int) -> None:
        self._conflicts.outlive(lambda: self._channels.delete(tenant, channel, rules))

    def _refuse_used(self, tenant: str, channel_id: str) -> None:
        users = [x for x in self._alerts.all(tenant) if channel_id in x.channels]
        if users:
            named = [{"id": each.id, "name": each.name} for each in users[:MAX_NAMED]]
            count = "1 alert names" if len(users) == 1 else f"{len(users)} alerts name"
            raise Conflict(
                f"{count} this channel: give them another one first", extra={"alerts": named}
            )

    def _vet(self, draft: ChannelDraft) -> None:
        wrong = []
        try:
            self._poster.vet(draft.url)
        except TargetRefused as refusal:
            wrong.append(FieldError("url", str(refusal)))
        if draft.secret is not None:
            try:
                signature.key_of(draft.secret)
            except ValueError as error:
                wrong.append(FieldError("secret", str(error)))
        if wrong:
            raise Unprocessable("the channel does not make sense", wrong)


def _outdated(channel: Channel) -> PreconditionFailed:
    return PreconditionFailed(
        f"the channel is at version {channel.version}: read it again before you change it"
    )
