"""What checks are done with, and what several of them do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from skafu.canary.calls import Api, Call, Who, asked
from skafu.canary.checks import Failed
from skafu.shared.clock import Clock

METRIC = "skafu.canary"
OTHERS = ((Who.NOBODY, HTTPStatus.UNAUTHORIZED), (Who.STRANGER, HTTPStatus.FORBIDDEN))
"""Who is refused, and how, where a caller may be anybody."""
OUTSIDE = OTHERS[:1]
"""The same through the gateway, which lets in nobody without a token, and for whom a machine that
is nobody's member would have to be made."""


@dataclass(frozen=True)
class Scene:
    """`run` is a name that no other run has: it keeps what is written apart. `chance` brings a
    number in [0, 1) that nothing else wrote. `pause` waits for so many seconds.
    """

    api: Api
    run: str
    clock: Clock
    chance: Callable[[], float]
    pause: Callable[[float], None]
    environment: str
    refused: Sequence[tuple[Who, HTTPStatus]] = OTHERS


@dataclass(frozen=True)
class Sent:
    """Points that were taken: (timestamp, value) of each, and the layout that they have made."""

    call: Call
    points: tuple[tuple[int, float], ...]
    layout: str

    @property
    def range(self) -> tuple[int, int]:
        """The seconds that they are in, [start, end) in epoch milliseconds."""
        times = [at for at, _ in self.points]
        return min(times) // 1000 * 1000, max(times) // 1000 * 1000 + 1000


def tags_of(scene: Scene, check: str) -> dict[str, str]:
    """The tags of what a check writes: a series of its own."""
    return {"run": scene.run, "check": check}


def send(scene: Scene, check: str, *points: tuple[int, float]) -> Sent:
    """Write points, each with its time, so that the same may be sent again. Raises Failed."""
    series = {"name": METRIC, "tags": tags_of(scene, check)}
    body = {"metrics": [{**series, "timestamp": at, "value": value} for at, value in points]}
    key = f"{scene.run}-{check}-{points[0][0]}"
    call = Call("POST", "/api/metrics", body, key=key)
    said = asked(scene.api, call, HTTPStatus.ACCEPTED)
    taken(said, len(points))
    return Sent(call, points, str(said["layout"]))


def taken(said: Any, points: int) -> None:
    """What the API says of points that are all good. Raises Failed."""
    if (said["accepted"], said["rejected"]) != (points, []):
        raise Failed(
            f"of {points} good points {said['accepted']} were accepted; "
            f"rejected: {said['rejected']}"
        )


def definition(scene: Scene, check: str, **more: object) -> dict[str, object]:
    """What an alert on what a check writes is asked for with: above 1 in any second. Silence leaves
    it where it is.
    """
    filters = [{"tag": tag, "op": "=", "value": v} for tag, v in tags_of(scene, check).items()]
    return {
        "name": f"canary {check} {scene.run}",
        "metric": METRIC,
        "statistic": "max",
        "period": 1,
        "filters": filters,
        "comparison": ">",
        "threshold": 1.0,
        "evaluation_periods": 1,
        "missing_data": "ignore",
        "severity": "info",
        "labels": {"canary": scene.run},
        **more,
    }


@contextmanager
def alert(scene: Scene, body: Mapping[str, object]) -> Iterator[Any]:
    """An alert, as the API answers it; it is gone afterwards.

    Raises Failed when it cannot be made, and when it cannot be removed.
    """
    made = asked(scene.api, Call("POST", "/api/alerts", body), HTTPStatus.CREATED)
    try:
        yield made
    finally:
        remove(scene, str(made["id"]))


def remove(scene: Scene, alert_id: str) -> None:
    """Remove an alert; one that is gone already is what is wanted. Raises Failed."""
    call = Call("DELETE", f"/api/alerts/{alert_id}")
    answer = scene.api(call)
    if answer.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND):
        raise Failed(f"the alert {alert_id} of a check stays behind: DELETE said {answer.status}")


def refuse(scene: Scene, *calls: Call) -> str:
    """That these are refused to whom they should be. Raises Failed for what gets through."""
    for call in calls:
        for who, status in scene.refused:
            as_somebody = Call(call.method, call.path, call.body, call.query, who=who)
            asked(scene.api, as_somebody, status)
    return f"refused to {' and '.join(who.value for who, _ in scene.refused)}"
