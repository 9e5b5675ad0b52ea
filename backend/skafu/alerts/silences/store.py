"""Silences in the table.

Each is there twice: among the present ones, which is what has to be read whenever somebody is to be
told, and among the records, where it can be looked up for a while after it is over. Both are
written together.
"""

from collections.abc import Iterator, Mapping, Sequence

import orjson

from skafu.alerts.paging.model import Silence
from skafu.alerts.routing.store import matchers_from
from skafu.alerts.silences.windows import last_moment
from skafu.shared import keys
from skafu.shared.conflicts import Conflicts
from skafu.shared.table import (
    Absent,
    Condition,
    Delete,
    Equals,
    Put,
    Query,
    Table,
    Value,
    Write,
)

KEEP_PRESENT_S = 3_600
"""After a silence's end: pages that were muted by it may still be under way."""

KEEP_RECORD_S = 90 * 86_400


class SilenceStore:
    """Present silences and records of past ones."""

    def __init__(self, table: Table, conflicts: Conflicts | None = None) -> None:
        self._table = table
        self._conflicts = conflicts or Conflicts()

    # --- reads ---

    def all(self, tenant: str) -> list[Silence]:
        """Every silence that may mute something now or later (read consistently). Some are over by
        now: `windows` tells.
        """
        query = Query(keys.silences(tenant), consistent=True)
        return [silence_from(str(item["body"])) for item in self._table.query_all(query)]

    def recorded(self, tenant: str) -> Iterator[Silence]:
        """Every silence, also those that were over up to 90 days ago, as each was last."""
        for item in self._table.query_all(Query(keys.silence_records(tenant))):
            yield silence_from(str(item["body"]))

    def get(self, tenant: str, silence_id: str) -> Silence | None:
        """A silence, also one that is over (read consistently)."""
        item = self._table.get(keys.silence_record(tenant, silence_id), consistent=True)
        return None if item is None else silence_from(str(item["body"]))

    def page(
        self, tenant: str, limit: int, after: Mapping[str, str] | None
    ) -> tuple[list[Silence], Mapping[str, str] | None]:
        """Silences in the order of their ids, also those that are over, and the position after."""
        page = self._table.query(Query(keys.silence_records(tenant), limit=limit, after=after))
        return [silence_from(str(item["body"])) for item in page.items], page.after

    # --- writes ---

    def create(self, tenant: str, silence: Silence, also: Sequence[Write] = ()) -> None:
        """Store a new silence, and whatever belongs to that. Raises ConditionFailed when its id is
        taken.
        """
        self._write(tenant, silence, Absent(), also)

    def replace(self, tenant: str, silence: Silence, also: Sequence[Write] = ()) -> None:
        """Store a silence at its next version, `silence.version`, and whatever belongs to the
        change. One that was ended is no longer among the present ones.

        Raises ConditionFailed when it is at another version than the one before.
        """
        self._write(tenant, silence, Equals("version", silence.version - 1), also)

    def _write(
        self, tenant: str, silence: Silence, condition: Condition, also: Sequence[Write]
    ) -> None:
        item = _item(silence)
        over = last_moment(silence)
        record: dict[str, Value] = {**item, **keys.silence_record(tenant, silence.id)._asdict()}
        present: dict[str, Value] = {**item, **keys.silence(tenant, silence.id)._asdict()}
        if over is not None:
            record["ttl"] = over // 1000 + KEEP_RECORD_S
            present["ttl"] = over // 1000 + KEEP_PRESENT_S
        gone = silence.ended_at is not None
        key = keys.silence(tenant, silence.id)
        writes: list[Write] = [Put(record, condition), Delete(key) if gone else Put(present)]
        self._conflicts.outlive(lambda: self._table.transact([*writes, *also]))


def _item(silence: Silence) -> dict[str, Value]:
    return {
        "k": "silence",
        "version": silence.version,
        "body": orjson.dumps(silence).decode(),
    }


def silence_from(text: str | bytes) -> Silence:
    """The reverse of orjson.dumps(silence)."""
    raw = orjson.loads(text)
    early = tuple(raw.get("early", ()))
    return Silence(**{**raw, "matchers": matchers_from(raw["matchers"]), "early": early})
