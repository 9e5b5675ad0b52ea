"""What was parked: look at it, and send it again.

A message that failed too often lies in a dead-letter queue. `replay` shows each with its age and
its reason and moves it back to the queue it came from, one by one: sent, then deleted, so that an
interruption leaves it twice and never nowhere. Receivers are safe against twice. (SQS has a call
that moves all at once, StartMessageMoveTask; it shows nothing, and notifications have to be opened
again before they are sent.)

Records of the stream and failed invocations have no queue to go back to: the sweeper has decided
from the table what they were about. They are shown, and with --discard deleted.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from skafu.alerts.deliveries import Attempt, Delivery, DeliveryStore, PageDelivery
from skafu.ops import deployment
from skafu.ops.parking import WAIT_S, Message, Parking, age
from skafu.shared import aws
from skafu.shared.clock import system_clock
from skafu.shared.dynamo import DynamoTable

UNREADABLE = "cannot be read"

LOOKS = frozenset({"group", "groups", "look", "drill"})
"""What a message asks for that is not about the outbox."""


@dataclass(frozen=True)
class Kind:
    """A dead-letter queue and where its messages came from, by the names of the stack's outputs."""

    parked: str
    source: str | None = None


KINDS = {
    "deliveries": Kind("DeliveriesDeadLettersUrl", "DeliveriesQueueUrl"),
    "wakeups": Kind("WakeupsDeadLettersUrl", "WakeupsQueueUrl"),
    "parked": Kind("ParkedRecordsQueueUrl"),
    "invocations": Kind("InvocationsDeadLettersUrl"),
}


@dataclass(frozen=True)
class Looked:
    """What is known of a message: lines for people, and whether it may go back."""

    lines: list[str]
    movable: bool = True
    dropped: str = ""


type Look = Callable[[Message], Looked]


@dataclass
class Summary:
    """How many messages went which way."""

    moved: int = 0
    dropped: int = 0
    kept: int = 0
    lines: list[str] = field(default_factory=list)


