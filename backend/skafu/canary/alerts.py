"""Whether alerts can be made, changed and removed, and be tried on what is stored."""

from functools import partial
from http import HTTPStatus

from skafu.canary.calls import Call, asked
from skafu.canary.checks import Check, Failed
from skafu.canary.scene import Scene, alert, definition, refuse, remove, send
from skafu.shared.keys import HOUR_MS

STEP_MS = 1000


def checks_of(scene: Scene) -> tuple[Check, ...]:
    """All checks of the alerts API."""
    return (
        Check("alerts.kept", partial(_kept, scene)),
        Check("alerts.backtest", partial(_backtest, scene)),
        Check("alerts.refusals", partial(_refusals, scene)),
        Check("alerts.nothing_left", partial(_nothing_left, scene)),
    )


def _kept(scene: Scene) -> str:
    """An alert is there as it was asked for, changes at its version alone, and goes."""
    wanted = definition(scene, "kept")
    with alert(scene, wanted) as made:
        path = f"/api/alerts/{made['id']}"
        read = asked(scene.api, Call("GET", path))
        wrong = [name for name in wanted if read[name] != wanted[name]]
        if wrong or read["version"] != 1:
            raise Failed(f"the alert is read otherwise than it was made: {', '.join(wrong)}")
        changed = asked(scene.api, Call("PUT", path, wanted | {"threshold": 2.5}, version=1))
        found = changed["version"], changed["threshold"]
        if found != (2, 2.5):
            raise Failed(f"changed to version 2 and 2.5, it is at {found}")
        outdated = Call("PUT", path, wanted | {"threshold": 3.5}, version=1)
        asked(scene.api, outdated, HTTPStatus.PRECONDITION_FAILED)
    asked(scene.api, Call("GET", path), HTTPStatus.NOT_FOUND)
    return "made, read, changed, removed"


def _backtest(scene: Scene) -> str:
    """A draft goes off on stored points where it should, and nowhere else."""
    first = scene.clock() // STEP_MS * STEP_MS - 10 * STEP_MS
    values = (0.0, 0.0, 5.0, 0.0)
    points = [(first + place * STEP_MS, value) for place, value in enumerate(values)]
    send(scene, "backtest", *points)
    draft = definition(scene, "backtest")
    body = {"start": first, "end": first + len(values) * STEP_MS, "alert": draft}
    said = asked(scene.api, Call("POST", "/api/alerts/backtest", body))
    found = [(each["at"] - first, each["to"]) for each in said["transitions"]]
    if found != [(1000, "OK"), (3000, "ALARM"), (4000, "OK")]:
        raise Failed(f"the transitions of 0, 0, 5, 0 above 1 would have been {found}")
    return "three transitions, each in its second"


def _refusals(scene: Scene) -> str:
    """Nobody else gets in, and what makes no sense is told to be so."""
    told = refuse(scene, Call("GET", "/api/alerts"), Call("POST", "/api/alerts", {}))
    asked(scene.api, Call("POST", "/api/alerts", {}), HTTPStatus.UNPROCESSABLE_ENTITY)
    asked(scene.api, Call("GET", "/api/alerts/nobodys"), HTTPStatus.NOT_FOUND)
    return f"{told}; bad requests are told so"


def _nothing_left(scene: Scene) -> str:
    """What earlier runs left because they were ended in the middle is removed; the tenant has no
    alerts but those of runs that are going on.
    """
    said = asked(scene.api, Call("GET", "/api/alerts"))
    old = [x["id"] for x in said["alerts"] if x["created_at"] < scene.clock() - HOUR_MS]
    for alert_id in old:
        remove(scene, alert_id)
    mine = [x["id"] for x in said["alerts"] if x["labels"].get("canary") == scene.run]
    if mine:
        raise Failed(f"alerts of this run are still there: {', '.join(mine)}")
    return f"{len(old)} of earlier runs removed" if old else "nothing was left"
