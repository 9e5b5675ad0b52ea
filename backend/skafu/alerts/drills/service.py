"""What people do with drills: begin one, look how far it is, end it early."""

from collections.abc import Mapping
from dataclasses import dataclass

from skafu.alerts.drills.model import KNOWN_AFTER_S, MOST_TAGS, Drill, Stage, stand_in
from skafu.alerts.drills.steps import delay, message
from skafu.alerts.drills.store import DrillStore, first, sooner
from skafu.alerts.model import Alert, Severity
from skafu.alerts.service import SAFE_ID
from skafu.alerts.store import AlertStore, UnknownChannels
from skafu.shared import audit
from skafu.shared.clock import Clock
from skafu.shared.errors import Conflict, FieldError, NotFound, Unprocessable
from skafu.shared.identity import NewId
from skafu.shared.queues import Queue
from skafu.shared.table import ConditionFailed


@dataclass(frozen=True)
class DrillDraft:
    """What somebody asks for: which instance, at which severity (None: the alert's own), and for
    how many seconds it shall fire.
    """

    tags: Mapping[str, str]
    severity: Severity | None
    seconds: int


class DrillService:
    """Use cases over the stores. Raises NotFound alike for ids that nobody has and ids of other
    tenants.
    """

    def __init__(
        self,
        drills: DrillStore,
        alerts: AlertStore,
        queue: Queue,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._drills = drills
        self._alerts = alerts
        self._queue = queue
        self._clock = clock
        self._new_id = new_id

    def begin(self, tenant: str, actor: str, alert_id: str, draft: DrillDraft) -> Drill:
        """Begin a drill of an alert.

        Raises Unprocessable naming the fields that are wrong, Conflict while another drill of the
        same alert runs, and Unavailable.
        """
        alert = self._alert(tenant, alert_id)
        _refuse(alert, draft)
        now = self._clock()
        fire_at = now + KNOWN_AFTER_S * 1000
        drill = Drill(
            id=self._new_id(),
            alert=alert.id,
            stand_in=f"drill-{alert.id}",
            tags=tuple(sorted(draft.tags.items())),
            actor=actor,
            started_at=now,
            fire_at=fire_at,
            resolve_at=fire_at + draft.seconds * 1000,
        )
        made = stand_in(alert, drill, draft.severity or alert.severity)
        after = {"drill": drill.id, "tags": dict(drill.tags), "seconds": draft.seconds}
        change = audit.Change(actor, now, "drill", "alert", alert.id, None, after)
        try:
            self._alerts.create(tenant, made, [first(tenant, drill), audit.entry(tenant, change)])
        except UnknownChannels as unknown:
            raise Conflict("a channel of the alert was just removed; try again") from unknown
        except ConditionFailed as running:
            raise Conflict(
                "a drill of this alert is running; it can be ended with DELETE /api/drills/{id}"
            ) from running
        self._queue.send(message(tenant, drill), delay(fire_at, now))
        return drill

    def read(self, tenant: str, drill_id: str) -> Drill:
        """A drill as it is now."""
        drill = self._drills.get(tenant, drill_id) if SAFE_ID.fullmatch(drill_id) else None
        if drill is None:
            raise NotFound("there is no such drill")
        return drill

    def end(self, tenant: str, drill_id: str) -> Drill:
        """Let a drill resolve now; one that is ending already is left as it is."""
        drill = self.read(tenant, drill_id)
        if drill.stage not in (Stage.WAITING, Stage.FIRING):
            return drill
        ended = sooner(drill, self._clock())
        try:
            self._drills.advance(tenant, drill, ended)
        except ConditionFailed:
            return self.read(tenant, drill_id)  # it has come further meanwhile
        self._queue.send(message(tenant, ended))
        return ended

    def _alert(self, tenant: str, alert_id: str) -> Alert:
        alert = self._alerts.get(tenant, alert_id) if SAFE_ID.fullmatch(alert_id) else None
        if alert is None or alert.drill_of is not None:
            raise NotFound("there is no such alert")
        return alert


def _refuse(alert: Alert, draft: DrillDraft) -> None:
    groups = alert.definition.group_by
    wrong = [
        FieldError(f"tags.{name}", f"is no tag that the alert groups by ({', '.join(groups)})")
        for name in draft.tags
        if name not in groups
    ]
    if len(draft.tags) > MOST_TAGS:
        wrong.append(FieldError("tags", f"a drill can play at most {MOST_TAGS} tags"))
    known = [alert.severity, *(level.severity for level in alert.definition.levels)]
    if draft.severity is not None and draft.severity not in known:
        wrong.append(FieldError("severity", f"the alert has {', '.join(known)}"))
    if wrong:
        raise Unprocessable("the drill does not fit the alert", wrong)
