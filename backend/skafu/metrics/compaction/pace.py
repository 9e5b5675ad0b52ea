"""How long a tenant's buckets last: shorter ones where open ones are read often."""

from dataclasses import replace

from skafu.metrics.compaction.means import Means
from skafu.metrics.tenancy import LENGTHS_MS, Bucketing, Steps, change, tenancy_from, with_step
from skafu.metrics.usage import hot_reads
from skafu.shared import keys
from skafu.shared.keys import BUCKET_MS, DAY_MS
from skafu.shared.observability import logger
from skafu.shared.table import ConditionFailed

HOT_RRU = 40_000
"""From so many read units on that queries spend on segments in a day, buckets last 5 minutes: half
a cent a day, of which shorter buckets save about half. For a thousand series they cost 2,000 write
units a day more, an eighth of a cent.
"""

COOL_RRU = HOT_RRU // 3
"""Below this buckets last a quarter of an hour again, but not before a day of shorter ones."""

_SHORT, _LONG = LENGTHS_MS
_FORGET_MS = 60 * DAY_MS  # a step that old is in no day that is not merged


def set_pace(means: Means, tenant: str) -> None:
    """Plan another length of buckets, from an hour on that is hours ahead, where yesterday's or
    today's reads say so, unless an operator has chosen one. Whoever changes the record at the same
    moment is let go first.
    """
    now = means.clock()
    hot = max(hot_reads(means.table, tenant, at) for at in (now, now - DAY_MS))
    if COOL_RRU <= hot < HOT_RRU:
        return
    length = _SHORT if hot >= HOT_RRU else _LONG
    known = means.tenancies.of(tenant).bucketing.steps
    if length == _LONG and known and known[-1][0] > now - DAY_MS:
        return
    if _planned(known, length, now) == known:
        return
    record = means.table.get(keys.tenant_settings(tenant), consistent=True)
    if record is None:
        return
    tenancy = tenancy_from(record)
    if not tenancy.paced:
        return
    steps = _planned(tenancy.bucketing.steps, length, now)
    if steps == tenancy.bucketing.steps:
        return
    planned = replace(tenancy, bucketing=Bucketing(steps))
    try:
        means.table.write(change(tenant, record, planned))
    except ConditionFailed:
        return
    logger.info("buckets will last differently", minutes=length // 60_000, rru=hot)


def _planned(steps: Steps, length: int, now: int) -> Steps:
    """The steps with this length as soon as it may begin, without those of long ago."""
    after = with_step(steps, length, now, default=BUCKET_MS)
    if after == steps:
        return steps
    old = [step for step in after if step[0] < now - _FORGET_MS]
    return (*old[-1:], *after[len(old) :])
