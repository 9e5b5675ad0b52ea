"""How long it takes from a decision to its hand-over on the running local stack, under load:
`python -m benchmarks.hand_over` (SECONDS, default 120; BATCHES a second, default 50).

Batches of twenty points are sent at an even pace; each holds the value of one of twenty alerts
"max over 10 s above 10", which goes above and below from bucket to bucket. A webhook on loopback
notes when notifications arrive; when they were decided the history says. All by one machine's
clock.
"""

import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from skafu.shared.clock import system_clock
from local import login
from local.api import Api, ApiError
from local.home import Home

ALERTS = 20
POINTS = 20
PERIOD_MS = 10_000
SENDERS = 16
PATIENCE_S = 60

type Told = tuple[str, str, int]
"""An alert's name, firing or resolved, and the bucket's end."""


@dataclass
class Arrivals:
    """When each notification came first, and how many came in all."""

    first: dict[Told, int] = field(default_factory=dict)
    count: int = 0


@contextmanager
def listening(arrivals: Arrivals) -> Iterator[int]:
    """The port of a webhook receiver that notes what comes."""

    class Handler(BaseHTTPRequestHandler):
        """Answers 200 to everything."""

        def do_POST(self) -> None:  # pylint: disable=invalid-name # its name there
            """One notification."""
            now = system_clock()
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            for each in body["alerts"]:
                ended = each["status"] == "resolved"
                moment = _milliseconds(each["endsAt" if ended else "startsAt"])
                arrivals.first.setdefault(
                    (each["labels"]["alertname"], each["status"], moment), now
                )
                arrivals.count += 1

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""
            # pylint: disable=redefined-builtin # its name there

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def _milliseconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * 1000)


@dataclass
class Load:
    """Batches at an even pace; `answers` are statuses and seconds. While all senders wait for their
    answers a batch is left out: what is measured is then what the machine can take.
    """

    machine: Api
    run: str
    pace: float
    answers: list[tuple[int, float]] = field(default_factory=list)

    def send(self, seconds: float) -> float:
        """Send; returns how long it took until all were answered."""
        began, sent = time.monotonic(), 0
        with ThreadPoolExecutor(SENDERS) as pool:
            for number in range(int(seconds * self.pace)):
                pause = began + number / self.pace - time.monotonic()
                if pause > 0:
                    time.sleep(pause)
                if sent - len(self.answers) < SENDERS:
                    sent += 1
                    pool.submit(self._batch, number)
        return time.monotonic() - began

    def _batch(self, number: int) -> None:
        now = system_clock()
        alert = number % ALERTS
        above = (now // PERIOD_MS + alert) % 2
        metrics: list[dict[str, Any]] = [
            {"name": f"{self.run}.{alert}", "value": 20.0 if above else 3.0, "timestamp": now}
        ]
        metrics += [
            {"name": f"{self.run}.load", "value": number, "timestamp": now, "tags": {"n": str(n)}}
            for n in range(POINTS - 1)
        ]
        began = time.monotonic()
        try:
            body = {"metrics": metrics}
            status = self.machine.call("POST", "/api/metrics", body, key=f"b{number}").status
        except ApiError:
            status = 0
        self.answers.append((status, time.monotonic() - began))


def definition(run: str, number: int, channel: str) -> dict[str, Any]:
    """An alert that is decided early, as soon as a value is above."""
    return {
        "name": f"{run}.{number}",
        "metric": f"{run}.{number}",
        "statistic": "max",
        "period": PERIOD_MS // 1000,
        "comparison": ">",
        "threshold": 10,
        "severity": "high",
        "channels": [channel],
    }


def decided(admin: Api, alert: dict[str, Any]) -> dict[Told, tuple[int, str]]:
    """When each transition that a webhook hears of was decided, and why then. What a correction has
    replaced is replaced for whoever hears of it, too.
    """
    found: dict[Told, tuple[int, str]] = {}
    asked: dict[str, Any] = {"limit": 1000}
    while True:
        page = admin.ask("GET", f"/api/alerts/{alert['id']}/history", **asked)
        for event in page["events"]:
            status = {"ALARM": "firing", "OK": "resolved"}.get(event["to"])
            if status and (event["from"], event["to"]) != ("INSUFFICIENT_DATA", "OK"):
                why = "replaced" if event["replaced"] else event["cause"]
                found[alert["name"], status, event["at"]] = event["decided_at"], why
        if not page["cursor"]:
            return found
        asked["cursor"] = page["cursor"]


def quantiles(values: Sequence[float]) -> str:
    """p50, p95 and p99."""
    ordered = sorted(values)
    places = (min(len(ordered) - 1, int(len(ordered) * p)) for p in (0.5, 0.95, 0.99))
    p50, p95, p99 = (ordered[place] for place in places)
    return f"p50 {p50:.2f} s, p95 {p95:.2f} s, p99 {p99:.2f} s"


def main(seconds: float, pace: float) -> None:
    """Measure and print."""
    home = Home.from_environment()
    admin, run = login.admin_api(home), f"handover{system_clock()}"
    arrivals, load = Arrivals(), Load(login.machine_api(home), run, pace)
    with listening(arrivals) as port, alerting(admin, run, port) as alerts:
        busy = [os.getloadavg()[0]]
        took = load.send(seconds)
        busy.append(os.getloadavg()[0])
        time.sleep(PATIENCE_S)
        found = {told: at for alert in alerts for told, at in decided(admin, alert).items()}
    _report(load, took, busy, found, arrivals)


@contextmanager
def alerting(admin: Api, run: str, port: int) -> Iterator[list[dict[str, Any]]]:
    """The alerts, as long as the block lasts, and a channel to this port for them."""
    url = f"http://127.0.0.1:{port}/hook"
    channel = admin.ask("POST", "/api/channels", {"name": run, "type": "webhook", "url": url})
    alerts = [
        admin.ask("POST", "/api/alerts", definition(run, n, channel["id"])) for n in range(ALERTS)
    ]
    try:
        yield alerts
    finally:
        for alert in alerts:
            admin.call("DELETE", f"/api/alerts/{alert['id']}")
        admin.call("DELETE", f"/api/channels/{channel['id']}")


def _report(
    load: Load,
    took: float,
    busy: Sequence[float],
    found: dict[Told, tuple[int, str]],
    arrivals: Arrivals,
) -> None:
    taken = sum(1 for status, _ in load.answers if status == 202)
    print(
        f"{taken} of {len(load.answers)} batches taken, {len(load.answers) / took:.1f} a second; "
        f"load average {busy[0]:.1f} before, {busy[1]:.1f} at the end"
    )
    print(f"answers to batches: {quantiles([each for _, each in load.answers])}")
    delays = [
        (arrivals.first[told] - at) / 1000
        for told, (at, _) in found.items()
        if told in arrivals.first
    ]
    left = Counter(why for told, (_, why) in found.items() if told not in arrivals.first)
    print(
        f"{len(found)} transitions decided, {len(delays)} of them handed over, "
        f"{arrivals.count} hand-overs in all; not handed over, by cause: {dict(left)}"
    )
    if delays:
        print(f"decision to hand-over: {quantiles(delays)}")
        lags = [(at - told[2]) / 1000 for told, (at, _) in found.items() if told[1] == "resolved"]
        print(f"end of a bucket to its decision, where it resolves: {quantiles(lags)}")


if __name__ == "__main__":
    ARGUMENTS = [float(each) for each in sys.argv[1:]]
    main(*(ARGUMENTS + [120.0, 50.0][len(ARGUMENTS) :]))
