"""The endpoints of routes.ROUTES. Imported when the first of them is called."""

# pylint: disable=import-outside-toplevel # pydantic costs a cold start; reading needs none

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from skafu.alerts.engagement.firing import Firings
from skafu.alerts.engagement.service import Deed, Engaged, EngagementService
from skafu.alerts.engagement.store import EngagementStore
from skafu.alerts.engagement.views import engaged_view, remark_view
from skafu.alerts.paging.looking import Looking
from skafu.alerts.parts import Parts
from skafu.alerts.store import AlertStore
from skafu.metrics.model import Tags
from skafu.shared import paging
from skafu.shared.errors import BadRequest, FieldError
from skafu.shared.membership import Members
from skafu.shared.routes import Reply, Request


class EngagementEndpoints:
    """What people do about firings, as they and machines ask for it."""

    def __init__(self, engagement: EngagementService) -> None:
        self._engagement = engagement

    def acknowledge(self, request: Request) -> Reply:
        """The firings that are acknowledged now."""
        return _engaged(self._engagement.acknowledge(request.identity.tenant, _deed(request)))

    def unacknowledge(self, request: Request) -> Reply:
        """The firings that are not acknowledged any more."""
        return _engaged(self._engagement.unacknowledge(request.identity.tenant, _deed(request)))

    def assign(self, request: Request) -> Reply:
        """The firings that somebody else, or nobody, looks after now."""
        from skafu.alerts.engagement.schemas import AssignIn
        from skafu.shared.validation import parse

        asked = parse(AssignIn, request.body or b"{}")
        caller = request.identity
        assignee = asked.assignee if "assignee" in asked.model_fields_set else caller.subject
        deed = Deed(caller.subject, request.path["id"], _tags(asked.tags), asked.comment)
        return _engaged(self._engagement.assign(caller.tenant, deed, assignee))

    def comment(self, request: Request) -> Reply:
        """201, with what was said."""
        from skafu.alerts.engagement.schemas import CommentIn
        from skafu.shared.validation import parse

        asked = parse(CommentIn, request.body)
        caller = request.identity
        deed = Deed(caller.subject, request.path["id"], _tags(asked.tags), asked.comment)
        remark = self._engagement.comment(caller.tenant, deed)
        return Reply(remark_view(remark), HTTPStatus.CREATED)

    def list_comments(self, request: Request) -> Reply:
        """What was done and said, newest first."""
        route = "comments"
        limit = paging.limit_of(request)
        position = paging.position_of(route, request)
        tags = _asked_tags(request.query.get("tags"))
        found, after = self._engagement.remarks(
            request.identity.tenant, request.path["id"], tags, limit, position
        )
        return Reply(
            {
                "comments": [remark_view(each) for each in found],
                "cursor": paging.cursor_for(route, request, after),
            }
        )


def _deed(request: Request) -> Deed:
    from skafu.alerts.engagement.schemas import FiringIn
    from skafu.shared.validation import parse

    asked = parse(FiringIn, request.body or b"{}")
    return Deed(request.identity.subject, request.path["id"], _tags(asked.tags), asked.comment)


def _tags(given: Mapping[str, str] | None) -> Tags | None:
    return None if given is None else tuple(sorted(given.items()))


def _asked_tags(given: Sequence[str] | None) -> Tags | None:
    """Tags as a query string has them. Raises BadRequest."""
    if given is None:
        return None
    found: dict[str, str] = {}
    for each in given:
        name, sign, value = each.partition("=")
        if not sign or not name or name in found:
            wrong = FieldError("tags", "is like host=web-1, each tag given once")
            raise BadRequest("the query string cannot be read", [wrong])
        found[name] = value
    return _tags(found)


def _engaged(found: tuple[Sequence[Engaged], bool]) -> Reply:
    instances, more = found
    return Reply({"instances": [engaged_view(each) for each in instances], "more": more})


def build(parts: Parts) -> EngagementEndpoints:
    """The endpoints over a table and the notifier's queue."""
    return EngagementEndpoints(
        EngagementService(
            AlertStore(parts.table),
            Firings(parts.table),
            EngagementStore(parts.table),
            Members(parts.table, parts.clock, parts.new_id),
            Looking(parts.deliveries),
            parts.clock,
            parts.new_id,
        )
    )
