"""Routes about what people do about firings, as data."""

from http import HTTPStatus

from skafu.shared.identity import Role
from skafu.shared.paging import CURSOR, limit_parameter
from skafu.shared.routes import Parameter, Route, Scope

_WRITE = (Scope.ALERTS_WRITE, Scope.PERSON)

ROUTES = (
    Route(
        method="POST",
        path="/api/alerts/{id}/acknowledge",
        endpoint="acknowledge",
        summary="Say that somebody looks after what fires now: nobody else is called",
        role=Role.EDITOR,
        scopes=_WRITE,
        request="FiringIn",
        response="EngagementList",
    ),
    Route(
        method="POST",
        path="/api/alerts/{id}/unacknowledge",
        endpoint="unacknowledge",
        summary="Take an acknowledgement back",
        role=Role.EDITOR,
        scopes=_WRITE,
        request="FiringIn",
        response="EngagementList",
    ),
    Route(
        method="POST",
        path="/api/alerts/{id}/assign",
        endpoint="assign",
        summary="Say who shall look after what fires now",
        role=Role.EDITOR,
        scopes=_WRITE,
        request="AssignIn",
        response="EngagementList",
    ),
    Route(
        method="POST",
        path="/api/alerts/{id}/comments",
        endpoint="comment",
        summary="Say something about an instance, or about an alert as a whole",
        role=Role.EDITOR,
        scopes=_WRITE,
        request="CommentIn",
        response="RemarkOut",
        success=HTTPStatus.CREATED,
    ),
    Route(
        method="GET",
        path="/api/alerts/{id}/comments",
        endpoint="list_comments",
        summary="What was done and said about an instance, or about an alert, newest first",
        role=Role.VIEWER,
        scopes=(Scope.ALERTS_READ, Scope.PERSON),
        response="RemarkList",
        parameters=(
            Parameter(
                "tags",
                "host=a: of the instance with these tags, each given once; what is about the alert "
                "as a whole if not given.",
                repeated=True,
            ),
            limit_parameter(),
            CURSOR,
        ),
    ),
)
