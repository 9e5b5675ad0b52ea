"""What requests use of the table, counted where they run.

Writing it down costs a write unit, so a process adds up and writes at most every half minute, or
when a hundred units have come together, at the end of a request: of a process that ends, what it
had not written yet is missing. What storing points costs is not counted here but by their bills
(usage.py); a request that only sends points therefore hardly ever leads to a write.
"""

from dataclasses import dataclass

from skafu.metrics.usage import Reads, reads_key
from skafu.shared.clock import Clock
from skafu.shared.errors import Unavailable
from skafu.shared.keys import DAY_MS
from skafu.shared.metering import MeteredTable
from skafu.shared.observability import logger
from skafu.shared.routes import Endpoint, Reply, Request
from skafu.shared.table import Update, Value

FLUSH_MS = 30_000
FLUSH_UNITS = 100.0
LIFE_MS = 800 * DAY_MS
"""As long as the longest-lived bills."""

HOT = "segments"
BILLED = ("segments", "late")
"""What bills tell the write units of."""

_MOST_TENANTS = 1_000


@dataclass
class _Pending:
    since: int
    reads: Reads


class ReadCounter:
    """Adds up what a metered table was used for, and writes it down now and then."""

    def __init__(self, table: MeteredTable, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._pending: dict[tuple[str, int], _Pending] = {}

    def settle(self, tenant: str, *, patient: bool = False) -> None:
        """Count what was used since the last call for this tenant. With `patient` it is written
        down only where a lot has come together. Never raises: what cannot be written now waits.
        """
        used = self._table.forget()
        billed = sum(used.wru_by_kind.get(kind, 0.0) for kind in BILLED)
        reads = Reads(used.rru, used.rru_by_kind.get(HOT, 0.0), used.wru - billed)
        now = self._clock()
        key = tenant, now // DAY_MS * DAY_MS
        if reads != Reads():
            before = self._pending.get(key) or _Pending(now, Reads())
            self._pending[key] = _Pending(before.since, before.reads.plus(reads))
        for (whose, day), pending in list(self._pending.items()):
            much = pending.reads.rru + pending.reads.wru >= FLUSH_UNITS
            due = not patient and now - pending.since >= FLUSH_MS
            if much or due or len(self._pending) > _MOST_TENANTS:
                self._flush(whose, day, pending.reads)

    def _flush(self, tenant: str, day: int, reads: Reads) -> None:
        del self._pending[tenant, day]
        attributes: dict[str, Value] = {"k": "usage", "ttl": (day + LIFE_MS) // 1000}
        update = Update(reads_key(tenant, day), set=attributes, add=reads.attributes())
        try:
            self._table.write(update)
        except Unavailable:
            # Lost rather than counted twice: the write may have got in.
            logger.warning("what was read cannot be counted", exc_info=True)


class Counted:
    """The endpoints of an API; after each of them, what it used is counted for its tenant."""

    def __init__(self, api: object, reads: ReadCounter, patient: frozenset[str]) -> None:
        self._api = api
        self._reads = reads
        self._patient = patient

    def __getattr__(self, name: str) -> Endpoint:
        endpoint: Endpoint = getattr(self._api, name)

        def counted(request: Request) -> Reply:
            try:
                return endpoint(request)
            finally:
                self._reads.settle(request.identity.tenant, patient=name in self._patient)

        return counted
