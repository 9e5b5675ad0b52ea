"""Whether the functions behind the API do their work, each asked by an event like its own.

All of it happens in the reserved tenant, beside what the functions that are in use do: they too get
the points' records and the schedule. Both doing the same thing is what Skafu is made for, so a good
version always passes; a bad one passes only where the other was quicker than the call that follows
at once. None of the events can page anybody (reserved.py), and none puts anything into a queue of
what went wrong.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from skafu.canary.calls import Call, Function, asked
from skafu.canary.checks import Check, Failed
from skafu.canary.reserved import TENANT
from skafu.canary.scene import Scene, Sent, alert, definition, send
from skafu.shared import keys, wire
from skafu.shared.table import Item, Query, Table

type Stored = Callable[[Sent], Sequence[Item]]
"""The items that points have become, in the order in which they were stored."""

DONE: Mapping[str, object] = {"batchItemFailures": []}
OK = ["OK"]
CLOSED_S = 1.2
"""A bucket of a second is over, and the next one has begun."""

GRACE_S = 1
RULES_BELIEVED_MS = 12_000
"""A new alert may be unknown for ten seconds to an evaluator that runs (alerts/rules.py)."""

DECIDING_LIMIT_MS = 40_000
"""Of the evaluator's check, which waits for that."""


def stored_in(table: Table) -> Stored:
    """The reserved tenant's segments in a table; until an operator says otherwise it has one
    shard.
    """

    def stored(sent: Sent) -> list[Item]:
        start, end = sent.range
        # A bucket begins before the points that are in it.
        between = keys.segment_range(sent.layout, start - keys.BUCKET_MS, end)
        hours = sorted({keys.hour_of(at) for at, _ in sent.points})
        queries = (
            Query(keys.segments(TENANT, 0, hour), between=between, consistent=True)
            for hour in hours
        )
        return [item for query in queries for item in table.query_all(query)]

    return stored


def evaluator_checks(scene: Scene, evaluate: Function, stored: Stored) -> tuple[Check, ...]:
    """Of the consumer of the stream."""
    return (
        Check("evaluator.decides", partial(_decides, scene, evaluate, stored), DECIDING_LIMIT_MS),
    )


def sweeper_checks(scene: Scene, sweep: Function) -> tuple[Check, ...]:
    """Of what decides by the clock."""
    return (Check("sweeper.decides", partial(_wakes, scene, sweep)),)


def compactor_checks(compact: Function) -> tuple[Check, ...]:
    """Of what compacts."""
    return (Check("compactor.compacts", partial(_compacts, compact)),)


def notifier_checks(notify: Function) -> tuple[Check, ...]:
    """Of what tells people; it has nothing to tell."""
    return (Check("notifier.looks", partial(_looks, notify)),)


def stream_record(item: Item, number: int) -> dict[str, Any]:
    """The record of the table's stream that an item's first writing makes."""
    image = {
        name: {kind: b64encode(v).decode() if isinstance(v, bytes) else v for kind, v in x.items()}
        for name, x in wire.serialize(item).items()
    }
    return {
        "eventID": f"canary{number:026d}",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "Keys": {name: image[name] for name in ("pk", "sk")},
            "NewImage": image,
            "SequenceNumber": f"{number + 1:021d}",
        },
    }


def _decides(scene: Scene, evaluate: Function, stored: Stored) -> str:
    """Stored points, a second and more apart: a bucket is decided by what comes after it, as soon
    as the evaluator looks again which alerts there are.
    """
    with alert(scene, definition(scene, "evaluator")) as made:
        until = scene.clock() + RULES_BELIEVED_MS
        points: tuple[tuple[int, float], ...] = ()
        while True:
            sent = send(scene, "evaluator", (scene.clock(), scene.chance()))
            points += sent.points
            items = stored(Sent(sent.call, points, sent.layout))
            if len(items) != len(points):
                raise Failed(f"of {len(points)} points that were taken {len(items)} are stored")
            _done(evaluate({"Records": [stream_record(x, i) for i, x in enumerate(items)]}))
            # One point alone decides nothing: nothing says that its bucket is over.
            states = _states(scene, made) if len(points) > 1 else []
            if states == OK or (len(points) > 1 and scene.clock() > until):
                return _decided(states)
            scene.pause(CLOSED_S)


def _wakes(scene: Scene, sweep: Function) -> str:
    """Nothing follows the point: its bucket is decided by a wakeup, when its grace is over."""
    with alert(scene, definition(scene, "sweeper", grace=GRACE_S)) as made:
        send(scene, "sweeper", (scene.clock(), scene.chance()))
        scene.pause(CLOSED_S + GRACE_S)
        wanted = {"tenant": TENANT, "alerts": [made["id"]], "due": scene.clock()}
        _done(sweep(_messages(wanted)))
        return _decided(_states(scene, made))


def _compacts(compact: Function) -> str:
    report = compact({"tenant": TENANT})
    if report["tenants"] != 1 or report["failed"] or report["blocked"]:
        raise Failed(f"the compaction's report: {report}")
    return f"sealed {report['sealed']}, merged {report['merged']}, folded {report['folded']}"


def _looks(notify: Function) -> str:
    """Groups of a tenant that has none, a notification that is not there, and what is none: that
    one has to come again, because whoever answers a batch with a blanket yes loses pages.
    """
    event = _messages(
        {"tenant": TENANT, "look": True, "again": False},
        {"tenant": TENANT, "delivery": "nothing"},
        {"tenant": TENANT},
    )
    said = notify(event)
    unread = {"batchItemFailures": [{"itemIdentifier": event["Records"][-1]["messageId"]}]}
    if said != unread:
        raise Failed(f"answered {said} instead of {unread}")
    return "looked; what cannot be read would come again"


def _messages(*bodies: Mapping[str, object]) -> dict[str, Any]:
    """A batch as SQS hands it over."""
    return {
        "Records": [
            {
                "messageId": f"canary-{place}",
                "receiptHandle": f"canary-{place}",
                "body": json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1"},
                "eventSource": "aws:sqs",
            }
            for place, body in enumerate(bodies)
        ]
    }


def _done(answer: object) -> None:
    if answer != DONE:
        raise Failed(f"answered {answer} instead of {DONE}")


def _states(scene: Scene, made: Mapping[str, Any]) -> list[str]:
    read = asked(scene.api, Call("GET", f"/api/alerts/{made['id']}"))
    return [str(each["state"]) for each in read["instances"]]


def _decided(states: list[str]) -> str:
    """That an alert's one instance is OK by now."""
    if states != OK:
        raise Failed(f"after the call the alert's instances are {states}, not one that is OK")
    return "decided: OK"
