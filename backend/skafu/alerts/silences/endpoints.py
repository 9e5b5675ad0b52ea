"""The endpoints of routes.ROUTES. Imported when the first of them is called."""

# pylint: disable=import-outside-toplevel # pydantic costs a cold start; reading needs none

from http import HTTPStatus

from skafu.alerts.paging.looking import Looking
from skafu.alerts.parts import Parts
from skafu.alerts.silences.drafting import SilenceDraft, refuse_rule, silence_of
from skafu.alerts.silences.firing import FiringNow
from skafu.alerts.silences.past import Past
from skafu.alerts.silences.service import SilenceService
from skafu.alerts.silences.store import SilenceStore
from skafu.alerts.silences.views import preview_view, silence_view
from skafu.alerts.silences.windows import Status
from skafu.shared import paging
from skafu.shared.cursor import open_cursor, seal
from skafu.shared.errors import FieldError, Unprocessable
from skafu.shared.etag import etag, if_match
from skafu.shared.keys import DAY_MS
from skafu.shared.routes import Reply, Request

USUAL_MS = 7 * DAY_MS
LONGEST_MS = 35 * DAY_MS


class SilenceEndpoints:
    """Silences as people and machines ask for them."""

    def __init__(self, silences: SilenceService, past: Past) -> None:
        self._silences = silences
        self._past = past

    def list_silences(self, request: Request) -> Reply:
        """Silences in the order of their ids."""
        route = "silences"
        wanted = paging.chosen(request, "state", Status)
        limit = paging.limit_of(request)
        position = paging.position_of(route, request)
        found, after = self._silences.page(request.identity.tenant, wanted, limit, position)
        return Reply(
            {
                "silences": [silence_view(each, request.now) for each in found],
                "cursor": paging.cursor_for(route, request, after),
            }
        )

    def create_silence(self, request: Request) -> Reply:
        """201, with the address and the windows of the new silence."""
        caller = request.identity
        made = self._silences.create(caller.tenant, caller.subject, _draft(request))
        headers = {"Location": f"/api/silences/{made.id}", "ETag": etag(made.version)}
        return Reply(silence_view(made, request.now), HTTPStatus.CREATED, headers)

    def read_silence(self, request: Request) -> Reply:
        """One silence, as it is now."""
        found = self._silences.read(request.identity.tenant, request.path["id"])
        return Reply(silence_view(found, request.now), headers={"ETag": etag(found.version)})

    def change_silence(self, request: Request) -> Reply:
        """The silence at its next version."""
        version = if_match(request)
        caller, silence_id = request.identity, request.path["id"]
        draft = _draft(request)
        changed = self._silences.change(caller.tenant, caller.subject, silence_id, version, draft)
        return Reply(silence_view(changed, request.now), headers={"ETag": etag(changed.version)})

    def end_silence(self, request: Request) -> Reply:
        """It is over, and can be read for a while."""
        version = if_match(request) if request.headers.get("if-match") else None
        caller, silence_id = request.identity, request.path["id"]
        self._silences.end(caller.tenant, caller.subject, silence_id, version)
        return Reply(status=HTTPStatus.NO_CONTENT)

    def preview_silence(self, request: Request) -> Reply:
        """What it would have muted."""
        from skafu.alerts.paging.schemas import parse_or_show
        from skafu.alerts.silences.schemas import EXAMPLE, SilencePreviewIn

        asked = parse_or_show(SilencePreviewIn, request.body, EXAMPLE)
        start, end = _range(asked.start, asked.end, request.now)
        silence = silence_of(asked.drafted(asked.comment), request.now, None)
        refuse_rule(silence)
        tenant = request.identity.tenant
        # A cursor is good for the same silence and range.
        scope = f"silence preview {start} {end} {silence.matchers!r} {silence.rrule}"
        position = None if asked.cursor is None else open_cursor(tenant, scope, asked.cursor)
        findings = self._past.muted(tenant, silence, start, end, position)
        cursor = None if findings.after is None else seal(tenant, scope, findings.after)
        return Reply({"start": start, "end": end, **preview_view(findings), "cursor": cursor})


def _draft(request: Request) -> SilenceDraft:
    from skafu.alerts.paging.schemas import parse_or_show
    from skafu.alerts.silences.schemas import EXAMPLE, SilenceIn

    return parse_or_show(SilenceIn, request.body, EXAMPLE).draft()


def _range(start: int | None, end: int | None, now: int) -> tuple[int, int]:
    """The range to look at. Raises Unprocessable naming the field at fault."""
    end = now if end is None else end
    start = end - USUAL_MS if start is None else start
    wrong = []
    if start >= end:
        wrong.append(FieldError("start", "must be before end"))
    if end - start > LONGEST_MS:
        wrong.append(FieldError("start", f"may be at most {LONGEST_MS // DAY_MS} days before end"))
    if end > now:
        wrong.append(FieldError("end", "must not be in the future"))
    if wrong:
        raise Unprocessable("the range cannot be looked at", wrong)
    return start, end


def build(parts: Parts) -> SilenceEndpoints:
    """The endpoints over a table and the notifier's queue."""
    store, looking = SilenceStore(parts.table), Looking(parts.deliveries)
    firing = FiringNow(parts.table)
    service = SilenceService(store, firing, looking, parts.clock, parts.new_id)
    return SilenceEndpoints(service, Past(parts.table))
