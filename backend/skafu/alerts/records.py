"""Records of the stream: reading them, and what becomes of a batch of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from skafu.metrics.model import Segment
from skafu.metrics.store import segment_from
from skafu.shared import keys
from skafu.shared.dynamo import deserialize
from skafu.shared.errors import SkafuError, Unavailable
from skafu.shared.observability import Count, count, logger
from skafu.shared.queues import Queue


class Unreadable(SkafuError):
    """A record that no retry will make readable; the text is the reason it is parked with."""


def read_record(record: Mapping[str, Any]) -> tuple[str, Segment]:
    """Tenant and segment of a record of the stream. Raises Unreadable."""
    try:
        image = deserialize(record["dynamodb"]["NewImage"])
        return keys.split(str(image["pk"]))[0], segment_from(image)
    except Exception as error:  # whatever it is, the record will not get better
        raise Unreadable(f"{type(error).__name__}: {error}") from error


class Batch:
    """The records of an invocation, and what became of them."""

    def __init__(self, records: Sequence[Mapping[str, Any]], parked: Queue) -> None:
        self.records = records
        self._queue = parked
        self._parked: set[int] = set()
        self._failed: set[int] = set()
        self.decisions = 0

    def fail(self, positions: Iterable[int]) -> None:
        """These must come again."""
        self._failed.update(positions)

    def park(self, position: int, reason: str) -> None:
        """Put a record aside with its reason, once; where even that fails it must come again."""
        if position in self._parked:
            return
        record = self.records[position]
        stored = record.get("dynamodb", {})
        message = {
            "reason": reason,
            "tenant": _tenant_of(stored),
            "keys": stored.get("Keys"),
            "event_id": record.get("eventID"),
            "sequence_number": stored.get("SequenceNumber"),
        }
        try:
            self._queue.send(message)
        except Unavailable:
            logger.warning("record cannot be parked now", exc_info=True)
            self.fail([position])
            return
        self._parked.add(position)
        count(Count.PARKED_RECORDS)
        logger.error("record is parked", event_id=record.get("eventID"))

    def answer(self) -> dict[str, list[dict[str, str]]]:
        """Lambda goes on from the lowest failed sequence number; to name that one is enough."""
        if self.decisions:
            count(Count.DECISIONS, self.decisions)
        if not self._failed:
            return {"batchItemFailures": []}
        first = self.records[min(self._failed)]["dynamodb"]["SequenceNumber"]
        return {"batchItemFailures": [{"itemIdentifier": str(first)}]}


def _tenant_of(stored: Mapping[str, Any]) -> str | None:
    try:
        return keys.split(str(stored["Keys"]["pk"]["S"]))[0]
    except (KeyError, TypeError):
        return None
