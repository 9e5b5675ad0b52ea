"""The endpoints that try alerts on the past."""

from typing import TYPE_CHECKING, Any

from skafu.alerts.backtest.model import Backtested, Difference, Transition
from skafu.alerts.backtest.service import Backtests, Compared
from skafu.alerts.backtest.shelf import Asked
from skafu.alerts.parts import Parts
from skafu.alerts.store import AlertStore
from skafu.metrics.deletions import Deletions
from skafu.metrics.reader import Reader
from skafu.shared.routes import Reply, Request

if TYPE_CHECKING:
    from skafu.alerts.backtest.schemas import BacktestIn

type View = dict[str, Any]

MOST_TRANSITIONS = 1_000
MOST_OTHERS = 500
MOST_INSTANCES = 100


def build(parts: Parts) -> "BacktestEndpoints":
    """With the readers that queries have."""
    deletions = Deletions(parts.table, parts.clock)
    reader = Reader(parts.table, parts.clock, deletions=deletions)
    return BacktestEndpoints(Backtests(AlertStore(parts.table), reader, parts.clock))


class BacktestEndpoints:
    """The endpoints of routes.ROUTES."""

    def __init__(self, backtests: Backtests) -> None:
        self._backtests = backtests

    def backtest_draft(self, request: Request) -> Reply:
        """An alert that nobody has made yet."""
        # pylint: disable=import-outside-toplevel # pydantic costs a cold start
        from skafu.alerts.backtest.schemas import DraftBacktestIn
        from skafu.shared.validation import parse

        read = parse(DraftBacktestIn, request.body)
        tenant = request.identity.tenant
        found = self._backtests.draft(tenant, read.alert.draft(), _asked(read, request))
        return Reply(answer(found))

    def backtest_alert(self, request: Request) -> Reply:
        """A stored alert or, with a draft in the body, a change of it beside it."""
        # pylint: disable=import-outside-toplevel # pydantic costs a cold start
        from skafu.alerts.backtest.schemas import BacktestIn
        from skafu.shared.validation import parse

        read = parse(BacktestIn, request.body)
        tenant, alert_id = request.identity.tenant, request.path["id"]
        asked = _asked(read, request)
        if read.alert is None:
            return Reply(answer(self._backtests.stored(tenant, alert_id, asked)))
        compared = self._backtests.changed(tenant, alert_id, read.alert.draft(), asked)
        return Reply(answer(compared.after, compared))


def _asked(read: "BacktestIn", request: Request) -> Asked:
    return Asked(read.start, read.end, request.now, read.tags)


def answer(found: Backtested, compared: Compared | None = None) -> View:
    """A backtest as it is shown."""
    return {
        **_totals(found),
        "start": found.start,
        "end": found.end,
        "warnings": found.warnings,
        "before": _totals(compared.before) if compared else None,
        "difference": _difference(compared.difference) if compared else None,
    }


def _totals(found: Backtested) -> View:
    shown, instances = found.transitions[:MOST_TRANSITIONS], found.instances[:MOST_INSTANCES]
    return {
        "transitions": [_transition(each) for each in shown],
        "more_transitions": len(found.transitions) - len(shown),
        "pages": found.pages,
        "seconds_in_alarm": found.seconds_in_alarm,
        "instances": [
            {
                "tags": dict(each.tags),
                "state": each.state,
                "transitions": each.transitions,
                "pages": each.pages,
                "seconds_in_alarm": each.seconds_in_alarm,
            }
            for each in instances
        ],
        "more_instances": len(found.instances) - len(instances),
        "buckets": found.buckets,
        "points": found.points,
    }


def _transition(each: Transition) -> View:
    return {
        "at": each.at,
        "tags": dict(each.tags),
        "from": each.source,
        "to": each.target,
        "severity": each.severity,
        "level": each.level,
    }


def _difference(found: Difference) -> View:
    before, after = found.only_before[:MOST_OTHERS], found.only_after[:MOST_OTHERS]
    everything = len(found.only_before) + len(found.only_after)
    return {
        "pages": found.pages,
        "seconds_in_alarm": found.seconds_in_alarm,
        "only_before": [_transition(each) for each in before],
        "only_after": [_transition(each) for each in after],
        "more": everything - len(before) - len(after),
    }
