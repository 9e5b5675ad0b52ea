"""An agent's sender with its disk, its clock and what it asks; a test moves the time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local.api import Answer, Api
from local.sender import Sender
from local.spool import Spool
from tests.support.clocks import NOON, FakeClock
from tests.support.http_script import HttpScript


def points(value: float, *hosts: str) -> list[dict[str, Any]]:
    return [
        {"name": "m", "value": value, "timestamp": NOON, "tags": {"host": host}}
        for host in hosts or ("a",)
    ]


class World:
    """A sender, its disk, its clock and what it asks."""

    def __init__(self, folder: Path, *answers: Answer | Exception, jitter: float = 1.0) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.script = HttpScript(list(answers))
        self.jitter = jitter
        self._keys: Iterator[int] = iter(range(1000))
        self.sender = self.restart()

    def restart(self, most_bytes: int = 1 << 20) -> Sender:
        """A new process over the same disk."""
        api = Api("http://api.example", lambda: "token", self.script, lambda _: None)
        self.sender = Sender(
            api,
            Spool(self.folder, most_bytes),
            self.clock,
            lambda: self.jitter,
            lambda: f"key{next(self._keys)}",
        )
        return self.sender

    def send(self, value: float, *hosts: str) -> None:
        self.sender.keep(points(value, *hosts))
        self.sender.send()

    @property
    def values(self) -> list[float]:
        """The first value of each request, whatever its form."""
        asked = [each.json() for each in self.script.asked]
        return [x["metrics"][0]["value"] if "metrics" in x else first(x) for x in asked]

    @property
    def keys(self) -> list[str]:
        return [asked.headers["Idempotency-Key"] for asked in self.script.asked]


def first(body: dict[str, Any]) -> float:
    """The first value of a columnar body."""
    return float(body["columns"][0]["values"][0])
