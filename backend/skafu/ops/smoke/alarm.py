"""Whether a point makes an alert fire, and the next ones end it: the whole way, with nobody paged.

API, stream, evaluator and history take part in it; the reserved tenant's silence keeps what follows
from everybody, and is looked at before anything fires.
"""

from functools import partial
from typing import Any

from skafu.canary.calls import Call, asked
from skafu.canary.checks import Check, Failed
from skafu.canary.scene import Scene, alert, definition, send

LIMIT_MS = 75_000
EACH_MS = 30_000
"""So long a state may be waited for."""

PAUSE_S = 1.0
HIGH, LOW = 5.0, 0.0


def checks_of(scene: Scene) -> tuple[Check, ...]:
    """The one check."""
    return (Check("alarm.fires_and_ends", partial(_fires_and_ends, scene), LIMIT_MS),)


def _fires_and_ends(scene: Scene) -> str:
    _pages_nobody(scene)
    with alert(scene, definition(scene, "alarm")) as made:
        began = scene.clock()
        fired = _await(scene, made, "ALARM", HIGH)
        ended = _await(scene, made, "OK", LOW)
        path = f"/api/alerts/{made['id']}/history"
        events = asked(scene.api, Call("GET", path))["events"]
        told = [each["to"] for each in sorted(events, key=lambda each: int(each["at"]))]
        if told[:2] != ["ALARM", "OK"]:
            raise Failed(f"the history tells {told} instead of ALARM and OK")
    return f"ALARM after {fired - began:,} ms, OK after {ended - fired:,} ms more"


def _pages_nobody(scene: Scene) -> None:
    """Raises Failed where something other than a silence about everything is what holds."""
    found = asked(scene.api, Call("GET", "/api/silences"))["silences"]
    until = scene.clock() + LIMIT_MS
    if not any(
        x["state"] == "active" and not x["matchers"] and x["ends_at"] > until for x in found
    ):
        raise Failed("the reserved tenant would page somebody: nothing was made to fire")


def _await(scene: Scene, made: Any, state: str, value: float) -> int:
    """When the alert's one instance was seen in a state, as points of a value come in: one would
    not do, because a new alert may be unknown to the evaluator for some seconds. Raises Failed when
    it takes too long.
    """
    until = scene.clock() + EACH_MS
    while True:
        send(scene, "alarm", (scene.clock(), value))
        scene.pause(PAUSE_S)
        read = asked(scene.api, Call("GET", f"/api/alerts/{made['id']}"))
        found = [each["state"] for each in read["instances"]]
        now = scene.clock()
        if found == [state]:
            return now
        if now >= until:
            raise Failed(f"after {EACH_MS:,} ms the alert's instances are {found}, not {state}")
