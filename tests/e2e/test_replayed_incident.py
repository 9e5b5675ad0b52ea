"""A recorded incident, played live: the alert fires and resolves where arithmetic says, once each.

The file is a CSV of `timestamp,value` whose values fall below 50 and come back:
`make e2e FILE=... START=1738 COUNT=200`.
"""

import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from skafu.shared.clock import system_clock

from local import history
from local.api import Api
from tests.support.receiver import Receiver, receiving

PERIOD_MS = 10_000
N, M = 3, 2
THRESHOLDS = (50.0, 30.0, 40.0, 45.0, 55.0, 60.0, 70.0, 80.0)
PATIENCE_S = 90


def expected(sent: Sequence[dict[str, Any]], threshold: float) -> list[tuple[int, str, str]]:
    """Transitions by plain arithmetic: the average of each bucket, two breaching of the last three.

    The first decision needs the evaluation range of N buckets to hold enough points to be sure.
    """
    buckets: dict[int, list[float]] = {}
    for entry in sent:
        end = entry["timestamp"] // PERIOD_MS * PERIOD_MS + PERIOD_MS
        buckets.setdefault(end, []).append(entry["value"])
    ends = sorted(buckets)[:-1]  # the last one may be cut off by the end of the replay
    state, found = "INSUFFICIENT_DATA", []
    for end in ends:
        window = [
            sum(values) / len(values) < threshold
            for each in range(end - (N - 1) * PERIOD_MS, end + 1, PERIOD_MS)
            if (values := buckets.get(each))
        ]
        if sum(window) >= M:
            target = "ALARM"
        elif False in window:
            target = "OK"
        else:
            target = state
        if target != state:
            found.append((end, state, target))
            state = target
    return found


@pytest.fixture(scope="module")
def incident(admin: Api, machine: Api) -> Iterator[dict[str, Any]]:
    """Replay the file against alerts with several thresholds, and collect what everybody saw."""
    rows = history.stretch(
        history.read(Path(os.environ["FILE"])),
        os.environ.get("START", "0"),
        int(os.environ["COUNT"]) if os.environ.get("COUNT") else None,
    )
    metric = f"incident.{system_clock()}"
    with receiving() as receiver:
        channel = admin.ask(
            "POST",
            "/api/channels",
            {"name": metric, "type": "webhook", "url": receiver.url()},
        )
        alerts = {
            threshold: admin.ask(
                "POST", "/api/alerts", _definition(metric, threshold, channel["id"])
            )
            for threshold in THRESHOLDS
        }
        arrivals: dict[str, int] = {}
        stop = threading.Event()
        watcher = threading.Thread(target=_watch, args=(receiver, arrivals, stop))
        watcher.start()
        sent: list[dict[str, Any]] = []
        history.replay(
            machine, rows, metric, float(os.environ.get("STEP", "1")), sent.append, system_clock
        )
        stories = {t: expected(sent, t) for t in THRESHOLDS}
        _wait_for(receiver, sum(len(_told(each)) for each in stories.values()))
        stop.set()
        watcher.join()
        yield {
            "channel": channel,
            "alerts": alerts,
            "sent": sent,
            "stories": stories,
            "received": receiver.received,
            "arrivals": arrivals,
        }
        for alert in alerts.values():
            admin.call("DELETE", f"/api/alerts/{alert['id']}")
        admin.call("DELETE", f"/api/channels/{channel['id']}")


def _definition(metric: str, threshold: float, channel: str) -> dict[str, Any]:
    return {
        "name": f"{metric} below {threshold}",
        "metric": metric,
        "statistic": "avg",
        "period": PERIOD_MS // 1000,
        "comparison": "<",
        "threshold": threshold,
        "evaluation_periods": N,
        "datapoints_to_alarm": M,
        "severity": "high",
        "channels": [channel],
    }


def _told(story: Sequence[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    """Of a story, what is sent: firing, and resolved after it."""
    return [each for each in story if each[2] == "ALARM" or each[1:] == ("ALARM", "OK")]


def _watch(receiver: Receiver, arrivals: dict[str, int], stop: threading.Event) -> None:
    """Note when each notification came."""
    while not stop.wait(0.01):
        for each in list(receiver.received):
            arrivals.setdefault(each.headers["webhook-id"], system_clock())


def _wait_for(receiver: Receiver, count: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while len(receiver.received) < count and time.monotonic() < deadline:
        time.sleep(0.1)  # a bounded poll: there is nothing that would call us


def test_the_incident_is_one(incident: dict[str, Any]) -> None:
    assert [each[2] for each in incident["stories"][50.0]] == ["OK", "ALARM", "OK"]


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_history_tells_what_arithmetic_says(
    admin: Api, incident: dict[str, Any], threshold: float
) -> None:
    alert = incident["alerts"][threshold]
    events = admin.ask("GET", f"/api/alerts/{alert['id']}/history")["events"]
    story = [(each["at"], each["from"], each["to"]) for each in reversed(events)]
    assert story == incident["stories"][threshold]


def test_each_notification_came_once_and_signed(incident: dict[str, Any]) -> None:
    webhook = Webhook(incident["channel"]["secret"])
    told = []
    for each in incident["received"]:
        body = webhook.verify(each.body, each.headers)
        told.append((body["alerts"][0]["labels"]["alertname"], body["status"]))
    wanted = [
        (incident["alerts"][threshold]["name"], "firing" if target == "ALARM" else "resolved")
        for threshold in THRESHOLDS
        for _, _, target in _told(incident["stories"][threshold])
    ]
    assert sorted(told) == sorted(wanted)
    assert len({each.headers["webhook-id"] for each in incident["received"]}) == len(wanted)


def test_the_hand_over_follows_the_deciding_batch(
    incident: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """From the answer to the batch that closed the deciding bucket to its arrival."""
    delays = []
    for each in incident["received"]:
        bucket = int(each.headers["webhook-id"].split("-")[-2])
        deciding = next(e for e in incident["sent"] if e["timestamp"] >= bucket)
        answered = deciding["timestamp"] + deciding["answered_after_ms"]
        delays.append(incident["arrivals"][each.headers["webhook-id"]] - answered)
    delays.sort()
    figures = {
        "hand-overs": len(delays),
        "p50_ms": delays[len(delays) // 2],
        "p95_ms": delays[min(len(delays) - 1, int(len(delays) * 0.95))],
    }
    with capsys.disabled():
        print(f"\nfrom the deciding batch to the hand-over: {json.dumps(figures)}")
    assert delays
