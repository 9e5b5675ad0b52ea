"""Git repositories for tests: made of given files, known to nobody."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

AUTHOR = (
    "-c",
    "user.name=A Test",
    "-c",
    "user.email=test@example.com",
    "-c",
    "commit.gpgsign=false",
)


def git(root: Path, *arguments: str) -> str:
    """What git prints."""
    done = subprocess.run(
        ["git", "-C", str(root), *AUTHOR, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def commit(root: Path, message: str = "A state of things") -> str:
    """Commit everything that is there; the commit's name."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(root, "rev-parse", "HEAD").strip()


def write(root: Path, files: Mapping[str, str]) -> None:
    """Put files below a folder."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def repository(root: Path, files: Mapping[str, str]) -> Path:
    """A repository at `root` with one commit of these files."""
    write(root, files)
    git(root, "init", "--quiet")
    commit(root)
    return root
