"""What an artefact is made of: a commit's files, in a folder of their own.

The build reads that copy and nothing else, so what lies about in a work tree (ignored files,
environments, edits) cannot get in.
"""

import hashlib
import io
import shutil
import subprocess  # nosec B404: it runs git
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PATHS = (
    "template.yaml",
    "samconfig.toml",
    "backend",
    "layers",
    "environments",
    "infrastructure",
    "requirements/sam.txt",
    "frontend/.npmrc",
    "frontend/index.html",
    "frontend/package-lock.json",
    "frontend/package.json",
    "frontend/public",
    "frontend/src",
    "frontend/vite.config.ts",
)
"""Everything that decides what an artefact holds; requirements/sam.txt pins the SAM CLI that builds
it.
"""


class Refused(Exception):
    """What was asked for cannot be done; the text says why, and what to do."""


@dataclass(frozen=True)
class Source:
    """A copy of the sources. `commit` is the one that was checked out; with `dirty` the copy has
    uncommitted changes on top of it.
    """

    folder: Path
    commit: str
    dirty: bool

    def identity(self, architecture: str) -> str:
        """SHA-256 of names, contents and executable bits, and of the architecture to build for.

        Commits that differ elsewhere, or in nothing but their history, have the same one.
        """
        digest = hashlib.sha256(f"{architecture}\0".encode())
        for path in sorted(each for each in self.folder.rglob("*") if each.is_file()):
            kind = "x" if path.stat().st_mode & 0o100 else "-"
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{kind} {content} {path.relative_to(self.folder)}\0".encode())
        return digest.hexdigest()


def export(root: Path, folder: Path, *, dirty: bool) -> Source:
    """Copy the sources of the repository at `root` into `folder`: as they are committed or, with
    `dirty`, as they are in the work tree.

    Raises Refused when there are uncommitted changes and `dirty` is not set, and when `root` is no
    repository.
    """
    commit = _git(root, "rev-parse", "HEAD").decode().strip()
    changed = _git(root, "status", "--porcelain", "--untracked-files=all", "--", *PATHS).decode()
    if changed and not dirty:
        raise Refused(
            "There are changes that the artefact would not contain; commit them, or build one that "
            f"is marked dirty (--dirty):\n{changed.rstrip()}"
        )
    if changed:
        listed = _git(
            root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *PATHS
        )
        _copy(root, folder, listed.decode().split("\0"))
    else:
        with tarfile.open(fileobj=io.BytesIO(_git(root, "archive", "HEAD", "--", *PATHS))) as tar:
            tar.extractall(folder, filter="data")
    return Source(folder, commit, dirty=bool(changed))


def _copy(root: Path, folder: Path, names: Sequence[str]) -> None:
    """What git lists, less what has been deleted since."""
    for name in sorted(set(names)):
        if name and (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, folder / name)


def _git(root: Path, *arguments: str) -> bytes:
    """What git prints. Raises Refused with what it complains about."""
    done = subprocess.run(  # nosec B603 B607: a fixed command
        ["git", "-C", str(root), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise Refused(done.stderr.decode().strip())
    return done.stdout
