"""The demo agent: this machine's CPU, memory, disk and network, every ten seconds, until it is
stopped. Run by `make up`: python -m local.agent.
"""

import hashlib
import json
import logging
import platform
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

import psutil

from skafu.shared.clock import Clock, system_clock

from local.api import Api, ApiError
from local.home import Home
from local.login import machine_api

INTERVAL_S = 10
PHASE_S = 5  # in the middle of the interval, so that every ten-second bucket gets one value
BACKLOG = 360  # batches kept while the API does not answer: an hour
ROOT_DISK = "/"

log = logging.getLogger("agent")

type Point = dict[str, Any]


@dataclass(frozen=True)
class Counters:
    """What the machine counts since it was started, at a time in epoch milliseconds."""

    at: int
    disk_read: int
    disk_written: int
    received: int
    sent: int


def counters(at: int) -> Counters:
    """The machine's counters now; a machine that hides its disks or network has done nothing."""
    disk, network = psutil.disk_io_counters(), psutil.net_io_counters()
    return Counters(
        at,
        disk.read_bytes if disk else 0,
        disk.write_bytes if disk else 0,
        network.bytes_recv if network else 0,
        network.bytes_sent if network else 0,
    )


def rates(before: Counters, now: Counters) -> dict[str, float]:
    """Bytes per second by metric name. A counter that went back (a device was removed) says 0."""
    seconds = max(now.at - before.at, 1) / 1000
    pairs = {
        "system.disk.read": (before.disk_read, now.disk_read),
        "system.disk.written": (before.disk_written, now.disk_written),
        "system.network.received": (before.received, now.received),
        "system.network.sent": (before.sent, now.sent),
    }
    return {name: max(new - old, 0) / seconds for name, (old, new) in pairs.items()}


def gauges(at: int) -> dict[str, tuple[float, str]]:
    """Value and unit by metric name. CPU is the average since the last call."""
    memory, disk = psutil.virtual_memory(), psutil.disk_usage(ROOT_DISK)
    return {
        "system.cpu.utilization": (psutil.cpu_percent(), "Percent"),
        "system.cpu.load": (psutil.getloadavg()[0], "None"),
        "system.memory.used": (memory.used, "Bytes"),
        "system.memory.utilization": (memory.percent, "Percent"),
        "system.disk.used": (disk.used, "Bytes"),
        "system.disk.utilization": (disk.percent, "Percent"),
        "system.uptime": (at / 1000 - psutil.boot_time(), "Seconds"),
    }


def batch(
    at: int, host: str, values: Mapping[str, tuple[float, str]], per_second: Mapping[str, float]
) -> list[Point]:
    """The points of one moment, all of one host."""
    named = dict(values) | {name: (value, "Bytes/Second") for name, value in per_second.items()}
    tags = {"host": host}
    return [
        {"name": name, "value": round(value, 3), "timestamp": at, "unit": unit, "tags": tags}
        for name, (value, unit) in named.items()
    ]


class Sender:
    """Sends batches in order; what cannot be sent now is kept, up to BACKLOG batches.

    Points carry their timestamps and each batch its key, so sending one again stores nothing new.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self.waiting: deque[Sequence[Point]] = deque(maxlen=BACKLOG)

    def send(self, points: Sequence[Point]) -> None:
        """Send this batch and all that wait before it, as far as the API answers."""
        self.waiting.append(points)
        while self.waiting:
            oldest = self.waiting[0]
            try:
                answer = self._api.call(
                    "POST", "/api/metrics", {"metrics": oldest}, key=_key(oldest)
                )
            except ApiError as error:
                log.warning("waiting: %s batches (%s)", len(self.waiting), error)
                return
            if answer.status >= 500 or answer.status == 429:
                log.warning("waiting: %s batches (%s)", len(self.waiting), answer.status)
                return
            said = answer.body.decode(errors="replace")
            rejected = answer.status != 202 or json.loads(said)["rejected"]
            log.log(logging.ERROR if rejected else logging.INFO, "%s %s", answer.status, said)
            self.waiting.popleft()


def _key(points: Sequence[Point]) -> str:
    return hashlib.sha256(json.dumps(points).encode()).hexdigest()


def next_moment(now: float) -> float:
    """The next time, in epoch seconds, to measure at."""
    return ((now - PHASE_S) // INTERVAL_S + 1) * INTERVAL_S + PHASE_S


def run(sender: Sender, clock: Clock, wait: Callable[[float], bool]) -> None:
    """Measure and send until `wait`, which sleeps for some seconds, says that it is time to end."""
    host = platform.node()
    before = counters(clock())
    psutil.cpu_percent()
    while not wait(next_moment(clock() / 1000) - clock() / 1000):
        now = counters(clock())
        sender.send(batch(now.at, host, gauges(now.at), rates(before, now)))
        before = now


def main() -> int:
    """Run until SIGTERM or SIGINT."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(message)s")
    logging.Formatter.converter = time.gmtime
    end = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        end.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    run(Sender(machine_api(Home.from_environment())), system_clock, end.wait)
    return 0


if __name__ == "__main__":
    sys.exit(main())
