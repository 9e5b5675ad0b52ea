"""A deployed stack with its console, a program that looks at it, and an end to both."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from local import console, login
from local.home import ROOT, Home

LONGEST_S = 15 * 60
GRACE_S = 20
SCREENSHOTS = ROOT / ".test" / "screenshots"


class NotStarted(Exception):
    """The stack did not start; the message is what was said."""


def free_home(folder: Path = ROOT / ".test") -> Home:
    """A folder that keeps what was built from run to run, and a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return Home(folder, int(probe.getsockname()[1]))


@contextmanager
def running(home: Home) -> Iterator[Mapping[str, str]]:
    """The system, started from nothing but what was built, with the demo agent: its stack.json.

    Raises NotStarted.
    """
    _local(home, "reset")
    try:
        _local(home, "up")
        yield login.read(home)
    finally:
        _local(home, "down")


def perform(line: Sequence[str], variables: Mapping[str, str], longest_s: float) -> int:
    """Run a program of the frontend's for people to see, and end it and its children when it takes
    too long; its exit code.
    """
    with subprocess.Popen(
        line, cwd=console.FRONTEND, env=console.environment(**variables), start_new_session=True
    ) as started:
        try:
            return started.wait(longest_s)
        except subprocess.TimeoutExpired:
            print(f"{line[0]} was ended after {longest_s:.0f} s.", file=sys.stderr)
            return 1
        finally:
            _end(started)


def variables_of(home: Home, stack: Mapping[str, str], chromium: Path) -> dict[str, str]:
    """What the tests have to know."""
    return {
        "API_URL": stack["api_url"],
        "CHROMIUM": str(chromium),
        "CHROME_PATH": str(chromium),
        "CONSOLE_URL": stack["console_url"],
        "SCREENSHOTS": str(SCREENSHOTS),
        "STACK_FILE": str(home.stack_file),
    }


def _end(started: subprocess.Popen[bytes]) -> None:
    """Ask what still runs of the group, then insist."""
    for what in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(started.pid, what)
            started.wait(GRACE_S)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _local(home: Home, command: str) -> None:
    """`python -m local <command>` for this home, as the Makefile calls it."""
    done = subprocess.run(
        [sys.executable, "-m", "local", command],
        cwd=ROOT,
        env=os.environ | {"SKAFU_HOME": str(home.folder), "SKAFU_PORT": str(home.port)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotStarted(done.stdout + done.stderr)
