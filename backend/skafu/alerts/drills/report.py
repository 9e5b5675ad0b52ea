"""What came of a drill: the stand-in's decisions, and who was told when."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from skafu.alerts.codec import decision_from
from skafu.alerts.drills.model import LEFT_BEHIND_S, WIND_DOWN_S, Drill
from skafu.alerts.model import Decision, instance_id
from skafu.alerts.paging.account import Account, Accounts, Heard, Muted
from skafu.shared import keys
from skafu.shared.table import Query, Table

type View = dict[str, Any]

WITHHELD = "withheld"
"""The outcome where nobody was asked: a silence, mostly."""


@dataclass(frozen=True)
class Report:
    """Decisions and tellings in order of time, as schemas.DrillOut shows them."""

    decisions: tuple[View, ...] = ()
    tellings: tuple[View, ...] = ()


class Reporter:
    """Reads what a drill has brought about so far."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._accounts = Accounts(table)

    def report(self, tenant: str, drill: Drill) -> Report:
        """What was decided and told since the drill began."""
        over = drill.resolve_at + (WIND_DOWN_S + LEFT_BEHIND_S) * 1000
        instance = instance_id(drill.tags)
        account = self._accounts.tellings(
            tenant, drill.stand_in, instance, drill.started_at, over + 1
        )
        told = sorted(_tellings(account, drill.fired_at), key=lambda each: int(each["at"]))
        decided = [each for each in self._log(tenant, drill) if each.decided_at <= over]
        return Report(tuple(_decision(each) for each in decided), tuple(told))

    def _log(self, tenant: str, drill: Drill) -> list[Decision]:
        # A stand-in's id is made of its alert's, so its log has the decisions of earlier drills.
        log = keys.decisions(tenant, drill.stand_in, instance_id(drill.tags))
        since = keys.decision_since(drill.started_at), keys.DECISIONS_END
        found = self._table.query_all(Query(log, between=since, consistent=True))
        return [decision_from(str(item["body"])) for item in found]


def _decision(decision: Decision) -> View:
    return {"at": decision.bucket, "decided_at": decision.decided_at, "to": decision.target}


def _tellings(account: Account, fired_at: int | None) -> Iterator[View]:
    for heard in account.heard:
        yield from _heard(heard, fired_at)
    for muted in account.muted:
        yield _muted(muted, fired_at)


def _heard(heard: Heard, fired_at: int | None) -> Iterator[View]:
    for attempt in heard.attempts:
        yield {
            "at": attempt.at,
            "told": heard.told,
            "channel": attempt.channel,
            "outcome": attempt.outcome.result,
            "error": attempt.outcome.error,
            "milliseconds": _after(attempt.at, fired_at),
        }


def _muted(muted: Muted, fired_at: int | None) -> View:
    return {
        "at": muted.at,
        "told": None,
        "channel": None,
        "outcome": WITHHELD,
        "error": f"{muted.withheld.why} {muted.withheld.by}",
        "milliseconds": _after(muted.at, fired_at),
    }


def _after(at: int, fired_at: int | None) -> int | None:
    return None if fired_at is None else at - fired_at
