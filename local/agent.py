"""The demo agent: this machine's CPU, memory, disk and network, every ten seconds, until it is
stopped, and what came of sending that (figures.py). Run by `make up`: python -m local.agent.
"""

import logging
import platform
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType

import psutil

from skafu.shared.clock import Clock, system_clock

from local.home import Home
from local.login import machine_api
from local.sender import Batcher, Sender
from local.spool import Point, Spool

INTERVAL_S = 10
PHASE_S = 5  # in the middle of the interval, so that every ten-second bucket gets one value
SHORTEST_PAUSE_S = 0.001
# One moment of one machine makes a batch; who measures more often, or more, sends larger ones.
MOST_POINTS = 1_000
LONGEST_WAIT_MS = 0
ROOT_DISK = "/"

log = logging.getLogger("agent")


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


def next_moment(now: float) -> float:
    """The next time, in epoch seconds, to measure at."""
    return ((now - PHASE_S) // INTERVAL_S + 1) * INTERVAL_S + PHASE_S


class Agent:
    """Measures, batches and sends; what could not be sent is in the sender's spool."""

    def __init__(self, sender: Sender, batcher: Batcher, clock: Clock) -> None:
        self._sender = sender
        self._batcher = batcher
        self._clock = clock
        self._host = platform.node()
        self._before = counters(clock())
        psutil.cpu_percent()

    def measure(self) -> None:
        """Take on the figures of this moment."""
        now = counters(self._clock())
        points = batch(now.at, self._host, gauges(now.at), rates(self._before, now))
        points += self._sender.figures.take(now.at, self._host, self._sender.spool)
        self._before = now
        self._batcher.add(points, now.at)

    def keep(self) -> None:
        """Put what was measured on disk, whether it makes a batch or not."""
        for some in self._batcher.take():
            self._sender.keep(some)

    def send(self) -> None:
        """Send what makes a batch, and what waits."""
        if self._batcher.due(self._clock()):
            self.keep()
        self._sender.send()

    def run(self, wait: Callable[[float], bool]) -> None:
        """Go on until `wait`, which sleeps for some seconds, says that it is time to end."""
        due = next_moment(self._clock() / 1000)
        while not wait(self._pause(due)):
            if self._clock() >= due * 1000:
                self.measure()
                due = next_moment(self._clock() / 1000)
            self.send()
        self.keep()

    def _pause(self, due: float) -> float:
        """Seconds until the next moment to measure at, or until something may be sent again."""
        now = self._clock() / 1000
        if len(self._sender.spool) and now < self._sender.due / 1000 < due:
            due = self._sender.due / 1000
        return max(due - now, SHORTEST_PAUSE_S)


def main() -> int:
    """Run until SIGTERM or SIGINT."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(message)s")
    logging.Formatter.converter = time.gmtime
    end = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        end.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    home = Home.from_environment()
    sender = Sender(machine_api(home), Spool(home.folder / "agent"), system_clock)
    Agent(sender, Batcher(MOST_POINTS, LONGEST_WAIT_MS), system_clock).run(end.wait)
    return 0


if __name__ == "__main__":
    sys.exit(main())
