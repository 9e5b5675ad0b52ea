"""The endpoints of routes.ROUTES. Imported when the first of them is called."""

# pylint: disable=import-outside-toplevel # pydantic and jinja2 cost a cold start; reading needs none

from http import HTTPStatus

from skafu.alerts.channels import ChannelStore, ChannelType
from skafu.alerts.channels_api import views
from skafu.alerts.channels_api.drafts import ChannelDraft
from skafu.alerts.channels_api.past import PastPages
from skafu.alerts.channels_api.service import Caller, ChannelService, Means
from skafu.alerts.channels_api.users import Users
from skafu.alerts.dispatch import Dispatcher
from skafu.alerts.parts import Parts
from skafu.alerts.routing.store import PolicyStore
from skafu.alerts.senders.posting import Poster
from skafu.alerts.senders.subscriptions import Subscriptions
from skafu.alerts.store import AlertStore
from skafu.shared import paging
from skafu.shared.conflicts import Conflicts
from skafu.shared.etag import etag, if_match
from skafu.shared.routes import Reply, Request

SECOND_MS = 1000


class ChannelEndpoints:
    """Channels as people and machines ask for them."""

    def __init__(self, channels: ChannelService, past: PastPages, console: str) -> None:
        self._channels = channels
        self._past = past
        self._console = console

    def list_channels(self, request: Request) -> Reply:
        """The environment's topic, then the tenant's own in the order of their ids."""
        route = "channels"
        limit = paging.limit_of(request)
        position = paging.position_of(route, request)
        found, after = self._channels.page(request.identity.tenant, limit, position)
        return Reply(
            {
                "channels": [views.channel_view(channel) for channel in found],
                "cursor": paging.cursor_for(route, request, after),
            }
        )

    def create_channel(self, request: Request) -> Reply:
        """201, with the secret, which is never shown again."""
        channel = self._channels.create(_caller(request), _draft(request))
        headers = {"Location": f"/api/channels/{channel.id}", "ETag": etag(channel.version)}
        shown = views.channel_view(channel, self._channels.standing(channel))
        return Reply({**shown, "secret": views.own_secret(channel)}, HTTPStatus.CREATED, headers)

    def read_channel(self, request: Request) -> Reply:
        """One channel, as it is now."""
        channel = self._channels.read(request.identity.tenant, request.path["id"])
        shown = views.channel_view(channel, self._channels.standing(channel))
        return Reply(shown, headers={"ETag": etag(channel.version)})

    def change_channel(self, request: Request) -> Reply:
        """The channel at its next version."""
        version = if_match(request)
        draft = _draft(request)
        channel = self._channels.change(_caller(request), request.path["id"], version, draft)
        shown = views.channel_view(channel, self._channels.standing(channel))
        return Reply(shown, headers={"ETag": etag(channel.version)})

    def delete_channel(self, request: Request) -> Reply:
        """409 as long as an alert or a route names it."""
        self._channels.delete(_caller(request), request.path["id"], _version(request))
        return Reply(status=HTTPStatus.NO_CONTENT)

    def test_channel(self, request: Request) -> Reply:
        """200 whatever the receiver did: `delivered` tells."""
        tenant, channel_id = request.identity.tenant, request.path["id"]
        outcome = self._channels.test(tenant, channel_id, self._console)
        return Reply(views.outcome_view(outcome))

    def rotate_channel(self, request: Request) -> Reply:
        """The channel with its new secret, which is never shown again."""
        from skafu.alerts.channels_api.schemas import RotateIn
        from skafu.shared.validation import parse

        overlap = parse(RotateIn, request.body or b"{}").overlap * SECOND_MS
        caller, channel_id = _caller(request), request.path["id"]
        channel = self._channels.rotate(caller, channel_id, overlap, _version(request))
        shown = {**views.channel_view(channel), "secret": channel.secret}
        return Reply(shown, headers={"ETag": etag(channel.version)})

    def preview_channel(self, request: Request) -> Reply:
        """What would be sent, and of which page."""
        from skafu.alerts.channels_api.preview import preview
        from skafu.alerts.channels_api.schemas import PreviewIn
        from skafu.shared.validation import parse

        asked = parse(PreviewIn, request.body)
        tenant = request.identity.tenant
        past = self._past.newest(tenant, asked.alert, asked.tags, request.now)
        return Reply(preview(ChannelType(asked.type), asked.draft(), past))


def build(parts: Parts) -> ChannelEndpoints:
    """The endpoints over a table, SNS and the clock."""
    settings, table = parts.settings, parts.table
    poster = Poster(settings.allow_loopback_webhooks)
    means = Means(
        channels=ChannelStore(table),
        users=Users(AlertStore(table), PolicyStore(table)),
        subscriptions=Subscriptions(parts.sns, settings.channels_topic_arn),
        poster=poster,
        dispatcher=Dispatcher(poster, parts.sns, settings, parts.clock),
        clock=parts.clock,
        new_id=parts.new_id,
        conflicts=Conflicts(),
    )
    # The console's address is the one origin that may read answers.
    console = settings.cors_origin
    return ChannelEndpoints(ChannelService(means), PastPages(table, console), console)


def _caller(request: Request) -> Caller:
    return Caller(request.identity.tenant, request.identity.subject)


def _version(request: Request) -> int | None:
    """The version in If-Match, where a request may do without."""
    return if_match(request) if request.headers.get("if-match") else None


def _draft(request: Request) -> ChannelDraft:
    from skafu.alerts.channels_api.schemas import ChannelIn
    from skafu.shared.validation import parse

    return parse(ChannelIn, request.body).draft()
