"""Which region acts, where the table is in two.

What decides, compacts and pages does so in one region alone: the other one's copy of the stream
would page twice. A stack's parameter switches its triggers off (ActiveRegion in template.yaml), but
a region that was cut off keeps the parameter it had. What it gets back first is the table, so the
table has the last word: one item, which `python -m skafu.ops failover` writes, names the region
that acts.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.observability import Handler, logger
from skafu.shared.settings import Settings
from skafu.shared.table import Table

KEPT_MS = 5_000
"""So long an answer is remembered: half a read unit per process and five seconds, at most."""


class ActiveRegion:
    """The region that acts; `home` as long as no failover has named another."""

    def __init__(self, table: Table, home: str, clock: Clock) -> None:
        self._table = table
        self._home = home
        self._clock = clock
        self._known: tuple[int, str] | None = None

    def __call__(self) -> str:
        now = self._clock()
        if self._known is None or now >= self._known[0]:
            item = self._table.get(keys.active_region()) or {}
            self._known = (now + KEPT_MS, str(item.get("region") or self._home))
        return self._known[1]


def fenced(
    handler: Handler, settings: Settings, table: Table, clock: Clock, nothing: Any = None
) -> Handler:
    """A handler that answers `nothing` while another region acts: what it was called with is done
    there, from the same table. Where there is one region, the handler itself.
    """
    if not settings.home_region:
        return handler
    active = ActiveRegion(table, settings.home_region, clock)

    def acting(event: dict[str, Any], context: LambdaContext) -> Any:
        region = active()
        if region != settings.aws_region:
            logger.info("another region is active", active=region)
            return nothing
        return handler(event, context)

    return acting
