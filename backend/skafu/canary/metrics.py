"""Whether points that are taken can be had again: what the metrics API is there for."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from skafu.canary.calls import Call, asked
from skafu.canary.checks import Check, Failed
from skafu.canary.scene import METRIC, Scene, Sent, refuse, send, taken, tags_of

STATISTICS = ("sum", "count")
LARGEST = 1_000_000


def checks_of(scene: Scene) -> tuple[Check, ...]:
    """All checks of the metrics API."""
    return (
        Check("metrics.read_back", partial(_read_back, scene)),
        Check("metrics.stored_once", partial(_stored_once, scene)),
        Check("metrics.bad_point", partial(_bad_point, scene)),
        Check("metrics.listed", partial(_listed, scene)),
        Check("metrics.refusals", partial(_refusals, scene)),
    )


def written(scene: Scene, check: str) -> Sent:
    """Write a point of this moment, with a value that nothing else has."""
    return send(scene, check, (scene.clock(), scene.chance() * LARGEST))


def _read_back(scene: Scene) -> str:
    """A point is there as soon as it was taken, with the very double that was sent."""
    sent = written(scene, "read_back")
    _same(_asked_by_body(scene, "read_back", sent), sent)
    _same(_asked_by_query(scene, "read_back", sent), sent)
    [(_, value)] = sent.points
    return f"{value!r} came back"


def _stored_once(scene: Scene) -> str:
    """A client that heard nothing sends again: the retry is taken, and stores nothing new."""
    sent = written(scene, "stored_once")
    for _ in range(2):
        taken(asked(scene.api, sent.call, HTTPStatus.ACCEPTED), len(sent.points))
    _same(_asked_by_body(scene, "stored_once", sent), sent)
    return "sent three times, counted once"


def _bad_point(scene: Scene) -> str:
    """A bad point is refused with its place, and costs the good one beside it nothing."""
    check, at, value = "bad_point", scene.clock(), scene.chance() * LARGEST
    series = {"name": METRIC, "tags": tags_of(scene, check), "timestamp": at}
    body = {"metrics": [{**series, "value": "much"}, {**series, "value": value}]}
    call = Call("POST", "/api/metrics", body, key=f"{scene.run}-{check}-{at}")
    said = asked(scene.api, call, HTTPStatus.ACCEPTED)
    told = [(each["index"], each["field"]) for each in said["rejected"]]
    if (said["accepted"], told) != (1, [(0, "value")]):
        raise Failed(f"of a good and a bad point {said['accepted']} were accepted, not {told}")
    sent = Sent(call, ((at, value),), str(said["layout"]))
    _same(_asked_by_body(scene, check, sent), sent)
    return "one refused, one kept"


def _listed(scene: Scene) -> str:
    """What has points is in the list of metrics."""
    written(scene, "listed")
    said = asked(scene.api, Call("GET", "/api/metrics", query={"prefix": METRIC}))
    names = [each["name"] for each in said["metrics"]]
    if names != [METRIC]:
        raise Failed(f"listed are {', '.join(names) or 'no metrics'} instead of {METRIC}")
    return METRIC


def _refusals(scene: Scene) -> str:
    """Nobody else gets in, and what cannot be read is told to be so."""
    point = {"metrics": [{"name": METRIC, "value": 1}]}
    told = refuse(scene, Call("POST", "/api/metrics", point), Call("GET", "/api/metrics"))
    asked(scene.api, Call("POST", "/api/metrics", ["no object"]), HTTPStatus.BAD_REQUEST)
    asked(scene.api, Call("POST", "/api/metrics/query", {}), HTTPStatus.UNPROCESSABLE_ENTITY)
    return f"{told}; bad requests are told so"


def _asked_by_body(scene: Scene, check: str, sent: Sent) -> Mapping[str, list[Any]]:
    """The values of the seconds in which something was sent, by statistic."""
    start, end = sent.range
    filters = [{"tag": tag, "op": "=", "value": v} for tag, v in tags_of(scene, check).items()]
    queries = [
        {"id": f"the_{x}", "metric": METRIC, "statistic": x, "period": 1, "filters": filters}
        for x in STATISTICS
    ]
    call = Call("POST", "/api/metrics/query", {"start": start, "end": end, "queries": queries})
    results = asked(scene.api, call)["results"]
    return {each["id"].removeprefix("the_"): _values(each) for each in results}


def _asked_by_query(scene: Scene, check: str, sent: Sent) -> Mapping[str, list[Any]]:
    start, end = sent.range
    found = {}
    for statistic in STATISTICS:
        query = {
            "metric": METRIC,
            "statistic": statistic,
            "period": "1",
            "start": str(start),
            "end": str(end),
            "filter": f"run={scene.run}",
            "group_by": "check",
        }
        [result] = asked(scene.api, Call("GET", "/api/metrics/query", query=query))["results"]
        mine = [each for each in result["series"] if each["tags"].get("check") == check]
        found[statistic] = _values({"series": mine})
    return found


def _values(result: Mapping[str, Any]) -> list[Any]:
    return [value for series in result["series"] for value in series["values"]]


def _same(found: Mapping[str, list[Any]], sent: Sent) -> None:
    """That one point was found, of the value that was sent."""
    [(_, value)] = sent.points
    if found != {"sum": [value], "count": [1]}:
        raise Failed(f"1 point of {value!r} was sent; found were {dict(found)}")
