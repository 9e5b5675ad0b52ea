"""A night on call on the deployed stack, with recordings made up for it; and a fire drill in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skafu.shared.clock import system_clock

from local.api import Api
from local.night.morning import report
from local.night.play import play
from local.night.recordings import MACHINES, Machine
from tests.integration.system import unique
from tests.support.receiver import receiving
from tests.support.waiting import wait_until

# What the real recordings do, in half the time: (value, for so many seconds).
LOADS: Mapping[str, Sequence[tuple[float, int]]] = {
    "web-1": ((92.0, 6), (25.0, 99), (92.0, 25)),
    "batch-1": ((33.0, 6), (99.0, 124)),
    "app-1": ((20.0, 130),),
    "db-1": ((6.0, 6), (16.0, 124)),
    "db-2": ((14.0, 20), (76.0, 2), (14.0, 3)),
}


def recorded(folder: Path) -> list[Machine]:
    """The machines, with recordings in a folder."""
    machines = []
    for each in MACHINES:
        values = [value for value, seconds in LOADS[each.host] for _ in range(seconds)]
        rows = [f"2014-04-10 {i // 60:02}:{i % 60:02}:00,{value}" for i, value in enumerate(values)]
        text = "\n".join(["timestamp,value", *rows, ""])
        (folder / f"{each.file}.csv").write_text(text, encoding="utf-8")
        machines.append(Machine(each.host, each.file, 0, len(values)))
    return machines


def drilled(admin: Api, channel: str) -> str:
    """Begin a drill of an alert; its id."""
    alert = admin.ask(
        "POST",
        "/api/alerts",
        {
            "name": unique("drilled"),
            "metric": unique("quiet"),
            "statistic": "avg",
            "period": 60,
            "group_by": ["host"],
            "comparison": ">",
            "threshold": 1,
            "channels": [channel],
        },
    )
    body = {"tags": {"host": "web-1"}, "seconds": 30}
    return str(admin.ask("POST", f"/api/alerts/{alert['id']}/drill", body)["id"])


@dataclass(frozen=True)
class Played:
    """What came of a night: whether it was as it should be, what was told of it, the drill as the
    API shows it, and its pages.
    """

    met: bool
    told: Sequence[str]
    drill: Mapping[str, Any]
    pages: Sequence[bytes]


def played(admin: Api, machine: Api, folder: Path) -> Played:
    """Play the night, to its end."""
    told: list[str] = []
    with receiving() as receiver:
        wanted = {"name": unique("drill"), "type": "webhook", "url": receiver.url()}
        drill = drilled(admin, admin.ask("POST", "/api/channels", wanted)["id"])
        met = play(admin, machine, folder, system_clock, told.append, report, recorded(folder))
        wait_until(lambda: len(receiver.received) == 2, "the drill's two pages")
    found = admin.ask("GET", f"/api/drills/{drill}")
    return Played(met, told, found, [each.body for each in receiver.received])
