"""What stays of an instance that came to an end: that it was there.

Composite alerts read the histories of instances again for a while, and find by this those that have
ended meanwhile.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import orjson

from skafu.metrics.model import Tags
from skafu.shared import keys
from skafu.shared.keys import DAY_MS, Key
from skafu.shared.table import (
    AllOf,
    ConditionFailed,
    Delete,
    Equals,
    Put,
    Query,
    Table,
    TransactionConflict,
    Value,
)

KEEP_MS = 32 * DAY_MS
"""As long as points are kept that alerts decide by: no composite is final later than that."""


class Ended(NamedTuple):
    """An instance, and when it ended, or was found to be over."""

    tags: Tags
    at: int


def ended_item(tenant: str, alert_id: str, instance: str, ended: Ended) -> Put:
    """What is written where an instance's state is removed."""
    item: dict[str, Value] = {
        **keys.ended(tenant, alert_id, ended.at, instance)._asdict(),
        "k": "ended",
        "at": ended.at,
        "tags": orjson.dumps(ended.tags).decode(),
        "ttl": (ended.at + KEEP_MS) // 1000,
    }
    return Put(item)


def read_ended(table: Table, tenant: str, alert_id: str, after: int) -> Iterator[Ended]:
    """The instances of an alert that ended after a moment (read consistently). Raises
    Unavailable.
    """
    parts = keys.alert_parts(tenant, alert_id)
    query = Query(parts, between=keys.ended_after(after), consistent=True)
    for item in table.query_all(query):
        tags = tuple((key, value) for key, value in orjson.loads(str(item["tags"])))
        yield Ended(tags, int(item["at"]))


def bury(
    table: Table, tenant: str, alert_id: str, instance: str, item: Mapping[str, Value], ended: Ended
) -> None:
    """Remove the state of an instance that is over and of which there is nothing to tell, unless it
    has begun again since `item`, its state, was read. Raises Unavailable.
    """
    same = AllOf(tuple(Equals(name, item[name]) for name in ("state", "bucket", "revision")))
    key = Key(str(item["pk"]), str(item["sk"]))
    # Nothing that was decided about it is later than that.
    ended = ended._replace(at=max(ended.at, int(item["bucket"])))
    try:
        table.transact([Delete(key, same), ended_item(tenant, alert_id, instance, ended)])
    except (ConditionFailed, TransactionConflict):
        pass  # it has begun again, or somebody is at it: the next sweep looks
