"""What an agent has measured and nobody has taken yet: batches on disk, oldest first, within a
bound.

A batch is one file of compressed JSON, the points in full. Its name says all that sending it needs,
so that a restart finds everything as it was: order, number of points, key, and in which form it was
sent first. A batch is sent in one form as long as it may have arrived: to the server, the same key
with another body is another request.
"""

import gzip
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

type Point = Mapping[str, Any]

MOST_BYTES = 64 * 1024 * 1024
"""About two days of the demo agent's own figures."""

_BLOCK = 4_096  # what a file takes on disk is a multiple of this

_SUFFIX = ".batch"
_LOST = "lost"


@dataclass(frozen=True)
class Batch:
    """Some points and how they are sent: `layout` is the layout that a columnar body names, empty
    for a body in full.
    """

    number: int
    points: int
    key: str
    layout: str = ""

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.number:012d}-{self.points}-{self.key}-{self.layout}{_SUFFIX}"


class Spool:
    """The batches of one agent, in a folder of its own; safe for one process at a time."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most = most_bytes
        folder.mkdir(parents=True, exist_ok=True)
        for unfinished in folder.glob("*.new"):
            unfinished.unlink()
        names = sorted(path.name for path in folder.glob(f"*{_SUFFIX}"))
        self._batches = [_batch(name) for name in names]
        self._sizes = {x.number: _taken(self._path(x).stat().st_size) for x in self._batches}

    def __len__(self) -> int:
        """How many batches wait."""
        return len(self._batches)

    @property
    def size(self) -> int:
        """How many bytes they have on disk."""
        return sum(self._sizes.values())

    @property
    def lost(self) -> int:
        """How many points were dropped, ever: to make room, or because they could not be read."""
        path = self._folder / _LOST
        return int(path.read_text(encoding="ascii")) if path.is_file() else 0

    @property
    def oldest(self) -> Batch | None:
        """What is to be sent next."""
        return self._batches[0] if self._batches else None

    def append(self, points: Sequence[Point], key: str, layout: str) -> None:
        """Keep a batch; where there is no room for it, the oldest ones make some."""
        number = self._batches[-1].number + 1 if self._batches else 1
        batch = Batch(number, len(points), key, layout)
        content = gzip.compress(json.dumps(points).encode(), mtime=0)
        self._write(batch.name, content)
        self._batches.append(batch)
        self._sizes[number] = _taken(len(content))
        while self.size > self._most and len(self._batches) > 1:
            self.drop(self._batches[0])

    def points(self, batch: Batch) -> list[Point] | None:
        """The points of a batch; None when its file cannot be read."""
        try:
            found: list[Point] = json.loads(gzip.decompress(self._path(batch).read_bytes()))
        except (OSError, EOFError, ValueError):
            return None
        return found

    def in_full(self, batch: Batch) -> None:
        """From now on this batch is sent in full."""
        changed = Batch(batch.number, batch.points, batch.key)
        self._path(batch).rename(self._path(changed))
        self._batches[self._batches.index(batch)] = changed

    def remove(self, batch: Batch) -> None:
        """It was taken."""
        self._path(batch).unlink(missing_ok=True)
        self._batches.remove(batch)
        del self._sizes[batch.number]

    def drop(self, batch: Batch) -> None:
        """It is given up; its points are counted as lost."""
        self._write(_LOST, str(self.lost + batch.points).encode())
        self.remove(batch)

    def _path(self, batch: Batch) -> Path:
        return self._folder / batch.name

    def _write(self, name: str, content: bytes) -> None:
        """The whole file or none, whenever the process ends."""
        unfinished = self._folder / f"{name}.new"
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self._folder / name)


def _taken(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _batch(name: str) -> Batch:
    number, points, key, layout = name.removesuffix(_SUFFIX).split("-")
    return Batch(int(number), int(points), key, layout)
