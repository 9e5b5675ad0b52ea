"""The compactor put together: what the handler file does with the real clients, a test does with
others.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from aws_lambda_powertools.utilities.typing import LambdaContext

from skafu.metrics.compaction.compactor import Compactor
from skafu.metrics.compaction.schedule import is_due
from skafu.metrics.times import instant_from
from skafu.shared.clock import Clock
from skafu.shared.flag_catalogue import COMPACTION_INTERVAL
from skafu.shared.flags import Defaults, Flags
from skafu.shared.keys import DAY_MS
from skafu.shared.observability import Handler, logger, observed
from skafu.shared.settings import CompactorSettings
from skafu.shared.table import Table


class Asked(NamedTuple):
    """What an event asks for: up to which moment to compact (None: now), and whose (None:
    everybody's). `tick`: it is the schedule that asks, and need not be obeyed each time.
    """

    at: int | None = None
    tenant: str | None = None
    tick: bool = False


_OF_OPERATORS = {"at", "tenant"}


def asked(event: Mapping[str, Any]) -> Asked:
    """Read an event: the schedule's, which has a `time`, or `{"at", "tenant"}` of an operator or a
    drill, both of which may be left out. Raises ValueError for anything else.
    """
    if "time" in event:
        return Asked(instant_from(event["time"]), tick=True)
    if unknown := set(event) - _OF_OPERATORS:
        raise ValueError(f"an event says at and tenant, not {', '.join(sorted(unknown))}")
    at, tenant = event.get("at"), event.get("tenant")
    if tenant is not None and not isinstance(tenant, str):
        raise ValueError("tenant is a tenant's id")
    return Asked(None if at is None else instant_from(at), tenant)


def build_compactor(
    settings: CompactorSettings, table: Table, clock: Clock, flags: Flags = Defaults()
) -> Handler:
    """MetricsCompactorFunction. Its answer is the run's report, empty when the interval of
    `flags` is not over; an operator, who is always obeyed, reads it, a schedule does not.
    """
    retention = settings.metric_retention_days * DAY_MS
    compactor = Compactor(table, clock, retention_ms=retention)

    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
        wanted = asked(event)
        if wanted.tick and wanted.at is not None:
            minutes = flags.number(COMPACTION_INTERVAL)
            if not is_due(wanted.at, minutes):
                logger.info("not compacted at this tick", at=wanted.at, interval_minutes=minutes)
                return {}
        moment = clock() if wanted.at is None else min(wanted.at, clock())
        report = compactor.run(moment, context.get_remaining_time_in_millis, wanted.tenant)
        answer = {"at": moment, **vars(report)}
        logger.info("compacted", **answer)
        return answer

    return observed(handler, settings.environment)
