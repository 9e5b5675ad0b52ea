"""What an alert costs a month, estimated from what it makes the engine read and write.

    dollars = (closes * layouts * quarters * units + transitions * WRITES) at list prices

* closes: buckets that end in 30 days. At each, whoever evaluates reads the alert's layouts once;
  alerts that are evaluated together share their reading, so that this is an upper estimate.
* layouts: those that the alert's series are in.
* quarters: of an hour that one reading spans: the bucket, and what is not final yet before it.
* units: read units of one such quarter of one layout, as measured on the last full one.
* WRITES: of one transition.
"""

from skafu.alerts.model import Definition
from skafu.alerts.scope import final_delay
from skafu.metrics.prices import capacity_dollars
from skafu.shared.keys import BUCKET_MS, DAY_MS

MONTH_MS = 30 * DAY_MS

WRITES = 14
"""State, log entry and outbox item of about 1 KB each in one transaction with its check, the
entries of the index, and the notifier's note."""

USUAL_UNITS = 5.0
"""Where nothing could be measured: an agent that reports once a minute."""

COMPOSITE_UNITS = 1.0
"""A composite reads the states of its alerts, when one of them changes."""


def month(
    definition: Definition, layouts: int, units: float, transitions: int, range_ms: int
) -> float:
    """Dollars for 30 days. `transitions` are those of so many milliseconds."""
    share = MONTH_MS / max(range_ms, 1)
    changes = transitions * share
    if definition.expression is not None:
        return capacity_dollars(changes * WRITES, changes * COMPOSITE_UNITS)
    period = definition.period * 1000
    closes = MONTH_MS / period
    quarters = 1 + (final_delay(definition) + period) / BUCKET_MS
    return capacity_dollars(changes * WRITES, closes * layouts * quarters * units)
