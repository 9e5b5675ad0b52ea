"""Whether a request stays within its tenant's quotas. Nothing of a request that does not is stored.

Counting together costs, so each process counts by itself and joins what the others counted only
when it has counted another hundredth of the quota: who uses little never pays. What all processes
let in beyond a quota together is therefore at most a hundredth of it for each of them.

*Points a minute* are those that were let in in one minute of the server's clock, whether they are
stored in the end or not: a retry counts again.

*Active series* are those with points since midnight UTC. They are looked at when a layout is new:
a batch of series of which some, or another combination, were never sent together. What is known
goes on, over the quota too. The number is an estimate (distinct.py); compaction adds the series of
the buckets that it seals, so that it is whole for small tenants too, some 20 minutes later.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from skafu.metrics.distinct import Distinct, decode
from skafu.metrics.model import Layout, Series
from skafu.metrics.tenancy import Tenancies
from skafu.shared import keys
from skafu.shared.clock import Clock
from skafu.shared.errors import QuotaExceeded
from skafu.shared.keys import DAY_MS, HOUR_MS, MINUTE_MS, Key
from skafu.shared.table import Absent, Condition, ConditionFailed, Equals, Item, Put, Table, Update

STEPS = 100
"""A process joins the others when it has counted more than the quota divided by this."""

FLOW_LIFE_MS = 2 * HOUR_MS
SERIES_LIFE_MS = 3 * DAY_MS
ACTIVE_SERIES, POINTS_A_MINUTE = "active_series", "points_a_minute"
_MOST_KNOWN = 10_000
_TRIES = 3


@dataclass
class _Minute:
    """What one process knows of a tenant's minute: points of all processes when it last looked, and
    its own since then.
    """

    minute: int
    together: int = 0
    own: int = 0


@dataclass
class _Today:
    """What one process knows of a tenant's day: the layouts whose series it has counted, the series
    of all processes when it last looked together with its own, and how many these were then.
    """

    day: int
    layouts: set[str] = field(default_factory=set)
    series: Distinct = field(default_factory=Distinct)
    looked: int = 0


class Admission:
    """Lets requests in, as far as their tenants' quotas allow."""

    def __init__(self, table: Table, clock: Clock, tenancies: Tenancies) -> None:
        self._table = table
        self._clock = clock
        self._tenancies = tenancies
        self._minutes: dict[str, _Minute] = {}
        self._days: dict[str, _Today] = {}

    # --- points a minute --------------------------------------------------------------------------

    def points(self, tenant: str, number: int) -> None:
        """Let so many points in. Raises QuotaExceeded, with the seconds to the next minute, and
        Unavailable.
        """
        now = self._clock()
        quota = self._tenancies.of(tenant).quotas.points_a_minute
        flow = self._minute(tenant, now // MINUTE_MS * MINUTE_MS)
        # What is known of the others only grows within a minute: over it now is over it.
        if flow.together + flow.own + number > quota:
            raise _too_fast(quota, flow.together + flow.own, now)
        if flow.own + number > quota // STEPS:
            key = keys.flow(tenant, flow.minute)
            flow.together = _points_of(self._table.get(key, consistent=True))
            if flow.together + flow.own + number > quota:
                raise _too_fast(quota, flow.together + flow.own, now)
            life = (flow.minute + FLOW_LIFE_MS) // 1000
            more = flow.own + number
            self._table.write(Update(key, set={"k": "flow", "ttl": life}, add={"n": more}))
            flow.together, flow.own = flow.together + more, 0
        else:
            flow.own += number

    def _minute(self, tenant: str, minute: int) -> _Minute:
        flow = self._minutes.get(tenant)
        if flow is None or flow.minute != minute:
            if len(self._minutes) >= _MOST_KNOWN:
                self._minutes.clear()
            flow = self._minutes[tenant] = _Minute(minute)
        return flow

    # --- active series ----------------------------------------------------------------------------

    def series(self, tenant: str, layouts: Iterable[Layout], new: Collection[str]) -> None:
        """Count the series of layouts that are about to be named; `new` are the hashes of those
        that nobody has named yet. Raises QuotaExceeded where these lead over the quota, and
        Unavailable.
        """
        today = self._today(tenant)
        uncounted = [each for each in layouts if each.hash not in today.layouts]
        if not uncounted:
            return
        quota = self._tenancies.of(tenant).quotas.active_series
        known = [each for each in uncounted if each.hash not in new]
        for layout in known:
            today.series.add(map(_name, layout.series))
        today.layouts.update(each.hash for each in known)
        wanted = today.series.copy()
        for layout in uncounted:
            if layout.hash in new:
                wanted.add(map(_name, layout.series))
        further = len(known) < len(uncounted)
        # What is known of the others only grows within a day: over it now is over it.
        over = len(wanted) > quota
        if len(wanted) - today.looked > quota // STEPS and not (over and further):
            wanted = self._join(tenant, today, wanted, quota)
            over = len(wanted) > quota
        if not further:
            return
        if over:
            raise _too_many(quota, len(today.series))
        today.series = wanted
        today.layouts.update(each.hash for each in uncounted)

    def _today(self, tenant: str) -> _Today:
        day = self._clock() // DAY_MS * DAY_MS
        today = self._days.get(tenant)
        if today is None or today.day != day:
            if len(self._days) >= _MOST_KNOWN:
                self._days.clear()
            today = self._days[tenant] = _Today(day)
        return today

    def _join(self, tenant: str, today: _Today, wanted: Distinct, quota: int) -> Distinct:
        """Learn what the others counted, and tell them: the series that are wanted if they are
        within the quota, and otherwise those that there are. Returns all with those wanted.
        """
        key = series_key(tenant, today.day)
        for _ in range(_TRIES):
            item = self._table.get(key, consistent=True)
            others = series_from(item)
            today.series = today.series.union(others)
            everything = today.series.union(wanted)
            told = everything if len(everything) <= quota else today.series
            today.looked = len(told)
            if told == others or _tell(self._table, key, told, item, today.day):
                break
            # Another process has told more meanwhile; after some tries the next layout will see it.
        return everything


def count_series(table: Table, tenant: str, at: int, series: Iterable[Series]) -> None:
    """Count series that have points in the day that this moment is in, together with all others.
    Raises Unavailable.
    """
    day = at // DAY_MS * DAY_MS
    key, mine = series_key(tenant, day), Distinct()
    mine.add(map(_name, series))
    for _ in range(_TRIES):
        item = table.get(key)
        others = series_from(item)
        told = others.union(mine)
        if told == others or _tell(table, key, told, item, day):
            return


def _tell(table: Table, key: Key, series: Distinct, before: Item | None, day: int) -> bool:
    """Store a day's series in the place of those that were read before; whether they still were
    the same.
    """
    version = int((before or {}).get("version", 0))
    when: Condition = Equals("version", version) if before else Absent()
    item = {
        **key._asdict(),
        "k": "usage",
        "h": series.encode(),
        "version": version + 1,
        "ttl": (day + SERIES_LIFE_MS) // 1000,
    }
    try:
        table.write(Put(item, when))
    except ConditionFailed:
        return False
    return True


def series_key(tenant: str, day: int) -> Key:
    """Where the series of a day are counted together."""
    return keys.usage_of(tenant, day, "series")


def series_from(item: Item | None) -> Distinct:
    """The series that were counted together. Raises CodecError for an item that is damaged."""
    payload = (item or {}).get("h")
    return decode(payload) if isinstance(payload, bytes) else Distinct()


def points_of_minute(table: Table, tenant: str, at: int) -> int:
    """How many points were counted together in the minute that this moment is in."""
    return _points_of(table.get(keys.flow(tenant, at // MINUTE_MS * MINUTE_MS)))


def _points_of(item: Item | None) -> int:
    return int((item or {}).get("n", 0))


def _name(series: Series) -> bytes:
    """What a series is the same by: metric and tags."""
    parts = [series.metric, *(part for tag in series.tags for part in tag)]
    return "\0".join(parts).encode("utf-8", "surrogatepass")


def _too_fast(quota: int, used: int, now: int) -> QuotaExceeded:
    seconds = -(-(MINUTE_MS - now % MINUTE_MS) // 1000)
    return QuotaExceeded(
        f"the quota {POINTS_A_MINUTE} is {quota:,}, of which {used:,} are used in this minute; "
        "nothing of this request is stored",
        headers={"Retry-After": str(seconds)},
        extra={"quota": POINTS_A_MINUTE, "limit": quota, "used": used},
    )


def _too_many(quota: int, used: int) -> QuotaExceeded:
    return QuotaExceeded(
        f"the quota {ACTIVE_SERIES} is {quota:,}, of which about {used:,} are used since midnight "
        "UTC, and this request has further series; nothing of it is stored",
        extra={"quota": ACTIVE_SERIES, "limit": quota, "used": used},
    )
