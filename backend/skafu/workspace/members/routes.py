"""Routes about members, as data."""

from http import HTTPStatus

from skafu.shared.identity import Role
from skafu.shared.paging import CURSOR, limit_parameter
from skafu.shared.routes import Route, Scope

PAGE = 100  # for each of these an account may be asked after
ADMIN = (Scope.ADMIN, Scope.PERSON)

ROUTES = (
    Route(
        method="GET",
        path="/api/members",
        endpoint="list_members",
        summary="People of the team, invited and disabled ones too",
        # Whoever looks after an incident has to know who acknowledged it, and whom to ask.
        role=Role.VIEWER,
        scopes=ADMIN,
        response="MemberList",
        parameters=(limit_parameter(PAGE), CURSOR),
    ),
    Route(
        method="POST",
        path="/api/members",
        endpoint="invite_member",
        summary="Invite somebody by mail; asking again completes what was broken off",
        role=Role.ADMIN,
        scopes=ADMIN,
        request="MemberIn",
        response="MemberOut",
        success=HTTPStatus.CREATED,
    ),
    Route(
        method="PUT",
        path="/api/members/{id}",
        endpoint="change_member",
        summary="Give a member another role, disable or enable them; the last admin stays",
        role=Role.ADMIN,
        scopes=ADMIN,
        request="MemberChange",
        response="MemberOut",
    ),
    Route(
        method="POST",
        path="/api/members/{id}/invite",
        endpoint="send_invitation",
        summary="Send an invitation again; the password in the mail before is void then",
        role=Role.ADMIN,
        scopes=ADMIN,
        response="MemberOut",
    ),
    Route(
        method="DELETE",
        path="/api/members/{id}",
        endpoint="remove_member",
        summary="Remove an invited or disabled member, and their account",
        role=Role.ADMIN,
        scopes=ADMIN,
        success=HTTPStatus.NO_CONTENT,
    ),
)
