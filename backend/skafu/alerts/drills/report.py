"""What came of a drill: the stand-in's decisions, and who was told when."""

from dataclasses import dataclass
from typing import Any

from skafu.alerts.codec import decision_from
from skafu.alerts.drills.model import LEFT_BEHIND_S, WIND_DOWN_S, Drill
from skafu.alerts.model import Decision, instance_id
from skafu.shared import keys
from skafu.shared.table import Query, Table

type View = dict[str, Any]


@dataclass(frozen=True)
class Report:
    """Decisions and tellings in order of time, as schemas.DrillOut shows them."""

    decisions: tuple[View, ...] = ()
    tellings: tuple[View, ...] = ()


class Reporter:
    """Reads what a drill has brought about so far."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def report(self, tenant: str, drill: Drill) -> Report:
        """What was decided and told since the drill began (read consistently)."""
        return Report(tuple(_decision(each) for each in self._decisions(tenant, drill)))

    def _decisions(self, tenant: str, drill: Drill) -> list[Decision]:
        # A stand-in's id is its alert's, so its log has the decisions of earlier drills too.
        log = keys.decisions(tenant, drill.stand_in, instance_id(drill.tags))
        since = keys.decision_since(drill.started_at), keys.DECISIONS_END
        found = self._table.query_all(Query(log, between=since, consistent=True))
        decisions = [decision_from(str(item["body"])) for item in found]
        over = drill.resolve_at + (WIND_DOWN_S + LEFT_BEHIND_S) * 1000
        return [each for each in decisions if each.decided_at <= over]


def _decision(decision: Decision) -> View:
    return {"at": decision.bucket, "decided_at": decision.decided_at, "to": decision.target}
