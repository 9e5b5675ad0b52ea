"""What is played: five machines of the Numenta Anomaly Benchmark's CloudWatch series, a value of
theirs (five minutes) a second.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from skafu.shared.clock import Clock

from local import history
from local.api import Api
from local.home import Refused

METRIC = "night.cpu"
SECONDS = 190


@dataclass(frozen=True)
class Machine:
    """A host, the recording that it plays, from which row on, and how many values it sends."""

    host: str
    file: str
    start: int
    count: int = SECONDS


MACHINES = (
    # Falls from 92 to 25 at the 20th second and comes back at the 150th.
    Machine("web-1", "ec2_cpu_utilization_825cc2", 1747),
    # Rises from 33 to 99 at the 15th second, and stays there.
    Machine("batch-1", "ec2_cpu_utilization_ac20cd", 3560),
    # Works in bursts of seven values above 75.
    Machine("app-1", "ec2_cpu_utilization_77c1ca", 360),
    # Rises from 6 to 25 at the 20th second, and stays at 15.
    Machine("db-1", "rds_cpu_utilization_cc0c53", 3060),
    # Two values at 76 and 66, at the 20th second; it falls silent at the 90th.
    Machine("db-2", "rds_cpu_utilization_e47b3b", 926, 90),
)


def read(folder: Path, machines: Sequence[Machine] = MACHINES) -> dict[str, list[float]]:
    """The values that each host sends. Raises Refused when a recording is missing or too short."""
    return {each.host: _values(folder, each) for each in machines}


def _values(folder: Path, machine: Machine) -> list[float]:
    rows = history.read(folder / f"{machine.file}.csv")
    found = [row.value for row in rows[machine.start : machine.start + machine.count]]
    if len(found) < machine.count:
        raise Refused(f"{machine.file}.csv has no {machine.count} values from row {machine.start}.")
    return found


class Feed(threading.Thread):
    """Sends a batch a second, all hosts' values stamped with the time of sending; `trouble` is what
    went wrong.
    """

    def __init__(self, api: Api, values: Mapping[str, Sequence[float]], clock: Clock) -> None:
        super().__init__(daemon=True)
        self.trouble: Exception | None = None
        self.over = threading.Event()
        self._api = api
        self.seconds = max(len(each) for each in values.values())
        self._values = values
        self._clock = clock

    def run(self) -> None:
        began = time.monotonic()
        try:
            for second in range(self.seconds):
                if self.over.wait(max(0.0, began + second - time.monotonic())):
                    return
                self._send(second)
        except Exception as trouble:  # pylint: disable=broad-exception-caught # told by `trouble`
            self.trouble = trouble

    def _send(self, second: int) -> None:
        now = self._clock()
        points = [
            {"name": METRIC, "value": values[second], "timestamp": now, "tags": {"host": host}}
            for host, values in self._values.items()
            if second < len(values)
        ]
        self._api.ask("POST", "/api/metrics", {"metrics": points})
