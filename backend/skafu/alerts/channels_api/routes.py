"""Routes about channels, as data."""

from http import HTTPStatus

from skafu.shared import paging
from skafu.shared.identity import Role
from skafu.shared.routes import Route, Scope

READ = (Scope.ALERTS_READ, Scope.PERSON)
ADMIN = (Scope.ADMIN, Scope.PERSON)

ROUTES = (
    Route(
        method="GET",
        path="/api/channels",
        endpoint="list_channels",
        summary="Channels, the environment's topic first; never their secrets",
        role=Role.VIEWER,
        scopes=READ,
        response="ChannelList",
        parameters=(paging.limit_parameter(), paging.CURSOR),
    ),
    Route(
        method="POST",
        path="/api/channels",
        endpoint="create_channel",
        summary="Make a channel; the only answer that shows a webhook's secret",
        role=Role.ADMIN,
        scopes=ADMIN,
        request="ChannelIn",
        response="ChannelCreated",
        success=HTTPStatus.CREATED,
    ),
    Route(
        method="GET",
        path="/api/channels/{id}",
        endpoint="read_channel",
        summary="One channel, without its secret",
        role=Role.VIEWER,
        scopes=READ,
        response="ChannelOut",
    ),
    Route(
        method="PUT",
        path="/api/channels/{id}",
        endpoint="change_channel",
        summary="Replace a channel; If-Match names the version, secrets not given stay",
        role=Role.ADMIN,
        scopes=ADMIN,
        request="ChannelIn",
        response="ChannelOut",
    ),
    Route(
        method="DELETE",
        path="/api/channels/{id}",
        endpoint="delete_channel",
        summary="Remove a channel that no alert or route names; with If-Match only at that version",
        role=Role.ADMIN,
        scopes=ADMIN,
        success=HTTPStatus.NO_CONTENT,
    ),
    Route(
        method="POST",
        path="/api/channels/{id}/test",
        endpoint="test_channel",
        summary="Send a test notification through a channel now",
        role=Role.ADMIN,
        scopes=ADMIN,
        response="TestResult",
    ),
    Route(
        method="POST",
        path="/api/channels/{id}/rotate",
        endpoint="rotate_channel",
        summary="Give a webhook a new secret, shown here alone; the one before stays a while",
        role=Role.ADMIN,
        scopes=ADMIN,
        request="RotateIn",
        response="ChannelCreated",
    ),
    Route(
        method="POST",
        path="/api/channels/preview",
        endpoint="preview_channel",
        summary="What a template makes of a real past alert, for a type of channel",
        role=Role.VIEWER,
        scopes=READ,
        request="PreviewIn",
        response="PreviewOut",
    ),
)
