"""The releases of the rehearsal: commits of the work tree as it is, with and without a planted bug,
each checked out in a folder of its own and built there by `python -m skafu.ops build`.
"""

import os
import shutil
import subprocess  # nosec B404: it runs git
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from local import stack
from local.home import ROOT, Refused
from local.rehearsal import programs
from local.rehearsal.places import scratch_variables

BUILD_S = 240.0
AUTHOR = ("-c", "user.name=Rehearsal", "-c", "user.email=rehearsal@example.com")
LINKED = (".local/tools", "frontend/node_modules")
"""What `make setup` made; a commit's own are the same."""
ACCEPTED, FIGURES = "benchmarks/accepted.yaml", ("zip of the metrics function", "zip of the layer")
"""Where the gate `performance` is told what has to be measured, and what a rehearsal measures."""


@dataclass(frozen=True)
class Change:
    """A commit: `old` becomes `new` in a file. Nothing for the work tree as it is."""

    name: str
    message: str
    file: str = ""
    old: str = ""
    new: str = ""

    def apply(self, folder: Path) -> None:
        """Raises Refused when the text is not there once: the planted bug would be no bug."""
        if not self.file:
            return
        path = folder / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise Refused(f"{self.file} has changed: plant the bug of release {self.name} anew.")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


@dataclass(frozen=True)
class Checkout:
    """A commit's files, and the commit."""

    folder: Path
    commit: str

    def variables(self) -> dict[str, str]:
        """Of a program that runs the code of this commit."""
        path = os.pathsep.join(
            (str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))
        )
        return scratch_variables() | {
            "PATH": path,
            "PYTHONPATH": f"{self.folder / 'backend'}:{self.folder}",
            "PYTHONUNBUFFERED": "1",
        }


def commit(folder: Path, change: Change) -> Checkout:
    """A repository below `folder` with one commit: the work tree, and the change to it."""
    target = folder / change.name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    listed = _git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    change.apply(target)
    _shorten(target / ACCEPTED)
    _git(target, "init", "--quiet")
    _git(target, "add", "--all")
    _git(target, *AUTHOR, "commit", "--quiet", "--message", change.message)
    for name in LINKED:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).symlink_to(ROOT / name)
    return Checkout(target, _git(target, "rev-parse", "HEAD").strip())


def build(checkout: Checkout, into: Path, log: Path) -> Path:
    """The commit's artefact, for this machine: its bundle. Raises Refused."""
    line = [sys.executable, "-m", "skafu.ops", "build", "--architecture", stack.architecture()]
    line += ["--into", str(into)]
    done = programs.run(line, checkout.folder, checkout.variables(), log, BUILD_S)
    if done.code:
        raise Refused(f"The build failed: {done.last} ({log})")
    return Path(f"{done.last}.zip")


def _shorten(accepted: Path) -> None:
    told = yaml.safe_load(accepted.read_text(encoding="utf-8"))
    over = {name: each for name, each in told["over"].items() if name in FIGURES}
    shorter = {"figures": list(FIGURES), "over": over}
    accepted.write_text(yaml.safe_dump(shorter), encoding="utf-8")


def _git(folder: Path, *arguments: str) -> str:
    line: Sequence[str] = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(  # nosec B603: a fixed command
        line, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Refused(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout
