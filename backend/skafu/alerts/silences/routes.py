"""Routes about silences, as data."""

from http import HTTPStatus

from skafu.shared.identity import Role
from skafu.shared.paging import CURSOR, limit_parameter
from skafu.shared.routes import Parameter, Route, Scope

_READ = (Scope.ALERTS_READ, Scope.PERSON)
_WRITE = (Scope.ALERTS_WRITE, Scope.PERSON)

ROUTES = (
    Route(
        method="GET",
        path="/api/silences",
        endpoint="list_silences",
        summary="Silences, also those that were over up to 90 days ago",
        role=Role.VIEWER,
        scopes=_READ,
        response="SilenceList",
        parameters=(
            Parameter("state", "active, pending or ended: only these."),
            limit_parameter(),
            CURSOR,
        ),
    ),
    Route(
        method="POST",
        path="/api/silences",
        endpoint="create_silence",
        summary="Mute what matches: once, recurring, or until it is resolved",
        role=Role.EDITOR,
        scopes=_WRITE,
        request="SilenceIn",
        response="SilenceOut",
        success=HTTPStatus.CREATED,
    ),
    Route(
        method="GET",
        path="/api/silences/{id}",
        endpoint="read_silence",
        summary="One silence, with the windows that come next",
        role=Role.VIEWER,
        scopes=_READ,
        response="SilenceOut",
    ),
    Route(
        method="PUT",
        path="/api/silences/{id}",
        endpoint="change_silence",
        summary="Replace a silence that is not over; If-Match names the version that is meant",
        role=Role.EDITOR,
        scopes=_WRITE,
        request="SilenceIn",
        response="SilenceOut",
    ),
    Route(
        method="DELETE",
        path="/api/silences/{id}",
        endpoint="end_silence",
        summary="End a silence now; it can be read for 90 days more",
        role=Role.EDITOR,
        scopes=_WRITE,
        success=HTTPStatus.NO_CONTENT,
    ),
    Route(
        method="POST",
        path="/api/silences/preview",
        endpoint="preview_silence",
        summary="What a silence would have muted in the past, and what it would mute now",
        role=Role.VIEWER,
        scopes=_READ,
        request="SilencePreviewIn",
        response="SilencePreview",
    ),
)
