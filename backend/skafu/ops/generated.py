"""Files that are made from others: written when asked, compared when checked."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Generated:
    """A file, relative to the repository's root, and what it has to hold."""

    path: str
    content: str

    def is_stale(self, root: Path) -> bool:
        """Whether the file is missing or holds something else."""
        target = root / self.path
        return not target.is_file() or target.read_text("utf-8") != self.content

    def write(self, root: Path) -> None:
        """Write it, making its folder."""
        target = root / self.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(self.content, "utf-8")


def between(text: str, begin: str, end: str, content: str) -> str:
    """Replace what stands between the lines that contain two markers. Raises ValueError unless each
    occurs once.
    """
    lines = text.splitlines(keepends=True)
    first = [number for number, line in enumerate(lines) if begin in line]
    last = [number for number, line in enumerate(lines) if end in line]
    if len(first) != 1 or len(last) != 1 or last[0] < first[0]:
        raise ValueError(f"expected one {begin!r} and, after it, one {end!r}")
    return "".join((*lines[: first[0] + 1], content, *lines[last[0] :]))


def write_or_check(files: Iterable[Generated], root: Path, *, check: bool, command: str) -> int:
    """Write the files that differ, or with `check` only name them. The exit code: 1 when a check
    found any.
    """
    stale = [each for each in files if each.is_stale(root)]
    for each in stale:
        if check:
            print(f"{each.path} is stale: run python -m skafu.ops {command}")
        else:
            each.write(root)
            print(f"wrote {each.path}")
    return 1 if check and stale else 0
