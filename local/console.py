"""The console in the embedded AWS: built when its sources have changed, published to the stack.

`frontend/dist` is one for all homes: the same build serves every environment.
"""

import hashlib
import os
import re
import subprocess  # nosec B404: it runs npm
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from skafu.ops.artefact.sources import Refused as Broken
from skafu.ops.console import site
from skafu.ops.console.command import publish_to
from skafu.ops.console.publishing import SITE
from skafu.ops.deployment import Deployment

from local import cloud
from local.home import ENVIRONMENT, ROOT, Home, Refused

FRONTEND = ROOT / "frontend"
DIST = FRONTEND / "dist"
PROGRAMS = ROOT / ".venv" / "bin"
SOURCES = ("index.html", "package.json", "package-lock.json", "vite.config.ts", "public", "src")
TOLD_LINES = 20
COLOURS = re.compile(r"\x1b\[[0-9;]*m")

type Run = Callable[[Sequence[str], Path], None]
"""Runs npm in a folder. Raises Refused."""


def npm(arguments: Sequence[str], folder: Path) -> None:
    """Run npm, the pinned one. Raises Refused with the last lines of what it said."""
    done = subprocess.run(  # nosec B603: a fixed command
        [str(PROGRAMS / "npm"), *arguments],
        cwd=folder,
        env=environment(NO_COLOR="1"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        said = COLOURS.sub("", done.stdout).strip().splitlines()[-TOLD_LINES:]
        raise Refused("\n".join([f"`npm {' '.join(arguments)}` failed:", *said]))


def build(frontend: Path = FRONTEND, run: Run = npm) -> bool:
    """Build `dist`; False when it is what the sources say. Raises Refused with what npm said."""
    stamp = frontend / "node_modules" / ".built"
    sources = fingerprint(frontend)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == f"{sources} {_built(frontend)}":
        return False
    run(["run", "--silent", "build"], frontend)
    stamp.write_text(f"{sources} {_built(frontend)}", encoding="utf-8")
    return True


def publish(home: Home, outputs: Mapping[str, str]) -> bool:
    """Publish `dist` to the stack; False when it is there already. Raises Refused."""
    try:
        built = site.read(DIST)
        wanted = site.config(ENVIRONMENT, outputs, site.version_of(built))
        if _published(home, outputs["ConsoleBucket"]) == wanted:
            return False
        found = Deployment(outputs, lambda service, **_: cloud.client(home, service), {})
        publish_to(found, ENVIRONMENT, DIST)
    except Broken as refusal:
        raise Refused(str(refusal)) from refusal
    return True


def fingerprint(frontend: Path) -> str:
    """Changes with anything that the console is made of."""
    digest = hashlib.sha256()
    for path in _sources(frontend):
        digest.update(f"\0{path.relative_to(frontend)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def environment(**more: str) -> dict[str, str]:
    """Variables of programs of the console's: the pinned Node comes first, nothing is reported to
    anybody.
    """
    path = f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return os.environ | {"PATH": path, "NO_UPDATE_NOTIFIER": "1"} | more


def main() -> int:
    """Build it; the exit code."""
    try:
        print("The console was built." if build() else "The console is up to date.")
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def _built(frontend: Path) -> str:
    """The version of what is in `dist`; empty when that is not whole."""
    try:
        return site.version_of(site.read(frontend / "dist"))
    except Broken:
        return ""


def _published(home: Home, bucket: str) -> bytes | None:
    """The config.json that is served: it names the release and the stack."""
    client = cloud.client(home, "s3")
    try:
        found = client.get_object(Bucket=bucket, Key=f"{SITE}{site.CONFIG}")
    except client.exceptions.NoSuchKey:
        return None
    return bytes(found["Body"].read())


def _sources(frontend: Path) -> Iterator[Path]:
    for name in SOURCES:
        found = frontend / name
        paths = [found] if found.is_file() else sorted(found.rglob("*"))
        yield from (path for path in paths if path.is_file())


if __name__ == "__main__":
    sys.exit(main())
