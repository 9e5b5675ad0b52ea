"""The console's part of an artefact: what `npm run build` makes of the exported sources.

The same for every environment, and the same bytes wherever it is built.
"""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

NAME, LOCK = "console.zip", "frontend/package-lock.json"
STAMP = ".requirements"
"""In node_modules (local/environments.py); it ends with the SHA-256 of the lock that was
installed.
"""

type Run = Callable[[Sequence[str], Path, Mapping[str, str]], str]
"""Runs a program in a folder with environment variables. Raises Refused when it fails."""


@dataclass(frozen=True)
class Node:
    """Node with its npm, and packages that may be installed already: a folder like node_modules."""

    node: str = "node"
    npm: str = "npm"
    modules: Path | None = None

    @classmethod
    def of(cls, root: Path, programs: Path) -> "Node":
        """The project's (`make setup`), else those on the PATH."""
        found = {name: programs / name for name in ("node", "npm")}
        names = {name: str(path) if path.exists() else name for name, path in found.items()}
        return cls(names["node"], names["npm"], root / "frontend" / "node_modules")

    def has(self, lock: bytes) -> bool:
        """Whether the packages are those of a lock."""
        stamp = None if self.modules is None else self.modules / STAMP
        if stamp is None or not stamp.is_file():
            return False
        return stamp.read_text(encoding="utf-8").endswith(hashlib.sha256(lock).hexdigest())


def build(frontend: Path, node: Node, run: Run) -> Path:
    """Build the console in its sources; the folder with what was built.

    The packages are linked where they are installed, else installed as locked. Nothing of the
    caller's shell gets in: Vite puts variables that begin with VITE_ into what it builds.
    """
    path = os.pathsep.join((str(Path(node.node).parent), os.environ.get("PATH", os.defpath)))
    dropped = ("AWS_", "NODE_", "VITE_", "PYTHON")
    variables = {n: text for n, text in os.environ.items() if not n.startswith(dropped)}
    variables |= {"PATH": path, "NO_COLOR": "1", "NO_UPDATE_NOTIFIER": "1"}
    if node.modules is not None and node.has((frontend / "package-lock.json").read_bytes()):
        (frontend / "node_modules").symlink_to(node.modules)
    else:
        run([node.npm, "ci", "--ignore-scripts", "--loglevel", "error"], frontend, variables)
    run([node.npm, "run", "--silent", "build"], frontend, variables)
    return frontend / "dist"
