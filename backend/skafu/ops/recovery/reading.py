"""Count all that a table holds, by a parallel Scan.

Functions never scan. An operator who compares two tables has to see all of both, and queries would
have to know every partition that there could be, also those that a mistake has made unknown. What
it costs is told: half a read unit for each 4 KB, and the time of whoever waits.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from skafu.metrics.prices import capacity_dollars
from skafu.ops.recovery.accounting import Tally, alive, fact_of
from skafu.shared.wire import deserialize

SEGMENTS = 8


@dataclass(frozen=True)
class Counted:
    """A table's tally and what counting took, in read units."""

    tally: Tally
    units: float

    def __str__(self) -> str:
        return (
            f"{self.tally.items:,} items, {self.units:,.0f} read units "
            f"(${capacity_dollars(0, self.units):.4f})"
        )


def count(client: Any, table: str, at: int, segments: int = SEGMENTS) -> Counted:
    """All items whose life is not over at a moment (epoch ms). `client` is one of dynamodb that may
    wait for a page of 1 MB.
    """
    with ThreadPoolExecutor(segments) as pool:
        parts = pool.map(lambda number: _part(client, table, at, number, segments), range(segments))
        tally, units = Tally(), 0.0
        for part in parts:
            tally.merge(part.tally)
            units += part.units
    return Counted(tally, units)


def _part(client: Any, table: str, at: int, number: int, of: int) -> Counted:
    tally, units = Tally(), 0.0
    for page in _pages(client, table, number, of):
        units += page.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0)
        for item in alive(map(deserialize, page["Items"]), at):
            tally.add(fact_of(item))
    return Counted(tally, units)


def _pages(client: Any, table: str, number: int, of: int) -> Iterator[dict[str, Any]]:
    asked: dict[str, Any] = {"TableName": table, "ReturnConsumedCapacity": "TOTAL"}
    asked |= {"Segment": number, "TotalSegments": of}
    while True:
        page = client.scan(**asked)
        yield page
        if not page.get("LastEvaluatedKey"):
            return
        asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]