class Deliveries:
    """Transitions and pages: shown with what was tried, and opened again before they are sent back.
    What asks for a look goes back as it is.
    """

    def __init__(self, store: DeliveryStore, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    def look(self, message: Message) -> Looked:
        """What it is about, and the last try on each channel that is not done with it."""
        asked = message.read()
        tenant, delivery = asked.get("tenant"), asked.get("delivery")
        if isinstance(tenant, str) and delivery is None and asked.keys() & LOOKS:
            return Looked(["look at groups", message.body])
        if not isinstance(tenant, str) or not isinstance(delivery, str):
            return Looked([UNREADABLE, message.body], movable=False)
        found = self._store.get(tenant, delivery)
        if found is None:
            return Looked([delivery], dropped="there is no such notification any more")
        return Looked([delivery, *self._lines(tenant, found)])

    def _lines(self, tenant: str, found: Delivery | PageDelivery) -> Iterator[str]:
        if isinstance(found, PageDelivery):
            page = found.telling.page
            instances = len(page.items) + sum(page.omitted.values())
            yield f"page of route {page.route}: {page.cause}, {page.told}, {instances} instances"
            yield from _tries(self._store.attempts(tenant, page.id))
            return
        notification = found.notification
        where = ", ".join(f"{name}={value}" for name, value in notification.tags)
        yield f"{notification.alert.name} {where}: {notification.source} -> {notification.target}"
        for fate in found.fates or ():
            told = f" in page {fate.page}" if fate.page else ""
            yield f"route {fate.route}: {fate.verdict}{told}"
            if fate.page:
                yield from _tries(self._store.attempts(tenant, fate.page))

    def open(self, message: Message) -> None:
        """Pending again: should the message be lost on its way, the sweeper sends another."""
        asked = message.read()
        if "delivery" in asked:
            self._store.reopen(asked["tenant"], asked["delivery"], self._clock())


def _tries(attempts: Sequence[Attempt]) -> Iterator[str]:
    last = {each.channel: each for each in attempts}
    for channel, attempt in last.items():
        count = sum(each.channel == channel for each in attempts)
        outcome = attempt.outcome
        why = f": {outcome.error}" if outcome.error else ""
        yield f"channel {channel}, {count} tries, last {outcome.result.value}{why}"


def look_plainly(message: Message) -> Looked:
    """Any other message: its reason, if it has one, and itself."""
    read = message.read()
    context = read.get("requestContext") or {}
    reason = read.get("reason") or context.get("condition") or "no reason given"
    return Looked([str(reason), message.body])


def replay(
    parking: Parking,
    look: Look,
    before: Callable[[Message], None],
    now: int,
    at_most: int,
    dry_run: bool,
) -> Summary:
    """Show what is parked and, unless it is a dry run, move it back; `before` is done first."""
    summary = Summary()
    kept = []
    for message in parking.messages(at_most):
        looked = look(message)
        summary.lines += _shown(message, looked, now)
        if dry_run or not looked.movable:
            kept.append(message)
        elif looked.dropped:
            parking.discard(message)
            summary.dropped += 1
        else:
            before(message)
            parking.send_back(message)
            summary.moved += 1
    for message in kept:
        parking.put_back(message)
    summary.kept = len(kept)
    return summary


def discard(parking: Parking, look: Look, now: int, at_most: int) -> Summary:
    """Show what is parked and delete it."""
    summary = Summary()
    for message in parking.messages(at_most):
        summary.lines += _shown(message, look(message), now)
        parking.discard(message)
        summary.dropped += 1
    return summary


def _shown(message: Message, looked: Looked, now: int) -> list[str]:
    first, *rest = looked.lines
    note = f" ({looked.dropped})" if looked.dropped else ""
    return [f"{age(now - message.sent)}  {first}{note}", *(f"        {line}" for line in rest)]


# --- the command ----------------------------------------------------------------------------------


def main(
    arguments: Sequence[str], make: Callable[..., Any] = aws.client, wait_s: int = WAIT_S
) -> int:
    """The command; its exit code. `make` makes clients of AWS's services by their names."""
    options = _parser().parse_args(arguments)
    kind = KINDS[options.queue]
    if kind.source is None and not (options.dry_run or options.discard):
        print(
            f"There is no queue that messages of '{options.queue}' could go back to: look at them "
            "with --dry-run, delete them with --discard.",
            file=sys.stderr,
        )
        return 2
    if kind.source is not None and options.discard:
        print(
            f"Messages of '{options.queue}' can be sent again: nothing is discarded.",
            file=sys.stderr,
        )
        return 2
    names = [name for name in (kind.parked, kind.source, "TableName") if name is not None]
    found = deployment.find(options, make, names)
    values = found.outputs
    source = values[kind.source] if kind.source else None
    parking = Parking(found.client("sqs"), values[kind.parked], source, wait_s)
    summary = _run(options, parking, found.client("dynamodb"), values["TableName"])
    print("\n".join(summary.lines))
    print(f"{summary.moved} moved, {summary.dropped} dropped, {summary.kept} kept")
    return 0


def _run(options: argparse.Namespace, parking: Parking, dynamodb: Any, table: str) -> Summary:
    now = system_clock()
    if options.discard and not options.dry_run:
        return discard(parking, look_plainly, now, options.max)
    if options.queue != "deliveries":
        return replay(parking, look_plainly, _nothing, now, options.max, options.dry_run)
    store = DeliveryStore(DynamoTable(dynamodb, table))
    deliveries = Deliveries(store, system_clock)
    return replay(parking, deliveries.look, deliveries.open, now, options.max, options.dry_run)


def _nothing(_: Message) -> None:
    """Most messages need nothing done before they go back."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skafu.ops replay",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    deployment.add_arguments(parser)
    parser.add_argument("--queue", default="deliveries", choices=KINDS, help="(%(default)s)")
    parser.add_argument("--dry-run", action="store_true", help="only show what is parked")
    parser.add_argument("--discard", action="store_true", help="delete what cannot go back")
    parser.add_argument("--max", type=int, default=1_000, help="messages (%(default)s)")
    return parser
