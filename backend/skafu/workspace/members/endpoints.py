"""The endpoints of routes.ROUTES. Imported when the first of them is called."""

# pylint: disable=import-outside-toplevel # pydantic costs a cold start; reading needs none

import re
from http import HTTPStatus

from skafu.shared import paging
from skafu.shared.errors import NotFound
from skafu.shared.etag import etag, if_match
from skafu.shared.routes import Reply, Request
from skafu.workspace.conflicts import Transactions
from skafu.workspace.members.accounts import Accounts
from skafu.workspace.members.cognito import CognitoAccounts
from skafu.workspace.members.model import Caller, Member
from skafu.workspace.members.routes import PAGE
from skafu.workspace.members.service import MemberService
from skafu.workspace.members.store import MemberStore
from skafu.workspace.members.views import member_view
from skafu.workspace.parts import Parts
from skafu.workspace.pool import Pool

SAFE_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


class MemberEndpoints:
    """Members as admins see them."""

    def __init__(self, members: MemberService) -> None:
        self._members = members

    def list_members(self, request: Request) -> Reply:
        """A page of members."""
        route = "members"
        limit = paging.limit_of(request, PAGE)
        position = paging.position_of(route, request)
        found, after = self._members.page(request.identity.tenant, limit, position)
        return Reply(
            {
                "members": [member_view(each) for each in found],
                "cursor": paging.cursor_for(route, request, after),
            }
        )

    def invite_member(self, request: Request) -> Reply:
        """201 and the member; 200 for who is a member already and stays as they are."""
        from skafu.shared.validation import parse
        from skafu.workspace.members.schemas import MemberIn

        invitation = parse(MemberIn, request.body).invitation()
        member, is_news = self._members.invite(_caller(request), invitation)
        return _shown(member, HTTPStatus.CREATED if is_news else HTTPStatus.OK)

    def change_member(self, request: Request) -> Reply:
        """The member at their next version."""
        from skafu.shared.validation import parse
        from skafu.workspace.members.schemas import MemberChange

        version = if_match(request)
        role, status = parse(MemberChange, request.body).wanted()
        return _shown(self._members.change(_caller(request), _id(request), version, role, status))

    def send_invitation(self, request: Request) -> Reply:
        """The member, to whom another mail has been sent."""
        return _shown(self._members.send_again(_caller(request), _id(request)))

    def remove_member(self, request: Request) -> Reply:
        """They are gone, and so is their account."""
        version = if_match(request) if request.headers.get("if-match") else None
        self._members.remove(_caller(request), _id(request), version)
        return Reply(status=HTTPStatus.NO_CONTENT)


def _id(request: Request) -> str:
    found = request.path["id"]
    if not SAFE_ID.fullmatch(found):
        raise NotFound("there is no such member")
    return found


def _caller(request: Request) -> Caller:
    return Caller(request.identity.tenant, request.identity.subject)


def _shown(member: Member, status: HTTPStatus = HTTPStatus.OK) -> Reply:
    headers = {"ETag": etag(member.version)}
    if status is HTTPStatus.CREATED:
        headers["Location"] = f"/api/members/{member.id}"
    return Reply(member_view(member), status, headers)


def over(parts: Parts, accounts: Accounts) -> MemberEndpoints:
    """The endpoints over any accounts."""
    store = MemberStore(parts.table, Transactions(parts.table))
    return MemberEndpoints(MemberService(store, accounts, parts.clock))


def build(parts: Parts) -> MemberEndpoints:
    """The endpoints over the environment's user pool."""
    pool = Pool(parts.make_client("cognito-idp"), parts.settings.user_pool_id)
    return over(parts, CognitoAccounts(pool))
