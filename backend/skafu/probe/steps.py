"""What the probe does each time: what a customer does in a minute, in the same order.

All of it is written under one name that never changes (RUN): a run of its own for each would make a
series of its own for each, and a tenant has 10,000.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from skafu.canary.calls import Call, asked
from skafu.canary.checks import Check, Failed
from skafu.canary.scene import METRIC, Scene, send, tags_of
from skafu.canary.workspace import health_of
from skafu.probe.reaching import Fetch, reach

RUN = "probe"
LIMIT_MS = 10_000
"""Of a step: who waits for longer has gone."""

LARGEST = 1_000_000
ROOT = b'id="root"'
"""Where the console's program puts its pages (frontend/index.html)."""


@dataclass(frozen=True)
class Looked:
    """What the steps look at. `sign_in` raises Failed where there is no token to be had."""

    scene: Scene
    sign_in: Callable[[], str]
    console_url: str
    fetch: Fetch


def steps_of(looked: Looked) -> tuple[Check, ...]:
    """All of them, in order."""
    return (
        health_of(looked.scene),
        Check("sign_in", partial(_signs_in, looked), LIMIT_MS),
        Check("read_your_write", partial(_reads_its_write, looked.scene), LIMIT_MS),
        Check("alerts", partial(_lists_alerts, looked.scene), LIMIT_MS),
        Check("console", partial(_opens_console, looked), LIMIT_MS),
    )


NAMES = ("health", "sign_in", "read_your_write", "alerts", "console")
"""Of the steps, as metrics and log lines call them."""


def _signs_in(looked: Looked) -> str:
    looked.sign_in()
    return "there is a token"


def _reads_its_write(scene: Scene) -> str:
    """A point is there as soon as it was taken, with the very double that was sent."""
    sent = send(scene, RUN, (scene.clock(), scene.chance() * LARGEST))
    [(_, value)] = sent.points
    start, end = sent.range
    filters = [{"tag": tag, "op": "=", "value": text} for tag, text in tags_of(scene, RUN).items()]
    query = {"id": "a", "metric": METRIC, "statistic": "max", "period": 1, "filters": filters}
    body = {"start": start, "end": end, "queries": [query]}
    [result] = asked(scene.api, Call("POST", "/api/metrics/query", body))["results"]
    found = [each for series in result["series"] for each in series["values"]]
    # Two probes in one second are an operator's beside the schedule's: the larger one is read.
    if not found or found[0] is None or found[0] < value:
        raise Failed(f"{value!r} was sent and taken; read back was {found}")
    return "the point came back"


def _lists_alerts(scene: Scene) -> str:
    said = asked(scene.api, Call("GET", "/api/alerts"))
    return f"{len(said['alerts'])} alerts"


def _opens_console(looked: Looked) -> str:
    url = looked.console_url.rstrip("/") + "/"
    answer = reach(looked.fetch, "GET", url, None, {"Accept": "text/html"})
    if answer.status != HTTPStatus.OK:
        raise Failed(f"GET {url}: {answer.status}")
    if ROOT not in answer.body:
        raise Failed("the page is none of the console's: its program has no place in it")
    return f"{len(answer.body):,} bytes"
