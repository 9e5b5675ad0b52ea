"""A table's stream and its event source mapping, as Lambda documents them.

Records are handed over in order, in batches. A handler that answers `batchItemFailures` has its
checkpoint set to the lowest failed sequence number, and everything from there on comes again; one
that raises gets its whole batch again, in halves where `bisect` says so. After `attempts` retries
a batch, or what is left of it, goes to the destination for failures, and the next one is processed.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from skafu.shared import wire
from skafu.shared.table import Item

from tests.support.events import lambda_context

type Record = dict[str, Any]
type StreamHandler = Callable[[dict[str, Any], LambdaContext], Any]


def _attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    """As it looks in an event: bytes are base64 text."""
    return {t: b64encode(v).decode() if isinstance(v, bytes) else v for t, v in value.items()}


def stream_record(item: Item, number: int = 1, event: str = "INSERT") -> Record:
    """The record of an item that was put."""
    image = {name: _attribute(value) for name, value in wire.serialize(item).items()}
    return {
        "eventID": f"{number:032x}",
        "eventName": event,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_700_049_600,
            "Keys": {name: image[name] for name in ("pk", "sk")},
            "NewImage": image,
            "SequenceNumber": f"{number:021d}",
            "SizeBytes": 1024,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/skafu-test/stream/x",
    }


@dataclass
class EventSourceMapping:
    """Drives a handler over one shard. `kinds` is the filter: INSERTs of items of these kinds."""

    handler: StreamHandler
    batch_size: int = 100
    attempts: int = 50
    bisect: bool = True
    kinds: tuple[str, ...] = ("segment", "late")
    remaining_ms: int = 30_000
    destination: list[Record] = field(default_factory=list)
    """Records that were given up."""
    invocations: list[list[str]] = field(default_factory=list)
    """The sequence numbers of each invocation's batch."""
    _shard: list[Record] = field(default_factory=list)

    def feed(self, records: Iterable[Record]) -> None:
        """Append to the shard what passes the filter."""
        self._shard += [record for record in records if self._passes(record)]

    def run(self) -> None:
        """Process the shard to its end."""
        while self._shard:
            batch = self._shard[: self.batch_size]
            self._shard = self._shard[self.batch_size :]
            self._batch(batch, self.attempts)

    def _passes(self, record: Record) -> bool:
        image = record["dynamodb"].get("NewImage", {})
        kind = image.get("k", {}).get("S")
        return record["eventName"] == "INSERT" and kind in self.kinds

    def _batch(self, batch: Sequence[Record], retries: int) -> None:
        while batch:
            failed = self._invoke(batch)
            if failed == len(batch):
                return
            if retries == 0:
                self.destination += batch[max(failed, 0) :]
                return
            retries -= 1
            if failed >= 0:
                batch = batch[failed:]
            elif self.bisect and len(batch) > 1:
                middle = len(batch) // 2
                self._batch(batch[:middle], retries)
                batch = batch[middle:]

    def _invoke(self, batch: Sequence[Record]) -> int:
        """How many records were processed: all, up to the checkpoint, or -1 for an error."""
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
        self.invocations.append(numbers)
        event = {"Records": list(batch)}
        try:
            answer = self.handler(event, lambda_context(remaining_ms=self.remaining_ms))
            failures = {each["itemIdentifier"] for each in (answer or {})["batchItemFailures"]}
        # Lambda sees only that it failed.
        except Exception:  # pylint: disable=broad-exception-caught
            return -1
        unknown = failures - set(numbers)
        if unknown:
            return -1  # a name that is not in the batch counts as the failure of all of it
        return min((numbers.index(each) for each in failures), default=len(batch))
