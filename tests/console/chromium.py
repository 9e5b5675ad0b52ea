"""The browser of the tests: the machine's, or Debian's where a fresh machine lets us install it."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
PACKAGE = "chromium"
HOW = (
    "The console's tests need Chromium or Google Chrome: install one (Debian: `apt-get install "
    "chromium`), or name one with SKAFU_CHROMIUM."
)

type Run = Callable[[Sequence[str]], int]
type Which = Callable[[str], str | None]


class NoBrowser(Exception):
    """There is none, and it cannot be installed; the message says what to do."""


def run(line: Sequence[str]) -> int:
    """Run a program without questions; its exit code."""
    variables = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(line, env=variables, stdin=subprocess.DEVNULL, check=False).returncode


def find(variables: Mapping[str, str], which: Which) -> str | None:
    """The program that SKAFU_CHROMIUM names, or one that is known by its name.

    Raises NoBrowser when what SKAFU_CHROMIUM names cannot be run.
    """
    if named := variables.get("SKAFU_CHROMIUM"):
        found = which(named)
        if found is None:
            raise NoBrowser(f"SKAFU_CHROMIUM is {named!r}, and that is no program.")
        return found
    return next(filter(None, map(which, (*NAMES, *PLACES))), None)


def provide(
    variables: Mapping[str, str],
    *,
    is_root: bool,
    which: Which = shutil.which,
    execute: Run = run,
) -> Path:
    """A browser; installed from Debian where there is none and we may. Raises NoBrowser."""
    found = find(variables, which)
    apt = which("apt-get")
    if found is None and apt is not None and is_root:
        # A fresh machine knows no packages before it has asked for the list.
        install = [apt, "install", "--yes", "--quiet", "--no-install-recommends", PACKAGE]
        if execute([apt, "update", "--quiet"]) == 0 and execute(install) == 0:
            found = find(variables, which)
    if found is None:
        raise NoBrowser(HOW)
    return Path(found)
