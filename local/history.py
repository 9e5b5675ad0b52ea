"""Recorded values, sent as history or live: CSV files of `timestamp,value`."""

import csv
import hashlib
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import Any

from skafu.shared.clock import Clock

from local.api import Api
from local.home import Refused

MINUTE_MS = 60_000
BATCH = 10_000
"""Points a request: the most that the API takes."""


@dataclass(frozen=True)
class Row:
    """A value at a time in epoch milliseconds."""

    at: int
    value: float


@dataclass(frozen=True)
class Summary:
    """What became of the points. `shift` is what was added to the file's timestamps, in ms."""

    metric: str
    sent: int
    accepted: int
    rejected: int
    shift: int
    first: int
    last: int

    def __str__(self) -> str:
        first, last = (_text(at) for at in (self.first, self.last))
        return (
            f"{self.metric}: {self.accepted} of {self.sent} points accepted, {self.rejected} "
            f"rejected, from {first} to {last} (file shifted by {self.shift} ms)"
        )


def read(path: Path) -> list[Row]:
    """The rows of a file, in order of time. Raises Refused naming the line that cannot be read."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [
                _row(path, number, line)
                for number, line in enumerate(csv.DictReader(file), start=2)
            ]
    except FileNotFoundError:
        raise Refused(f"There is no file {path}.") from None
    if not rows:
        raise Refused(f"{path} has no rows.")
    return sorted(rows, key=lambda row: row.at)


def metric_of(path: Path) -> str:
    """A metric's name made of a file's name."""
    return re.sub(r"[^A-Za-z0-9_.:/-]", "_", path.stem)


def backfill(
    api: Api, rows: Sequence[Row], metric: str, now: int, tell: Callable[[str], None] = print
) -> Summary:
    """Send the rows as history, moved by whole minutes so that the last one is the latest possible,
    their spacing kept.
    """
    shift = (now - rows[-1].at) // MINUTE_MS * MINUTE_MS
    accepted = 0
    for some in batched(rows, BATCH):
        points = [_point(metric, row.at + shift, row.value) for row in some]
        accepted += _send(api, points, tell)
    first, last = rows[0].at + shift, rows[-1].at + shift
    return Summary(metric, len(rows), accepted, len(rows) - accepted, shift, first, last)


def replay(
    api: Api,
    rows: Sequence[Row],
    metric: str,
    step: float,
    log: Callable[[dict[str, Any]], None],
    clock: Clock,
    sleep: Callable[[float], None] = time.sleep,
) -> Summary:
    """Send the rows live: one value every `step` seconds, stamped with the time of sending.

    `log` is told, for every value: row, value, timestamp, how it was answered and how long that
    took.
    """
    begin = clock()
    entries = []
    for number, row in enumerate(rows):
        sleep(max(0.0, (begin + number * step * 1000 - clock()) / 1000))
        entries.append({"row": number, **_play(api, metric, row, clock)})
        log(entries[-1])
    accepted = sum(entry["accepted"] for entry in entries)
    first, last = entries[0]["timestamp"], entries[-1]["timestamp"]
    left = len(rows) - accepted
    return Summary(metric, len(rows), accepted, left, first - rows[0].at, first, last)


def _play(api: Api, metric: str, row: Row, clock: Clock) -> dict[str, Any]:
    """Send one value, stamped now; what was sent, and how it was answered."""
    at = clock()
    said: list[str] = []
    accepted = _send(api, [_point(metric, at, row.value)], said.append)
    return {
        "recorded": row.at,
        "value": row.value,
        "timestamp": at,
        "accepted": accepted == 1,
        "answered_after_ms": clock() - at,
        "said": said,
    }


def stretch(rows: Sequence[Row], start: str, count: int | None) -> Sequence[Row]:
    """Some of the rows: from a position (a number from 0) or a time on, all or `count` of them."""
    if start.isdecimal():
        begin = int(start)
    else:
        first = _instant(start)
        begin = next((number for number, row in enumerate(rows) if row.at >= first), len(rows))
    chosen = rows[begin : None if count is None else begin + count]
    if not chosen:
        raise Refused(f"There are no rows from {start} on.")
    return chosen


def journal(path: Path) -> Callable[[dict[str, Any]], None]:
    """Appends entries to a file, one line of JSON each."""

    def write(entry: dict[str, Any]) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    return write


def _send(api: Api, points: Sequence[dict[str, Any]], tell: Callable[[str], None]) -> int:
    """How many points were accepted; what was wrong with the others is told."""
    key = hashlib.sha256(json.dumps(points).encode()).hexdigest()
    answer = api.call("POST", "/api/metrics", {"metrics": points}, key=key)
    if answer.status != 202:
        tell(f"{answer.status} {answer.body.decode(errors='replace')[:1000]}")
        return 0
    said = answer.json()
    for rejected in said["rejected"]:
        tell(f"rejected: {json.dumps(rejected)}")
    return int(said["accepted"])


def _point(metric: str, at: int, value: float) -> dict[str, Any]:
    return {"name": metric, "value": value, "timestamp": at}


def _row(path: Path, number: int, line: dict[str, str]) -> Row:
    try:
        return Row(_instant(line["timestamp"]), float(line["value"]))
    except (KeyError, TypeError, ValueError):
        raise Refused(f"{path}, line {number}: expected timestamp,value.") from None


def _instant(text: str) -> int:
    """Epoch milliseconds of an ISO 8601 time, UTC if it does not say."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _text(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")
